"""Parts of train hold one another, keep clusters whole and both classes in proportion."""

from itertools import pairwise

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as some

from pipeline.training.learning_curve import SHARES, choose_nested_parts


def mails(ham: int, spam: int) -> pd.DataFrame:
    labels = ["ham"] * ham + ["spam"] * spam
    return pd.DataFrame({"id": [f"m{i}" for i in range(len(labels))], "label": labels})


@given(
    some.lists(some.tuples(some.booleans(), some.integers(0, 12)), min_size=1, max_size=60),
    some.integers(0, 3),
)
def test_each_part_holds_the_one_before_and_clusters_are_whole(
    drawn: list[tuple[bool, int]], seed: int
) -> None:
    frame = pd.DataFrame(
        {
            "id": [f"m{i}" for i in range(len(drawn))],
            "label": ["spam" if spam else "ham" for spam, _ in drawn],
        }
    )
    clusters = np.array([cluster for _, cluster in drawn])
    parts = list(choose_nested_parts(frame, clusters, seed).values())
    for smaller, larger in pairwise(parts):
        assert not (smaller & ~larger).any()
    assert parts[-1].all()
    for part in parts:
        assert not set(clusters[part]) & set(clusters[~part])


def test_single_mails_are_taken_by_share_from_both_classes() -> None:
    frame = mails(800, 160)
    for share, part in choose_nested_parts(frame, np.arange(960)).items():
        counts = frame["label"][part].value_counts()
        assert (counts["ham"], counts["spam"]) == (800 * share, 160 * share)


def test_a_large_campaign_is_not_all_of_a_small_part() -> None:
    frame = mails(200, 200)
    clusters = np.arange(400)
    clusters[200:300] = 1000  # half of the spam is one campaign
    for seed in range(20):
        parts = choose_nested_parts(frame, clusters, seed)
        for share in (0.0625, 0.125):
            assert not parts[share][200:300].any()
            assert parts[share][300:].any()


def test_the_seed_decides_and_the_order_of_the_rows_does_not() -> None:
    frame = mails(100, 100)
    clusters = np.arange(200) // 2
    first = choose_nested_parts(frame, clusters, seed=1)
    turned = frame.iloc[::-1].reset_index(drop=True)
    again = choose_nested_parts(turned, clusters[::-1], seed=1)
    other = choose_nested_parts(frame, clusters, seed=2)
    for share in SHARES[:-1]:
        chosen = set(frame["id"][first[share]])
        assert chosen == set(turned["id"][again[share]])
        assert chosen != set(frame["id"][other[share]])
