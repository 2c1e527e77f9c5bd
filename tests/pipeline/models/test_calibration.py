import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from pipeline.models.calibration import Calibration
from pipeline.models.majority import Majority
from pipeline.models.probability import sigmoid
from tests.matrices import problem


def sample(
    mails: int = 2000, seed: int = 0, factor: float = 1.0, offset: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds that would be right, times a factor, plus an offset; labels drawn accordingly."""
    dice = np.random.default_rng(seed)
    right = dice.normal(0, 2, mails)
    return factor * right + offset, (dice.uniform(size=mails) < sigmoid(right)).astype(np.int8)


@pytest.mark.parametrize("mails", [40, 2000])
@pytest.mark.parametrize(("factor", "offset"), [(1, 0), (5, 0), (0.1, 2), (40, -30), (1e-3, 0)])
def test_it_is_scikit_learns_sigmoid_calibration(mails: int, factor: float, offset: float) -> None:
    z, y = sample(mails, 1, factor, offset)
    model = LogisticRegression(C=1e12).fit(z[:, None], y)
    model.coef_, model.intercept_ = np.array([[1.0]]), np.array([0.0])  # it decides by z itself
    theirs = CalibratedClassifierCV(FrozenEstimator(model), method="sigmoid").fit(z[:, None], y)
    expected = theirs.predict_proba(z[:, None])[:, 1]
    assert np.ptp(expected) > 0.2
    assert np.allclose(sigmoid(Calibration.fit(z, y)(z)), expected, atol=1e-3)


def test_scores_that_are_right_stay_as_they_are() -> None:
    found = [Calibration.choose(*sample(seed=seed)) for seed in range(20)]
    assert sum(c == Calibration() for c in found) >= 15
    # by chance a sample of 2,000 mails may look a little off; believing it costs next to nothing
    z, y = sample(20_000, 100)
    assert all(log_loss(y, sigmoid(c(z))) < log_loss(y, sigmoid(z)) + 0.005 for c in found)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("factor", "offset"), [(5, 0), (0.2, 0), (1, 2), (3, -4)])
def test_scores_that_are_wrong_are_mended_on_new_mails(seed, factor, offset) -> None:
    found = Calibration.choose(*sample(1000, seed, factor, offset))
    assert found.slope == pytest.approx(1 / factor, rel=0.25)
    assert found(offset) == pytest.approx(0, abs=0.3)  # these mails were even before
    z, y = sample(5000, seed + 100, factor, offset)
    assert log_loss(y, sigmoid(found(z))) < log_loss(y, sigmoid(z)) - 0.02


@pytest.mark.parametrize("factor", [0.01, 1, 5, 1000])
def test_the_ranking_stays(factor: float) -> None:
    z, y = sample(300, 2, factor)
    found = Calibration.choose(z, y)
    assert np.array_equal(rankdata(found(z)), rankdata(z))


Z, Y = sample(60, 3)


@pytest.mark.parametrize(
    ("z", "y"),
    [
        (Z, np.zeros(60)),
        (Z, np.ones(60)),
        (np.where(np.arange(60) < 18, 25.0, -25.0), np.arange(60) < 9),  # far too sure, but few
        (np.full(60, 3.0), Y),
        (Z, 1 - Y),
        (Z[:0], Y[:0]),
    ],
    ids=["all ham", "all spam", "nine spam", "constant", "upside down", "nothing"],
)
def test_where_there_is_nothing_to_fit_the_scores_stay(z: np.ndarray, y: np.ndarray) -> None:
    assert Calibration.choose(z, y.astype(np.int8)) == Calibration()


def test_perfectly_parted_mails_give_a_finite_slope() -> None:
    y = np.arange(100) % 2
    for gap in (1e-9, 0.01, 1, 100, 1e6):
        found = Calibration.choose((2 * y - 1) * gap, y)
        p = sigmoid(found((2 * y - 1) * gap))
        assert np.isfinite(found.state()).all()
        assert (p[y == 1] > 0.5).all()
        assert (p[y == 0] < 0.5).all()
    # Platt's targets for 50 mails of each class: as if one more of each had been wrong
    assert sigmoid(Calibration.fit(2.0 * y - 1, y)(np.array([1.0])))[0] == pytest.approx(51 / 52)


@given(
    st.lists(st.tuples(st.floats(-1e9, 1e9), st.booleans()), min_size=2, max_size=60),
    st.sampled_from([1e-12, 1.0, 1e6]),
)
def test_any_scores_get_a_finite_slope_above_0(mails, scale) -> None:
    z, y = np.array([m[0] for m in mails]) * scale, np.array([m[1] for m in mails], np.int8)
    for found in (Calibration.choose(z, y), Calibration.fit(z, y)):
        assert np.isfinite(found.state()).all()
        assert found.slope > 0
        assert np.isfinite(found(z)).all()


def test_the_state_brings_it_back_exactly() -> None:
    found = Calibration.choose(*sample(factor=5))
    assert Calibration.from_state(found.state()) == found != Calibration()


@pytest.mark.parametrize(
    "state", [[np.nan, 0], [1, np.nan], [np.inf, 0], [1, -np.inf], [0, 0], [-1, 0], [1], [1, 0, 0]]
)
def test_a_state_that_is_no_calibration_is_refused(state: list[float]) -> None:
    with pytest.raises(ValueError, match=r"calibration: expected|values to unpack"):
        Calibration.from_state(np.array(state, np.float64))


def test_a_model_calibrates_its_own_log_odds_and_not_twice() -> None:
    X, y = problem(300)

    class Sure(Majority):
        def log_odds(self, X):
            return sample(300, 5, 4)[0]

    y = sample(300, 5, 4)[1]
    once = Sure().calibrate((X, y)).calibration
    assert once == Calibration.choose(*sample(300, 5, 4)) != Calibration()
    model = Sure()
    model.calibration = once
    assert model.calibrate((X, y)).calibration == once
