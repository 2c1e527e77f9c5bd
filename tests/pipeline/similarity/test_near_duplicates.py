"""Near-duplicates against a search that compares all pairs, on generated mails."""

import itertools
import random
import re
from collections import Counter

import numpy as np
import pytest

from pipeline.similarity import near_duplicates
from pipeline.similarity.near_duplicates import DEFAULT_SIMILARITY, LOWEST_SIMILARITY, SHARED, Pairs
from tests import mails
from tests.heard import Heard


def changed(text: str, share: float, dice: random.Random, vocabulary: list[str]) -> str:
    """The text with `share` of its words replaced, left out, or followed by a new one."""
    words = text.split()
    for at in sorted(dice.sample(range(len(words)), round(share * len(words))), reverse=True):
        how = dice.randrange(3)
        if how == 0:
            words[at] = dice.choice(vocabulary)
        elif how == 1:
            del words[at]
        else:
            words.insert(at + 1, dice.choice(vocabulary))
    return " ".join(words)


def campaigns(n: int, copies: int, seed: int = 0, words: int = 60) -> tuple[list[str], list[int]]:
    """`n` texts by chance, each with `copies` of which one word in ten is changed; whose is whose.

    In random order.
    """
    dice = random.Random(seed)
    vocabulary = [f"w{i}" for i in range(2000)]
    rows = []
    for family in range(n):
        text = " ".join(dice.choices(vocabulary, k=words))
        rows.append((text, family))
        rows += [(changed(text, 0.1, dice, vocabulary), family) for _ in range(copies)]
    dice.shuffle(rows)
    return [text for text, _ in rows], [family for _, family in rows]


def every_pair(texts: list[str]) -> dict[tuple[int, int], float]:
    """The links that comparing all texts would find; the texts are different ones."""
    bags = [Counter(re.findall(r"\w+", text.lower())) for text in texts]
    found = {}
    for i, j in itertools.combinations(range(len(texts)), 2):
        both = (bags[i] & bags[j]).total()
        if both >= SHARED and both >= LOWEST_SIMILARITY * (bags[i] | bags[j]).total():
            found[i, j] = both / (bags[i] | bags[j]).total()
    return found


def partition(numbers: np.ndarray) -> set[frozenset[int]]:
    """Clusters as sets of positions."""
    return {frozenset(np.flatnonzero(numbers == c).tolist()) for c in np.unique(numbers)}


def test_finds_what_comparing_all_pairs_finds() -> None:
    texts, _ = campaigns(12, 6)
    expected = every_pair(texts)
    pairs = near_duplicates.find_near_duplicates(texts)
    found = {
        (int(i), int(j)): s
        for i, j, s in zip(pairs.first, pairs.second, pairs.similarity, strict=True)
    }
    assert set(found) <= set(expected)
    assert len(found) >= 0.99 * len(expected) > 200
    for pair, similarity in found.items():
        assert similarity == pytest.approx(expected[pair])


def test_clusters_are_the_campaigns() -> None:
    texts, families = campaigns(40, 9)
    numbers = near_duplicates.assign_clusters(
        len(texts), near_duplicates.find_near_duplicates(texts)
    )
    assert partition(numbers) == partition(np.array(families))
    assert numbers[0] == 0
    _, first = np.unique(numbers, return_index=True)
    assert (np.diff(first) > 0).all()


def test_order_of_the_texts_does_not_count() -> None:
    texts, _ = campaigns(30, 4)
    texts += texts[:20]
    order = np.random.default_rng(1).permutation(len(texts))
    here = near_duplicates.assign_clusters(len(texts), near_duplicates.find_near_duplicates(texts))
    there = near_duplicates.assign_clusters(
        len(texts), near_duplicates.find_near_duplicates([texts[i] for i in order])
    )
    moved = {frozenset(int(order[i]) for i in cluster) for cluster in partition(there)}
    assert moved == partition(here)


def test_copies_are_a_star() -> None:
    text = " ".join(f"word{i}" for i in range(30))
    pairs = near_duplicates.find_near_duplicates(["first", text, text.upper(), text + "!", text])
    assert pairs.first.tolist() == [1, 1, 1]
    assert pairs.second.tolist() == [2, 3, 4]
    assert (pairs.similarity == 1).all()


@pytest.mark.parametrize("changes", [0, 3])
def test_a_campaign_of_thousands_is_not_quadratic(changes: int) -> None:
    dice = random.Random(0)
    text = [f"word{i}" for i in range(60)]
    texts = []
    for _ in range(3000):
        words = list(text)
        for at in dice.sample(range(60), changes):
            words[at] = f"x{dice.randrange(10**6)}"
        texts.append(" ".join(words))
    pairs = near_duplicates.find_near_duplicates(texts)
    assert len(pairs.first) < 50 * len(texts)
    assert np.unique(near_duplicates.assign_clusters(len(texts), pairs)).tolist() == [0]


def test_short_texts_do_not_stick_together() -> None:
    texts = ["ok see you", "ok see you later", "see you later", "call me later", "", " ", "!!", "?"]
    numbers = near_duplicates.assign_clusters(
        len(texts), near_duplicates.find_near_duplicates(texts)
    )
    assert numbers.tolist() == [0, 1, 2, 3, 4, 4, 5, 6]


def test_scripts_without_spaces() -> None:
    one = "这封邮件通知您的账户已经被暂停请立即点击下面的链接确认"
    texts = [
        one,
        one.replace("账户", "帐号"),
        "明天下午三点在会议室开会请带上预算草案和上次的会议记录",
    ]
    numbers = near_duplicates.assign_clusters(3, near_duplicates.find_near_duplicates(texts))
    assert numbers.tolist() == [0, 0, 1]


def test_a_higher_threshold_divides_clusters() -> None:
    texts, _ = campaigns(20, 5)
    pairs = near_duplicates.find_near_duplicates(texts)
    loose = near_duplicates.assign_clusters(len(texts), pairs, LOWEST_SIMILARITY)
    tight = near_duplicates.assign_clusters(len(texts), pairs, 0.9)
    assert len(np.unique(loose)) < len(np.unique(tight))
    for cluster in partition(tight):
        assert len(np.unique(loose[list(cluster)])) == 1


def test_a_threshold_is_met_by_a_pair_of_just_that_similarity() -> None:
    seven_tenths = Pairs(np.array([0]), np.array([1]), np.array([0.7], np.float32))
    assert near_duplicates.assign_clusters(2, seven_tenths, 0.7).tolist() == [0, 0]


def test_only_the_beginning_of_a_huge_text_counts() -> None:
    huge = "\n".join(f"line {i}" for i in range(near_duplicates.CHARACTERS // 6))
    pairs = near_duplicates.find_near_duplicates([huge, huge + " and more", huge + " and others"])
    assert len(huge) > near_duplicates.CHARACTERS
    assert (pairs.first.tolist(), pairs.second.tolist()) == ([0, 0], [1, 2])


def test_nothing_to_find() -> None:
    for texts in ([], ["one mail"], ["", "a text"]):
        pairs = near_duplicates.find_near_duplicates(texts)
        assert len(pairs.first) == len(pairs.second) == len(pairs.similarity) == 0
        assert near_duplicates.assign_clusters(len(texts), pairs).tolist() == list(
            range(len(texts))
        )


def test_pairs_keep_their_types_through_a_frame() -> None:
    texts, _ = campaigns(3, 3)
    pairs = near_duplicates.find_near_duplicates(texts)
    again = Pairs.from_frame(pairs.to_frame())
    for name, kind in (("first", "int64"), ("second", "int64"), ("similarity", "float32")):
        assert getattr(again, name).dtype == getattr(pairs, name).dtype == kind
        np.testing.assert_array_equal(getattr(again, name), getattr(pairs, name))
    assert (pairs.first < pairs.second).all()


def test_reports_its_progress() -> None:
    heard = Heard()
    near_duplicates.find_near_duplicates(campaigns(10, 3)[0], heard)
    said = heard.shares
    assert said == sorted(said)
    assert said[0] >= 0
    assert said[-1] == 1


def test_text_of_a_mail_is_its_subject_and_body() -> None:
    frame = mails.mails(3)
    assert near_duplicates.join_texts(frame)[0] == frame["subject"][0] + "\n" + frame["body"][0]
    assert 0 < LOWEST_SIMILARITY <= DEFAULT_SIMILARITY < 1
