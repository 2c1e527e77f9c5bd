"""What every model is, what it says of itself, and how it reports its training."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
from scipy.sparse import csr_matrix, vstack

from pipeline.models.calibration import Calibration
from pipeline.models.contributions import Contributions
from pipeline.parameters import Parametrized, choice

Role = Literal["floor", "baseline", "network"]
"""The floor is what any model must beat; a network is shown beside a baseline."""
Color = Literal["teal", "purple", "orange", "grey", "sky", "yellow"]
"""A color of the charts; all are told apart by all common kinds of color blindness."""

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


class Model(Parametrized):
    """The base of the models; a subclass is a dataclass whose fields are its parameters.

    Its class attributes describe it. All that is shown of a model comes from there and from its
    declared parameters: nothing outside this folder asks which model it is.
    """

    title: ClassVar[str]
    """What people call it: "Logistic regression"."""
    summary: ClassVar[str]
    """One sentence for somebody who chooses a model."""
    role: ClassVar[Role] = "baseline"
    color: ClassVar[Color] = "grey"
    reads_mail: ClassVar[bool] = True
    """False for a model that gives every mail the same score."""
    uses_seed: ClassVar[bool] = True
    """Whether another seed may give another model."""
    is_linear: ClassVar[bool] = False
    """Whether `linear_weights` gives one weight a column."""
    explains_exactly: ClassVar[bool] = True
    """Whether `contributions` add up to the score but for rounding."""
    epoch_name: ClassVar[str] = "epoch"
    """What one point of the curves is, in the singular, for axes and progress."""
    epoch_plural: ClassVar[str] = "epochs"
    keeps_best_epoch: ClassVar[bool] = False
    """Whether the model is that of `best_epoch`, rather than that of the last."""
    against_overfitting: ClassVar[str] = "Try fewer features or more mails."
    against_underfitting: ClassVar[str] = "Try a model that learns more, or other features."

    best_epoch: int | None = None
    """After `fit`, the epoch whose weights are the model; None for the last that was reported."""
    ended: str = ""
    """Why training ended: "patience", "epochs", "stopped" or "nan"; "" where nothing chose it."""
    choice: Sequence[Mapping[str, float]] = ()
    """How `fit` chose C inside train: C, log_loss and standard_error of each value it tried."""

    calibration: Calibration = Calibration()
    """From the model's own log-odds to those that its scores tell; the identity after `fit`."""

    @classmethod
    def warm(cls) -> None:
        """Do once what the first training in a process would wait for, such as slow imports."""

    @property
    def most_epochs(self) -> int:
        """The most points that the curves can have."""
        raise NotImplementedError

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


def declare_class_weight() -> Any:
    """The parameter `class_weight` of the models that weigh mails, a dataclass field."""
    return choice(
        "none",
        ("none", "balanced"),
        label="Class weights",
        help="“balanced” lets ham and spam weigh the same in total, however many mails each has.",
    )


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
