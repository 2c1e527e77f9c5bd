"""The record of one training: its spec and its results."""

from dataclasses import dataclass, field
from datetime import datetime

from pipeline.project.settings import Settings
from pipeline.specs import RunSpec

QUEUED, RUNNING, FINISHED, STOPPED, FAILED, INTERRUPTED = (
    "queued",
    "running",
    "finished",
    "stopped",
    "failed",
    "interrupted",
)
USABLE = (FINISHED, STOPPED)
"""A stopped run keeps its best epoch, so its model is as usable as that of a finished run."""


@dataclass(frozen=True)
class Run:
    """One training: its spec, the run it was changed from, and its results.

    `figures` are those of `Evaluation.summary` on validation at the run's own `threshold`, without
    those that are NaN or infinite, or that an older version did not compute; empty unless the run
    is usable. `message` is the sentence of a failure. `epochs` counts the epochs reported so far,
    `best_epoch` is the epoch whose weights became the model.
    """

    id: str
    name: str
    project: str
    spec: RunSpec
    status: str
    created: datetime
    note: str = ""
    parent: str | None = None
    split: str = ""
    after_test: bool = False
    threshold: float | None = None
    best_epoch: int | None = None
    epochs: int = 0
    seconds: float | None = None
    message: str = ""
    diagnosis: list[dict[str, str]] = field(default_factory=list)
    choice: list[dict[str, float]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        return self.status in USABLE

    def is_of(self, settings: Settings) -> bool:
        """Whether the run was trained on the present mails and split of the project's settings."""
        return (self.spec.dataset, self.split) == (settings.dataset, settings.split)

    @property
    def active(self) -> bool:
        return self.status in (QUEUED, RUNNING)

    @property
    def kind(self) -> str:
        return self.spec.model.kind
