"""The settings of a project, in its ``project.json``: which mails and split are the present ones,
and the user's choices.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from pipeline.errors import BadWorkspace
from pipeline.specs import FeatureSpec, ThresholdSpec
from pipeline.workspace.folder import home, write_text, writing
from pipeline.workspace.locks import locked

FILE, LOCK = "project.json", ".lock"


@dataclass(frozen=True)
class Settings:
    """The settings of a project at the time they were read; all empty without a project.

    Attributes:
        files: the names in the upload folder.
        reading: how they were read (`pipeline.project.uploads.Reading`).
        dataset, split: the fingerprints of the present mails and their split.
        counts: the number of visible mails by label.
        versions: an entry for each version of the mails.
        sizes: the number of mails by part.
        project_version: 1, and one more for each replacement of an opened test part.
        features: the `FeatureSpec.to_dict` of the chosen features, None for the default.
        threshold_rule, thresholds_by_hand, threshold: read by `threshold_spec`.
        seen, inbox, compared: choices on the pages.
        unknown: the settings of another version of Spamlab.
    """

    created: str = ""
    files: tuple[str, ...] = ()
    reading: Mapping[str, Any] | None = None
    dataset: str | None = None
    counts: Mapping[str, int] | None = None
    versions: tuple[Mapping[str, Any], ...] = ()
    split: str | None = None
    sizes: Mapping[str, int] | None = None
    project_version: int = 1
    features: Mapping[str, Any] | None = None
    threshold_rule: Mapping[str, Any] | None = None
    thresholds_by_hand: Mapping[str, Any] = field(default_factory=dict)
    threshold: float | None = None
    seen: tuple[str, ...] = ()
    inbox: Mapping[str, Any] | None = None
    compared: tuple[str, ...] = ()
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Make settings from the object in the file; null means the same as a missing key."""
        names = {f.name for f in fields(cls)} - {"unknown"}
        known = {name: value for name, value in values.items() if name in names}
        lists = {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
        given = {name: value for name, value in (known | lists).items() if value is not None}
        unknown = {name: value for name, value in values.items() if name not in names}
        return cls(**given, unknown=unknown)

    def feature_spec(self) -> FeatureSpec:
        """Return the chosen features, or the default."""
        return FeatureSpec.from_dict(dict(self.features)) if self.features else FeatureSpec()

    def threshold_spec(self, run_id: str | None = None) -> ThresholdSpec:
        """Return the rule for the thresholds of all runs; with a `run_id`, the rule for that run.

        The two differ for thresholds by hand, which each run has of its own.
        """
        if self.threshold_rule is None:
            # until November 2026 a project had at most one threshold, set by hand for all runs
            before = self.threshold
            return ThresholdSpec("hand", before) if before is not None else ThresholdSpec()
        spec = ThresholdSpec.from_dict(dict(self.threshold_rule))
        if spec.rule != "hand" or run_id is None:
            return spec
        value, unsure = self.thresholds_by_hand.get(run_id, (spec.value, spec.unsure))
        return ThresholdSpec("hand", value, unsure)


def read_settings(folder: Path) -> Settings:
    """Read the settings in a project's folder; raises BadWorkspace if they cannot be read."""
    return Settings.from_dict(_read(folder))


def change_settings(folder: Path, **values: Any) -> None:
    """Change some settings and keep the others, even if another process changes those now."""
    with writing(folder / FILE):
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / LOCK):
            write_text(folder / FILE, json.dumps({**_read(folder), **values}, indent=1))


def _read(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BadWorkspace(
            f"could not read the project in the workspace {home()}: {error.strerror}. Make the "
            "folder readable or name another one in SPAMLAB_HOME."
        ) from error
