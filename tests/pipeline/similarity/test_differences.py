"""The table of clusters counted by hand, and differences that rebuild both texts."""

import random
import time

import numpy as np
import pandas as pd

from pipeline.similarity import differences
from pipeline.similarity.near_duplicates import Pairs

MAILS = pd.DataFrame(
    {"id": list("abcdef"), "label": ["ham", "spam", "spam", "ham", "spam", "spam"]}
)
PAIRS = Pairs(np.array([0, 1, 4]), np.array([3, 2, 5]), np.array([1.0, 0.8, 0.6], dtype=np.float32))


def test_table_counts_labels_and_puts_the_largest_first() -> None:
    bridge = Pairs(*(np.append(a, b) for a, b in zip(vars(PAIRS).values(), (0, 4, 0.7))))  # noqa: B905
    table = differences.tabulate_clusters(MAILS, bridge, 0.6)
    assert table["size"].tolist() == [4, 2]
    assert table["ham"].tolist() == [2, 0]
    assert table["spam"].tolist() == [2, 2]
    assert table["mixed"].tolist() == [True, False]
    assert table["first"].tolist() == ["a", "b"]
    largest = differences.list_members(MAILS, bridge, 0.6, int(table["cluster"][0]))
    assert largest["id"].tolist() == ["a", "d", "e", "f"]


def test_a_higher_threshold_leaves_fewer_clusters() -> None:
    sizes = [len(differences.tabulate_clusters(MAILS, PAIRS, t)) for t in (0.5, 0.7, 0.9)]
    assert sizes == [3, 2, 1]


def test_differences_name_the_words_of_each_side() -> None:
    found = differences.compare_texts("we meet on monday at ten", "we meet on friday at ten sharp")
    assert found.lines == ("  we meet on", "- monday", "+ friday", "  at ten", "+ sharp")
    assert not found.cut


def test_what_is_equal_far_from_a_change_is_left_out() -> None:
    words = [f"w{i}" for i in range(60)]
    changed = [*words[:10], "new", *words[11:50], *words[51:]]
    found = differences.compare_texts(" ".join(words), " ".join(changed))
    assert [line for line in found.lines if line[0] in "+-"] == ["- w10", "+ new", "- w50"]
    assert "  …" in found.lines
    assert not any("w30" in line for line in found.lines)


def test_the_same_words_have_no_difference() -> None:
    assert differences.compare_texts("one  mail", "one\nmail").lines == ()


def test_huge_mails_are_cut_and_compared_at_once() -> None:
    dice = random.Random(0)
    one, other = (" ".join(dice.choices("abcdefghij", k=100_000)) for _ in range(2))
    started = time.perf_counter()
    found = differences.compare_texts(one, other)
    assert found.cut
    assert time.perf_counter() - started < 10
    assert sum(map(len, found.lines)) < 50_000
