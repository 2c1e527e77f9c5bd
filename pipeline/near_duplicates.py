"""Mails that are nearly the same text: campaigns, templates, quotes; found without comparing all.

How alike two mails are is the Jaccard similarity of their sets of word pairs: those that both
have, by those that either has. MinHash signatures (rensa) and banding (Broder 1997; Leskovec,
Rajaraman, Ullman, *Mining of Massive Datasets*, section 3.4) name the pairs worth comparing; each
of them is then compared exactly, so that a pair that is kept is never an estimate.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from rensa import RMinHash
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components

LOWEST = 0.4
"""Pairs less alike are not looked for."""
DEFAULT = 0.45
"""From here on two mails are of one cluster: one word in five may have changed."""

SHARED = 8
"""Word pairs that two mails must have in common; three words are alike by chance."""
WORDS = 20_000
"""Words of a mail that are compared: the first ones."""

BANDS, ROWS = 64, 3
"""A pair of similarity s is compared with probability 1 - (1 - s^3)^64: 0.985 at 0.4, 0.998 at
0.45, 0.9999 at 0.5."""
SEED = 20
CROWD = 100
"""A bucket up to this size has every pair compared; in a larger one each mail is compared with
the first and with the next, so that 10,000 copies with changes cost 10,000 comparisons a band."""
CHUNK = 2048

# scripts without spaces: each character is a word
_WORD = re.compile(r"[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]+|[\u0e00-\u9fff]")


@dataclass(frozen=True)
class Pairs:
    """Links between positions of texts, `first < second`, `similarity` in [`LOWEST`, 1].

    Enough of them to know every cluster, not every pair of a cluster: of k mails with the same
    words each later one is linked to the first only (k - 1 links of similarity 1), the first also
    stands for all of them where others are nearly the same, and in crowds of more than `CROWD`
    candidates not all are compared. Two mails of one cluster therefore need not be a pair; whoever
    counts leaks counts mails whose cluster is on both sides, or says "links".
    """

    first: np.ndarray
    second: np.ndarray
    similarity: np.ndarray

    def to_frame(self) -> pd.DataFrame:
        """Columns first, second (int64) and similarity (float32), one row a link."""
        return pd.DataFrame(
            {"first": self.first, "second": self.second, "similarity": self.similarity}
        )

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Self:
        """What `to_frame` made."""
        return cls(
            frame["first"].to_numpy(np.int64),
            frame["second"].to_numpy(np.int64),
            frame["similarity"].to_numpy(np.float32),
        )


def text_of(frame: pd.DataFrame) -> pd.Series:
    """What of each mail is compared: subject and body."""
    return frame["subject"] + "\n" + frame["body"]


def find(texts: Sequence[str], report: Callable[[float], None] | None = None) -> Pairs:
    """All links of at least `LOWEST`; `report` is told the share that is done, 0 to 1.

    The clusters that follow do not depend on the order of the texts, nor on the machine.
    """
    tell = report or (lambda share: None)
    copies, shingles, starts = _read(texts, lambda share: tell(0.6 * share))
    first, second, similarity = _alike(shingles, starts, lambda share: tell(0.6 + 0.4 * share))
    # each text is represented by its first copy
    order = np.lexsort((np.arange(len(copies)), copies))
    heads = order[np.r_[True, np.diff(copies[order]) > 0]] if len(order) else order
    later = np.setdiff1d(np.arange(len(copies)), heads)
    a, b = heads[first], heads[second]
    first = np.r_[heads[copies[later]], np.minimum(a, b)]
    second = np.r_[later, np.maximum(a, b)]
    similarity = np.r_[np.ones(len(later), np.float32), similarity]
    order = np.lexsort((second, first))
    tell(1.0)
    return Pairs(first[order], second[order], similarity[order])


def clusters(n: int, pairs: Pairs, threshold: float = DEFAULT) -> np.ndarray:
    """A number for each of `n` texts, int64 [n]: what hangs together by links has the same one.

    Numbered from 0 by the first text of each; a text without a link is a cluster by itself.
    """
    near = pairs.similarity >= np.float32(threshold)
    start, end = pairs.first[near], pairs.second[near]
    graph = coo_matrix((np.ones(len(start), bool), (start, end)), shape=(n, n))
    found = connected_components(graph, directed=False)[1]
    _, first, inverse = np.unique(found, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)


class _Hashes(dict[str, int]):
    """64 bits of a word that are the same on every machine, computed once for each word."""

    def __missing__(self, word: str) -> int:
        digest = hashlib.blake2b(word.encode(errors="replace"), digest_size=8).digest()
        self[word] = value = int.from_bytes(digest, "little")
        return value


def _read(
    texts: Sequence[str], tell: Callable[[float], None]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The number of the distinct text of each text, and the word pairs of the distinct texts.

    Distinct texts are numbered by a hash of their words: the order of the texts cannot matter.
    The pairs of text i are `shingles[starts[i]:starts[i + 1]]`, ascending, 31 bits each.
    """
    hashes = _Hashes()
    keys: list[bytes] = []
    found: dict[bytes, np.ndarray] = {}
    for done, text in enumerate(texts):
        words = [w for w, _ in zip(_WORD.findall(text.lower()), range(WORDS), strict=False)]
        hashed = np.fromiter(map(hashes.__getitem__, words), np.uint64, len(words))
        # a text without a word is compared by its signs
        content = hashed.tobytes() or " ".join(text.split()).encode(errors="replace")
        key = hashlib.blake2b(content, digest_size=16).digest()
        keys.append(key)
        if key not in found:
            found[key] = _pairs(hashed)
        if done % CHUNK == 0:
            tell(done / len(texts))
    order = sorted(found)
    number = {key: i for i, key in enumerate(order)}
    copies = np.array([number[key] for key in keys], dtype=np.int64)
    starts = np.zeros(len(order) + 1, dtype=np.int64)
    np.cumsum([len(found[key]) for key in order], out=starts[1:])
    shingles = np.concatenate([np.empty(0, np.int32), *(found.pop(key) for key in order)])
    return copies, shingles, starts


def _pairs(words: np.ndarray) -> np.ndarray:
    """The set of pairs of neighbouring words, ascending int32 of 31 bits."""
    mixed = words[:-1] * np.uint64(0x9E3779B97F4A7C15) + words[1:]
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    return np.unique((mixed >> np.uint64(33)).astype(np.int32))


def _alike(
    shingles: np.ndarray, starts: np.ndarray, tell: Callable[[float], None]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of rows that share at least `SHARED` shingles and are at least `LOWEST` alike."""
    sizes = np.diff(starts)
    rows = np.flatnonzero(sizes >= SHARED)
    signatures = _signatures(shingles, starts, rows, lambda share: tell(0.5 * share))
    candidates = _candidates(signatures)
    matrix = csr_matrix(
        (np.ones(len(shingles), np.int8), shingles, starts), shape=(len(sizes), 2**31 - 1)
    )
    kept: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for at in range(0, len(candidates), CHUNK):
        first, second = rows[candidates[at : at + CHUNK].T]
        both = matrix[first].multiply(matrix[second]).getnnz(axis=1)
        similarity = (both / (sizes[first] + sizes[second] - both)).astype(np.float32)
        near = (similarity >= np.float32(LOWEST)) & (both >= SHARED)
        kept.append((first[near], second[near], similarity[near]))
        tell(0.5 + 0.5 * at / len(candidates))
    if not kept:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
    first, second, similarity = (np.concatenate(part) for part in zip(*kept, strict=True))
    return first, second, similarity


def _signatures(
    shingles: np.ndarray, starts: np.ndarray, rows: np.ndarray, tell: Callable[[float], None]
) -> np.ndarray:
    """MinHash signatures of some rows, uint32 [rows, BANDS * ROWS]."""
    found = np.empty((len(rows), BANDS * ROWS), np.uint32)
    for at in range(0, len(rows), CHUNK):
        some = rows[at : at + CHUNK]
        tokens = [shingles[starts[i] : starts[i + 1]] for i in some]
        offsets = np.cumsum([0, *map(len, tokens)], dtype=np.uint64)
        digests = RMinHash.digest_matrix_from_flat_token_hashes(
            np.concatenate(tokens).astype(np.uint64), offsets, BANDS * ROWS, SEED
        )
        found[at : at + len(some)] = digests.to_rows()
        tell(at / len(rows))
    return found


def _candidates(signatures: np.ndarray) -> np.ndarray:
    """Pairs of rows that are equal in a whole band, int64 [m, 2], ascending."""
    n = len(signatures)
    found = [np.empty(0, np.int64)]
    for band in range(BANDS):
        part = signatures[:, band * ROWS : (band + 1) * ROWS]
        order = np.lexsort(part.T)
        new = np.any(np.diff(part[order], axis=0) != 0, axis=1)
        edges = np.flatnonzero(np.r_[True, new, True])
        for size in np.unique(np.diff(edges)):
            if size == 1:
                continue
            buckets = order[edges[:-1][np.diff(edges) == size][:, None] + np.arange(size)]
            if size <= CROWD:
                i, j = np.triu_indices(size, 1)
            else:
                i = np.r_[np.zeros(size - 1, int), np.arange(1, size - 1)]
                j = np.r_[np.arange(1, size), np.arange(2, size)]
            a, b = buckets[:, i].ravel(), buckets[:, j].ravel()
            found.append(np.minimum(a, b) * n + np.maximum(a, b))
        if sum(map(len, found)) > 20_000_000:
            found = [np.unique(np.concatenate(found))]
    pairs = np.unique(np.concatenate(found))
    return np.stack(np.divmod(pairs, max(n, 1)), axis=1)
