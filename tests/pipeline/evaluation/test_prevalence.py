import math

import numpy as np
import pytest

from pipeline.errors import BadSpec
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import HALF, OperatingPoint
from pipeline.evaluation.prevalence import expect_in_inbox
from pipeline.evaluation.resampling import Resamples
from tests.clustered import draw


def of(ham_scores, spam_scores) -> tuple[Evaluation, Resamples]:
    scores = np.concatenate([ham_scores, spam_scores])
    labels = np.repeat([0, 1], [len(ham_scores), len(spam_scores)])
    ids = tuple(map(str, range(len(scores))))
    return Evaluation("validation", ids, labels, scores), Resamples(np.arange(len(scores)), 50)


FILTER = of(np.repeat([0.9, 0.4, 0.1], [4, 16, 180]), np.repeat([0.9, 0.4, 0.1], [80, 12, 8]))
"""Of 200 ham 2 % are lost and 8 % between 0.3 and 0.5; of 100 spam 20 % pass 0.5, 8 % pass 0.3."""
FILTER_AT = (FILTER[0], HALF, FILTER[1])
FILTER_WITH_BAND = (FILTER[0], OperatingPoint(0.5, 0.3), FILTER[1])


def test_rates_stay_and_weights_are_those_of_the_inbox() -> None:
    found = expect_in_inbox(*FILTER_AT, spam_share=0.4, mails_a_day=100)
    assert set(found) == {"precision", "ham_lost", "spam_seen"}
    assert found["ham_lost"][0] == pytest.approx(7 * 60 * 0.02)
    assert found["spam_seen"][0] == pytest.approx(7 * 40 * 0.2)
    assert found["precision"][0] == pytest.approx(0.4 * 0.8 / (0.4 * 0.8 + 0.6 * 0.02))
    for value, interval in found.values():
        assert interval.low < value < interval.high


def test_a_band_takes_from_the_spam_that_is_seen() -> None:
    found = expect_in_inbox(*FILTER_WITH_BAND, spam_share=0.4, mails_a_day=100)
    assert found["spam_seen"][0] == pytest.approx(7 * 40 * 0.08)
    assert found["ham_lost"][0] == pytest.approx(7 * 60 * 0.02)
    value, interval = found["unsure"]
    assert value == pytest.approx(7 * (60 * 0.08 + 40 * 0.12))
    assert interval.low < value < interval.high


def test_the_share_of_the_mails_themselves_gives_their_own_precision() -> None:
    evaluation, clusters = draw(300, 1.5, seed=1)
    share = evaluation.n_spam / len(evaluation.ids)
    found = expect_in_inbox(evaluation, HALF, Resamples(clusters, 50), share, 10)
    assert found["precision"][0] == pytest.approx(evaluation.at(HALF).precision, abs=1e-12)


def test_no_ham_lost_is_not_never() -> None:
    evaluation, resamples = of(np.full(300, 0.1), np.full(100, 0.9))
    found = expect_in_inbox(evaluation, HALF, resamples, 0.5, 200)
    value, interval = found["ham_lost"]
    assert (value, interval.low, interval.how) == (0, 0, "3/n")
    assert interval.high == pytest.approx(700 * 3 / 300, rel=0.01)
    assert "at most 1 in 100 would be" in interval.note
    assert found["precision"][1].low == pytest.approx(1 / (1 + 3 / 300), abs=1e-3)


def test_an_inbox_of_one_class_and_mails_of_one_class() -> None:
    found = expect_in_inbox(*FILTER_WITH_BAND, spam_share=1.0, mails_a_day=10)
    assert found["ham_lost"][0] == 0
    assert found["precision"][0] == 1
    assert found["unsure"][0] == pytest.approx(70 * 0.12)
    found = expect_in_inbox(*FILTER_AT, spam_share=0.0, mails_a_day=10)
    assert (found["spam_seen"][0], found["precision"][0]) == (0, 0)
    only_ham = of(np.full(30, 0.1), [])
    found = expect_in_inbox(only_ham[0], OperatingPoint(0.5, 0.2), only_ham[1], 0.3, 10)
    assert found["ham_lost"][0] == 0
    for name in ("spam_seen", "precision", "unsure"):
        assert math.isnan(found[name][0])
        assert found[name][1].how == "none"
        assert found[name][1].note


@pytest.mark.parametrize(
    ("share", "mails", "unsure", "said"),
    [
        (1.2, 10, None, "share of spam: expected 0 to 1, received 1.2"),
        (math.nan, 10, None, "share of spam"),
        (0.3, -1, None, "mails a day: expected a number from 0 on, received -1"),
        (0.3, math.inf, None, "mails a day"),
        (0.3, 10, 0.7, "unsure from: expected 0 to the threshold 0.5, received 0.7"),
    ],
)
def test_an_impossible_inbox_is_refused(share, mails, unsure, said: str) -> None:
    with pytest.raises(BadSpec, match=said):
        expect_in_inbox(FILTER[0], OperatingPoint(0.5, unsure), FILTER[1], share, mails)
