"""Logistic regression: the baseline that everything else has to beat."""

import threading
import warnings
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from pipeline.models.model import (
    Color,
    Mails,
    Model,
    Monitor,
    declare_class_weight,
    log_loss,
    sigmoid,
)
from pipeline.parameters import number, whole_number

GRID = (10.0, 100.0, 1000.0, 10_000.0)
"""The values of C that are tried."""
MOST_TRIED = 450
"""Train mails that take part in the choice of C. It costs the same for 450 mails as for 450,000;
with 2,000 the curve had its least loss at the same C on four corpora of five, and was flat on the
fifth (docs/decisions/0005-default-features.md)."""
FOLDS = 3
ONE_AT_A_TIME = threading.Lock()
"""liblinear draws its random numbers from one generator for the whole process: two trainings in two
threads would make each other's order, and so the result, a matter of chance."""


@dataclass(eq=False)
class Logistic(Model):
    """L2-regularised logistic regression by dual coordinate descent (liblinear).

    Args:
        C: inverse strength of the regularisation, 1e-6 to 1,000,000; larger fits train more
            closely. By default None: chosen inside train, see `choice`.
        passes: most passes over the train mails, 1 to 10,000; by default 6.
        class_weight: by default "none"; "balanced" lets both classes weigh the same in total.
        seed: the order in which liblinear visits the mails, and the mails that choose C.

    Dual coordinate descent is linear in the number of mails and takes tenths of a second where
    lbfgs takes many seconds (docs/decisions/0005-default-features.md has the figures). After 6
    passes more of them change neither the ranking nor the errors.

    The curve: liblinear cannot report its passes, but with one seed the first k passes of a long
    training are the passes of a training of k. So, when somebody listens, it is run for 1, 2, 3,
    5, 8, … passes, together less than three times the cost of the last, until it has converged.
    """

    title: ClassVar[str] = "Logistic regression"
    summary: ClassVar[str] = (
        "Gives every feature one weight. The one to beat: fast, and better than most."
    )
    color: ClassVar[Color] = "teal"
    is_linear: ClassVar[bool] = True
    epoch_name: ClassVar[str] = "pass"
    epoch_plural: ClassVar[str] = "passes"
    against_overfitting: ClassVar[str] = "Try a smaller C (stronger regularisation)."
    against_underfitting: ClassVar[str] = "Try a larger C (weaker regularisation)."

    C: float | None = number(
        None,
        1e-6,
        1e6,
        step=1.0,
        logarithmic=True,
        label="C (inverse regularisation)",
        help="A larger C fits the train mails more closely; a smaller one keeps the weights small. "
        "Left empty, it is chosen by cross-validation on train mails, and the run shows how.",
        when_empty="chosen inside train",
        shown_first=True,
    )
    passes: int = whole_number(
        6,
        1,
        10_000,
        logarithmic=True,
        label="Passes at most",
        help="Passes of the solver over the train mails; after 6, more hardly change anything.",
    )
    class_weight: str = declare_class_weight()
    seed: int = 0
    weights: np.ndarray | None = field(default=None, init=False, repr=False)
    bias: float = field(default=0.0, init=False, repr=False)
    choice: list[dict[str, float]] = field(default_factory=list, init=False, repr=False)
    """How C was chosen: C, log_loss (nats a mail, out of fold) and its standard error, by rising C;
    empty when C was given."""

    @property
    def most_epochs(self) -> int:
        return self.passes

    def fit(self, train: Mails, validation: Mails, monitor: Monitor | None = None) -> Self:
        (X, y), (X_validation, _) = train, validation
        self.calibration = type(self).calibration
        self.choice = [] if self.C is not None else self._try_all(X, y)
        strength = self.C if self.C is not None else chosen(self.choice)
        before = 0
        for passes in _fibonacci(self.passes) if monitor else [self.passes]:
            solver = self._solve(X, y, strength, passes)
            self.weights = solver.coef_[0].astype(np.float32)
            self.bias = float(solver.intercept_[0])
            done = int(solver.n_iter_[0])
            if not monitor or done == before:  # the one before had converged in its last pass
                break
            before = done
            monitor.epoch(done, self.passes, self.score(X), self.score(X_validation))
            if done < passes or monitor.stop_wanted():
                break
        return self

    def log_odds(self, X: csr_matrix) -> np.ndarray:
        assert self.weights is not None, "fit or restore comes first"
        return (X @ self.weights).astype(np.float64) + self.bias

    def linear_weights(self) -> np.ndarray | None:
        return None if self.weights is None else self.calibration.slope * self.weights

    def _state(self) -> dict[str, np.ndarray]:
        assert self.weights is not None
        return {"weights": self.weights, "bias": np.array([self.bias])}

    def _restore(self, state: dict[str, np.ndarray]) -> None:
        self.weights, self.bias = state["weights"], float(state["bias"][0])

    def _solve(self, X: csr_matrix, y: np.ndarray, strength: float, passes: int) -> Any:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression

        solver = LogisticRegression(
            solver="liblinear",
            dual=True,
            C=strength,
            tol=1e-2,
            max_iter=passes,
            random_state=self.seed % 2**31,
            class_weight=None if self.class_weight == "none" else "balanced",
        )
        with warnings.catch_warnings(), ONE_AT_A_TIME:
            warnings.simplefilter("ignore", ConvergenceWarning)  # a few passes are asked for
            return solver.fit(X, y)

    def _try_all(self, X: csr_matrix, y: np.ndarray) -> list[dict[str, float]]:
        """Cross-validate each C of the grid on some of the train mails, each class its share."""
        dice = np.random.default_rng(self.seed % 2**31)
        share = min(1.0, MOST_TRIED / len(y))
        taken, folds = [], []
        for label in (0, 1):
            mine = dice.permutation(np.flatnonzero(y == label))
            mine = mine[: max(FOLDS, round(share * len(mine)))]
            taken.append(mine)
            folds.append(np.arange(len(mine)) % FOLDS)
        rows, fold = np.concatenate(taken), np.concatenate(folds)
        X, y = X[rows], y[rows]
        parts = [
            (X[fold != k], y[fold != k], X[fold == k], y[fold == k])
            for k in range(FOLDS)
            if len(set(y[fold != k])) == 2
        ]
        tried = []
        for strength in GRID:
            losses = []
            for X_rest, y_rest, X_out, y_out in parts:
                solver = self._solve(X_rest, y_rest, strength, self.passes)
                scores = sigmoid(X_out @ solver.coef_[0] + solver.intercept_[0])
                losses.append(log_loss(y_out, scores))
            error = np.std(losses) / np.sqrt(len(losses)) if losses else 0.0
            mean = np.mean(losses) if losses else 0.0
            tried.append({"C": strength, "log_loss": float(mean), "standard_error": float(error)})
        return tried


def chosen(choice: list[dict[str, float]]) -> float:
    """The largest C whose loss is within one standard error of the least.

    A few hundred mails want more regularisation than all of train, which is what C is for.
    """
    best = min(choice, key=lambda row: row["log_loss"])
    most = best["log_loss"] + best["standard_error"]
    return max(row["C"] for row in choice if row["log_loss"] <= most)


def _fibonacci(most: int) -> list[int]:
    numbers = [1, 2]
    while numbers[-1] < most:
        numbers.append(numbers[-1] + numbers[-2])
    return [*[n for n in numbers if n < most], most]
