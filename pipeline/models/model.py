"""The base of every model: what a model must provide, what it may, and what it promises.

A model is one file with a dataclass below `Model`, and its name in `MODELS`. A model that learns in
one pass needs no more than this:

>>> from dataclasses import dataclass
>>> @dataclass(eq=False)
... class Centroids(Model):
...     title = "Two centroids"
...     summary = "Weighs each feature by how much more of it the mean spam mail has."
...     is_linear = True
...     seed: int = 0
...     weights: np.ndarray | None = None
...
...     def _learn(self, X, y):
...         self.weights = X.toarray()[y == 1].mean(axis=0) - X.toarray()[y == 0].mean(axis=0)
...
...     def log_odds(self, X):
...         return np.asarray(X @ self.weights, np.float64)
...
...     def linear_weights(self):
...         return self.calibration.slope * self.weights
...
...     def _state(self):
...         return {"weights": self.weights}
...
...     def _restore(self, state):
...         self.weights = state["weights"]
>>> X, y = csr_matrix([[2.0, 0.0], [0.0, 1.0]]), np.array([0, 1])
>>> model = Centroids().fit(train=(X, y), validation=(X, y))
>>> model.score(X).round(2).tolist()
[0.02, 0.73]
>>> model.contributions(X[1]).values.tolist()
[1.0]
>>> Centroids().restore(model.state()).score(X).round(2).tolist()
[0.02, 0.73]
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
from scipy.sparse import csr_matrix, vstack

from pipeline.models.calibration import Calibration
from pipeline.models.contributions import Contributions
from pipeline.models.monitor import Epoch, Monitor
from pipeline.models.probability import sigmoid
from pipeline.parameters import Parametrized, choice

Role = Literal["floor", "baseline", "network"]
"""Every model has to beat the floor; a network is shown beside a baseline."""
Color = Literal["teal", "purple", "orange", "grey", "sky", "yellow"]
"""A color of the charts. All six can be told apart with any common kind of color blindness."""

Mails = tuple[csr_matrix, np.ndarray]
"""Features, float32 of shape (mails, columns), and labels of shape (mails,): 1 spam, 0 ham."""


class Model(Parametrized):
    """The base of the models. A subclass is a dataclass whose declared fields are its parameters.

    A subclass must have

    - `title`, `summary` and a field ``seed: int = 0``;
    - `_learn` (one pass over train), or `fit` and `max_epochs` (several);
    - `log_odds`;
    - `linear_weights` with ``is_linear = True``, or `contributions`, which explain a score;
    - `_state` and `_restore`, by which it is stored.

    All other members have defaults that suit a plain model. Whatever is shown of a model comes from
    its class attributes and its declared parameters; nothing outside this folder asks which model
    it is. `tests/pipeline/models/test_contract.py` checks what every model in `MODELS` promises.
    """

    title: ClassVar[str]
    """What people call it: "Logistic regression"."""
    summary: ClassVar[str]
    """One sentence for somebody who chooses a model."""
    role: ClassVar[Role] = "baseline"
    """Decides what it is compared with, and whether its curves are diagnosed as a network's."""
    color: ClassVar[Color] = "grey"
    """Its color in every chart."""
    reads_mail: ClassVar[bool] = True
    """False if every mail gets the same score; pages then say that there is nothing to explain."""
    uses_seed: ClassVar[bool] = True
    """Whether another seed can give another model; if not, forms do not ask for one."""
    is_linear: ClassVar[bool] = False
    """Whether `linear_weights` gives a weight for each column."""
    explains_exactly: ClassVar[bool] = True
    """Whether `contributions` add up to the log-odds except for rounding."""
    epoch_name: ClassVar[str] = "pass"
    """What one point of the curves is called, in the singular."""
    epoch_plural: ClassVar[str] = "passes"
    """The same in the plural."""
    keeps_best_epoch: ClassVar[bool] = False
    """Whether the model is that of its `best_epoch`; otherwise it is that of its last epoch."""
    overfitting_advice: ClassVar[str] = "Try fewer features or more mails."
    """One sentence for a run that overfits."""
    underfitting_advice: ClassVar[str] = "Try a model that learns more, or other features."
    """One sentence for a run that underfits."""

    calibration: Calibration = Calibration()
    """Maps `log_odds` to the log-odds of the scores. `fit` resets it to the identity."""
    best_epoch: int | None = None
    """After `fit`, the epoch whose weights the model has; None for the last epoch."""
    end_reason: str = ""
    """Why training ended: "patience", "epochs", "stopped" or "nan"; "" if it could not choose."""
    choice: Sequence[Mapping[str, float]] = ()
    """How `fit` chose C inside train: C, log_loss and standard_error of each value that it tried;
    empty for a model that chooses nothing."""

    @classmethod
    def warm_up(cls) -> None:
        """Do now what the first training in a process would wait for, such as a slow import.

        A worker calls it when it starts. By default it does nothing.
        """

    @property
    def max_epochs(self) -> int:
        """How many epochs the curves can have at most; epoch 0 does not count."""
        return 1

    def fit(self, train: Mails, validation: Mails, monitor: Monitor | None = None) -> Self:
        """Learn from train. Validation may only choose among what train gave, as the best epoch.

        The default calls `_learn` and reports one epoch. A model that overrides it must forget an
        earlier `fit`, reset `calibration`, report its epochs in rising order, and ask
        `monitor.should_stop()` at least once in each. The same parameters, seed and mails must give
        the same model, with a monitor or without.
        """
        self.calibration = Calibration()
        self._learn(*train)
        if monitor:
            monitor.report_epoch(Epoch(1, 1, self.score(train[0]), self.score(validation[0])))
            monitor.should_stop()  # every model asks once an epoch; here the answer is too late
        return self

    def _learn(self, X: csr_matrix, y: np.ndarray) -> None:
        """Learn from the train mails in one pass; `fit` calls it.

        Args:
            X: features, float32 of shape (mails, columns), none below 0.
            y: labels, 1 for spam and 0 for ham. One class may be missing.
        """
        raise NotImplementedError

    def log_odds(self, X: csr_matrix) -> np.ndarray:
        """Compute ln P(spam) / P(ham) of each mail before calibration.

        Returns finite float64 of shape (mails,), also for no mails and for columns that are huge.
        Raises AssertionError before `fit` or `restore`.
        """
        raise NotImplementedError

    def calibrate(self, validation: Mails) -> Self:
        """Choose the calibration that makes the scores mean what they say.

        The ranking of the mails stays the same; see `Calibration.choose`.
        """
        X, y = validation
        self.calibration = Calibration.choose(self.log_odds(X), y)
        return self

    def score(self, X: csr_matrix) -> np.ndarray:
        """Compute P(spam) of each mail: float64 in [0, 1], of shape (mails,)."""
        return sigmoid(self.calibration(self.log_odds(X)))

    def predict_proba(self, X: csr_matrix) -> np.ndarray:
        """Compute P(ham) and P(spam) of each mail, of shape (mails, 2), as scikit-learn does."""
        spam = self.score(X)
        return np.column_stack([1 - spam, spam])

    def linear_weights(self) -> np.ndarray | None:
        """Return a weight for each column, or None if the log-odds are no weighted sum of columns.

        The weights are in calibrated log-odds per unit of the column; above 0 they speak for spam.
        Every model whose `is_linear` is True overrides this.
        """
        return None

    def contributions(self, x: csr_matrix) -> Contributions:
        """Compute what each column of one mail adds to its calibrated log-odds of spam.

        The default multiplies `linear_weights` by the columns. A model that has no weights
        overrides it; if its parts are not exact, it sets `explains_exactly` to False.

        Args:
            x: the features of the mail, of shape (1, columns).
        """
        columns, values = read_nonzero(x)
        weights = self.linear_weights()
        assert weights is not None, "a model without linear weights overrides `contributions`"
        return self._decompose(x, columns, weights[columns] * values)

    def _decompose(self, x: csr_matrix, columns: np.ndarray, values: np.ndarray) -> Contributions:
        """Add the base and the residual to the contributions of the columns of one mail.

        Args:
            values: the contribution of each of the `columns`, in calibrated log-odds.
        """
        both = vstack([csr_matrix(x.shape, dtype=x.dtype), x], format="csr")
        base, whole = self.calibration(self.log_odds(both)).tolist()
        return Contributions(base, columns, values, whole - base - float(values.sum()))

    def state(self) -> dict[str, np.ndarray]:
        """Return what `fit` and `calibrate` learnt, as arrays of numbers by name."""
        return {"calibration": self.calibration.state(), **self._state()}

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        """Take over a `state`; raises KeyError if an array is missing."""
        self.calibration = Calibration.from_state(state["calibration"])
        self._restore(state)
        return self

    def _state(self) -> dict[str, np.ndarray]:
        """Return what `fit` learnt. The names and types are those of stored models: keep them."""
        raise NotImplementedError

    def _restore(self, state: dict[str, np.ndarray]) -> None:
        """Take over what `_state` returned; raises KeyError if an array is missing."""
        raise NotImplementedError


class UnknownModel(Model):
    """Stands for a model that only another version knows, in a run of that version."""

    summary = "This version does not know it."
    epoch_name = "epoch"
    epoch_plural = "epochs"


def declare_class_weight() -> Any:
    """Declare the parameter `class_weight` of a model that can weigh mails: a dataclass field."""
    return choice(
        "none",
        ("none", "balanced"),
        label="Class weights",
        help="“balanced” lets ham and spam weigh the same in total, however many mails each has.",
    )


def read_nonzero(x: csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns of one row that are not 0, ascending, and their values as float64."""
    assert x.shape[0] == 1, "one mail at a time"
    row = x.sorted_indices()
    nonzero = row.data != 0
    return row.indices[nonzero], row.data[nonzero].astype(np.float64)
