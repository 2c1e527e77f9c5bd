"""What a project keeps in its ``project.json``: which mails and split are the present ones, and
what the user chose.
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
    """The settings of a project as they were when they were read; all empty for no project.

    `files` are the names in the upload folder, `reading` how they were read
    (`pipeline.project.uploads.Reading`). `dataset` and `split` are the fingerprints of the present
    mails and their split. `counts` are the mails by label that may be looked at, `sizes` the mails
    by part. `versions` has an entry for each version of the mails. `project_version` is 1, and one
    more for each time that the test part was exchanged after its opening.

    `features` is what `FeatureSpec.to_dict` gave, None for the default. `threshold_rule`,
    `thresholds_by_hand` and `threshold` are told by `threshold_spec`. `seen`, `inbox` and
    `compared` are what the pages remember. `unknown` holds what another version of Spamlab wrote.
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
        """Settings from the object in the file; null means the same as a key that is missing."""
        names = {f.name for f in fields(cls)} - {"unknown"}
        known = {name: value for name, value in values.items() if name in names}
        lists = {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
        given = {name: value for name, value in (known | lists).items() if value is not None}
        unknown = {name: value for name, value in values.items() if name not in names}
        return cls(**given, unknown=unknown)

    def feature_spec(self) -> FeatureSpec:
        """The features that were chosen, as they were stored, or the default."""
        return FeatureSpec.from_dict(dict(self.features)) if self.features else FeatureSpec()

    def threshold_spec(self, run_id: str | None = None) -> ThresholdSpec:
        """The rule for the thresholds of all runs; with a `run_id`, the rule for that run.

        The two differ where thresholds are set by hand, which is done for each run.
        """
        if self.threshold_rule is None:
            # until November 2026 there was one threshold for all runs, set by hand, or none
            before = self.threshold
            return ThresholdSpec("hand", before) if before is not None else ThresholdSpec()
        spec = ThresholdSpec.from_dict(dict(self.threshold_rule))
        if spec.rule != "hand" or run_id is None:
            return spec
        value, unsure = self.thresholds_by_hand.get(run_id, (spec.value, spec.unsure))
        return ThresholdSpec("hand", value, unsure)


def read_settings(folder: Path) -> Settings:
    """The settings in a project's folder; raises BadWorkspace when they cannot be read."""
    return Settings.from_dict(_read(folder))


def change_settings(folder: Path, **values: Any) -> None:
    """Set some of the settings, keeping the others, whoever else is changing them."""
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
