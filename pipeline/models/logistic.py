"""Logistic regression: the baseline that everything else has to beat.

>>> X, y = csr_matrix([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 1])
>>> (Logistic(C=100).fit((X, y), (X, y)).linear_weights() > 0).tolist()
[False, True]
"""

import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from pipeline.models.calibration import Calibration
from pipeline.models.model import Color, Mails, Model, declare_class_weight
from pipeline.models.monitor import Epoch, Monitor
from pipeline.models.probability import log_loss, sigmoid
from pipeline.parameters import number, whole_number

C_GRID = (10.0, 100.0, 1000.0, 10_000.0)
"""The values of C that cross-validation compares, ascending."""
MOST_TRIAL_MAILS = 450
"""C is chosen on at most 450 train mails, so the choice takes no longer on a large corpus. With
2,000 mails the loss was least at the same C on four corpora of five, and flat on the fifth
(docs/decisions/0005-default-features.md)."""
FOLDS = 3
"""C is chosen by 3-fold cross-validation."""
SOLVER_LOCK = threading.Lock()
"""liblinear has one random generator for the whole process. If two threads trained at once, chance
would decide the order of the mails, and so the result."""


@dataclass(eq=False)
class Logistic(Model):
    """L2-regularised logistic regression by dual coordinate descent (liblinear).

    Args:
        C: inverse strength of the regularisation, 1e-6 to 1,000,000; a larger one fits train more
            closely. By default None: chosen inside train, see `choice`.
        passes: most passes over the train mails, 1 to 10,000; by default 6.
        class_weight: by default "none"; "balanced" lets both classes weigh the same in total.
        seed: decides in which order liblinear visits the mails, and which mails choose C.

    Dual coordinate descent takes time in proportion to the number of mails: tenths of a second
    where lbfgs takes many seconds (docs/decisions/0005-default-features.md has the figures). More
    than 6 passes change neither the ranking nor the errors.

    liblinear cannot report its passes, but with one seed, the first k passes of a long training are
    those of a training of k passes. So with a monitor it trains 1, 2, 3, 5, 8, … passes until it
    has converged, which costs less than three times the last training.
    """

    title: ClassVar[str] = "Logistic regression"
    summary: ClassVar[str] = (
        "Gives every feature one weight. The one to beat: fast, and better than most."
    )
    color: ClassVar[Color] = "teal"
    is_linear: ClassVar[bool] = True
    overfitting_advice: ClassVar[str] = "Try a smaller C (stronger regularisation)."
    underfitting_advice: ClassVar[str] = "Try a larger C (weaker regularisation)."

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
    """How C was chosen: C, log_loss (nats a mail, out of fold) and standard_error, by rising C;
    empty if C was given."""

    @property
    def max_epochs(self) -> int:
        return self.passes

    def fit(self, train: Mails, validation: Mails, monitor: Monitor | None = None) -> Self:
        (X, y), (X_validation, _) = train, validation
        self.calibration = Calibration()
        self.choice = [] if self.C is not None else self._cross_validate(X, y)
        strength = self.C if self.C is not None else choose_c(self.choice)
        before = 0
        for passes in _list_pass_counts(self.passes) if monitor else [self.passes]:
            solver = self._solve(X, y, strength, passes)
            self.weights = solver.coef_[0].astype(np.float32)
            self.bias = float(solver.intercept_[0])
            done = int(solver.n_iter_[0])
            if not monitor or done == before:  # the previous training converged in its last pass
                break
            before = done
            monitor.report_epoch(Epoch(done, self.passes, self.score(X), self.score(X_validation)))
            if done < passes or monitor.should_stop():
                break
        return self

    def log_odds(self, X: csr_matrix) -> np.ndarray:
        assert self.weights is not None, "fit or restore comes first"
        return np.asarray(X @ self.weights, np.float64) + self.bias

    def linear_weights(self) -> np.ndarray | None:
        return None if self.weights is None else self.calibration.slope * self.weights

    def _state(self) -> dict[str, np.ndarray]:
        assert self.weights is not None, "fit or restore comes first"
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
        with SOLVER_LOCK, warnings.catch_warnings():  # both are the whole process's
            warnings.simplefilter("ignore", ConvergenceWarning)  # a few passes are intended
            return solver.fit(X, y)

    def _cross_validate(self, X: csr_matrix, y: np.ndarray) -> list[dict[str, float]]:
        """Compare the values of C on a stratified sample of the train mails; see `choice`."""
        rng = np.random.default_rng(self.seed % 2**31)
        share = min(1.0, MOST_TRIAL_MAILS / len(y))
        sample, folds = [], []
        for label in (0, 1):
            rows = rng.permutation(np.flatnonzero(y == label))
            rows = rows[: max(FOLDS, round(share * len(rows)))]
            sample.append(rows)
            folds.append(np.arange(len(rows)) % FOLDS)
        rows, fold = np.concatenate(sample), np.concatenate(folds)
        X, y = X[rows], y[rows]
        divisions = [
            (X[fold != k], y[fold != k], X[fold == k], y[fold == k])
            for k in range(FOLDS)
            if len(set(y[fold != k])) == 2
        ]
        choice = []
        for strength in C_GRID:
            losses = []
            for X_rest, y_rest, X_out, y_out in divisions:
                solver = self._solve(X_rest, y_rest, strength, self.passes)
                scores = sigmoid(X_out @ solver.coef_[0] + solver.intercept_[0])
                losses.append(log_loss(y_out, scores))
            error = np.std(losses) / np.sqrt(len(losses)) if losses else 0.0
            mean = np.mean(losses) if losses else 0.0
            choice.append({"C": strength, "log_loss": float(mean), "standard_error": float(error)})
        return choice


def choose_c(choice: Sequence[Mapping[str, float]]) -> float:
    """Choose the largest C whose loss is within one standard error of the least.

    The few hundred mails that measure the loss need more regularisation than all of train, for
    which C is meant; so of values that are equally good, the largest is right.

    Args:
        choice: C, log_loss and standard_error of each value, as in `Logistic.choice`.

    >>> choose_c([
    ...     {"C": 10, "log_loss": 0.09, "standard_error": 0.02},
    ...     {"C": 100, "log_loss": 0.10, "standard_error": 0.02},
    ... ])
    100
    """
    best = min(choice, key=lambda row: row["log_loss"])
    most = best["log_loss"] + best["standard_error"]
    return max(row["C"] for row in choice if row["log_loss"] <= most)


def _list_pass_counts(most: int) -> list[int]:
    """List the Fibonacci numbers below `most`, then `most`."""
    numbers = [1, 2]
    while numbers[-1] < most:
        numbers.append(numbers[-1] + numbers[-2])
    return [*[n for n in numbers if n < most], most]
