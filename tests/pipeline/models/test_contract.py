"""What every model promises; a new model is tested by being in MODELS."""

import itertools
import json

import numpy as np
import pytest
from safetensors.numpy import load, save
from scipy.sparse import csr_matrix
from scipy.special import logit
from sklearn.metrics import roc_auc_score

from pipeline.errors import BadSpec
from pipeline.models import MODELS, build, complete
from pipeline.models.calibration import Calibration
from pipeline.models.model import Model
from pipeline.models.monitor import Epoch, Monitor
from pipeline.parameters import list_parameters
from pipeline.specs import ModelSpec
from tests.matrices import problem
from tests.wrong_values import wrong_values

QUICK = {"logistic": {"passes": 30}, "mlp": {"hidden": [4], "epochs": 3, "learning_rate": 0.05}}
"""Parameters that keep these tests short; a model without an entry is tested with its defaults."""

TRAIN, VALIDATION = problem(seed=1), problem(seed=2, mails=40)


class Watch(Monitor):
    """Writes everything down and asks to stop after so many questions."""

    def __init__(self, stop_after: float = float("inf")) -> None:
        self.epochs: list[Epoch] = []
        self.steps: list[float] = []
        self.asked = 0
        self.stop_after = stop_after

    def report_epoch(self, epoch: Epoch) -> None:
        self.epochs.append(epoch)

    def report_step(self, share: float) -> None:
        self.steps.append(share)

    def should_stop(self) -> bool:
        self.asked += 1
        return self.asked > self.stop_after


def quick(kind: str, seed: int = 0) -> Model:
    return build(ModelSpec(kind, QUICK.get(kind, {}), seed))


FITTED: dict[str, tuple[Model, Watch]] = {}


@pytest.fixture(params=MODELS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def fitted(kind: str) -> tuple[Model, Watch]:
    """Trained once for all tests that only look at it."""
    if kind not in FITTED:
        watch = Watch()
        FITTED[kind] = (quick(kind).fit(TRAIN, VALIDATION, watch), watch)
    return FITTED[kind]


def equal(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a)


def test_scores_are_probabilities(fitted: tuple[Model, Watch]) -> None:
    model, _ = fitted
    both = model.predict_proba(VALIDATION[0])
    assert both.shape == (40, 2)
    assert ((both >= 0) & (both <= 1)).all()
    assert np.allclose(both.sum(axis=1), 1)
    scores = model.score(VALIDATION[0])
    assert scores.dtype == np.float64
    assert np.array_equal(both[:, 1], scores)


def test_it_is_far_better_than_chance(fitted: tuple[Model, Watch]) -> None:
    model, _ = fitted
    auc = roc_auc_score(VALIDATION[1], model.score(VALIDATION[0]))
    if not model.reads_mail:  # it is what chance looks like
        assert auc == 0.5
    else:
        assert auc > 0.9


def test_extreme_rows_and_no_rows_get_scores(fitted: tuple[Model, Watch]) -> None:
    model, _ = fitted
    assert model.score(csr_matrix((0, 30), dtype=np.float32)).shape == (0,)
    extreme = csr_matrix(np.array([[0] * 30, [1e6] * 30, [-1e6] * 30], dtype=np.float32))
    scores = model.score(extreme)
    assert ((scores >= 0) & (scores <= 1)).all()


def test_the_state_goes_through_a_file_without_pickle(
    fitted: tuple[Model, Watch], kind: str
) -> None:
    model, _ = fitted
    content = save({k: np.ascontiguousarray(v) for k, v in model.state().items()})
    restored = build(ModelSpec(kind, model.parameters())).restore(load(content))
    assert np.array_equal(restored.score(VALIDATION[0]), model.score(VALIDATION[0]))


def test_a_missing_array_is_a_key_error(fitted: tuple[Model, Watch], kind: str) -> None:
    state = fitted[0].state()
    for name in state:
        with pytest.raises(KeyError):
            quick(kind).restore({k: v for k, v in state.items() if k != name})


def test_one_seed_one_model(fitted: tuple[Model, Watch], kind: str) -> None:
    again = quick(kind).fit(TRAIN, VALIDATION)
    assert equal(again.state(), fitted[0].state())


def test_another_seed_is_another_model(fitted: tuple[Model, Watch], kind: str) -> None:
    if not MODELS[kind].uses_seed:  # counting involves no chance
        assert equal(quick(kind, 1).fit(TRAIN, VALIDATION).state(), fitted[0].state())
        return
    for seed in (1, -1, 2**40):
        if not equal(quick(kind, seed).fit(TRAIN, VALIDATION).state(), fitted[0].state()):
            return
    pytest.fail("the seed changes nothing")


def test_a_second_fit_forgets_the_first(fitted: tuple[Model, Watch], kind: str) -> None:
    upside_down = (TRAIN[0], 1 - TRAIN[1])
    model = quick(kind).fit(upside_down, upside_down)
    watch = Watch()
    model.fit(TRAIN, VALIDATION, watch)
    assert equal(model.state(), fitted[0].state())
    assert [e.number for e in watch.epochs] == [e.number for e in fitted[1].epochs]
    assert model.end_reason == fitted[0].end_reason


def test_the_monitor_hears_rising_epochs_with_scores_of_both_parts(
    fitted: tuple[Model, Watch],
) -> None:
    model, _ = fitted
    numbers = [epoch.number for epoch in fitted[1].epochs]
    assert numbers
    # before its first epoch a model with a wide path is already a logistic regression
    assert numbers[0] == (0 if getattr(model, "wide", False) else 1)
    assert all(a < b for a, b in itertools.pairwise(numbers))
    for epoch in fitted[1].epochs:
        train = epoch.train_scores
        assert epoch.number <= epoch.max_epochs == model.max_epochs
        assert (train.shape, epoch.validation_scores.shape) == ((80,), (40,))
        assert ((train >= 0) & (train <= 1)).all()
    assert all(0 < share <= 1 for share in fitted[1].steps)


def test_the_reported_curve_ends_at_the_model(fitted: tuple[Model, Watch]) -> None:
    model, watch = fitted
    best = watch.epochs[-1].number if model.best_epoch is None else model.best_epoch
    assert (model.best_epoch is not None) == model.keeps_best_epoch
    (reported,) = [e.validation_scores for e in watch.epochs if e.number == best]
    assert np.array_equal(reported, model.score(VALIDATION[0]))


@pytest.mark.parametrize("questions", [0, 1, 2])
def test_stop_is_obeyed_at_the_next_opportunity_and_leaves_a_model(
    kind: str, questions: int
) -> None:
    watch = Watch(stop_after=questions)
    model = quick(kind).fit(TRAIN, VALIDATION, watch)
    assert watch.asked == min(questions + 1, model.max_epochs)
    assert watch.epochs
    scores = model.score(VALIDATION[0])
    assert ((scores >= 0) & (scores <= 1)).all()
    assert model.state()


def test_calibration_belongs_to_the_state_and_the_next_fit_forgets_it(kind: str) -> None:
    model = quick(kind).fit(TRAIN, VALIDATION)
    plain, odds = model.score(VALIDATION[0]), model.log_odds(VALIDATION[0])
    model.calibration = Calibration(0.5, -1.0)
    assert np.allclose(logit(model.score(VALIDATION[0])), 0.5 * odds - 1, atol=1e-6)
    restored = build(ModelSpec(kind, model.parameters())).restore(model.state())
    assert np.array_equal(restored.score(VALIDATION[0]), model.score(VALIDATION[0]))
    assert np.array_equal(model.log_odds(VALIDATION[0]), odds)
    assert np.array_equal(model.fit(TRAIN, VALIDATION).score(VALIDATION[0]), plain)


def test_linear_weights_are_those_of_the_calibrated_log_odds(kind: str) -> None:
    model = quick(kind).fit(TRAIN, VALIDATION)
    model.calibration = Calibration(0.5, -1.0)
    weights = model.linear_weights()
    assert (weights is not None) == model.is_linear
    if weights is None:
        return
    X = VALIDATION[0]
    calibrated = model.calibration(model.log_odds(X))
    assert np.ptp(calibrated - X @ weights) < 1e-4


def test_parameters_are_json_and_rebuild_the_model(kind: str) -> None:
    spec = complete(ModelSpec(kind))
    assert spec.parameters == MODELS.build(kind, {}).parameters()
    assert json.loads(json.dumps(spec.parameters)) == spec.parameters
    assert complete(spec) == spec
    assert "seed" not in spec.parameters
    assert complete(ModelSpec(kind, seed=3)).seed == 3


BAD: dict[str, list[dict]] = {
    "majority": [],
    "naive_bayes": [
        {"alpha": 0},
        {"alpha": 101},
        {"alpha": float("nan")},
        {"alpha": "1"},
        {"alpha": None},
        {"alpha": True},
    ],
    "logistic": [
        {"C": 0},
        {"C": 1e7},
        {"C": float("nan")},
        {"C": "1"},
        {"C": True},
        {"passes": 0},
        {"passes": 10_001},
        {"passes": 2.0},
        {"passes": True},
        {"class_weight": "auto"},
        {"class_weight": None},
    ],
    "mlp": [
        {"hidden": ()},
        {"hidden": (1, 1, 1, 1)},
        {"hidden": (0,)},
        {"hidden": (1025,)},
        {"hidden": (2.0,)},
        {"hidden": (True,)},
        {"hidden": 64},
        {"hidden": None},
        {"activation": "softmax"},
        {"activation": None},
        {"wide": 1},
        {"wide": None},
        {"wide": "true"},
        {"batch_norm": 0},
        {"batch_norm": "false"},
        {"dropout": True},
        {"dropout": -0.1},
        {"dropout": 0.95},
        {"dropout": float("nan")},
        {"dropout": "0.1"},
        {"l2": -1e-9},
        {"l2": 2},
        {"l2": True},
        {"optimizer": "lion"},
        {"learning_rate": 0},
        {"learning_rate": 11},
        {"learning_rate": float("inf")},
        {"learning_rate": True},
        {"clip_norm": -1e-9},
        {"clip_norm": 1001},
        {"clip_norm": float("nan")},
        {"clip_norm": None},
        {"clip_norm": True},
        {"plateau": -1},
        {"plateau": 1001},
        {"plateau": 2.0},
        {"plateau": True},
        {"batch_size": 0},
        {"batch_size": 5000},
        {"batch_size": True},
        {"epochs": 0},
        {"epochs": 1001},
        {"epochs": 1.0},
        {"epochs": True},
        {"patience": 0},
        {"patience": None},
        {"patience": True},
        {"class_weight": "auto"},
        {"inputs": 15},
        {"inputs": 1 << 21},
        {"inputs": True},
    ],
}


BY_DECLARATION = {kind: wrong_values(list_parameters(MODELS[kind])) for kind in MODELS}
"""What the declarations say is wrong; those above are what a person would think of."""


def test_every_parameter_of_every_model_is_checked() -> None:
    for kind, cases in BY_DECLARATION.items():
        assert {name for bad in cases for name in bad} == set(MODELS.build(kind, {}).parameters())
    for kind, cases in BAD.items():
        assert {name for bad in cases for name in bad} == set(MODELS.build(kind, {}).parameters())


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (kind, bad)
        for some in (BAD, BY_DECLARATION)
        for kind, cases in some.items()
        for bad in cases
    ],
)
def test_a_bad_parameter_is_refused_by_name(kind: str, parameters: dict) -> None:
    (name,) = parameters
    with pytest.raises(BadSpec, match=rf"^{name}: expected .+, received .+\.$"):
        build(ModelSpec(kind, parameters))


@pytest.mark.parametrize("seed", [1.5, "1", None, True])
def test_a_seed_that_is_no_whole_number_is_refused(kind: str, seed: object) -> None:
    with pytest.raises(BadSpec, match=r"^seed: expected a whole number, received .+\.$"):
        build(ModelSpec(kind, seed=seed))  # type: ignore[arg-type]


def test_contributions_add_up_to_the_calibrated_log_odds(fitted: tuple[Model, Watch]) -> None:
    model, _ = fitted
    before = model.calibration
    try:
        for calibration in (Calibration(), Calibration(0.4, -1.5)):
            model.calibration = calibration
            odds = calibration(model.log_odds(VALIDATION[0]))
            (nothing,) = calibration(model.log_odds(csr_matrix((1, 30), dtype=np.float32)))
            for x, whole in zip(VALIDATION[0], odds, strict=True):
                found = model.contributions(x)
                assert found.base == pytest.approx(nothing)
                assert found.columns.tolist() == sorted(x.indices[x.data != 0])
                assert found.log_odds == pytest.approx(whole, abs=1e-9)
                assert abs(found.residual) <= 0.01 * abs(whole - nothing) + 1e-5
    finally:
        model.calibration = before


def test_contributions_of_a_linear_model_are_weight_times_value(
    fitted: tuple[Model, Watch],
) -> None:
    model, _ = fitted
    weights = model.linear_weights()
    for x in VALIDATION[0][:5]:
        found = model.contributions(x)
        if weights is not None:
            expected = weights * x.toarray()[0].astype(np.float64)
            np.testing.assert_allclose(found.values, expected[found.columns])
        elif not model.reads_mail:
            assert not found.values.any()
        if model.explains_exactly:
            assert abs(found.residual) < 1e-5


def test_a_mail_without_features_is_the_base_alone(fitted: tuple[Model, Watch]) -> None:
    found = fitted[0].contributions(csr_matrix((1, 30), dtype=np.float32))
    assert found.columns.size == found.values.size == 0
    assert found.residual == 0
