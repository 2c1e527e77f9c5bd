"""Ever larger parts of the train mails, each holding the one before."""

import numpy as np
import pandas as pd

from pipeline.splits import stratified

SHARES = (0.0625, 0.125, 0.25, 0.5, 1.0)
"""Of the train mails; each size is twice the one before."""


def nested(mails: pd.DataFrame, clusters: np.ndarray, seed: int = 0) -> dict[float, np.ndarray]:
    """For each share of `SHARES` which of the mails belong to it: bool [n], by the share.

    Whole clusters are taken, in the order of a keyed hash of their first id, those of ham and those
    of spam (by the majority of their mails) each up to the share. A cluster that reaches beyond it
    is taken when at least half of it fits, so that one large campaign is not all of a small part.

    Args:
        mails: columns id and label ("ham" or "spam").
        clusters: a number a mail; mails of one number are near-duplicates and stay together.
    """
    numbers = np.unique(np.asarray(clusters), return_inverse=True)[1]
    spam = (mails["label"] == "spam").to_numpy()
    size = np.bincount(numbers)
    mostly_spam = np.bincount(numbers, spam) * 2 >= size
    first = mails["id"].groupby(numbers).min()
    order = np.argsort([stratified.order(seed, str(mail_id)) for mail_id in first])
    middle = np.empty(len(size))  # where the middle of a cluster lies, as a share of its class
    for label in (False, True):
        mine = order[mostly_spam[order] == label]
        ends = size[mine].cumsum()
        middle[mine] = (ends - size[mine] / 2) / max(1, size[mine].sum())
    return {share: (middle <= share)[numbers] for share in SHARES}
