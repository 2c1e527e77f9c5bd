"""Mails with a near-duplicate in train that has the other label: a contradiction in the data."""

import numpy as np

from pipeline.similarity.near_duplicates import Pairs, assign_clusters


def other_label(pairs: Pairs, spam: np.ndarray, train: np.ndarray) -> np.ndarray:
    """How like each mail is to the train mail of the other label that is most like it.

    Only near-duplicates are known: 0 where none is, 1 for the same words, float64 [n].

    Args:
        pairs: links between the positions of n mails (`near_duplicates.find_near_duplicates`).
        spam: True for each mail labelled spam, [n].
        train: True for each mail of train, [n].
    """
    n = len(spam)
    copies = assign_clusters(n, pairs, 1.0)  # the first copy has the links of all of them
    in_train = np.zeros((2, n), bool)
    for label in (0, 1):
        in_train[label, copies[train & (spam == label)]] = True
    found = np.zeros((2, n))
    found[in_train] = 1.0
    a, b = copies[pairs.first], copies[pairs.second]
    for start, end in ((a, b), (b, a)):
        for label in (0, 1):
            known = in_train[label, end]
            np.maximum.at(found[label], start[known], pairs.similarity[known])
    other = 1 - spam.astype(np.int64)
    return found[other, copies]
