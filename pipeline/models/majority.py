"""The share of spam, whatever the mail says: so that nobody is proud of the prevalence."""

import math
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from pipeline.models.contributions import Contributions
from pipeline.models.model import Color, Mails, Model, Monitor, Role, present


@dataclass(eq=False)
class Majority(Model):
    """Gives every mail the share of spam among the train mails, as scikit-learn's DummyClassifier
    with strategy "prior" does.

    Args:
        seed: of no effect; every model has one.
    """

    title: ClassVar[str] = "Majority"
    summary: ClassVar[str] = (
        "Gives every mail the share of spam: the floor that any model must clear."
    )
    role: ClassVar[Role] = "floor"
    color: ClassVar[Color] = "grey"
    reads_mail: ClassVar[bool] = False
    uses_seed: ClassVar[bool] = False
    epoch_name: ClassVar[str] = "pass"
    epoch_plural: ClassVar[str] = "passes"

    seed: int = 0
    prior: float = field(default=0.5, init=False, repr=False)

    @property
    def most_epochs(self) -> int:
        return 1

    def fit(self, train: Mails, validation: Mails, monitor: Monitor | None = None) -> Self:
        (X, y), (X_validation, _) = train, validation
        self.calibration = type(self).calibration
        # half a mail is added to both classes, so that the log-odds of a lone class are finite
        self.prior = float((np.sum(y == 1) + 0.5) / (len(y) + 1))
        if monitor:
            monitor.epoch(1, 1, self.score(X), self.score(X_validation))
            monitor.stop_wanted()
        return self

    def log_odds(self, X: csr_matrix) -> np.ndarray:
        return np.full(X.shape[0], math.log(self.prior / (1 - self.prior)))

    def contributions(self, x: csr_matrix) -> Contributions:
        """Nothing in a mail moves the score."""
        columns, values = present(x)
        return self._taken_apart(x, columns, 0 * values)

    def _state(self) -> dict[str, np.ndarray]:
        return {"prior": np.array([self.prior])}

    def _restore(self, state: dict[str, np.ndarray]) -> None:
        self.prior = float(state["prior"][0])
