"""What is known of a project: its name, its folder, and the settings kept there."""

import fcntl
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import features
from pipeline.errors import BadSpec, BadWorkspace, expect
from pipeline.project.names import is_name
from pipeline.specs import FeatureSpec, ThresholdSpec
from pipeline.workspace.folder import home, write_text, writing


@dataclass(frozen=True)
class WithSettings:
    """A value that only names a project's folder."""

    name: str

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise BadSpec(
                "project name: expected up to 60 letters, digits, spaces, dots, dashes or "
                f"underscores, starting with a letter or digit, received {self.name!r}."
            )

    @property
    def path(self) -> Path:
        return home() / "projects" / self.name

    @property
    def exists(self) -> bool:
        return (self.path / "project.json").exists()

    def settings(self) -> dict[str, Any]:
        """What is known of the project; empty for one that does not exist."""
        try:
            return json.loads((self.path / "project.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise BadWorkspace(
                f"could not read the project in the workspace {home()}: {error.strerror}. Make the "
                "folder readable or name another one in SPAMLAB_HOME."
            ) from error

    def change(self, **values: Any) -> None:
        """Set some of the settings, keeping the others, whoever else is changing them."""
        with writing(self.path / "project.json"):
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / ".lock").open("a")
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            text = json.dumps({**self.settings(), **values}, indent=1)
            write_text(self.path / "project.json", text)

    def feature_spec(self) -> FeatureSpec:
        """What the next training reads, every parameter written out; at first the default.

        Raises BadSpec when another version of Spamlab stored blocks that this one does not have.
        """
        stored = self.settings().get("features")
        return features.complete(FeatureSpec.from_dict(stored) if stored else FeatureSpec())

    def set_features(self, spec: FeatureSpec | None) -> None:
        """Choose what the next training reads, None for the default; runs keep what they had.

        Raises BadSpec, and changes nothing, for an unknown block or an impossible parameter.
        """
        self.change(features=spec and features.complete(spec).to_dict())

    def threshold_spec(self, run_id: str | None = None) -> ThresholdSpec:
        """How thresholds are found here: by the rule chosen for all runs, by hand for each of them.

        Args:
            run_id: for its own threshold, where the rule is "hand".
        """
        settings = self.settings()
        stored = settings.get("threshold_rule")
        if stored is None:
            # until November 2026 there was one threshold for all runs, set by hand, or none
            before = settings.get("threshold")
            return ThresholdSpec("hand", before) if before is not None else ThresholdSpec()
        spec = ThresholdSpec.from_dict(stored)
        if spec.rule != "hand" or run_id is None:
            return spec
        by_hand = settings.get("thresholds_by_hand", {})
        return ThresholdSpec("hand", *by_hand.get(run_id, (spec.value, spec.unsure)))

    def set_threshold(self, spec: ThresholdSpec, run_id: str | None = None) -> None:
        """Choose the rule for all runs; with a `run_id`, set that run's threshold by hand."""
        if run_id is None:
            self.change(threshold_rule=spec.to_dict())
            return
        expect(spec.rule == "hand", "rule", "'hand' for one run", spec.rule)
        before = self.threshold_spec()
        # what was one threshold for all runs stays with those that nobody has set since
        common = before if before.rule == "hand" else ThresholdSpec("hand")
        by_hand = self.settings().get("thresholds_by_hand", {})
        self.change(
            threshold_rule=common.to_dict(),
            thresholds_by_hand={**by_hand, run_id: [spec.value, spec.unsure]},
        )
