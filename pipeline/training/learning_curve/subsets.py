"""Ever larger parts of the train mails, each holding the one before."""

import numpy as np
import pandas as pd

from pipeline.splits import stratified

SHARES = (0.0625, 0.125, 0.25, 0.5, 1.0)
"""Of the train mails; each size is twice the one before."""


MOST = 0.5
"""A cluster that would be more of a class in a part than this waits for a larger part: an eighth of
the spam that is one campaign teaches that campaign."""


def nested(mails: pd.DataFrame, clusters: np.ndarray, seed: int = 0) -> dict[float, np.ndarray]:
    """For each share of `SHARES` which of the mails belong to it: bool [n], by the share.

    Whole clusters are taken, in the order of a keyed hash of their first id, as long as they fit:
    those of ham and those of spam (by the majority of their mails) each up to the share of their
    class.

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
