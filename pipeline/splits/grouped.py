"""No two near-duplicates on two sides: campaigns, templates and quotes stay whole."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.errors import BadData
from pipeline.specs import SplitSpec
from pipeline.splits import stratified

if TYPE_CHECKING:
    from pipeline.similarity.near_duplicates import Pairs

MOST = 0.5
"""A cluster that would fill more of a class's wish than this goes to train: a test part that is
one campaign measures that campaign."""


def clusters(frame: pd.DataFrame, spec: SplitSpec, pairs: "Pairs | None" = None) -> np.ndarray:
    """A number a mail; equal for near-duplicates, exact copies and mails of one group.

    With `spec.column` also for mails with the same value there ("sender", or a spare column of
    the file); case and outer spaces do not count, and no value joins nothing.
    """
    from pipeline.similarity import near_duplicates

    if pairs is None:
        pairs = near_duplicates.find(near_duplicates.text_of(frame).tolist())
    found = near_duplicates.clusters(len(frame), pairs, spec.similarity)
    same_text = frame.groupby(["subject", "body"], sort=False).ngroup()
    found = stratified.join(found, same_text.astype(str))
    if frame["group"].notna().any():
        found = stratified.join(found, frame["group"])
    if spec.column:
        found = stratified.join(found, _values(frame, spec.column))
    return np.unique(found, return_inverse=True)[1]


def _values(frame: pd.DataFrame, column: str) -> pd.Series:
    name = column if column == "sender" else f"file:{column}"
    if name not in frame:
        spare = [c.removeprefix("file:") for c in frame if c.startswith("file:")]
        raise BadData(
            f"the column {column!r}, whose mails were to stay together, is not in the file; "
            f"there are sender{', ' if spare else ''}{', '.join(spare)}."
        )
    values = frame[name].astype("str").str.strip().str.lower()
    return values.where(values.fillna("") != "")


def parts(frame: pd.DataFrame, spec: SplitSpec, found: np.ndarray) -> np.ndarray:
    """The part of each mail: whole clusters, and of each class about the wished share.

    The largest clusters are dealt first, while there is room for them. Where two sides have room,
    a keyed hash decides with chances that go by the room that is left: each mail has the same
    chance to be tested, whatever the size of its cluster, and single mails fill the parts to the
    last place. The test part is dealt before the others, so that moving mails between train and
    validation unseals none.
    """
    spam = (frame["label"] == "spam").to_numpy()
    sizes = np.stack([np.bincount(found, ~spam), np.bincount(found, spam)], axis=1).astype(int)
    first = [str(mail_id) for mail_id in frame["id"].groupby(found).min()]
    keys = [stratified.order(spec.seed, mail_id) for mail_id in first]
    dealt = sorted(range(len(sizes)), key=lambda c: (-sizes[c].sum(), keys[c]))
    total = sizes.sum(axis=0)
    test = np.maximum(1, [round(n * spec.test) for n in total])
    validation = np.maximum(1, [round(n * spec.validation) for n in total])
    part = np.full(len(sizes), "train", dtype=object)
    _deal(dealt, sizes, first, spec.seed, part, "test", test, total - test)
    rest = [c for c in dealt if part[c] == "train"]
    left = sizes[rest].sum(axis=0)
    _deal(rest, sizes, first, spec.seed, part, "validation", validation, left - validation)
    return part[found]


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
    """Fill one part by class up to `here`, the rest up to `there`, cluster by cluster."""
    most = np.maximum(1, here * MOST)
    here, there = here.copy(), there.copy()
    for cluster in dealt:
        size = sizes[cluster]
        fits = bool(np.all(size <= np.minimum(here, most)))
        if not fits:
            there -= size
            continue
        has = size > 0
        room, other = int(here[has].sum()), max(0, int(there[has].sum()))
        # not the hash of the order: clusters of one size would meet their chances ascending
        chance = (
            int.from_bytes(stratified.order(seed, f"{name}\x1f{first[cluster]}"), "big") / 2**64
        )
        if np.any(size > there) or chance * (room + other) < room:
            part[cluster] = name
            here -= size
        else:
            there -= size
