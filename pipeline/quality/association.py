"""Measures how strongly a column alone is associated with the label, corrected for chance.

Mutual information needs a correction: a column of unique ids "knows" every label of the mails that
it was counted on, and nothing of any other mail. Here each mail is judged only by the others (leave
one out), which needs no folds, no seed and no fitting: if n other mails have its value, k of them
spam, and q is the share of spam, then p = (k + q) / (n + 1). The information is
1 - (mean log loss of p) / (entropy of the label): 1 if the value determines the label, 0 or less if
it is worthless, as for ids.

>>> spam = np.array([True, False] * 50)
>>> measured = measure_values(pd.Series(["a", "b"] * 50), spam)
>>> round(measured.information, 2), measured.accuracy, measured.base_rate
(0.99, 1.0, 0.5)
>>> measure_values(pd.Series(range(100)), spam).information <= 0
True
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

PRIOR = 1.0
"""Each value gets this many virtual mails with the overall share of spam, which also keeps the log
loss finite."""


@dataclass(frozen=True)
class Association:
    """How strongly a column is associated with the label.

    Attributes:
        information: the share of the uncertainty about the label that the column removes
            (normalised mutual information, corrected for chance); at most 1.
        accuracy: the share of mails that get the right class from the more common label of their
            value, 0 to 1.
        base_rate: the share of the more common class, 0 to 1: the accuracy without the column.
    """

    information: float
    accuracy: float
    base_rate: float


def measure_values(values: pd.Series, spam: np.ndarray) -> Association:
    """Measure a column of values; missing counts as a value.

    Args:
        values: one per mail [n].
        spam: True or 1 for spam [n].
    """
    codes, _ = pd.factorize(values, use_na_sentinel=False)
    return measure_counts(np.bincount(codes), np.bincount(codes, weights=spam))


def measure_counts(mails: np.ndarray, spam: np.ndarray) -> Association:
    """Measure a column from the number of mails and of spam per value, both [values]."""
    n, k = mails.astype(float), spam.astype(float)
    total, of_spam = n.sum(), k.sum()
    q = of_spam / total
    base_rate = max(q, 1 - q)
    if q in (0, 1):
        return Association(0.0, base_rate, base_rate)
    # All spam of a value has the same p, and so has all ham.
    p_spam = (np.maximum(k - 1, 0) + PRIOR * q) / (np.maximum(n - 1, 0) + PRIOR)
    p_ham = (k + PRIOR * q) / (np.maximum(n - 1, 0) + PRIOR)
    p_ham = np.minimum(p_ham, 1 - 1e-12)  # unused for values without ham
    loss = -(k * np.log(p_spam) + (n - k) * np.log1p(-p_ham)).sum() / total
    entropy = -(q * np.log(q) + (1 - q) * np.log1p(-q))
    says_spam = np.where(p_spam > 0.5, k, 0) + np.where(p_ham < 0.5, n - k, 0)
    return Association(float(1 - loss / entropy), float(says_spam.sum() / total), float(base_rate))


def measure_presence(
    texts: Iterable[str], pattern: re.Pattern[str], spam: np.ndarray, least: int = 2
) -> pd.DataFrame:
    """Measure for each word whether its presence in a mail is associated with the label.

    Args:
        texts: one per mail [n].
        pattern: matches a word.
        spam: True for spam [n].
        least: words in fewer mails are left out.

    Returns:
        Columns word, ham, spam (mails that contain it), information, accuracy (`Association`); the
        words with most information first.
    """
    with_word = [Counter[str](), Counter[str]()]
    for text, is_spam in zip(texts, spam, strict=True):
        with_word[int(is_spam)].update(set(pattern.findall(text)))
    total = np.array([(~spam).sum(), spam.sum()])
    rows = []
    for word in sorted(with_word[0] | with_word[1]):
        present = np.array([with_word[0][word], with_word[1][word]])
        if present.sum() >= least:
            counts = np.stack([present, total - present])
            measured = measure_counts(counts.sum(axis=1), counts[:, 1])
            rows.append((word, *map(int, present), measured.information, measured.accuracy))
    table = pd.DataFrame(rows, columns=["word", "ham", "spam", "information", "accuracy"])
    return table.sort_values("information", ascending=False, kind="stable", ignore_index=True)
