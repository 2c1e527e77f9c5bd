import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

from pipeline.models.logistic import (
    C_GRID,
    FOLDS,
    MOST_TRIAL_MAILS,
    Logistic,
    _list_pass_counts,
    choose_c,
)
from pipeline.models.monitor import Epoch, Monitor
from tests.matrices import problem

TRAIN, VALIDATION = problem(mails=200, seed=1, spam=0.3), problem(seed=2)


class Passes(Monitor):
    def __init__(self) -> None:
        self.curve: dict[int, np.ndarray] = {}
        self.numbers: list[int] = []

    def report_epoch(self, epoch: Epoch) -> None:
        self.numbers.append(epoch.number)
        self.curve[epoch.number] = epoch.validation_scores


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
            Logistic(C=C, passes=200, seed=seed).fit(TRAIN, VALIDATION, watch)
            assert sorted(set(watch.numbers)) == watch.numbers
            seen.add(direct(200, C, None, seed).n_iter_[0])
    assert seen & set(_list_pass_counts(200)), (
        "no case here converges exactly at a point of the curve"
    )


def test_validation_labels_change_nothing() -> None:
    honest = Logistic().fit(TRAIN, VALIDATION)
    for poison in (1 - VALIDATION[1], np.zeros_like(VALIDATION[1])):
        poisoned = Logistic().fit(TRAIN, (VALIDATION[0], poison))
        assert np.array_equal(poisoned.weights, honest.weights)
        assert poisoned.bias == honest.bias
        assert poisoned.choice == honest.choice


def test_c_is_the_one_of_least_loss_out_of_fold() -> None:
    model = Logistic().fit(TRAIN, VALIDATION)
    assert tuple(row["C"] for row in model.choice) == C_GRID == tuple(sorted(C_GRID))
    best = min(model.choice, key=lambda row: row["log_loss"])["C"]
    given = Logistic(C=best).fit(TRAIN, VALIDATION)
    assert np.array_equal(given.weights, model.weights)
    others = [Logistic(C=C).fit(TRAIN, VALIDATION).weights for C in C_GRID if best != C]
    assert not any(np.array_equal(w, model.weights) for w in others)
    assert given.choice == []
    assert model.fit(TRAIN, VALIDATION).choice != []
    assert model.parameters()["C"] is None  # the choice is a result and no parameter


def test_the_losses_of_the_choice_are_those_of_scikit_learns_cross_validation() -> None:
    # the folds are drawn otherwise, so the figures agree within the noise of a fold
    model = Logistic(passes=200).fit(TRAIN, VALIDATION)
    for row in model.choice:
        folds = StratifiedKFold(3, shuffle=True, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            theirs = -cross_val_score(
                direct(200, row["C"]), *TRAIN, cv=folds, scoring="neg_log_loss"
            )
        noise = row["standard_error"] + theirs.std() / np.sqrt(3)
        assert row["log_loss"] == pytest.approx(theirs.mean(), abs=4 * noise), row


def test_noise_gets_strong_regularisation_and_clear_mails_get_weak() -> None:
    X, y = problem(mails=300, seed=4)
    dice = np.random.default_rng(0)

    def losses(labels: np.ndarray) -> list[float]:
        return [row["log_loss"] for row in Logistic().fit((X, labels), VALIDATION).choice]

    noise, clear = losses(dice.permutation(y)), losses(y)
    assert noise == sorted(noise)
    assert noise[-1] - noise[0] > 10 * (clear[-1] - clear[0])


def test_the_largest_c_within_one_standard_error_is_taken() -> None:
    def row(strength: float, loss: float) -> dict[str, float]:
        return {"C": strength, "log_loss": loss, "standard_error": 0.02}

    assert choose_c([row(10, 0.10), row(100, 0.09), row(1000, 0.105)]) == 1000
    assert choose_c([row(10, 0.10), row(100, 0.09), row(1000, 0.115)]) == 100


def test_the_choice_obeys_its_seed_and_takes_part_of_many_mails(monkeypatch) -> None:
    seen = []
    solve = Logistic._solve

    def watched(self, X, y, *more):
        seen.append((X.shape[0], int(y.sum())))
        return solve(self, X, y, *more)

    monkeypatch.setattr(Logistic, "_solve", watched)
    many = problem(mails=3000, seed=5, spam=0.1)
    first, again = Logistic(seed=1), Logistic(seed=1)
    assert first.fit(many, VALIDATION).choice == again.fit(many, VALIDATION).choice
    assert np.array_equal(first.weights, again.weights)
    *tried, last = seen[: len(seen) // 2]
    assert last == (3000, 300)
    assert len(tried) == len(C_GRID) * FOLDS
    assert set(tried) == {(MOST_TRIAL_MAILS * 2 // 3, MOST_TRIAL_MAILS * 2 // 30)}
    other = Logistic(seed=2).fit(many, VALIDATION)
    assert other.choice != first.choice


@pytest.mark.parametrize("n_spam", [1, 2, 3])
def test_a_few_spam_mails_are_enough_to_choose(n_spam: int) -> None:
    few = problem(mails=40, seed=6, spam=n_spam / 40)
    assert few[1].sum() == n_spam
    model = Logistic().fit(few, VALIDATION)
    assert len(model.choice) == len(C_GRID)
    assert all(np.isfinite(list(row.values())).all() for row in model.choice)
    assert np.isfinite(model.log_odds(VALIDATION[0])).all()


@pytest.mark.parametrize("C", [None, 1e-3, 1.0, 1e4])
@pytest.mark.parametrize("passes", [1, 8, 200])
def test_listening_changes_nothing(C: float | None, passes: int) -> None:
    alone = Logistic(C, passes).fit(TRAIN, VALIDATION)
    heard = Logistic(C, passes).fit(TRAIN, VALIDATION, Passes())
    assert np.array_equal(alone.weights, heard.weights)
    assert alone.bias == heard.bias


def test_two_trainings_at_once_do_not_disturb_each_other() -> None:
    # liblinear's random numbers come from one generator for the whole process
    many = problem(mails=2000, columns=300, seed=7)
    after = [Logistic(C=1e4, seed=s).fit(many, VALIDATION).weights for s in range(4)]
    with ThreadPoolExecutor(4) as pool:
        at_once = list(
            pool.map(lambda s: Logistic(C=1e4, seed=s).fit(many, VALIDATION).weights, range(4))
        )
    assert all(np.array_equal(a, b) for a, b in zip(after, at_once, strict=True))


def test_balanced_classes_move_scores_towards_the_rare_one() -> None:
    plain = Logistic(C=1).fit(TRAIN, VALIDATION).score(VALIDATION[0])
    balanced = Logistic(C=1, class_weight="balanced").fit(TRAIN, VALIDATION)
    assert balanced.score(VALIDATION[0]).mean() > plain.mean() + 0.02


def test_the_points_of_the_curve_are_fibonaccis_and_the_last() -> None:
    assert _list_pass_counts(1) == [1]
    assert _list_pass_counts(2) == [1, 2]
    assert _list_pass_counts(10) == [1, 2, 3, 5, 8, 10]
    assert _list_pass_counts(13) == [1, 2, 3, 5, 8, 13]
    for most in range(1, 300):
        points = _list_pass_counts(most)
        assert points[-1] == most
        assert sorted(set(points)) == points
        assert sum(points) <= 4 * most
