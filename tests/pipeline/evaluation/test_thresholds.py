"""A threshold is what its rule says, by looking at every place where one could be."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import fbeta_score

from pipeline.errors import BadSpec
from pipeline.evaluation import Evaluation
from pipeline.evaluation.by_threshold import EXACT, count_scores, trace_thresholds
from pipeline.evaluation.thresholds import (
    OperatingPoint,
    add_band,
    choose_operating_point,
    compute_upper_bound,
    count_allowed_losses,
    find_gaps,
    find_strictest_budget,
    measure_unsure_shares,
    require_budget,
)
from pipeline.specs import ThresholdSpec


def evaluation(labels, scores) -> Evaluation:
    return Evaluation("validation", tuple(f"m{i}" for i in range(len(labels))), labels, scores)


unit = st.floats(0, 1)
few = st.integers(0, 4).map(lambda n: n / 4)  # ties, zeros and ones
pairs = st.lists(st.tuples(st.integers(0, 1), unit | few), min_size=1, max_size=40)


def places(found: Evaluation) -> list[float]:
    """A threshold on every side of every score that a threshold from 0 to 1 can be on."""
    scores = np.unique(found.scores)
    above = [float(np.nextafter(s, 2)) for s in scores if s < 1]
    return sorted({*scores.tolist(), *above})


def simulated(n: int, spam: float = 0.3, seed: int = 0) -> Evaluation:
    random = np.random.default_rng(seed)
    labels = (random.random(n) < spam).astype(int)
    return evaluation(labels, 1 / (1 + np.exp(4 - 6 * labels - 2 * random.normal(size=n))))


@given(pairs)
def test_the_gaps_are_all_decisions_that_a_threshold_can_make(pairs) -> None:
    found = evaluation(*map(np.array, zip(*pairs, strict=True)))
    table = find_gaps(found)
    assert (np.diff(table.thresholds) > 0).all()
    assert ((table.thresholds >= 0) & (table.thresholds <= 1)).all()
    for i, threshold in enumerate(table.thresholds):
        figures = found.at(OperatingPoint(threshold))
        assert table.ham_lost[i] == figures.false_positives
        assert table.spam_missed[i] == figures.false_negatives
    called = {tuple(found.scores >= t) for t in table.thresholds}
    assert called == {tuple(found.scores >= t) for t in places(found)}


@given(pairs, st.floats(0.01, 1000) | st.integers(1, 9).map(float))
def test_the_cost_is_the_least_and_nearest_to_a_half(pairs, cost: float) -> None:
    found = evaluation(*map(np.array, zip(*pairs, strict=True)))
    point = choose_operating_point(found, ThresholdSpec("cost", cost))

    def cost_at(threshold: float) -> float:
        figures = found.at(OperatingPoint(threshold))
        return cost * figures.false_positives + figures.false_negatives

    assert cost_at(point.threshold) == min(map(cost_at, places(found)))
    equal = [t for t in find_gaps(found).thresholds if cost_at(t) == cost_at(point.threshold)]
    assert abs(point.threshold - 0.5) == min(abs(t - 0.5) for t in equal)
    figures = found.at(point)
    assert f"{figures.false_positives:,} ham lost" in point.why
    assert f"{figures.false_negatives:,} spam let" in point.why


@given(pairs, st.sampled_from([0.1, 0.5, 1.0, 2.0, 7.5]))
def test_f_beta_is_scikit_learns_highest(pairs, beta: float) -> None:
    labels, scores = map(np.array, zip(*pairs, strict=True))
    found = evaluation(labels, scores)

    def f(threshold: float) -> float:
        return fbeta_score(labels, scores >= threshold, beta=beta, zero_division=0)

    threshold = choose_operating_point(found, ThresholdSpec("f_beta", beta)).threshold
    assert f(threshold) == pytest.approx(max(map(f, places(found))), abs=1e-12)


def plainly(found: Evaluation, threshold: float, clusters: np.ndarray) -> float:
    """The bound that a budget is about, by SciPy's exact test."""
    ham, called = found.labels == 0, found.scores >= threshold
    alone = len({*clusters[ham]})
    bounds = []
    for lost, n in (((ham & called).sum(), ham.sum()), (len({*clusters[ham & called]}), alone)):
        test = binomtest(int(lost), int(n), alternative="less")
        bounds.append(test.proportion_ci(0.95, method="exact").high)
    return max(bounds)


@given(pairs, st.floats(1, 20), st.integers(1, 40))
def test_a_budget_takes_the_lowest_threshold_that_keeps_it(pairs, budget, alike: int) -> None:
    found = evaluation(*map(np.array, zip(*pairs, strict=True)))
    assume(found.n_ham)
    clusters = np.arange(len(found.ids)) % alike
    kept = [t for t in places(found) if plainly(found, t, clusters) <= 1 / budget]
    if not kept:
        with pytest.raises(BadSpec, match="ham"):
            choose_operating_point(found, ThresholdSpec("budget", budget), clusters)
        return
    threshold = choose_operating_point(found, ThresholdSpec("budget", budget), clusters).threshold
    assert (found.scores >= threshold).tolist() == (found.scores >= kept[0]).tolist()


@given(st.integers(1, 3000), st.integers(0, 3000))
def test_the_bound_is_scipys(n: int, lost: int) -> None:
    lost = min(lost, n)
    theirs = binomtest(lost, n, alternative="less").proportion_ci(0.95, method="exact").high
    assert compute_upper_bound(lost, n) == pytest.approx(theirs, rel=1e-9)


@given(st.integers(0, 400), st.floats(1, 50))
def test_most_lost_is_the_last_that_keeps_the_budget(n: int, budget: float) -> None:
    kept = [lost for lost in range(n + 1) if compute_upper_bound(lost, n) <= 1 / budget]
    assert count_allowed_losses(n, budget) == max(kept, default=-1)


@given(st.integers(0, 20_000))
def test_the_strictest_budget_is_about_a_third(n: int) -> None:
    strictest = find_strictest_budget(n)
    require_budget(n, strictest)
    with pytest.raises(BadSpec):
        require_budget(n, strictest + 1)
    if n:
        assert compute_upper_bound(0, n) <= 1 / strictest + 1e-12
        assert compute_upper_bound(0, n) > 1 / (strictest + 1) - 1e-12
    if n > 100:
        assert strictest == pytest.approx(n / 3, rel=0.02)


def test_a_budget_beyond_the_mails_is_refused_with_what_it_takes() -> None:
    with pytest.raises(BadSpec) as refused:
        require_budget(551, 1000)
    assert str(refused.value) == (
        "the 551 ham of validation (near-duplicates counted once) can show at most 1 in 184; to "
        "promise 1 in 1,000 about 3,000 ham with none lost are needed."
    )
    with pytest.raises(BadSpec, match="about 15,000 ham"):
        require_budget(551, 5000)
    with pytest.raises(BadSpec, match="0 ham"):
        choose_operating_point(
            evaluation([1] * 10, np.linspace(0, 1, 10)), ThresholdSpec("budget", 10)
        )


def test_a_newsletter_counts_once_as_a_witness_and_in_full_when_lost() -> None:
    labels = [0] * 1000 + [1] * 10
    found = evaluation(labels, [0.1] * 500 + [0.01] * 500 + [0.9] * 10)
    clusters = np.array([0] * 500 + list(range(1, 511)))
    assert choose_operating_point(found, ThresholdSpec("budget", 300)).threshold < 0.5 + 1e-9
    with pytest.raises(BadSpec, match=r"the 501 ham .* at most 1 in 167"):
        choose_operating_point(found, ThresholdSpec("budget", 300), clusters)
    # one of 501 clusters is lost below 0.1, but that is half of the ham
    point = choose_operating_point(found, ThresholdSpec("budget", 100), clusters)
    assert point.threshold > 0.1
    assert "near-duplicates counted once, 501" in point.why


def test_a_budget_that_a_run_cannot_keep_is_refused() -> None:
    found = evaluation([0] * 400 + [1] * 100, [1.0] * 30 + [0.2] * 370 + [0.9] * 100)
    with pytest.raises(BadSpec, match="30 ham have a score of 1"):
        choose_operating_point(found, ThresholdSpec("budget", 100))
    lower = evaluation([0] * 400 + [1] * 100, [0.99] * 30 + [0.2] * 370 + [0.9] * 100)
    assert choose_operating_point(lower, ThresholdSpec("budget", 100)).threshold > 0.99, (
        "nothing is called spam"
    )


@given(pairs, unit | few, unit)
def test_the_band_begins_as_high_as_the_share_allows(pairs, threshold, share: float) -> None:
    found = evaluation(*map(np.array, zip(*pairs, strict=True)))
    point = add_band(found, OperatingPoint(threshold), share)

    def below(start: float) -> int:
        return int(((found.labels == 1) & (found.scores < start)).sum())

    def inside(start: float) -> list[bool]:
        return ((found.scores >= start) & (found.scores < threshold)).tolist()

    good = [t for t in places(found) if below(t) <= share * found.n_spam + 1e-9]
    if point.unsure_from is None:
        assert not any(inside(max(good)))
        return
    assert point.unsure_from < threshold
    assert inside(point.unsure_from) == inside(max(good))
    calls = point.call(found.scores)
    assert ((calls == "spam") == (found.scores >= threshold)).all()
    assert ((calls == "ham") & (found.labels == 1)).sum() == below(point.unsure_from)
    shares = measure_unsure_shares(found, point)
    assert shares["mails"] == pytest.approx(np.mean(calls == "unsure"))


@pytest.mark.parametrize("rule", ["own", "cost", "f_beta", "budget"])
@pytest.mark.parametrize("score", [0.0, 0.3, 1.0])
def test_equal_scores_are_all_called_the_same(rule: str, score: float) -> None:
    found = evaluation([0, 0, 1], [score] * 3)
    spec = ThresholdSpec(rule, None if rule == "own" else 1)
    threshold = choose_operating_point(found, spec).threshold
    assert 0 <= threshold <= 1
    assert len({*(found.scores >= threshold)}) == 1


@pytest.mark.parametrize("rule", ["own", "cost", "f_beta"])
@pytest.mark.parametrize("label", [0, 1])
def test_one_class_has_a_threshold(rule: str, label: int) -> None:
    found = evaluation([label] * 10, np.linspace(0, 1, 10))
    spec = ThresholdSpec(rule, None if rule == "own" else 2, unsure=0.1)
    point = choose_operating_point(found, spec)
    assert 0 <= point.threshold <= 1
    assert not math.isnan(measure_unsure_shares(found, point)["spam"])


@pytest.mark.parametrize("threshold", [0.0, 0.25, 1.0])
def test_by_hand_is_as_it_was_set(threshold: float) -> None:
    found = simulated(10)
    point = choose_operating_point(found, ThresholdSpec("hand", threshold, threshold / 2))
    assert point.threshold == threshold
    assert point.unsure_from == (threshold / 2 or None)
    own = choose_operating_point(found, ThresholdSpec("hand"))
    assert own.threshold == found.best_threshold()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("best",), "rule: expected one of"),
        (("own", 3), "nothing"),
        (("budget",), "budget: expected a number of ham"),
        (("budget", 0.5), "from 1 on"),
        (("budget", math.nan), "value: expected a number"),
        (("cost", 0), "above 0"),
        (("f_beta", math.inf), "value: expected a number"),
        (("hand", 1.5), "threshold: expected a number from 0 to 1"),
        (("hand", 0.5, 0.6), "not above the threshold"),
        (("cost", 9, 1.5), "unsure: expected a number from 0 to 1"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(values: tuple, words: str) -> None:
    with pytest.raises(BadSpec, match=words):
        ThresholdSpec(*values)


@pytest.mark.parametrize("values", [(), ("budget", 100, 0.01), ("cost", 9), ("hand", 0.2, 0.1)])
def test_a_rule_survives_json(values: tuple) -> None:
    spec = ThresholdSpec(*values)
    assert ThresholdSpec.from_dict(spec.to_dict()) == spec


@given(pairs)
def test_along_holds_the_figures_of_every_threshold(pairs) -> None:
    found = evaluation(*map(np.array, zip(*pairs, strict=True)))
    frame = trace_thresholds(found)
    assert frame["threshold"].is_monotonic_increasing
    for threshold in places(found):
        row = frame[frame["threshold"] >= threshold].iloc[0]
        figures = found.at(OperatingPoint(threshold))
        for name in ("precision", "recall", "hm", "sm"):
            assert row[name] == pytest.approx(getattr(figures, name), abs=1e-12), name


@pytest.mark.parametrize("n", [5_000, 200_000])
def test_along_is_thinned_without_losing_the_corners(n: int) -> None:
    found = simulated(n)
    frame = trace_thresholds(found)
    assert 300 < len(frame) <= 1000
    for threshold in np.random.default_rng(1).choice(found.scores, 200):
        row = frame[frame["threshold"] >= threshold].iloc[0]
        figures = found.at(OperatingPoint(threshold))
        lost, missed = row["hm"] * found.n_ham, row["sm"] * found.n_spam
        for shown, true in ((lost, figures.false_positives), (missed, figures.false_negatives)):
            assert shown == pytest.approx(true, abs=1e-6 if true < EXACT else 0.1 * true)


def test_every_mail_is_in_one_bin() -> None:
    found = simulated(1000)
    counts = count_scores(found)
    assert (counts["ham"].sum(), counts["spam"].sum()) == (found.n_ham, found.n_spam)
    for low, high in itertools.pairwise([*counts["low"], 1.0]):
        row = counts[counts["low"] == low].iloc[0]
        inside = (found.scores >= low) & (found.scores < high)
        assert row["ham"] == (inside & (found.labels == 0)).sum()


def test_the_calls_of_a_point() -> None:
    scores = np.array([0.1, 0.2, 0.49, 0.5, 1.0])
    called = ["ham", "unsure", "unsure", "spam", "spam"]
    assert OperatingPoint(0.5, 0.2, "").call(scores).tolist() == called
    assert "unsure" not in OperatingPoint(0.5, None, "").call(scores)
