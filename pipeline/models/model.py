"""What every model is, and how it tells the world about its training."""

import dataclasses
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

Mails = tuple[csr_matrix, np.ndarray]
"""Features of shape (mails, columns) and labels, 1 for spam and 0 for ham."""


class Monitor:
    """Listens to a training. This one does nothing; `pipeline.train` has the one that records."""

    def epoch(self, number: int, of: int, train: np.ndarray, validation: np.ndarray) -> None:
        """After epoch `number` (from 1) of at most `of`: P(spam) of train and validation mails."""

    def step(self, share: float) -> None:
        """Somewhere inside an epoch: the share of it that is done, 0 to 1."""

    def stop_wanted(self) -> bool:
        """True when the user asked to stop; the model then keeps its best epoch so far."""
        return False


class Model:
    """The base of the models; a subclass is a dataclass whose fields are its parameters."""

    epoch_name: ClassVar[str]
    """What one point of the curves is, for the axis: "epoch" or "pass"."""

    @property
    def most_epochs(self) -> int:
        """The most points that the curves can have."""
        raise NotImplementedError

    def parameters(self) -> dict[str, Any]:
        """The parameters as JSON values, without the seed."""
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        values = {f.name: getattr(self, f.name) for f in fields if f.init and f.name != "seed"}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}

    def fit(self, train: Mails, validation: Mails, monitor: Monitor | None = None) -> Self:
        """Learn from train; validation only chooses among what train gave (the best epoch)."""
        raise NotImplementedError

    def predict_proba(self, X: csr_matrix) -> np.ndarray:
        """Shape (mails, 2): P(ham), P(spam), as scikit-learn has it."""
        spam = self.score(X)
        return np.column_stack([1 - spam, spam])

    def score(self, X: csr_matrix) -> np.ndarray:
        """P(spam) of each mail, float64 in [0, 1]."""
        raise NotImplementedError

    def linear_weights(self) -> np.ndarray | None:
        """One weight a column when log-odds of spam are a weighted sum of them, else None.

        In log-odds per unit of the column; above 0 speaks for spam. A linear model overrides this.
        """
        return None

    def state(self) -> dict[str, np.ndarray]:
        """What `fit` learnt, as plain arrays."""
        raise NotImplementedError

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        """The inverse of `state`."""
        raise NotImplementedError


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + e^-z) without overflow for any finite z."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


def log_loss(labels: np.ndarray, scores: np.ndarray) -> float:
    """Mean negative log-likelihood in nats, scores clipped to [1e-15, 1 - 1e-15]."""
    p = np.clip(scores, 1e-15, 1 - 1e-15)
    return float(-np.mean(np.where(labels == 1, np.log(p), np.log(1 - p))))
