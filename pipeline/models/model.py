"""What every model is, and how it tells the world about its training."""

import dataclasses
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix, vstack

from pipeline.models.calibration import Calibration
from pipeline.models.contributions import Contributions

Mails = tuple[csr_matrix, np.ndarray]
"""Features of shape (mails, columns) and labels, 1 for spam and 0 for ham."""


class Monitor:
    """Listens to a training. This one does nothing; `training.train.Recorder` records."""

    def epoch(
        self,
        number: int,
        of: int,
        train: np.ndarray,
        validation: np.ndarray,
        inside: dict[str, float] | None = None,
    ) -> None:
        """After epoch `number` (from 1) of at most `of`.

        Args:
            train, validation: P(spam) of the mails of both parts.
            inside: what the model saw of itself, such as the learning rate, by name.
        """

    def step(self, share: float) -> None:
        """Somewhere inside an epoch: the share of it that is done, 0 to 1."""

    def stop_wanted(self) -> bool:
        """True when the user asked to stop; the model then keeps its best epoch so far."""
        return False


class Model:
    """The base of the models; a subclass is a dataclass whose fields are its parameters."""

    epoch_name: ClassVar[str]
    """What one point of the curves is, for the axis: "epoch" or "pass"."""

    calibration: Calibration = Calibration()
    """From the model's own log-odds to those that its scores tell; the identity after `fit`."""

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

    def log_odds(self, X: csr_matrix) -> np.ndarray:
        """ln P(spam) / P(ham) of each mail before calibration, finite float64."""
        raise NotImplementedError

    def calibrate(self, validation: Mails) -> Self:
        """Make the scores mean what they say, if these mails show that they do not yet.

        The ranking of the mails stays as it is.
        """
        X, y = validation
        self.calibration = Calibration.choose(self.log_odds(X), y)
        return self

    def predict_proba(self, X: csr_matrix) -> np.ndarray:
        """Shape (mails, 2): P(ham), P(spam), as scikit-learn has it."""
        spam = self.score(X)
        return np.column_stack([1 - spam, spam])

    def score(self, X: csr_matrix) -> np.ndarray:
        """P(spam) of each mail, float64 in [0, 1]."""
        return sigmoid(self.calibration(self.log_odds(X)))

    def linear_weights(self) -> np.ndarray | None:
        """One weight a column when log-odds of spam are a weighted sum of them, else None.

        In calibrated log-odds per unit of the column; above 0 speaks for spam. A linear model
        overrides this.
        """
        return None

    def contributions(self, x: csr_matrix) -> Contributions:
        """What each column of one mail adds to its calibrated log-odds of spam.

        Args:
            x: the features of the mail, of shape (1, columns).
        """
        columns, values = present(x)
        weights = self.linear_weights()
        assert weights is not None, "a model without weights says itself what its columns do"
        return self._taken_apart(x, columns, weights[columns] * values)

    def _taken_apart(self, x: csr_matrix, columns: np.ndarray, values: np.ndarray) -> Contributions:
        """The values are in calibrated log-odds; the residual is what they leave of the score."""
        both = vstack([csr_matrix(x.shape, dtype=x.dtype), x], format="csr")
        base, whole = self.calibration(self.log_odds(both)).tolist()
        return Contributions(base, columns, values, whole - base - float(values.sum()))

    def state(self) -> dict[str, np.ndarray]:
        """What `fit` and `calibrate` learnt, as plain arrays."""
        return {"calibration": self.calibration.state(), **self._state()}

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        """The inverse of `state`."""
        self.calibration = Calibration.from_state(state["calibration"])
        self._restore(state)
        return self

    def _state(self) -> dict[str, np.ndarray]:
        raise NotImplementedError

    def _restore(self, state: dict[str, np.ndarray]) -> None:
        raise NotImplementedError


def present(x: csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """The columns of one row that are not 0, ascending, and what they hold, as float64."""
    assert x.shape[0] == 1, "one mail at a time"
    row = x.sorted_indices()
    there = row.data != 0
    return row.indices[there], row.data[there].astype(np.float64)


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + e^-z) without overflow for any finite z."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


def log_loss(labels: np.ndarray, scores: np.ndarray) -> float:
    """Mean negative log-likelihood in nats, scores clipped to [1e-15, 1 - 1e-15]."""
    p = np.clip(scores, 1e-15, 1 - 1e-15)
    return float(-np.mean(np.where(labels == 1, np.log(p), np.log(1 - p))))
