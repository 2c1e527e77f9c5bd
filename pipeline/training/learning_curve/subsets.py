"""Ever larger parts of the train mails, each holding the one before."""

import numpy as np
import pandas as pd

from pipeline.splits import stratified

SHARES = (0.0625, 0.125, 0.25, 0.5, 1.0)
"""The sizes as shares of the train mails; each is twice the one before."""


MOST = 0.5
"""A cluster that would make up more than half of a class in a part waits for a larger part: a part
whose spam is mostly one campaign teaches only that campaign."""


def choose_nested_parts(
    mails: pd.DataFrame, clusters: np.ndarray, seed: int = 0
) -> dict[float, np.ndarray]:
    """Choose the mails of each share of `SHARES`: bool [n], by the share; each part holds the last.

    Whole clusters are taken in the order of a keyed hash of their first id, as long as they fit:
    clusters of ham and of spam (by the majority of their mails), each up to the share of its class.

    Args:
        mails: columns id and label ("ham" or "spam").
        clusters: a number a mail; mails of one number are near-duplicates and stay together.
    """
    numbers = np.unique(np.asarray(clusters), return_inverse=True)[1]
    size = np.bincount(numbers)
    spam = np.bincount(numbers, mails["label"] == "spam") * 2 >= size
    first = mails["id"].groupby(numbers).min()
    order = sorted(range(len(size)), key=lambda c: stratified.hash_id(seed, str(first[c])))
    taken = np.zeros(len(size), bool)
    parts = {}
    for share in SHARES:
        for label in (False, True):
            mine = [c for c in order if spam[c] == label]
            want = round(share * size[mine].sum())
            room = want - size[mine][taken[mine]].sum()
            most = want if share == 1 else max(1, want * MOST)
            for cluster in mine:
                if not taken[cluster] and size[cluster] <= min(room, most):
                    taken[cluster] = True
                    room -= size[cluster]
        parts[share] = taken[numbers]
    return parts
