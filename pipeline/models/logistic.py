"""Logistic regression: the baseline that everything else has to beat."""

import warnings
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from pipeline.errors import expect
from pipeline.models.model import Mails, Model, Monitor, sigmoid


@dataclass(eq=False)
class Logistic(Model):
    """L2-regularised logistic regression by dual coordinate descent (liblinear).

    Args:
        C: inverse strength of the regularisation, 1e-6 to 1e6; larger fits train more closely.
        passes: most passes over the train mails, 1 to 10,000.
        class_weight: "none", or "balanced" to let both classes weigh the same in total.
        seed: the order in which liblinear visits the mails.

    Dual coordinate descent is linear in the number of mails and takes tenths of a second where
    lbfgs takes many seconds (docs/decisions/0003-default-features.md has the figures).

    The curve: liblinear cannot report its passes, but with one seed the first k passes of a long
    training are the passes of a training of k. So it is run for 1, 2, 3, 5, 8, … passes, together
    less than three times the cost of the last, until it has converged.
    """

    C: float = 100.0
    passes: int = 200
    class_weight: str = "none"
    seed: int = 0
    weights: np.ndarray | None = field(default=None, init=False, repr=False)
    bias: float = field(default=0.0, init=False, repr=False)
    epoch_name: ClassVar[str] = "pass"

    def __post_init__(self) -> None:
        expect(
            isinstance(self.C, int | float) and 1e-6 <= self.C <= 1e6,
            "C",
            "a number from 0.000001 to 1,000,000",
            self.C,
        )
        self.C = float(self.C)  # 1 and 1.0 are one spec
        expect(
            isinstance(self.passes, int) and 1 <= self.passes <= 10_000,
            "passes",
            "a whole number from 1 to 10,000",
            self.passes,
        )
        expect(
            self.class_weight in ("none", "balanced"),
            "class_weight",
            "'none' or 'balanced'",
            self.class_weight,
        )

    @property
    def most_epochs(self) -> int:
        return self.passes

    def fit(self, train: Mails, validation: Mails, monitor: Monitor | None = None) -> Self:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression

        monitor = monitor or Monitor()
        (X, y), (X_validation, _) = train, validation
        before = 0
        for passes in _fibonacci(self.passes):
            solver = LogisticRegression(
                solver="liblinear",
                dual=True,
                C=self.C,
                tol=1e-2,
                max_iter=passes,
                random_state=self.seed % 2**31,
                class_weight=None if self.class_weight == "none" else "balanced",
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)  # the next one goes further
                solver.fit(X, y)
            self.weights = solver.coef_[0].astype(np.float32)
            self.bias = float(solver.intercept_[0])
            done = int(solver.n_iter_[0])
            if done == before:  # the training before this one had converged in its last pass
                break
            before = done
            monitor.epoch(done, self.passes, self.score(X), self.score(X_validation))
            if done < passes or monitor.stop_wanted():
                break
        return self

    def score(self, X: csr_matrix) -> np.ndarray:
        assert self.weights is not None, "fit or restore comes first"
        return sigmoid((X @ self.weights).astype(np.float64) + self.bias)

    def linear_weights(self) -> np.ndarray:
        assert self.weights is not None, "fit or restore comes first"
        return self.weights

    def state(self) -> dict[str, np.ndarray]:
        assert self.weights is not None
        return {"weights": self.weights, "bias": np.array([self.bias])}

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        self.weights, self.bias = state["weights"], float(state["bias"][0])
        return self


def _fibonacci(most: int) -> list[int]:
    numbers = [1, 2]
    while numbers[-1] < most:
        numbers.append(numbers[-1] + numbers[-2])
    return [*[n for n in numbers if n < most], most]
