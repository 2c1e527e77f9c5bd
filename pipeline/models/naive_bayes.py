"""Complement naive Bayes: what mail filters did for twenty years, in its best simple form.

>>> from scipy.sparse import csr_matrix
>>> X, y = csr_matrix([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 1])
>>> (NaiveBayes().fit((X, y), (X, y)).linear_weights() > 0).tolist()
[False, True]
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_matrix

from pipeline.models.model import Color, Model
from pipeline.parameters import number


@dataclass(eq=False)
class NaiveBayes(Model):
    """scikit-learn's ComplementNB. No feature may be below 0, which every block promises.

    J. Rennie and others, Tackling the poor assumptions of naive Bayes text classifiers, 2003.

    Args:
        alpha: mails' worth of every feature that are added to each class, 1e-10 to 100; by default
            0.1.
        seed: has no effect; every model has one.

    It treats the features as independent, so its own log-odds are far too sure. Calibration on
    validation turns its scores into probabilities.
    """

    title: ClassVar[str] = "Naive Bayes"
    summary: ClassVar[str] = (
        "Counts how often each feature occurs in ham and in spam, as mail filters did for twenty "
        "years."
    )
    color: ClassVar[Color] = "orange"
    uses_seed: ClassVar[bool] = False
    is_linear: ClassVar[bool] = True
    overfitting_advice: ClassVar[str] = "Try more smoothing (a larger alpha)."

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

    def _learn(self, X: csr_matrix, y: np.ndarray) -> None:
        from sklearn.naive_bayes import ComplementNB

        # with two classes, scikit-learn decides by the sign of this difference, without a prior
        ham, spam = ComplementNB(alpha=self.alpha).fit(X, y).feature_log_prob_
        self.weights = (spam - ham).astype(np.float32)

    def log_odds(self, X: csr_matrix) -> np.ndarray:
        assert self.weights is not None, "fit or restore comes first"
        return np.asarray(X @ self.weights, np.float64)

    def linear_weights(self) -> np.ndarray | None:
        return None if self.weights is None else self.calibration.slope * self.weights

    def _state(self) -> dict[str, np.ndarray]:
        assert self.weights is not None, "fit or restore comes first"
        return {"weights": self.weights}

    def _restore(self, state: dict[str, np.ndarray]) -> None:
        self.weights = state["weights"]
