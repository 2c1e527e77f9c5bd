"""Complement naive Bayes: what mail filters did for twenty years, in its best simple form."""

from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from pipeline.models.model import Color, Mails, Model, Monitor
from pipeline.parameters import number


@dataclass(eq=False)
class NaiveBayes(Model):
    """scikit-learn's ComplementNB; needs features that are not negative, as all blocks give.

    J. Rennie and others, Tackling the poor assumptions of naive Bayes text classifiers, 2003.

    Args:
        alpha: mails' worth of every feature that are added to each class, 1e-10 to 100; by default
            0.1.
        seed: of no effect; every model has one.

    It takes features for independent, so its own log-odds are far too sure; the calibration on
    validation is what makes its scores probabilities.
    """

    title: ClassVar[str] = "Naive Bayes"
    summary: ClassVar[str] = (
        "Counts how often each feature occurs in ham and in spam, as mail filters did for twenty "
        "years."
    )
    color: ClassVar[Color] = "orange"
    uses_seed: ClassVar[bool] = False
    is_linear: ClassVar[bool] = True
    epoch_name: ClassVar[str] = "pass"
    epoch_plural: ClassVar[str] = "passes"
    against_overfitting: ClassVar[str] = "Try more smoothing (a larger alpha)."

    alpha: float = number(
        0.1,
        1e-10,
        100,
        logarithmic=True,
        label="Smoothing (alpha)",
        help="Adds this many mails' worth of every feature to each class, so that a feature never "
        "seen in one class does not decide alone.",
        shown_first=True,
    )
    seed: int = 0
    weights: np.ndarray | None = field(default=None, init=False, repr=False)

    @property
    def most_epochs(self) -> int:
        return 1

    def fit(self, train: Mails, validation: Mails, monitor: Monitor | None = None) -> Self:
        from sklearn.naive_bayes import ComplementNB

        (X, y), (X_validation, _) = train, validation
        self.calibration = type(self).calibration
        found = ComplementNB(alpha=self.alpha).fit(X, y)
        # with two classes scikit-learn's decision is the sign of this difference; no prior in it
        ham, spam = found.feature_log_prob_
        self.weights = (spam - ham).astype(np.float32)
        if monitor:
            monitor.epoch(1, 1, self.score(X), self.score(X_validation))
            monitor.stop_wanted()
        return self

    def log_odds(self, X: csr_matrix) -> np.ndarray:
        assert self.weights is not None, "fit or restore comes first"
        return (X @ self.weights).astype(np.float64)

    def linear_weights(self) -> np.ndarray | None:
        return None if self.weights is None else self.calibration.slope * self.weights

    def _state(self) -> dict[str, np.ndarray]:
        assert self.weights is not None
        return {"weights": self.weights}

    def _restore(self, state: dict[str, np.ndarray]) -> None:
        self.weights = state["weights"]
