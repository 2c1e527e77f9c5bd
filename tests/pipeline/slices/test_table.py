"""The table of slices against a plain reference, SciPy, and data whose weak slice is known."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, fisher_exact, hypergeom

from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import HALF
from pipeline.slices.table import COLUMNS, _hypergeometric, compute_slices


def world(
    spam: np.ndarray, wrong: np.ndarray, clusters: np.ndarray | None = None, **values: np.ndarray
) -> tuple[Evaluation, pd.DataFrame, pd.Series]:
    """An evaluation at 0.5 with these errors, properties, and clusters (each mail its own)."""
    ids = tuple(f"m{i}" for i in range(len(spam)))
    scores = np.where(np.asarray(wrong) != np.asarray(spam, bool), 0.9, 0.1)
    index = pd.Index(ids, name="id")
    properties = pd.DataFrame(
        {name: pd.Categorical(np.asarray(v, str)) for name, v in values.items()}, index=index
    )
    numbers = np.arange(len(ids)) if clusters is None else clusters
    return Evaluation("validation", ids, spam, scores), properties, pd.Series(numbers, index=index)


def sliced(*made: object, smallest: int = 1) -> pd.DataFrame:
    evaluation, properties, clusters = made
    return compute_slices(evaluation, HALF, properties, clusters, smallest=smallest)  # type: ignore[arg-type]


MAILS = st.lists(
    st.tuples(st.booleans(), st.booleans(), st.integers(0, 2), st.integers(0, 5)),
    min_size=1,
    max_size=60,
)


@given(MAILS)
def test_counts_and_rates_are_those_of_a_plain_count(mails: list) -> None:
    spam, wrong, value, cluster = (np.array(column) for column in zip(*mails, strict=True))
    found = sliced(*world(spam.astype(int), wrong, cluster, a=value))
    assert list(found.columns) == list(COLUMNS)
    assert sorted(found["value"]) == sorted({str(v) for v in value})
    for row in found.to_dict("records"):
        inside = value == int(row["value"])
        assert row["mails"] == inside.sum()
        assert (row["ham"], row["spam"]) == ((inside & ~spam).sum(), (inside & spam).sum())
        assert row["false_positives"] == (inside & ~spam & wrong).sum()
        assert row["false_negatives"] == (inside & spam & wrong).sum()
        assert row["error_rate"] == pytest.approx(wrong[inside].mean())
        assert row["error_low"] <= row["error_rate"] <= row["error_high"]
        for name, of in (("hm", ~spam), ("sm", spam)):
            if (inside & of).any():
                assert row[name] == pytest.approx(wrong[inside & of].mean())
                assert row[f"{name}_low"] <= row[name] <= row[f"{name}_high"]
            else:
                assert np.isnan(row[name])
                assert row["missing"] == ("no spam" if name == "sm" else "no ham")
        there = [c for c in (False, True) if (inside & (spam == c)).any()]
        there = [c for c in there if (~inside & (spam == c)).any()]
        n = sum((inside & (spam == c)).sum() for c in there)
        usual = sum(
            wrong[~inside & (spam == c)].mean() * (inside & (spam == c)).sum() for c in there
        )
        assert row["rest_rate"] == pytest.approx(usual / n if n else np.nan, nan_ok=True)


@given(MAILS)
def test_p_is_that_of_all_ways_in_which_the_errors_could_fall(mails: list) -> None:
    spam, wrong, value, _ = (np.array(column) for column in zip(*mails, strict=True))
    found = sliced(*world(spam.astype(int), wrong, a=value)).set_index("value")
    for name, row in found.iterrows():
        inside = value == int(name)
        ways = []
        for c in (False, True):
            of = spam == c
            n, k, w = of.sum(), (of & inside).sum(), (of & wrong).sum()
            ways.append([(x, hypergeom.pmf(x, n, w, k)) for x in range(k + 1)] if n else [(0, 1.0)])
        seen = (inside & wrong).sum()
        chances = [(a + b, p * q) for (a, p), (b, q) in product(*ways)]
        more = sum(p for x, p in chances if x >= seen)
        less = sum(p for x, p in chances if x <= seen)
        assert row["p"] == pytest.approx(min(1, 2 * min(more, less)), rel=1e-6)
    corrected = false_discovery_control(found["p"], method="bh")
    np.testing.assert_allclose(found["p_corrected"], corrected)


def test_one_class_is_fishers_exact_test() -> None:
    value = np.repeat([0, 1], [40, 160])
    wrong = np.isin(np.arange(200), [*range(9), *range(100, 106)])
    found = sliced(*world(np.zeros(200, int), wrong, a=value)).set_index("value")
    more = fisher_exact([[9, 31], [6, 154]], alternative="greater").pvalue
    assert found.loc["0", "p"] == pytest.approx(2 * more, rel=1e-8)
    assert found.loc["0", "missing"] == "no spam"
    assert found.loc["0", "verdict"] == ("worse than the rest: 22% of 40 ham wrong, against 3.8%")
    assert found.loc["1", "standing"] == "better"


@pytest.mark.parametrize(("n", "wrong", "inside"), [(30, 7, 11), (2000, 300, 900), (90_000, 50, 7)])
def test_the_hypergeometric_chances_are_scipys(n: int, wrong: int, inside: int) -> None:
    k = np.arange(min(wrong, inside) + 1)
    expected = hypergeom.pmf(k, n, wrong, inside)
    np.testing.assert_allclose(_hypergeometric(k, n, wrong, inside), expected, rtol=1e-7)


def test_more_spam_is_no_weakness_of_a_slice() -> None:
    """1 % of the ham and 20 % of the spam go wrong, everywhere alike."""
    spam = np.tile(np.repeat([0, 1], 100), 2)
    spam[150:200] = 0  # the first value has 50 spam, the second 100
    spam = np.concatenate([np.zeros(300, int), spam])
    value = np.where(np.arange(len(spam)) < 500, "a", "b")
    wrong = np.zeros(len(spam), bool)
    for v, c in product("ab", (0, 1)):
        of = np.flatnonzero((value == v) & (spam == c))
        wrong[of[: round(len(of) * (0.2 if c else 0.01))]] = True
    found = sliced(*world(spam, wrong, a=value)).set_index("value")
    assert found.loc["b", "error_rate"] > 2.5 * found.loc["a", "error_rate"]
    assert found.loc["b", "rest_rate"] == pytest.approx(found.loc["b", "error_rate"], rel=0.15)
    assert set(found["standing"]) == {"no difference"}
    assert found.loc["b", "verdict"] == "no difference that these 200 mails can show"


def test_a_campaign_counts_once() -> None:
    """Thirty copies of one mail that goes wrong are one error, not thirty."""
    spam, wrong = np.ones(430, int), np.arange(430) < 30
    wrong[40:44] = True
    value = np.where(np.arange(430) < 60, "a", "b")
    copies = np.where(np.arange(430) < 30, 1000, np.arange(430))
    alone = sliced(*world(spam, wrong, a=value)).set_index("value")
    together = sliced(*world(spam, wrong, copies, a=value)).set_index("value")
    assert alone.loc["a", "p"] < 1e-20
    more = fisher_exact([[5, 26], [0, 370]], alternative="greater").pvalue
    assert together.loc["a", "p"] == pytest.approx(2 * more, rel=1e-8)
    few = world(spam, wrong, np.arange(430) // 2, a=np.arange(430) % 4 < 2)
    assert set(sliced(*few)["verdict"]) >= {
        "no difference that these 214 spam (in 107 clusters) can show"
    }
    assert together.loc["a", "error_low"] < alone.loc["a", "error_low"] - 0.1


def test_a_planted_weak_slice_comes_first() -> None:
    dice = np.random.default_rng(1)
    n = 800
    spam = (dice.random(n) < 0.4).astype(int)
    domain = dice.integers(0, 12, n)
    wrong = dice.random(n) < np.where(domain == 7, 0.3, 0.01)
    others = {f"p{i}": dice.integers(0, 6, n) for i in range(6)}
    found = compute_slices(*_at_half(world(spam, wrong, domain=domain, **others)))
    first = found.iloc[0]
    assert (first["property"], first["value"], first["standing"]) == ("domain", "7", "worse")
    assert list(found["standing"]).count("worse") == 1
    assert (found["mails"] >= 20).all()


def test_by_luck_alone_hardly_any_slice_is_called_worse_or_better() -> None:
    dice, called, worlds = np.random.default_rng(3), 0, 60
    for _ in range(worlds):
        n = 300
        cluster = np.sort(dice.integers(0, 200, n))
        spam = (dice.random(200) < 0.4).astype(int)[cluster]
        wrong = (dice.random(200)[cluster]) < np.where(spam == 1, 0.15, 0.05)
        of_class = dice.random(n) < 0.2 + 0.6 * spam  # has to do with the class, not with errors
        values = {f"p{i}": dice.integers(0, 2 + i, n) for i in range(4)}
        found = compute_slices(*_at_half(world(spam, wrong, cluster, c=of_class, **values)))
        called += found["standing"].isin(["worse", "better"]).any()
    assert called / worlds <= 0.05


def _at_half(made: tuple[Evaluation, pd.DataFrame, pd.Series]) -> tuple:
    evaluation, properties, clusters = made
    return evaluation, HALF, properties, clusters


@pytest.mark.parametrize("wrong", [0.0, 1.0])
def test_all_right_and_all_wrong(wrong: float) -> None:
    spam = np.arange(100) % 3 == 0
    made = world(spam.astype(int), np.full(100, bool(wrong)), a=np.arange(100) % 2)
    found = sliced(*made)
    assert set(found["standing"]) == {"no difference"}
    assert set(found["error_rate"]) == {wrong}
    assert found["p"].eq(1).all()


def test_a_class_that_only_the_slice_has_cannot_be_compared() -> None:
    spam = np.repeat([0, 1], [50, 50])
    found = sliced(*world(spam, np.arange(100) % 10 == 0, source=spam))
    assert set(found["standing"]) == {"nothing to compare with"}
    assert found["rest_rate"].isna().all()


def test_small_slices_are_left_out_and_ten_mails_give_an_empty_table() -> None:
    made = world(np.arange(10) % 2, np.zeros(10, bool), a=np.arange(10) % 2)
    empty = compute_slices(*_at_half(made))
    assert empty.empty
    assert list(empty.columns) == list(COLUMNS)
    made = world(np.arange(40) % 2, np.zeros(40, bool), a=np.arange(40) < 19)
    assert list(compute_slices(*_at_half(made))["mails"]) == [21]


def test_no_property_gives_an_empty_table() -> None:
    evaluation, properties, clusters = world(np.arange(30) % 2, np.zeros(30, bool))
    assert compute_slices(evaluation, HALF, properties, clusters).empty


def test_many_mails_of_which_most_go_wrong_take_no_minute() -> None:
    import time

    dice, n = np.random.default_rng(0), 100_000
    made = world(dice.integers(0, 2, n), dice.random(n) < 0.4, a=dice.integers(0, 9, n))
    start = time.perf_counter()
    assert len(compute_slices(*_at_half(made))) == 9
    assert time.perf_counter() - start < 5
