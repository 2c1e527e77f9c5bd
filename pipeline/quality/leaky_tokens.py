"""Finds words and pairs of words that occur almost only in one class.

The footer of a mailing list, the address of whoever collected the spam, the name of the mailbox's
owner: a model that reads them learns where a mail was collected, not what it is. Figures cannot
distinguish such a token from a good one ("viagra"), but a person can, so these are listed.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, hstack

from pipeline.mail.dataset import LABELS

TOKEN = r"[^\W_](?:[\w.@'+-]*\w)?"
"""Matches a word; an address, a host name or a header name is one word."""
COLUMNS = ("token", "label", "mails", "exceptions", "share", "also")

MOST_MAILS = 10_000
"""At most this many mails of each class are read; more change a share by less than a point."""
CHARACTERS = 3_000
"""Only the first 3,000 characters of each mail are read; a token further down can be missed."""
LEAST_MAILS, LEAST_SHARE = 20, 0.05
"""A token is listed if at least 20 mails and 5% of its class contain it."""
EXCEPTIONS = 0.01
"""The token's share of the other class may be at most 1% of its share of its own class: one
exception in a hundred if the classes are of equal size."""
BOUND = 0.1
"""The upper 95% bound of the share of the other class may be at most 10% of the share of its own
class, because finding no exception among a few hundred mails says little about a rare token."""
SAME = 0.8
"""Two tokens are listed together if 80% of the mails that contain either contain both."""


def find_leaky_tokens(texts: pd.Series, labels: pd.Series) -> pd.DataFrame:
    """Find the tokens that almost only one class contains, the most frequent first.

    A token is listed if at least 20 mails and 5% of one class contain it, and the other class
    contains it at most a hundredth as often (its upper Wilson bound: a tenth). Of more than 10,000
    mails per class a fixed random sample is read; case is ignored. For raw messages call it a
    second time with their headers. Takes 1 s for 3,000 mails and 3 s for 22,000.

    Args:
        texts: the text of each mail [n].
        labels: "ham" or "spam" for each mail [n].

    Returns:
        Columns token (a word or two neighbouring words), label (the class that contains it), mails
        and exceptions (mails of this class and of the other that contain it), share (of this class,
        0 to 1) and also (up to five tokens in the same mails, separated by ", "). A pair is not
        listed if one of its words is.

    >>> texts = pd.Series(["meeting at enron"] * 30 + ["cheap pills"] * 30)
    >>> labels = pd.Series(["ham"] * 30 + ["spam"] * 30)
    >>> find_leaky_tokens(texts, labels)[["token", "label", "mails", "exceptions", "also"]]
       token label  mails  exceptions            also
    0     at   ham     30           0  enron, meeting
    1  cheap  spam     30           0           pills
    """
    texts, labels = _sample(texts, labels)
    spam = labels.to_numpy() == "spam"
    if min(spam.sum(), (~spam).sum()) < LEAST_MAILS:
        return pd.DataFrame(columns=COLUMNS)
    words, X = _count(texts, re.compile(TOKEN).findall)
    frequent = _select_frequent(X, spam)
    words, X = words[frequent], X[:, frequent]
    # A pair is no more frequent than its words, so pairs of rare words need no counting. Otherwise
    # a mail of 500 words would add hundreds of pairs that no other mail contains.
    pairs, X_pairs = _count(texts, _build_pair_finder(set(words)))
    frequent = _select_frequent(X_pairs, spam)
    tokens = np.concatenate([words, pairs[frequent]])
    X = hstack([X, X_pairs[:, frequent]], format="csc")
    rows: list[dict[str, Any]] = []
    for label in LABELS:
        rows += _list_tokens(label, tokens, X, spam == (label == "spam"))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values(["share", "token"], ascending=[False, True], ignore_index=True)


def _sample(texts: pd.Series, labels: pd.Series) -> tuple[pd.Series, pd.Series]:
    """At most `MOST_MAILS` mails of each class and `CHARACTERS` of each mail."""
    dice = np.random.default_rng(0)
    rows = [np.flatnonzero(labels == label) for label in LABELS]
    rows = [
        dice.permutation(mine)[:MOST_MAILS] if len(mine) > MOST_MAILS else mine for mine in rows
    ]
    taken = np.concatenate(rows)
    return texts.iloc[taken].fillna("").str[:CHARACTERS].str.lower(), labels.iloc[taken]


def _count(
    texts: pd.Series, tokens_of: Callable[[str], Iterable[str]]
) -> tuple[np.ndarray, csr_matrix]:
    """The tokens and a matrix [mails, tokens] that is 1 where a mail contains the token."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(analyzer=tokens_of, binary=True, dtype=np.int32)
    try:
        X = counter.fit_transform(texts)
    except ValueError:  # there is not a single token
        return np.array([], dtype=object), csr_matrix((len(texts), 0), dtype=np.int32)
    return counter.get_feature_names_out(), X


def _build_pair_finder(words: set[str]) -> Callable[[str], Iterator[str]]:
    token = re.compile(TOKEN)

    def find_pairs(text: str) -> Iterator[str]:
        for first, second in pairwise(token.findall(text)):
            if first in words and second in words:
                yield f"{first} {second}"

    return find_pairs


def _select_frequent(X: csr_matrix, spam: np.ndarray) -> np.ndarray:
    """The columns of tokens that enough mails of either class contain."""
    enough = np.zeros(X.shape[1], bool)
    for of_class in (spam, ~spam):
        enough |= _sum_rows(X, of_class) >= max(LEAST_MAILS, LEAST_SHARE * of_class.sum())
    return np.flatnonzero(enough)


def _sum_rows(X: csr_matrix, rows: np.ndarray) -> np.ndarray:
    return np.asarray(X[np.flatnonzero(rows)].sum(axis=0)).ravel()


def _list_tokens(
    label: str, tokens: np.ndarray, X: csr_matrix, own: np.ndarray
) -> list[dict[str, Any]]:
    n_own, n_other = int(own.sum()), int((~own).sum())
    mails, exceptions = _sum_rows(X, own), _sum_rows(X, ~own)
    share, elsewhere = mails / n_own, exceptions / n_other
    leaky = (
        (mails >= max(LEAST_MAILS, LEAST_SHARE * n_own))
        & (elsewhere <= EXCEPTIONS * share)
        & (_compute_upper_bound(elsewhere, n_other) <= BOUND * share)
    )
    listed = set(tokens[leaky])
    rows: list[dict[str, Any]] = []
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


def _compute_upper_bound(share: np.ndarray, n: int, z: float = 1.645) -> np.ndarray:
    """Wilson's one-sided upper 95% bound of a share measured on n mails (Wilson 1927)."""
    spread = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return np.asarray((share + z * z / (2 * n) + spread) / (1 + z * z / n))
