"""How much a column alone tells of the label, corrected for chance.

Mutual information has to be corrected: a column of ids, each there once, "knows" every label of
the mails that it was counted on and nothing of any other mail. Here each mail is judged by the
others only (leave one out), which needs no folds, no seed and no fitting: with n mails of its
value, k of them spam, the mail itself not counted, and q the share of spam,
p = (k + q) / (n + 1). Told is 1 - (mean log loss of p) / (entropy of the label): 1 when the value
settles the label, 0 or less when it is worth nothing, as for ids.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

PRIOR = 1.0
"""Mails at the share of spam that stand behind each value; also keeps a log loss finite."""


@dataclass(frozen=True)
class Telling:
    """What a column tells of the label, as shares from 0 to 1.

    `told` is the part of the uncertainty about the label that it removes (normalised mutual
    information, corrected for chance); `right` the mails put into the right class by the more
    common label of their value, `guess` those right without the column.
    """

    told: float
    right: float
    guess: float


def of_values(values: pd.Series, spam: np.ndarray) -> Telling:
    """What a column of words tells; a missing value counts as a value.

    Args:
        values: one a mail.
        spam: True or 1 for spam, one a mail.
    """
    codes, _ = pd.factorize(values, use_na_sentinel=False)
    return of_counts(np.bincount(codes), np.bincount(codes, weights=spam))


def of_counts(mails: np.ndarray, spam: np.ndarray) -> Telling:
    """What a column tells of which, by value, the number of mails and of spam are known."""
    n, k = mails.astype(float), spam.astype(float)
    total, of_spam = n.sum(), k.sum()
    q = of_spam / total
    guess = max(q, 1 - q)
    if q in (0, 1):
        return Telling(0.0, guess, guess)
    # every spam of a value has the same p, and every ham
    p_spam = (np.maximum(k - 1, 0) + PRIOR * q) / (np.maximum(n - 1, 0) + PRIOR)
    p_ham = (k + PRIOR * q) / (np.maximum(n - 1, 0) + PRIOR)
    p_ham = np.minimum(p_ham, 1 - 1e-12)  # of values without ham, where it is not used
    loss = -(k * np.log(p_spam) + (n - k) * np.log1p(-p_ham)).sum() / total
    entropy = -(q * np.log(q) + (1 - q) * np.log1p(-q))
    says_spam = np.where(p_spam > 0.5, k, 0) + np.where(p_ham < 0.5, n - k, 0)
    return Telling(float(1 - loss / entropy), float(says_spam.sum() / total), float(guess))


def of_presence(
    texts: Iterable[str], pattern: re.Pattern[str], spam: np.ndarray, least: int = 2
) -> pd.DataFrame:
    """What it tells whether a word is in a mail, word by word.

    Args:
        texts: one a mail.
        pattern: what a word is.
        spam: True for spam, one a mail.
        least: words of fewer mails are left out.

    Returns:
        DataFrame: columns word, ham, spam (mails with it), told, right; the most telling first.
    """
    with_word = [Counter[str](), Counter[str]()]
    for text, is_spam in zip(texts, spam, strict=True):
        with_word[int(is_spam)].update(set(pattern.findall(text)))
    total = np.array([(~spam).sum(), spam.sum()])
    rows = []
    for word in sorted(with_word[0] | with_word[1]):
        there = np.array([with_word[0][word], with_word[1][word]])
        if there.sum() >= least:
            both = np.stack([there, total - there])
            found = of_counts(both.sum(axis=1), both[:, 1])
            rows.append((word, *map(int, there), found.told, found.right))
    table = pd.DataFrame(rows, columns=["word", "ham", "spam", "told", "right"])
    return table.sort_values("told", ascending=False, kind="stable", ignore_index=True)
