"""Platt's calibration: log-odds times a slope plus an offset, when validation shows it is needed.

J. Platt, Probabilistic outputs for support vector machines, 1999, with the targets that he
proposes so that a perfectly parted validation part does not give an infinite slope.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

FOLDS = 5
"""The gain is judged on mails that the slope and the offset were not fitted to."""
SMALLEST_GAIN = 1e-4
"""Nats a mail; below it the scores stay as they are."""
SMALLEST_CLASS = 10
"""With fewer mails of a class a slope is noise."""


@dataclass(frozen=True)
class Calibration:
    """slope · log-odds + offset; the slope is above 0, so the order of the mails stays."""

    slope: float = 1.0
    offset: float = 0.0

    def __call__(self, log_odds: np.ndarray) -> np.ndarray:
        return self.slope * log_odds + self.offset

    def state(self) -> np.ndarray:
        """Two float64."""
        return np.array([self.slope, self.offset])

    @classmethod
    def from_state(cls, state: np.ndarray) -> Self:
        """The inverse of `state`; raises ValueError for anything but two finite numbers."""
        slope, offset = map(float, state)
        if not (np.isfinite(slope) and np.isfinite(offset) and slope > 0):
            raise ValueError("calibration: expected a slope above 0 and an offset")
        return cls(slope, offset)

    @classmethod
    def choose(cls, log_odds: np.ndarray, labels: np.ndarray) -> Self:
        """The fitted calibration when it lowers the log loss out of fold, else the identity.

        Args:
            log_odds: of the validation mails, finite.
            labels: 1 for spam, 0 for ham.
        """
        z, y = np.asarray(log_odds, np.float64), np.asarray(labels, np.float64)
        if min((y == 1).sum(), (y == 0).sum()) < SMALLEST_CLASS or np.ptp(z) == 0:
            return cls()
        # ham and spam are dealt out in turn, so that every fold has its share of both
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
        """Slope and offset of least log loss against Platt's targets, by Newton's method.

        Agrees with what scikit-learn's CalibratedClassifierCV(method="sigmoid") fits.
        """
        z, n_spam = log_odds, float(labels.sum())
        target = np.where(labels == 1, (n_spam + 1) / (n_spam + 2), 1 / (len(z) - n_spam + 2))
        scale = max(1e-12, float(np.abs(z).max()))
        columns = np.column_stack([z / scale, np.ones_like(z)])
        found = np.array([scale, 0.0])
        loss = _loss(columns @ found, target)
        for _ in range(100):
            p = 1 / (1 + np.exp(-np.clip(columns @ found, -500, 500)))
            gradient = columns.T @ (p - target)
            curvature = (columns * (p * (1 - p))[:, None]).T @ columns + 1e-12 * np.eye(2)
            step = np.linalg.solve(curvature, gradient)
            while (new := _loss(columns @ (found - step), target)) > loss and np.any(step):
                step = step / 2
            found, loss, before = found - step, new, loss
            if before - loss < 1e-12:
                break
        slope = float(found[0] / scale)
        # a slope below 0 would say that the model ranks worse than chance; that is not mended here
        return cls(slope, float(found[1])) if slope > 0 else cls()


def _loss(log_odds: np.ndarray, targets: np.ndarray) -> float:
    """Mean of -t ln p - (1 - t) ln(1 - p), in nats."""
    return float(np.mean(np.logaddexp(0, log_odds) - targets * log_odds))
