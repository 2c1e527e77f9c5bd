"""Counts leaks: the copies and near-duplicates that a split has on two sides.

>>> from pipeline.specs import SplitSpec
>>> split = Split(SplitSpec(), train=("a", "b"), validation=("c",), test=("d",))
>>> pairs = Pairs(np.array([0]), np.array([2]), np.array([0.8], np.float32))  # a and c
>>> crossings = count_crossings(split, ["a", "b", "c", "d"], pairs, threshold=0.65)
>>> crossings.validation, crossings.twins
(Crossing(exact=0, near=1, mails=1), ('c',))
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.similarity.near_duplicates import Pairs, assign_clusters
from pipeline.splits import Split


@dataclass(frozen=True)
class Crossing:
    """The leaks from one side of a split to another.

    Attributes:
        exact: pairs of mails with the same words.
        near: pairs that are nearly the same; among more than 100 candidates not all pairs were
            compared.
        mails: mails of the second side that are connected, over any number of links, to a mail of
            the first.
    """

    exact: int
    near: int
    mails: int

    @property
    def pairs(self) -> int:
        return self.exact + self.near


@dataclass(frozen=True)
class Crossings:
    """The leaks of a split; for the test part only numbers, which reveal no mail and no label.

    Attributes:
        threshold: the similarity from which two mails are near-duplicates.
        validation: from train to validation.
        test: from train and validation to test.
        twins: the ids of the validation mails that have a near-duplicate in train.
    """

    threshold: float
    validation: Crossing
    test: Crossing
    twins: tuple[str, ...]


def count_crossings(split: Split, ids: Sequence[str], pairs: Pairs, threshold: float) -> Crossings:
    """Count the pairs that cross from train to validation, and from both of them to test.

    Args:
        ids: the ids of all mails, in the order that the pairs refer to.
        threshold: the similarity from which two mails are near-duplicates.
    """
    train, validation, test = (
        np.isin(np.asarray(ids, dtype=object).astype(str), np.asarray(split.ids(part), dtype=str))
        for part in ("train", "validation", "test")
    )
    same = assign_clusters(len(ids), pairs, 1.0)
    near = assign_clusters(len(ids), pairs, threshold)
    links = _find_links(same, pairs, threshold)
    twins = validation & np.isin(near, near[train])
    return Crossings(
        threshold,
        _count_between(train, validation, same, near, links),
        _count_between(train | validation, test, same, near, links),
        tuple(sorted(np.asarray(ids, dtype=object)[twins])),
    )


def _find_links(same: np.ndarray, pairs: Pairs, threshold: float) -> np.ndarray:
    """The distinct pairs of different texts that are similar enough, int64 [links, 2]."""
    enough = pairs.similarity >= np.float32(threshold)
    a, b = same[pairs.first[enough]], same[pairs.second[enough]]
    links = np.stack([np.minimum(a, b), np.maximum(a, b)], axis=1)[a != b]
    return np.unique(links, axis=0)


def _count_between(
    here: np.ndarray, there: np.ndarray, same: np.ndarray, near: np.ndarray, links: np.ndarray
) -> Crossing:
    n = int(same.max(initial=-1)) + 1
    here_of, there_of = (np.bincount(same[side], minlength=n) for side in (here, there))
    a, b = links[:, 0], links[:, 1]
    return Crossing(
        exact=int(here_of @ there_of),
        near=int(here_of[a] @ there_of[b] + here_of[b] @ there_of[a]),
        mails=int((there & np.isin(near, near[here])).sum()),
    )
