import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from pipeline.models.logistic import Logistic, _fibonacci
from pipeline.models.model import Monitor
from tests.matrices import problem

TRAIN, VALIDATION = problem(mails=200, seed=1, spam=0.3), problem(seed=2)


class Passes(Monitor):
    def __init__(self) -> None:
        self.curve: dict[int, np.ndarray] = {}
        self.numbers: list[int] = []

    def epoch(self, number: int, of: int, train: np.ndarray, validation: np.ndarray) -> None:
        self.numbers.append(number)
        self.curve[number] = validation


def direct(passes: int, C: float = 100.0, class_weight: str | None = None, seed: int = 0):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(
            solver="liblinear",
            dual=True,
            C=C,
            tol=1e-2,
            max_iter=passes,
            class_weight=class_weight,
            random_state=seed,
        ).fit(*TRAIN)


@pytest.mark.parametrize(
    ("C", "passes", "class_weight", "seed"),
    [(100, 200, "none", 0), (0.01, 200, "none", 3), (1e4, 7, "none", 0), (1, 50, "balanced", 1)],
)
def test_it_is_scikit_learns_liblinear(C, passes, class_weight, seed) -> None:
    ours = Logistic(C, passes, class_weight, seed).fit(TRAIN, VALIDATION)
    theirs = direct(passes, C, None if class_weight == "none" else class_weight, seed)
    assert np.allclose(ours.weights, theirs.coef_[0], atol=1e-6, rtol=1e-6)
    assert ours.bias == pytest.approx(theirs.intercept_[0])
    expected = theirs.predict_proba(VALIDATION[0])
    assert np.allclose(ours.predict_proba(VALIDATION[0]), expected, atol=1e-5)


def test_every_point_of_the_curve_is_the_model_after_so_many_passes() -> None:
    watch = Passes()
    Logistic(C=1000, passes=40).fit(TRAIN, VALIDATION, watch)
    assert len(watch.curve) >= 4
    for passes, scores in watch.curve.items():
        theirs = direct(passes, 1000).predict_proba(VALIDATION[0])[:, 1]
        assert np.allclose(scores, theirs, atol=1e-5), passes


def test_a_training_that_converges_in_its_last_pass_is_not_reported_twice() -> None:
    seen = set()
    for C in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000):
        for seed in range(3):
            watch = Passes()
            Logistic(C=C, seed=seed).fit(TRAIN, VALIDATION, watch)
            assert sorted(set(watch.numbers)) == watch.numbers
            seen.add(direct(200, C, None, seed).n_iter_[0])
    assert seen & set(_fibonacci(200)), "no case here converges exactly at a point of the curve"


def test_validation_labels_change_nothing() -> None:
    honest = Logistic().fit(TRAIN, VALIDATION)
    for poison in (1 - VALIDATION[1], np.zeros_like(VALIDATION[1])):
        poisoned = Logistic().fit(TRAIN, (VALIDATION[0], poison))
        assert np.array_equal(poisoned.weights, honest.weights)
        assert poisoned.bias == honest.bias


def test_balanced_classes_move_scores_towards_the_rare_one() -> None:
    plain = Logistic(C=1).fit(TRAIN, VALIDATION).score(VALIDATION[0])
    balanced = Logistic(C=1, class_weight="balanced").fit(TRAIN, VALIDATION)
    assert balanced.score(VALIDATION[0]).mean() > plain.mean() + 0.02


def test_the_points_of_the_curve_are_fibonaccis_and_the_last() -> None:
    assert _fibonacci(1) == [1]
    assert _fibonacci(2) == [1, 2]
    assert _fibonacci(10) == [1, 2, 3, 5, 8, 10]
    assert _fibonacci(13) == [1, 2, 3, 5, 8, 13]
    for most in range(1, 300):
        points = _fibonacci(most)
        assert points[-1] == most
        assert sorted(set(points)) == points
        assert sum(points) <= 4 * most
