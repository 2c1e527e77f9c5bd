import numpy as np
import pytest

from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import HALF
from pipeline.evaluation.twins import compare_without_twins, drop_twins
from pipeline.similarity.near_duplicates import Pairs
from pipeline.specs import SplitSpec
from pipeline.splits import Split
from pipeline.splits.crossing import Crossing, count_crossings

SPLIT = Split(SplitSpec(), ("a", "b", "c"), ("d", "e"), ("f", "g"))
IDS = list("gfedcba")  # their order in the data is not that of the split


def pairs(*links: tuple[str, str, float]) -> Pairs:
    places = [(*sorted((IDS.index(a), IDS.index(b))), s) for a, b, s in links]
    first, second, similarity = zip(*sorted(places), strict=True)
    return Pairs(np.array(first), np.array(second), np.array(similarity, dtype=np.float32))


def test_pairs_within_a_part_do_not_cross() -> None:
    found = count_crossings(
        SPLIT, IDS, pairs(("a", "b", 1), ("d", "e", 0.7), ("f", "g", 0.5)), 0.45
    )
    assert found.validation == found.test == Crossing(0, 0, 0)
    assert found.twins == ()


def test_every_pair_of_copies_is_counted_though_only_links_are_known() -> None:
    # g, the first in the data, stands for the copies f, d, a and b
    same = [("g", x, 1.0) for x in "fdab"]
    found = count_crossings(SPLIT, IDS, pairs(*same), 0.45)
    assert found.validation == Crossing(2, 0, 1)  # a-d, b-d
    assert found.test == Crossing(6, 0, 2)  # a, b and d with f and g
    assert found.twins == ("d",)


def test_what_is_like_one_copy_is_like_all_of_them() -> None:
    found = count_crossings(
        SPLIT, IDS, pairs(("b", "a", 1.0), ("e", "b", 0.6), ("g", "c", 0.42)), 0.45
    )
    assert found.validation == Crossing(0, 2, 1)
    assert found.twins == ("e",)
    assert found.test == Crossing(0, 0, 0)
    lower = count_crossings(
        SPLIT, IDS, pairs(("b", "a", 1.0), ("e", "b", 0.6), ("g", "c", 0.42)), 0.4
    )
    assert lower.test == Crossing(0, 1, 1)


def test_a_score_is_told_with_and_without_the_twins() -> None:
    labels, scores = np.array([1, 1, 0, 0]), np.array([0.9, 0.2, 0.1, 0.8])
    evaluation = Evaluation("validation", ("a", "b", "c", "d"), labels, scores)
    assert drop_twins(evaluation, ["a", "x"]).ids == ("b", "c", "d")
    found = compare_without_twins(evaluation, ["a", "c"], HALF)
    assert found["with"] == {"f1": 0.5, "recall": 0.5, "one_minus_auc": 0.25, "mails": 4}
    assert (found["without"]["f1"], found["without"]["mails"]) == (0, 2)
    assert found["without"]["one_minus_auc"] == 1
    alone = compare_without_twins(evaluation, ["a", "b"], HALF)["without"]["one_minus_auc"]
    assert alone != pytest.approx(alone)  # no spam is left to rank
