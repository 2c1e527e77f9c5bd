"""What a score means: three calls, of which none is both right and wrong."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import BadSpec
from pipeline.evaluation import Evaluation
from pipeline.evaluation.figures import FIGURES
from pipeline.evaluation.operating_point import HALF, OperatingPoint

UNIT = st.floats(0, 1) | st.sampled_from([0.0, 0.25, 0.5, 1.0])
MAILS = st.lists(st.tuples(st.booleans(), UNIT), min_size=1, max_size=30)


@st.composite
def points(draw: st.DrawFn) -> OperatingPoint:
    start, threshold = sorted((draw(UNIT), draw(UNIT)))
    return OperatingPoint(threshold, draw(st.sampled_from([start, None])))


@given(MAILS, points())
def test_a_mail_is_right_or_wrong_or_unsure(mails, point: OperatingPoint) -> None:
    spam, scores = (np.array(column) for column in zip(*mails, strict=True))
    calls = point.call(scores)
    right, wrong = point.is_right(scores, spam), point.is_wrong(scores, spam)
    unsure = point.is_unsure(scores)
    assert ((right.astype(int) + wrong + unsure) == 1).all()
    labels = np.where(spam, "spam", "ham")
    assert (right == (calls == labels)).all()
    assert (wrong == ((calls != labels) & (calls != "unsure"))).all()
    assert (point.is_spam(scores) == (calls == "spam")).all()
    for mail, said in zip(scores, calls, strict=True):
        assert str(point.call(float(mail))) == said, "one mail is called as it is among others"
    assert point.has_band or "unsure" not in calls


@given(MAILS, points())
def test_the_distance_tells_right_mails_from_others(mails, point: OperatingPoint) -> None:
    spam, scores = (np.array(column) for column in zip(*mails, strict=True))
    off = point.distance_to_right(scores, spam)
    assert (off[~point.is_right(scores, spam)] >= 0).all()
    assert (off[point.is_right(scores, spam)] <= 0).all()


@given(MAILS, points())
def test_a_band_moves_counts_and_no_other_figure(mails, point: OperatingPoint) -> None:
    spam, scores = (np.array(column) for column in zip(*mails, strict=True))
    found = Evaluation("", tuple(map(str, range(len(mails)))), spam, scores)
    figures = asdict(found.at(point))
    bare = asdict(found.at(OperatingPoint(point.threshold)))
    for name in FIGURES:
        if name in bare:
            assert figures[name] == pytest.approx(bare[name], nan_ok=True), name
    calls = point.call(scores)
    cells = {
        "true_negatives": (False, "ham"), "false_negatives": (True, "ham"),
        "unsure_ham": (False, "unsure"), "unsure_spam": (True, "unsure"),
        "false_positives": (False, "spam"), "true_positives": (True, "spam"),
    }  # fmt: skip
    for name, (label, call) in cells.items():
        assert figures[name] == ((spam == label) & (calls == call)).sum(), name


@given(points())
def test_what_is_stored_comes_back(point: OperatingPoint) -> None:
    assert OperatingPoint.from_dict(point.to_dict()) == point


def test_what_is_older_than_the_band_has_none() -> None:
    assert OperatingPoint.from_dict({"threshold": 0.5}) == HALF


def test_points_are_equal_when_they_call_every_mail_alike() -> None:
    assert OperatingPoint(0.5, why="by hand") == OperatingPoint(np.float64(0.5), 0.5) == HALF
    assert hash(OperatingPoint(0.5, why="by hand")) == hash(HALF)
    assert OperatingPoint(0.5, 0.4) != HALF


@pytest.mark.parametrize(
    ("threshold", "start", "said"),
    [
        (1.5, None, "threshold: expected a number from 0 to 1, received 1.5"),
        (float("nan"), None, "threshold: expected a number from 0 to 1"),
        (0.5, 0.6, "unsure from: expected 0 to the threshold 0.5, received 0.6"),
        (0.5, -0.1, "unsure from: expected 0 to the threshold 0.5"),
        (0.5, float("nan"), "unsure from"),
    ],
)
def test_an_impossible_point_is_refused(threshold: float, start: float | None, said: str) -> None:
    with pytest.raises(BadSpec, match=said):
        OperatingPoint(threshold, start)
