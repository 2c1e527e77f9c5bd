"""Words and pairs of words that give a class away with almost no exception.

A footer of one mailing list, the address of the one who collected the spam, the name of the owner
of the mailbox: a model that reads them tells where a mail was collected and not what it is. Numbers
cannot tell such a token from a good word ("viagra"); a person can, so these are to be looked at.
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, hstack

from pipeline.mail.dataset import LABELS

TOKEN = r"[^\W_](?:[\w.@'+-]*\w)?"
"""A word; an address, a host name or the name of a header is one word."""
COLUMNS = ("token", "label", "mails", "exceptions", "share", "also")

MOST = 10_000
"""Mails of each class that are looked at; more change a share by less than one point."""
CHARACTERS = 3_000
"""Read of each mail; a token that stands further down can be missed."""
LEAST_MAILS, LEAST_SHARE = 20, 0.05
EXCEPTIONS = 0.01
"""The share of the other class that has the token, as a part of the share of its own class: at most
one exception in a hundred if both classes were of one size."""
BOUND = 0.1
"""The same with the upper 95 % bound of the other class: that none of a few hundred mails has a
token says little about a token that few mails have."""
SAME = 0.8
"""Two tokens are told as one when this share of the mails that have either have both."""


def find(texts: pd.Series, labels: pd.Series) -> pd.DataFrame:
    """The tokens that almost only one class has, those that most of it has first.

    A token is listed when at least 20 mails and 5 % of one class have it and the other class has
    it at most a hundredth as often (its upper Wilson bound: a tenth). On more than 10,000 mails of
    a class a sample of 10,000, by chance but always the same; of each mail the first 3,000
    characters; upper and lower case alike. For raw messages call it a second time with their
    headers. 1 s on 3,000 mails, 3 s on 22,000.

    Args:
        texts: what is read of each mail, of shape (mails,).
        labels: "ham" or "spam" of each mail.

    Returns:
        Columns token (a word, or two that follow each other), label (the class that has it), mails
        and exceptions (how many of this class and of the other one have it), share (of this class,
        0 to 1) and also (up to five tokens that the same mails have, separated by ", "). A pair is
        not listed when one of its words is.
    """
    texts, labels = _sample(texts, labels)
    spam = labels.to_numpy() == "spam"
    if min(spam.sum(), (~spam).sum()) < LEAST_MAILS:
        return pd.DataFrame(columns=COLUMNS)
    words, X = _count(texts, re.compile(TOKEN).findall)
    often = _often(X, spam)
    words, X = words[often], X[:, often]
    # a pair is no more frequent than its words, so the pairs of rare words need no counting:
    # without this a mail of 500 words adds hundreds of pairs that no other mail has
    pairs, X_pairs = _count(texts, _pairs_of(set(words)))
    often = _often(X_pairs, spam)
    tokens, X = np.concatenate([words, pairs[often]]), hstack([X, X_pairs[:, often]], format="csc")
    rows: list[dict] = []
    for label in LABELS:
        rows += _of_class(label, tokens, X, spam == (label == "spam"))
    found = pd.DataFrame(rows, columns=COLUMNS)
    return found.sort_values(["share", "token"], ascending=[False, True], ignore_index=True)


def _sample(texts: pd.Series, labels: pd.Series) -> tuple[pd.Series, pd.Series]:
    """At most `MOST` mails of each class and `CHARACTERS` of each mail."""
    dice = np.random.default_rng(0)
    rows = [np.flatnonzero(labels == label) for label in LABELS]
    rows = [dice.permutation(mine)[:MOST] if len(mine) > MOST else mine for mine in rows]
    taken = np.concatenate(rows)
    return texts.iloc[taken].fillna("").str[:CHARACTERS].str.lower(), labels.iloc[taken]


def _count(texts: pd.Series, tokens_of: Callable) -> tuple[np.ndarray, csr_matrix]:
    """The tokens found and a matrix of shape (mails, tokens), 1 where a mail has the token."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(analyzer=tokens_of, binary=True, dtype=np.int32)
    try:
        X = counter.fit_transform(texts)
    except ValueError:  # not one token in all mails
        return np.array([], dtype=object), csr_matrix((len(texts), 0), dtype=np.int32)
    return counter.get_feature_names_out(), X


def _pairs_of(words: set[str]) -> Callable[[str], Iterator[str]]:
    token = re.compile(TOKEN)

    def pairs(text: str) -> Iterator[str]:
        found = token.findall(text)
        for first, second in pairwise(found):
            if first in words and second in words:
                yield f"{first} {second}"

    return pairs


def _often(X: csr_matrix, spam: np.ndarray) -> np.ndarray:
    """The columns that enough mails of either class have."""
    enough = np.zeros(X.shape[1], bool)
    for mine in (spam, ~spam):
        enough |= _sums(X, mine) >= max(LEAST_MAILS, LEAST_SHARE * mine.sum())
    return np.flatnonzero(enough)


def _sums(X: csr_matrix, rows: np.ndarray) -> np.ndarray:
    return np.asarray(X[np.flatnonzero(rows)].sum(axis=0)).ravel()


def _of_class(label: str, tokens: np.ndarray, X: csr_matrix, own: np.ndarray) -> list[dict]:
    n_own, n_other = int(own.sum()), int((~own).sum())
    mails, exceptions = _sums(X, own), _sums(X, ~own)
    share, elsewhere = mails / n_own, exceptions / n_other
    leaky = (
        (mails >= max(LEAST_MAILS, LEAST_SHARE * n_own))
        & (elsewhere <= EXCEPTIONS * share)
        & (_upper(elsewhere, n_other) <= BOUND * share)
    )
    listed = set(tokens[leaky])
    rows: list[dict] = []
    kept: list[np.ndarray] = []
    for i in sorted(np.flatnonzero(leaky), key=lambda i: (-mails[i], tokens[i])):
        if " " in tokens[i] and not listed.isdisjoint(tokens[i].split(" ")):
            continue
        has = X[:, [i]].toarray().ravel() > 0
        same = [j for j, h in enumerate(kept) if (has & h).sum() >= SAME * (has | h).sum()]
        if same:
            also = rows[same[0]]["also"]
            also += [tokens[i]] if len(also) < 5 else []
            continue
        kept.append(has)
        counts = {"mails": int(mails[i]), "exceptions": int(exceptions[i])}
        rows.append(
            {"token": tokens[i], "label": label, **counts, "share": float(share[i]), "also": []}
        )
    return [{**row, "also": ", ".join(row["also"])} for row in rows]


def _upper(share: np.ndarray, n: int, z: float = 1.645) -> np.ndarray:
    """Wilson's upper 95 % bound of a share seen on n mails (Wilson 1927; one-sided)."""
    spread = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (share + z * z / (2 * n) + spread) / (1 + z * z / n)
