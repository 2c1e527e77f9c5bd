"""Two runs on the same mails: what they share, how they differ, and what may be said of it."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sklearn.metrics import cohen_kappa_score

from pipeline.comparison import (
    JudgedRun,
    compare_runs,
    compute_seed_spread,
    find_common_mails,
    group_by_seed,
    pick_median_run,
    summarize_changes,
    tabulate_changes,
)
from pipeline.comparison.agreement import fuse_runs, measure_agreement
from pipeline.comparison.paired import FEWEST, Difference, correct_differences
from pipeline.comparison.verdicts import describe_verdict, write_headline
from pipeline.errors import BadData
from pipeline.evaluation import Evaluation
from pipeline.evaluation.figures import FIGURES
from pipeline.evaluation.intervals import Interval
from pipeline.evaluation.operating_point import HALF, OperatingPoint
from pipeline.specs import BlockSpec, FeatureSpec, ModelSpec, RunSpec, SplitSpec


def evaluation(labels, scores, ids=None) -> Evaluation:
    ids = tuple(ids) if ids is not None else tuple(f"m{i}" for i in range(len(labels)))
    return Evaluation("validation", ids, np.asarray(labels), np.asarray(scores, float))


def simulated(
    n: int = 600, seed: int = 0, noise: tuple[float, ...] = (0.5, 0.2)
) -> list[JudgedRun]:
    """Runs on the same mails, each with its own noise; the less, the better."""
    dice = np.random.default_rng(seed)
    labels = (dice.random(n) < 0.4).astype(int)
    hard = dice.normal(0, 0.15, n)
    return [
        JudgedRun(
            evaluation(labels, np.clip(0.25 + 0.5 * labels + hard + dice.normal(0, w, n), 0, 1)),
            HALF,
        )
        for w in noise
    ]


def pair(runs: list[JudgedRun], **more):
    (found,) = compare_runs([[runs[0]], [runs[1]]], np.arange(len(runs[0].evaluation.ids)), **more)
    return found


# which mails


def test_only_mails_that_both_have_and_that_may_be_seen() -> None:
    a = evaluation([0, 1, 0, 1], [0.1, 0.9, 0.2, 0.8], "wxyz")
    b = evaluation([1, 0, 1, 1], [0.7, 0.3, 0.6, 0.5], "zyxq")
    found = find_common_mails({"a": a, "b": b})
    assert found.ids == ("x", "y", "z")
    assert found.evaluations["b"].scores.tolist() == [0.6, 0.3, 0.7]
    assert (found.left_out, found.sealed) == (2, 0)
    found = find_common_mails({"a": a, "b": b}, {"w", "x", "y", "q"})
    assert found.ids == ("x", "y")
    assert (found.left_out, found.sealed) == (3, 1)


def test_no_mail_in_common_and_other_labels_are_refused() -> None:
    a = evaluation([0, 1], [0.1, 0.9], "ab")
    with pytest.raises(BadData, match="without a mail in common"):
        find_common_mails({"a": a, "b": evaluation([0, 1], [0.1, 0.9], "cd")})
    with pytest.raises(BadData, match="without a mail in common"):
        find_common_mails({"a": a, "b": a}, visible=())
    with pytest.raises(BadData, match="1 of 2 mails have different labels"):
        find_common_mails({"a": a, "b": evaluation([0, 0], [0.1, 0.9], "ab")})
    other = evaluation([0, 1], [0.1, 0.9], "cd")
    with pytest.raises(BadData, match="same mails"):
        compare_runs([[JudgedRun(a, HALF)], [JudgedRun(other, HALF)]], np.arange(2))


# how they differ


@given(some.data())
@settings(deadline=None, max_examples=30)
def test_fixed_and_broken_add_up(data: some.DataObject) -> None:
    n = data.draw(some.integers(1, 40))
    numbers = some.lists(some.floats(0, 1), min_size=n, max_size=n)
    labels = data.draw(some.lists(some.integers(0, 1), min_size=n, max_size=n))
    runs = [
        JudgedRun(
            evaluation(labels, data.draw(numbers)), OperatingPoint(data.draw(some.floats(0, 1)))
        )
        for _ in range(2)
    ]
    found = pair(runs, resamples=200)
    wrong = [int((~run.right).sum()) for run in runs]
    assert len(found.fixed) - len(found.broken) == wrong[0] - wrong[1]
    assert not {*found.fixed} & {*found.broken}
    assert (found.mcnemar.fixed, found.mcnemar.broken) == (len(found.fixed), len(found.broken))
    for key, one in found.differences.items():
        values = [run.evaluation.summary(run.point)[key] for run in runs]
        assert (one.a, one.b) == pytest.approx(values, nan_ok=True)
        assert describe_verdict(one, n)
        if one.verdict != "open":
            assert one.interval.low > 0 or one.interval.high < 0


def test_a_better_run_is_called_so_in_every_direction_of_better() -> None:
    found = pair(simulated())
    for key in ("accuracy", "f1", "mcc", "hm", "sm", "roc_auc", "one_minus_auc", "brier"):
        one = found.differences[key]
        assert one.verdict == "better", key
        assert (one.difference > 0) == (FIGURES[key].better > 0)
        assert one.interval.low < one.difference < one.interval.high
    turned = pair(simulated()[::-1])
    assert turned.differences["f1"].verdict == "worse"
    assert turned.fixed == found.broken
    text = describe_verdict(found.differences["f1"], found.n)
    assert text.startswith("better: +")
    assert " points of F1, 95% interval " in text


def test_the_interval_is_that_of_paired_normal_theory_for_accuracy() -> None:
    runs = simulated(1000, noise=(0.35, 0.3))
    one = pair(runs).differences["accuracy"]
    gain = runs[1].right.astype(float) - runs[0].right
    half = 1.96 * gain.std() / np.sqrt(len(gain))
    assert one.interval.low == pytest.approx(gain.mean() - half, abs=half / 8)
    assert one.interval.high == pytest.approx(gain.mean() + half, abs=half / 8)


def test_mails_needed_are_about_enough() -> None:
    one = pair(simulated(300, seed=4, noise=(0.30, 0.28))).differences["accuracy"]
    assert one.verdict == "open"
    assert one.needed is not None
    assert one.needed > 300
    text = describe_verdict(one, 300)
    assert text.startswith("no difference that these 300 mails can show; about ")
    assert text.endswith("would be needed")
    # the same mails again and again are as many new mails with the same difference
    runs = simulated(300, seed=4, noise=(0.30, 0.28))
    times = -(-one.needed // 300)
    more = [
        JudgedRun(
            evaluation(np.tile(r.evaluation.labels, times), np.tile(r.evaluation.scores, times)),
            HALF,
        )
        for r in runs
    ]
    low, high = (lambda i: (i.low, i.high))(pair(more).differences["accuracy"].interval)
    assert min(abs(low), abs(high)) < 0.25 * (high - low)


def test_copies_of_a_mail_make_nothing_surer() -> None:
    runs = simulated(200, seed=2, noise=(0.3, 0.25))
    once = pair(runs).differences["accuracy"].interval
    clusters = np.repeat(np.arange(200), 8)
    copied = [
        [
            JudgedRun(
                evaluation(np.repeat(r.evaluation.labels, 8), np.repeat(r.evaluation.scores, 8)),
                HALF,
            )
        ]
        for r in runs
    ]
    (found,) = compare_runs(copied, clusters)
    interval = found.differences["accuracy"].interval
    assert (interval.low, interval.high) == pytest.approx((once.low, once.high), abs=0.005)
    assert found.clusters == 200


def test_where_nothing_differs_no_certainty_is_claimed() -> None:
    labels = np.array([0, 1] * 150)
    runs = [
        JudgedRun(evaluation(labels, s), HALF) for s in (0.1 + 0.7 * labels, 0.1 + 0.8 * labels)
    ]
    found = pair(runs)
    accuracy = found.differences["accuracy"]
    assert accuracy.interval.how == "exact"
    assert accuracy.interval.high == pytest.approx(3 / 300, rel=0.01)
    assert found.differences["hm"].interval.high == pytest.approx(3 / 150, rel=0.02)
    assert np.isnan(found.differences["f1"].interval.high)
    assert "both runs agree on every mail" in describe_verdict(found.differences["f1"], found.n)
    assert "infinite" in describe_verdict(found.differences["tcr_9"], found.n)
    assert all(one.verdict == "open" for k, one in found.differences.items() if FIGURES[k].counted)
    assert found.mcnemar.p == 1
    assert found.differences["log_loss"].verdict == "better"


def test_a_handful_of_mails_is_no_verdict_however_sure_the_bootstrap() -> None:
    labels = np.array([0, 1] * 200)
    a = labels * 0.8 + 0.1
    for few, expected in ((FEWEST - 1, "open"), (FEWEST + 3, "better")):
        scores = a.copy()
        scores[1 : 2 * few : 2] = 0.3  # so many spam let through by the first
        found = pair([JudgedRun(evaluation(labels, s), HALF) for s in (scores, a)])
        one = found.differences["recall"]
        assert one.interval.low > 0
        assert one.verdict == expected
        assert found.differences["hm"].interval.how == "exact"  # no ham is decided otherwise
        if expected == "open":
            assert f"only {few} mails are classified differently" in describe_verdict(one, found.n)


def test_one_class_only_and_ten_mails() -> None:
    for labels in ([1] * 10, [0] * 10, [0, 1] * 5):
        scores = np.linspace(0.1, 0.9, 10)
        found = pair([JudgedRun(evaluation(labels, s), HALF) for s in (scores, scores[::-1])])
        assert all(describe_verdict(one, 10) for one in found.differences.values())
        assert found.differences["roc_auc"].verdict == "open" or len(set(labels)) == 2


# several


def test_several_comparisons_are_corrected_and_say_so() -> None:
    def one(p: float) -> dict[str, Difference]:
        interval = Interval(0.001, 0.02, "bootstrap")
        return {
            key: Difference(key, 0.9, 0.91, 0.01, interval, p, p, "better", 900) for key in FIGURES
        }

    first, second = correct_differences([one(0.03), one(0.04)])
    assert first["f1"].adjusted == pytest.approx(0.06)
    assert first["f1"].verdict == "open"
    assert "not significant after correction for 2 comparisons" in describe_verdict(
        second["f1"], 434, 2
    )
    (alone,) = correct_differences([one(0.03)])
    assert alone["f1"].verdict == "better"
    both = correct_differences([one(0.001), one(0.04)])
    assert [c["f1"].verdict for c in both] == ["better", "better"]
    assert write_headline("A", "B", alone["f1"], 434).startswith(
        "B is better than A: +1.0 points of F1"
    )


def test_a_lucky_seed_is_not_taken_for_progress() -> None:
    # every seed is as good as the baseline but for luck; the best of five alone looks better
    dice = np.random.default_rng(5)
    n = 600
    labels = (dice.random(n) < 0.4).astype(int)
    base = np.clip(0.25 + 0.5 * labels + dice.normal(0, 0.3, n), 0, 1)
    seeds = []
    for luck in (0.06, -0.05, 0.03, -0.04, 0.01):
        moved = np.clip(base + (2 * labels - 1) * luck + dice.normal(0, 0.01, n), 0, 1)
        seeds.append(JudgedRun(evaluation(labels, moved), HALF))
    start = JudgedRun(evaluation(labels, base), HALF)
    best = max(seeds, key=lambda s: s.evaluation.at(HALF).f1)
    (alone,) = compare_runs([[start], [best]], np.arange(n))
    (together,) = compare_runs([[start], seeds], np.arange(n))
    assert alone.differences["f1"].verdict == "better"
    assert together.differences["f1"].verdict == "open"
    f1 = [s.evaluation.at(HALF).f1 for s in seeds]
    assert together.differences["f1"].b == pytest.approx(np.mean(f1))
    table = compute_seed_spread(seeds)
    assert table.loc["f1", ["least", "most"]].tolist() == [min(f1), max(f1)]
    assert table.loc["f1", "deviation"] == pytest.approx(np.std(f1, ddof=1))
    assert sorted(f1)[2] == f1[pick_median_run(seeds)]


# agreement


def test_agreement_is_what_scikit_learn_and_pandas_say() -> None:
    a, b = (r.evaluation for r in simulated())
    found = measure_agreement(a, b, (OperatingPoint(0.4), OperatingPoint(0.6)))
    called = a.scores >= 0.4, b.scores >= 0.6
    assert found.kappa == pytest.approx(cohen_kappa_score(*called))
    assert found.same == np.mean(called[0] == called[1])
    ranks = pd.Series(a.scores).corr(pd.Series(b.scores), method="spearman")
    assert found.correlation == pytest.approx(ranks)
    flat = evaluation(a.labels, np.full(len(a.labels), 0.5), a.ids)
    none = measure_agreement(flat, flat, (OperatingPoint(0.6), OperatingPoint(0.6)))
    assert np.isnan([none.kappa, none.correlation]).all()


def test_fusion_of_two_noisy_runs_is_better_than_either_and_of_one_is_itself() -> None:
    a, b = (r.evaluation for r in simulated(noise=(0.3, 0.3)))
    both = fuse_runs(a, b)
    assert both.ranking["roc_auc"] > max(a.ranking["roc_auc"], b.ranking["roc_auc"])
    assert fuse_runs(a, a).scores == pytest.approx(np.clip(a.scores, 1e-6, 1 - 1e-6))


# specs


def test_only_what_differs_is_told_and_one_thing_at_a_time_is_one() -> None:
    base = RunSpec("data", model=ModelSpec("mlp", {"dropout": 0.2, "hidden": [64]}))
    other = dataclasses.replace(base, model=ModelSpec("mlp", {"dropout": 0.5, "hidden": [64]}))
    table = tabulate_changes({"one": base, "two": other})
    assert table.to_dict("index") == {"model.parameters.dropout": {"one": "0.2", "two": "0.5"}}
    assert summarize_changes(table) == ["model.parameters.dropout"]
    assert summarize_changes(tabulate_changes({"one": base, "two": base})) == []
    split = dataclasses.replace(other, split=SplitSpec(strategy="grouped", similarity=0.9))
    table = tabulate_changes({"one": base, "two": split})
    assert summarize_changes(table) == ["model.parameters.dropout", "split"]


def test_another_kind_of_model_or_a_new_block_is_one_thing() -> None:
    weights = {"class_weight": "none"}
    base = RunSpec("data", model=ModelSpec("logistic", {"C": 1.0, **weights}))
    network = RunSpec("data", model=ModelSpec("mlp", {"dropout": 0.2, **weights}))
    assert tabulate_changes({"a": base, "b": network}).index.tolist() == ["model.kind"]
    blocks = (BlockSpec("shape", {"x": 1}), *base.features.blocks)
    more = dataclasses.replace(base, features=FeatureSpec(blocks))
    table = tabulate_changes({"a": base, "b": more})
    assert table.loc["features.blocks"].tolist() == ["grams, headers", "shape, grams, headers"]
    assert summarize_changes(table) == ["features.blocks"]


def test_runs_that_differ_in_the_seed_alone_are_one() -> None:
    def spec(seed: int, dropout: float = 0.2) -> RunSpec:
        return RunSpec("data", model=ModelSpec("mlp", {"dropout": dropout}, seed))

    specs = {"a": spec(0), "b": spec(1), "c": spec(0, 0.5), "again": spec(0), "d": spec(2)}
    assert list(group_by_seed(specs).values()) == [["a", "b", "d"], ["c"]]
    pair_of = {"a": specs["a"], "b": specs["b"]}
    assert tabulate_changes(pair_of).index.tolist() == ["model.seed"]
    assert tabulate_changes(pair_of, seeds=False).empty
