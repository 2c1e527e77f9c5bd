"""Platt scaling: log-odds times a slope plus an offset, if validation shows that scores need it.

J. Platt, Probabilistic outputs for support vector machines, 1999. The targets are his as well: with
0 and 1, validation mails that a model separates perfectly would make the slope infinite.

>>> Calibration(slope=0.5, offset=-1.0)(np.array([4.0, -2.0])).tolist()
[1.0, -2.0]
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

FOLDS = 5
"""The gain is measured by 5-fold cross-validation, on mails that slope and offset have not seen."""
SMALLEST_GAIN = 1e-4
"""Scores stay as they are unless calibration lowers the log loss by 0.0001 nats a mail."""
SMALLEST_CLASS = 10
"""With fewer than 10 validation mails of a class, a fitted slope is noise."""


@dataclass(frozen=True)
class Calibration:
    """slope · log-odds + offset. The slope is above 0, so the mails keep their order."""

    slope: float = 1.0
    offset: float = 0.0

    def __call__(self, log_odds: np.ndarray) -> np.ndarray:
        return self.slope * log_odds + self.offset

    def state(self) -> np.ndarray:
        """Return slope and offset as two float64."""
        return np.array([self.slope, self.offset])

    @classmethod
    def from_state(cls, state: np.ndarray) -> Self:
        """Invert `state`; raises ValueError for anything but a finite slope above 0 and offset."""
        slope, offset = map(float, state)
        if not (np.isfinite(slope) and np.isfinite(offset) and slope > 0):
            raise ValueError("calibration: expected a slope above 0 and an offset")
        return cls(slope, offset)

    @classmethod
    def choose(cls, log_odds: np.ndarray, labels: np.ndarray) -> Self:
        """Fit a calibration; return the identity if it does not lower the log loss out of fold.

        Args:
            log_odds: those of the validation mails, finite float of shape (mails,).
            labels: 1 for spam, 0 for ham.
        """
        z, y = np.asarray(log_odds, np.float64), np.asarray(labels, np.float64)
        if min((y == 1).sum(), (y == 0).sum()) < SMALLEST_CLASS or np.ptp(z) == 0:
            return cls()
        # ham and spam are dealt in turn, so that every fold has its share of both
        fold = np.empty(len(y), np.int64)
        for label in (0, 1):
            fold[y == label] = np.arange((y == label).sum()) % FOLDS
        calibrated = np.empty_like(z)
        for k in range(FOLDS):
            calibrated[fold == k] = cls.fit(z[fold != k], y[fold != k])(z[fold == k])
        if _loss(calibrated, y) < _loss(z, y) - SMALLEST_GAIN:
            return cls.fit(z, y)
        return cls()

    @classmethod
    def fit(cls, log_odds: np.ndarray, labels: np.ndarray) -> Self:
        """Minimise the log loss against Platt's targets by Newton's method.

        The result agrees with scikit-learn's CalibratedClassifierCV(method="sigmoid").
        """
        z, n_spam = log_odds, float(labels.sum())
        target = np.where(labels == 1, (n_spam + 1) / (n_spam + 2), 1 / (len(z) - n_spam + 2))
        scale = max(1e-12, float(np.abs(z).max()))
        columns = np.column_stack([z / scale, np.ones_like(z)])
        solution = np.array([scale, 0.0])
        loss = _loss(columns @ solution, target)
        for _ in range(100):
            p = 1 / (1 + np.exp(-np.clip(columns @ solution, -500, 500)))
            gradient = columns.T @ (p - target)
            curvature = (columns * (p * (1 - p))[:, None]).T @ columns + 1e-12 * np.eye(2)
            step = np.linalg.solve(curvature, gradient)
            while (new := _loss(columns @ (solution - step), target)) > loss and np.any(step):
                step = step / 2
            solution, loss, before = solution - step, new, loss
            if before - loss < 1e-12:
                break
        slope = float(solution[0] / scale)
        # a slope below 0 would reverse the ranking of a model that is worse than chance
        return cls(slope, float(solution[1])) if slope > 0 else cls()


def _loss(log_odds: np.ndarray, targets: np.ndarray) -> float:
    """Compute the mean of -t ln p - (1 - t) ln(1 - p), in nats."""
    return float(np.mean(np.logaddexp(0, log_odds) - targets * log_odds))
