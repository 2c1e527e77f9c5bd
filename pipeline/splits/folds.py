"""k folds inside train, in the way that the split was made: for curves and choices."""

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.errors import BadData, expect
from pipeline.mail.dataset import LABELS, Dataset
from pipeline.splits import Split, by_time, grouped, stratified
from pipeline.wording import counted

if TYPE_CHECKING:
    from pipeline.similarity.near_duplicates import Pairs

Folds = list[tuple[tuple[str, ...], tuple[str, ...]]]


def folds(dataset: Dataset, split: Split, k: int = 5, pairs: "Pairs | None" = None) -> Folds:
    """k pairs of ids, sorted: those to learn from and those held out, all of them train mails.

    What must stay together in the split stays together here, and each fold has about the same
    number of both classes. Of a split by time each fold is held out after everything older
    (forward chaining), and mails without a date are always learnt from.

    Args:
        dataset: with at least the train mails of the split.
        k: 2 to 20.
        pairs: near-duplicates among the mails of `dataset`, in the order of its frame; looked for
            among the train mails when they are needed and not given.

    Raises BadSpec for an impossible k, BadData when the mails cannot be divided so often.
    """
    expect(isinstance(k, int) and 2 <= k <= 20, "k", "a whole number from 2 to 20", k)
    chosen = dataset.frame["id"].isin(set(split.train)).to_numpy()
    frame = dataset.frame[chosen]
    if split.spec.strategy == "time":
        return _forward(frame, k)
    if split.spec.strategy == "grouped":
        if pairs is None:
            clusters = grouped.clusters(frame, split.spec)
        else:
            clusters = grouped.clusters(dataset.frame, split.spec, pairs)[chosen]
    else:
        clusters = stratified.clusters(frame)
    fold = _balanced(frame, clusters, k, split.spec.seed)
    for number in range(k):
        for label in LABELS:
            if not (frame["label"][fold == number] == label).any():
                raise BadData(
                    f"{counted(len(frame), 'train mail')} cannot be divided into {k} folds that "
                    f"each hold {label} mails; ask for fewer folds or add {label} mails."
                )
    return [_ids(frame, fold != number, fold == number) for number in range(k)]


def _balanced(frame: pd.DataFrame, clusters: np.ndarray, k: int, seed: int) -> np.ndarray:
    """The fold of each mail: the largest cluster first, each to where it is needed most."""
    clusters = np.unique(clusters, return_inverse=True)[1]
    spam = (frame["label"] == "spam").to_numpy()
    sizes = np.stack([np.bincount(clusters, ~spam), np.bincount(clusters, spam)], axis=1)
    keys = [stratified.order(seed, str(mail_id)) for mail_id in frame["id"].groupby(clusters).min()]
    share = sizes / np.maximum(1, sizes.sum(axis=0))
    filled = np.zeros((k, 2))
    fold = np.zeros(len(sizes), dtype=int)
    for cluster in sorted(range(len(sizes)), key=lambda c: (-sizes[c].sum(), keys[c])):
        # squares grow by (f + s)^2 - f^2, so the emptiest fold in this cluster's classes is next
        cost = (share[cluster] * (2 * filled + share[cluster])).sum(axis=1)
        fold[cluster] = int(np.argmin(cost))
        filled[fold[cluster]] += share[cluster]
    return fold[clusters]


def _forward(frame: pd.DataFrame, k: int) -> Folds:
    """As scikit-learn's TimeSeriesSplit cuts them, but never between mails of one moment."""
    dated = frame.dropna(subset=["date"]).sort_values("date", kind="stable")
    moments, n = dated["date"].to_numpy(), len(dated)
    if dated["date"].nunique() <= k:
        raise BadData(
            f"{k} folds by time need train mails of at least {k + 1} different dates; there are "
            f"{dated['date'].nunique():,}. Ask for fewer folds or divide in another way."
        )
    size = n // (k + 1)
    starts = [by_time.cut(moments, n - (k - i) * size, 1) for i in range(k)] + [n]
    if len(set(starts)) <= k:
        raise BadData(
            f"too many train mails have the same date for {k} folds by time; ask for fewer folds "
            "or divide in another way."
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
