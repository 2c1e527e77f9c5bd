"""Divides the train part into k folds with the strategy of the split, for cross-validation."""

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.errors import BadData, expect, is_whole
from pipeline.mail.dataset import LABELS, Dataset
from pipeline.splits import Split, by_time, grouped, stratified
from pipeline.wording import format_count

if TYPE_CHECKING:
    from pipeline.similarity.near_duplicates import Pairs

Folds = list[tuple[tuple[str, ...], tuple[str, ...]]]
"""Per fold the ids to learn from and the ids held out, each sorted."""


def make_folds(dataset: Dataset, split: Split, k: int = 5, pairs: "Pairs | None" = None) -> Folds:
    """Divide the train mails into k folds.

    Mails that stay together in the split stay together here, and all folds have about the same
    number of mails of each class. In a split by time, each fold is held out after all older mails
    (forward chaining), and mails without a date are always learnt from.

    Args:
        dataset: contains at least the train mails of the split.
        k: the number of folds, 2 to 20.
        pairs: the near-duplicates among the mails of `dataset`, in the order of its frame; if they
            are needed and not given, they are searched for among the train mails.

    Raises:
        BadSpec: if k is out of range.
        BadData: if the mails cannot be divided into k folds.

    >>> from pipeline.specs import SplitSpec
    >>> frame = pd.DataFrame({
    ...     "id": list("abcdefgh"), "label": ["ham", "spam"] * 4, "subject": list("ABCDEFGH"),
    ...     "body": "", "sender": None, "date": pd.to_datetime([None] * 8, utc=True), "group": None,
    ... })
    >>> split = Split(SplitSpec(strategy="stratified"), tuple("abcdef"), ("g",), ("h",))
    >>> [len(held_out) for _, held_out in make_folds(Dataset("tiny", frame), split, k=3)]
    [2, 2, 2]
    """
    expect(is_whole(k) and 2 <= k <= 20, "k", "a whole number from 2 to 20", k)
    chosen = dataset.frame["id"].isin(set(split.train)).to_numpy()
    frame = dataset.frame[chosen]
    if split.spec.strategy == "time":
        return _forward(frame, k)
    if split.spec.strategy == "grouped":
        if pairs is None:
            clusters = grouped.assign_clusters(frame, split.spec)
        else:
            clusters = grouped.assign_clusters(dataset.frame, split.spec, pairs)[chosen]
    else:
        clusters = stratified.assign_clusters(frame)
    fold = _balance(frame, clusters, k, split.spec.seed)
    for number in range(k):
        for label in LABELS:
            if not (frame["label"][fold == number] == label).any():
                raise BadData(
                    f"{format_count(len(frame), 'train mail')} cannot be divided into {k} folds "
                    f"that each contain {label} mails; ask for fewer folds or add {label} mails."
                )
    return [_ids(frame, fold != number, fold == number) for number in range(k)]


def _balance(frame: pd.DataFrame, clusters: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Assign each cluster, the largest first, to the fold that needs it most."""
    clusters = np.unique(clusters, return_inverse=True)[1]
    spam = (frame["label"] == "spam").to_numpy()
    sizes = np.stack([np.bincount(clusters, ~spam), np.bincount(clusters, spam)], axis=1)
    keys = [
        stratified.hash_id(seed, str(mail_id)) for mail_id in frame["id"].groupby(clusters).min()
    ]
    share = sizes / np.maximum(1, sizes.sum(axis=0))
    filled = np.zeros((k, 2))
    fold = np.zeros(len(sizes), dtype=int)
    for cluster in sorted(range(len(sizes)), key=lambda c: (-sizes[c].sum(), keys[c])):
        # Squares grow by (f + s)^2 - f^2: the fold with the fewest mails of these classes is next.
        cost = (share[cluster] * (2 * filled + share[cluster])).sum(axis=1)
        fold[cluster] = int(np.argmin(cost))
        filled[fold[cluster]] += share[cluster]
    return fold[clusters]


def _forward(frame: pd.DataFrame, k: int) -> Folds:
    """Cut like scikit-learn's TimeSeriesSplit, but never between mails of the same moment."""
    dated = frame.dropna(subset=["date"]).sort_values("date", kind="stable")
    moments, n = dated["date"].to_numpy(), len(dated)
    if dated["date"].nunique() <= k:
        raise BadData(
            f"{k} folds by time need train mails of at least {k + 1} different dates; there are "
            f"{dated['date'].nunique():,}. Ask for fewer folds or choose another strategy."
        )
    size = n // (k + 1)
    starts = [by_time.find_cut(moments, n - (k - i) * size, 1) for i in range(k)] + [n]
    if len(set(starts)) <= k:
        raise BadData(
            f"too many train mails have the same date for {k} folds by time; ask for fewer folds "
            "or choose another strategy."
        )
    place = pd.Series(np.arange(n), index=dated.index).reindex(frame.index).fillna(-1).to_numpy()
    return [
        _ids(frame, place < start, (place >= start) & (place < end))
        for start, end in itertools.pairwise(starts)
    ]


def _ids(
    frame: pd.DataFrame, learn: np.ndarray, held: np.ndarray
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(sorted(frame["id"][learn])), tuple(sorted(frame["id"][held]))
