import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluation.resampling import FEWEST, Resamples, align_clusters

clusters = st.lists(st.integers(-3, 9), min_size=1, max_size=30).map(np.array)


@given(clusters, st.integers(1, 150))
def test_each_resample_draws_as_many_clusters_as_there_are(numbers, b: int) -> None:
    found = Resamples(numbers, b, seed=3)
    assert found.draws.shape == (len(set(numbers)), b)
    assert (found.draws.sum(axis=0) == len(set(numbers))).all()
    again = Resamples(numbers, b, seed=3)
    assert np.array_equal(found.draws, again.draws)


@given(clusters, st.randoms())
def test_mails_of_a_cluster_are_drawn_together_and_totals_are_their_sums(numbers, random) -> None:
    found = Resamples(numbers, 70)
    weights = found.weights(0, 70)
    for number in set(numbers):
        assert np.ptp(weights[:, numbers == number], axis=1).max() == 0
    for values in (
        np.array([random.randint(0, 5) for _ in numbers], float),
        np.array([random.uniform(-1, 1) for _ in numbers]),
    ):
        assert found.totals(values) == pytest.approx(weights @ values, abs=1e-9)
    order = np.array(random.sample(range(len(numbers)), len(numbers)))
    assert np.array_equal(found.weights(3, 9, order), weights[3:9][:, order])


def test_clusters_are_drawn_alike() -> None:
    drawn = Resamples(np.arange(50), 2000).draws
    # each draw is one of 50, so that the mean of 2,000 resamples is 1 ± 0.022
    assert np.abs(drawn.mean(axis=1) - 1).max() < 4.5 * np.sqrt(0.98 / 2000)
    assert drawn.var(axis=1).mean() == pytest.approx(0.98, rel=0.05)


def test_another_seed_draws_others_and_another_process_the_same() -> None:
    one, other = Resamples(np.arange(30), 20, seed=1), Resamples(np.arange(30), 20, seed=2)
    assert not np.array_equal(one.draws, other.draws)
    sent = pickle.dumps(one)
    assert len(sent) < 1000, "the draws themselves are not sent"
    assert np.array_equal(pickle.loads(sent).draws, one.draws)  # noqa: S301


def test_very_many_mails_get_fewer_resamples() -> None:
    assert Resamples(np.arange(20_000)).resamples == 2000
    many = Resamples(np.arange(200_000))
    assert many.resamples == FEWEST
    assert Resamples(np.arange(200_000) % 100).resamples == 2000, "clusters count, not mails"


def test_a_mail_that_no_cluster_is_known_of_stands_alone() -> None:
    known = pd.Series([0, 0, 1], index=["a", "b", "c"])
    numbers = align_clusters(known, ["x", "b", "y", "a"])
    assert numbers[1] == numbers[3] == 0
    assert len(set(numbers)) == 3
