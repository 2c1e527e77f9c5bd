"""Test against validation: the interval of the difference, and the words for it."""

import numpy as np
import pytest

from pipeline.evaluation import Evaluation
from pipeline.evaluation.intervals import Interval, compute_counted_replicates, compute_intervals
from pipeline.evaluation.operating_point import HALF
from pipeline.evaluation.resampling import Resamples
from pipeline.reports import agreement


def part(name: str, seed: int, n: int = 600, spread: float = 0.22) -> Evaluation:
    random = np.random.default_rng(seed)
    labels = (np.arange(n) % 3 == 0).astype(np.int8)
    scores = np.clip(0.25 + 0.5 * labels + random.normal(0, spread, n), 0, 1)
    return Evaluation(name, tuple(map(str, range(n))), labels, scores)


def compared(validation: Evaluation, test: Evaluation) -> dict[str, agreement.Agreement]:
    summaries = [e.summary(HALF) for e in (validation, test)]
    sure = [
        compute_intervals(e, HALF, Resamples(np.arange(len(e.ids)))) for e in (validation, test)
    ]
    return {a.figure: a for a in agreement.compare_parts(*summaries, *sure)}


def test_the_interval_is_that_of_subtracted_replicates() -> None:
    validation, test = part("validation", 1), part("test", 2)
    drawn = [
        compute_counted_replicates(e, HALF, Resamples(np.arange(len(e.ids)), seed=seed))
        for seed, e in enumerate((validation, test))
    ]
    found = compared(validation, test)
    for name in ("f1", "mcc", "recall", "precision"):
        low, high = np.quantile(drawn[1][name] - drawn[0][name], [0.025, 0.975])
        assert found[name].low == pytest.approx(low, abs=0.15 * (high - low)), name
        assert found[name].high == pytest.approx(high, abs=0.15 * (high - low)), name


def test_parts_of_one_kind_agree_and_a_worse_one_does_not() -> None:
    same = compared(part("validation", 1), part("test", 2))["f1"]
    assert same.verdict == "agrees"
    assert same.low < 0 < same.high
    worse = compared(part("validation", 1, spread=0.1), part("test", 2, spread=0.4))
    assert {worse[name].verdict for name in ("f1", "hm", "recall", "roc_auc")} == {"worse"}
    assert worse["hm"].low > 0  # more ham lost is worse
    better = compared(part("validation", 1, spread=0.4), part("test", 2, spread=0.1))
    assert {better[name].verdict for name in ("f1", "hm", "recall")} == {"better"}


def test_no_error_on_one_part_makes_no_certain_difference() -> None:
    perfect, nearly = part("validation", 1, 60, 0.01), part("test", 2, 60, 0.01)
    scores = nearly.scores.copy()
    scores[0] = 0.1  # one spam is missed
    nearly = Evaluation("test", nearly.ids, nearly.labels, scores)
    assert compared(perfect, nearly)["recall"].verdict == "agrees"


def test_what_has_no_interval_has_no_verdict() -> None:
    nothing = {"f1": Interval(np.nan, np.nan, "none", "too few")}
    (found,) = agreement.compare_parts({"f1": 0.9}, {"f1": 0.5}, nothing, nothing)
    assert found.verdict == "unknown"
    assert "Too few mails" in agreement.describe_agreement(found, nothing["f1"], nothing["f1"])


def test_the_sentence_says_both_figures_and_what_to_believe() -> None:
    sure = {"f1": Interval(0.93, 0.98, "bootstrap")}
    before = {"f1": Interval(0.95, 0.985, "bootstrap")}
    (found,) = agreement.compare_parts({"f1": 0.969}, {"f1": 0.957}, before, sure)
    said = agreement.describe_agreement(found, before["f1"], sure["f1"])
    assert said.startswith("Test F1 0.9570 (0.93")
    assert "agrees with validation, 0.9690" in said
    low = {"f1": Interval(0.80, 0.90, "bootstrap")}
    (found,) = agreement.compare_parts({"f1": 0.969}, {"f1": 0.85}, before, low)
    assert "believe the test" in agreement.describe_agreement(found, before["f1"], low["f1"])
