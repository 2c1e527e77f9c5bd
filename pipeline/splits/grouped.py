"""Divides by clusters: near-duplicates (campaigns, templates, quotes) stay in one part."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.errors import BadData
from pipeline.specs import SplitSpec
from pipeline.splits import stratified

if TYPE_CHECKING:
    from pipeline.similarity.near_duplicates import Pairs

LARGEST_SHARE = 0.5
"""A cluster that would fill more than this share of a class in validation or test goes to train: a
test part that consists of one campaign measures only that campaign."""


def assign_clusters(
    frame: pd.DataFrame, spec: SplitSpec, pairs: "Pairs | None" = None
) -> np.ndarray:
    """Number the clusters, int64 [mails]: near-duplicates, exact copies, mails of one group.

    With `spec.column` ("sender" or an additional column of the file) mails with the same value
    there share a cluster too, whatever its case and outer spaces; missing values join nothing.

    Raises:
        BadData: if the column is missing.
    """
    from pipeline.similarity import near_duplicates

    if pairs is None:
        pairs = near_duplicates.find_near_duplicates(near_duplicates.join_texts(frame).tolist())
    clusters = near_duplicates.assign_clusters(len(frame), pairs, spec.similarity)
    same_text = frame.groupby(["subject", "body"], sort=False).ngroup()
    clusters = stratified.merge_clusters(clusters, same_text.astype(str))
    if frame["group"].notna().any():
        clusters = stratified.merge_clusters(clusters, frame["group"])
    if spec.column:
        clusters = stratified.merge_clusters(clusters, _read_values(frame, spec.column))
    return np.unique(clusters, return_inverse=True)[1]


def _read_values(frame: pd.DataFrame, column: str) -> pd.Series:
    name = column if column == "sender" else f"file:{column}"
    if name not in frame:
        spare = [c.removeprefix("file:") for c in frame if c.startswith("file:")]
        raise BadData(
            f"the column {column!r}, by which mails were to stay together, is not in the file; "
            f"there are sender{', ' if spare else ''}{', '.join(spare)}."
        )
    values = frame[name].astype("str").str.strip().str.lower()
    return values.where(values.fillna("") != "")


def assign_parts(frame: pd.DataFrame, spec: SplitSpec, clusters: np.ndarray) -> np.ndarray:
    """Assign whole clusters to parts, each class in about the requested shares; object [mails].

    The largest clusters are dealt first, while there is room for them. Where both sides have room,
    a keyed hash decides with probabilities proportional to the room left: each mail is equally
    likely to be tested, whatever the size of its cluster, and single mails fill the parts to the
    last place. The test part is dealt first, so that moving mails between train and validation
    unseals none.
    """
    spam = (frame["label"] == "spam").to_numpy()
    sizes = np.stack([np.bincount(clusters, ~spam), np.bincount(clusters, spam)], axis=1).astype(
        int
    )
    first = [str(mail_id) for mail_id in frame["id"].groupby(clusters).min()]
    keys = [stratified.hash_id(spec.seed, mail_id) for mail_id in first]
    dealt = sorted(range(len(sizes)), key=lambda c: (-sizes[c].sum(), keys[c]))
    total = sizes.sum(axis=0)
    test = np.maximum(1, [round(n * spec.test) for n in total])
    validation = np.maximum(1, [round(n * spec.validation) for n in total])
    part = np.full(len(sizes), "train", dtype=object)
    _deal(dealt, sizes, first, spec.seed, part, "test", test, total - test)
    rest = [c for c in dealt if part[c] == "train"]
    left = sizes[rest].sum(axis=0)
    _deal(rest, sizes, first, spec.seed, part, "validation", validation, left - validation)
    return np.asarray(part[clusters])


def _deal(
    dealt: list[int],
    sizes: np.ndarray,
    first: list[str],
    seed: int,
    part: np.ndarray,
    name: str,
    here: np.ndarray,
    there: np.ndarray,
) -> None:
    """Deal clusters to one part, up to `here` mails per class; the rest has room for `there`."""
    most = np.maximum(1, here * LARGEST_SHARE)
    here, there = here.copy(), there.copy()
    for cluster in dealt:
        size = sizes[cluster]
        fits = bool(np.all(size <= np.minimum(here, most)))
        if not fits:
            there -= size
            continue
        has = size > 0
        room, rest = int(here[has].sum()), max(0, int(there[has].sum()))
        # Not the hash that sorts the clusters: those of one size would draw ascending chances.
        chance = (
            int.from_bytes(stratified.hash_id(seed, f"{name}\x1f{first[cluster]}"), "big") / 2**64
        )
        if np.any(size > there) or chance * (room + rest) < room:
            part[cluster] = name
            here -= size
        else:
            there -= size
