"""Finds mails with a near-duplicate in train that has the opposite label: a contradiction."""

import numpy as np

from pipeline.similarity.near_duplicates import Pairs, assign_clusters


def find_contradicting_twins(pairs: Pairs, spam: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Find for each mail the similarity of the most similar train mail with the opposite label.

    float64 [n]; 1 for the same words, 0 without such a near-duplicate.

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
    similarity = np.zeros((2, n))
    similarity[in_train] = 1.0
    a, b = copies[pairs.first], copies[pairs.second]
    for start, end in ((a, b), (b, a)):
        for label in (0, 1):
            known = in_train[label, end]
            np.maximum.at(similarity[label], start[known], pairs.similarity[known])
    opposite = 1 - spam.astype(np.int64)
    return np.asarray(similarity[opposite, copies])
