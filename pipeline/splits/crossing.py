"""The proof of no leak: how many copies and near-duplicates a split has on two sides."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.similarity.near_duplicates import Pairs, clusters
from pipeline.splits import Split


@dataclass(frozen=True)
class Crossing:
    """From one side of a split to another.

    `exact` counts pairs of mails with the same words, `near` pairs that are nearly the same (in
    crowds of over 100 candidates not every pair was compared), `mails` the mails of the second
    side that hang together, over however many steps, with one of the first.
    """

    exact: int
    near: int
    mails: int

    @property
    def pairs(self) -> int:
        return self.exact + self.near


@dataclass(frozen=True)
class Crossings:
    """The leaks of a split at a similarity; numbers only, which tell of no mail and no label.

    `twins` are the ids of the validation mails that have a twin in train.
    """

    threshold: float
    validation: Crossing
    test: Crossing
    twins: tuple[str, ...]


def count(split: Split, ids: Sequence[str], pairs: Pairs, threshold: float) -> Crossings:
    """Pairs that cross from train to validation, and from train and validation to test.

    Args:
        ids: of all mails, in the order that the pairs go by.
        threshold: the similarity from which two mails are near-duplicates.
    """
    train, validation, test = (
        np.isin(np.asarray(ids, dtype=object).astype(str), np.asarray(split.ids(part), dtype=str))
        for part in ("train", "validation", "test")
    )
    same = clusters(len(ids), pairs, 1.0)
    near = clusters(len(ids), pairs, threshold)
    links = _links(same, pairs, threshold)
    twins = validation & np.isin(near, near[train])
    return Crossings(
        threshold,
        _count(train, validation, same, near, links),
        _count(train | validation, test, same, near, links),
        tuple(sorted(np.asarray(ids, dtype=object)[twins])),
    )


def _links(same: np.ndarray, pairs: Pairs, threshold: float) -> np.ndarray:
    """Pairs of different texts that are near enough, each once, int64 [m, 2]."""
    enough = pairs.similarity >= np.float32(threshold)
    a, b = same[pairs.first[enough]], same[pairs.second[enough]]
    found = np.stack([np.minimum(a, b), np.maximum(a, b)], axis=1)[a != b]
    return np.unique(found, axis=0)


def _count(
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
