"""Mails that are nearly the same text: campaigns, templates, quotes; found without comparing all.

How alike two mails are is the share of their words that they have in common, each word counted as
often as it occurs: min(a, b) summed over all words, by max(a, b) summed (the Jaccard similarity of
multisets), lower case, without signs. Which pairs are worth comparing is told by MinHash signatures
(rensa) of their pairs of neighbouring words, cut into bands (Broder 1997; Leskovec, Rajaraman and
Ullman, *Mining of Massive Datasets*, section 3.4): unrelated mails share many words but hardly a
pair of neighbours. Each such pair of mails is then compared exactly, so what is kept is never an
estimate.
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

LOWEST = 0.5
"""Pairs less alike are not looked for."""
DEFAULT = 0.65
"""From here on two mails are of one cluster: one word in five may have changed."""

SHARED = 8
"""Words that two mails must have in common unless they are copies; a text of three words is like
another by chance."""
CHARACTERS = 200_000
"""Characters of a text that are compared: the first ones."""

BANDS, ROWS = 128, 3
"""A pair of mails that share s of their word pairs is compared with probability 1 - (1 - s^3)^128:
0.64 at 0.2, 0.97 at 0.3, 0.9997 at 0.4. One word in five changed leaves 0.4 to 0.6."""
SEED = 20
WINDOW = 4
"""Within a bucket each mail is compared with the first and with the next so many; the mails stand
in the order of their next band, so that the most alike tend to be neighbours."""
ENOUGH = 20
"""Links after which two mails are no longer compared with each other: 10,000 variants of one mail
need not know each other."""
ROUND = 4
"""Bands after which that is looked at."""
CHUNK = 2048
"""Texts, or pairs of texts, that are worked on at a time."""

# scripts without spaces: each character is a word
_WORD = re.compile(r"[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]+|[\u0e00-\u0eff\u3040-\u9fff]")


@dataclass(frozen=True)
class Pairs:
    """Links between positions of texts: `first < second`, `similarity` in [`LOWEST`, 1].

    Enough links to know every cluster, not every pair of a cluster. Of k mails with the same words
    in the same order each later one is linked to the first of them only, k - 1 links of similarity
    1, and that first one stands for all of them where another text is nearly the same. Two mails
    that have `ENOUGH` links each are not compared any more. So two mails of one cluster need not
    have a link: leaks are counted by clusters that are on both sides of a split, or by their mails.
    """

    first: np.ndarray
    second: np.ndarray
    similarity: np.ndarray

    def to_frame(self) -> pd.DataFrame:
        """Columns first, second (int64) and similarity (float32), one row a link."""
        return pd.DataFrame(
            {"first": self.first, "second": self.second, "similarity": self.similarity}
        )

    def among(self, kept: np.ndarray) -> Self:
        """The links between some of the texts: ascending positions, which become 0, 1, 2, ..."""
        both = np.isin(self.first, kept) & np.isin(self.second, kept)
        first, second = (np.searchsorted(kept, end[both]) for end in (self.first, self.second))
        return type(self)(first, second, self.similarity[both])

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

    Seldom one is missed (see the benchmark): at `DEFAULT` about 1 in 100 of mails with one word in
    five changed. 75,000 mails take 20 to 30 s and 0.2 GB beside their texts. The clusters that
    follow depend neither on the order of the texts nor on the machine.
    """
    tell = report or (lambda share: None)
    read = _read(texts, lambda share: tell(0.5 * share))
    first, second, similarity = _alike(read, lambda share: tell(0.5 + 0.5 * share))
    _, heads, copy_of = np.unique(read.numbers, return_index=True, return_inverse=True)
    heads = heads.astype(np.int64)
    later = np.flatnonzero(heads[copy_of] != np.arange(len(copy_of)))
    a, b = heads[first], heads[second]
    first = np.concatenate([heads[copy_of[later]], np.minimum(a, b)])
    second = np.concatenate([later, np.maximum(a, b)])
    similarity = np.concatenate([np.ones(len(later), np.float32), similarity])
    order = np.lexsort((second, first))
    tell(1.0)
    return Pairs(first[order], second[order], similarity[order])


def clusters(n: int, pairs: Pairs, threshold: float = DEFAULT) -> np.ndarray:
    """A number for each of `n` texts, int64 [n]: what hangs together by links has the same one.

    Only links of at least `threshold` count. Numbered from 0 by the first text of each cluster; a
    text without a link is a cluster by itself.
    """
    near = pairs.similarity >= np.float32(threshold)
    start, end = pairs.first[near], pairs.second[near]
    graph = coo_matrix((np.ones(len(start), bool), (start, end)), shape=(n, n))
    found = connected_components(graph, directed=False)[1]
    _, first, which = np.unique(found, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[which].astype(np.int64)


class _Hashes(dict[str, int]):
    """64 bits of a word that are the same on every machine, computed once for each word."""

    def __missing__(self, word: str) -> int:
        digest = hashlib.blake2b(word.encode(errors="replace"), digest_size=8).digest()
        self[word] = value = int.from_bytes(digest, "little")
        return value


@dataclass(frozen=True)
class _Read:
    """The texts as numbers. Distinct texts are numbered by a hash of their words, so that the
    order in which they come cannot matter."""

    numbers: np.ndarray  # int64 [texts]: the distinct text of each
    words: list[np.ndarray]  # of each distinct text: its words with their counts, ascending int32
    neighbours: list[np.ndarray]  # of each distinct text: its word pairs, uint64


def _read(texts: Sequence[str], tell: Callable[[float], None]) -> _Read:
    hashes = _Hashes()
    keys: list[bytes] = []
    found: dict[bytes, tuple[np.ndarray, np.ndarray]] = {}
    for done, text in enumerate(texts):
        words = _WORD.findall(text[:CHARACTERS].lower())
        hashed = np.fromiter(map(hashes.__getitem__, words), np.uint64, len(words))
        # a text without a word is known by its signs
        content = hashed.tobytes() or " ".join(text[:CHARACTERS].split()).encode(errors="replace")
        key = hashlib.blake2b(content, digest_size=16).digest()
        keys.append(key)
        if key not in found:
            found[key] = _counted(hashed), _mixed(hashed[:-1], hashed[1:])
        if done % CHUNK == 0:
            tell(done / len(texts))
    order = sorted(found)
    number = {key: i for i, key in enumerate(order)}
    numbers = np.array([number[key] for key in keys], dtype=np.int64)
    return _Read(numbers, [found[key][0] for key in order], [found[key][1] for key in order])


def _mixed(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """A hash of each pair of numbers, uint64."""
    mixed = first * np.uint64(0x9E3779B97F4A7C15) + second
    mixed ^= mixed >> np.uint64(32)
    return mixed * np.uint64(0xD6E8FEB86659FD93)


def _counted(words: np.ndarray) -> np.ndarray:
    """The words and the how-many-eth time each occurs, hashed to 31 bits: a multiset as a set."""
    words = np.sort(words)
    starts = np.flatnonzero(np.concatenate([[True], words[1:] != words[:-1]])[: len(words)])
    times = np.arange(len(words)) - np.repeat(starts, np.diff(starts, append=len(words)))
    return _distinct((_mixed(words, times.astype(np.uint64)) >> np.uint64(33)).astype(np.int32))


def _distinct(values: np.ndarray) -> np.ndarray:
    """The values once each, ascending, by sorting.

    numpy.unique hashes them, which is slow for pairs coded as numbers: 600 variants of one mail
    took 1.4 s with it and 0.4 s with this, 75,000 took minutes.
    """
    values = np.sort(values)
    return values[np.concatenate([[True], values[1:] != values[:-1]])[: len(values)]]


def _alike(read: _Read, tell: Callable[[float], None]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of distinct texts with `SHARED` words in common and at least `LOWEST` alike."""
    sizes = np.array([len(words) for words in read.words], dtype=np.int64)
    rows = np.flatnonzero(sizes >= SHARED)
    signatures = _signatures([read.neighbours[i] for i in rows], lambda share: tell(0.3 * share))
    starts = np.concatenate([[0], np.cumsum(sizes)])
    columns = np.concatenate([np.empty(0, np.int32), *read.words])
    # a column for each of the 2^31 hashes costs nothing: only those that occur are stored
    matrix = csr_matrix((np.ones(len(columns), np.int8), columns, starts), (len(sizes), 2**31 - 1))
    links = np.zeros(len(sizes), np.int64)
    seen = np.array([np.iinfo(np.int64).max])  # a last one, that is no pair
    kept = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))]
    for band in range(0, BANDS, ROUND):
        found = [_candidates(signatures, b) for b in range(band, band + ROUND)]
        new = _distinct(np.concatenate(found))
        new = new[seen[np.searchsorted(seen, new)] != new]
        seen = np.sort(np.concatenate([seen, new]))
        i, j = rows[np.stack(np.divmod(new, max(len(rows), 1)))]
        open_ = (links[i] < ENOUGH) | (links[j] < ENOUGH)
        first, second, similarity = _compared(matrix, sizes, i[open_], j[open_])
        links += np.bincount(first, minlength=len(links))
        links += np.bincount(second, minlength=len(links))
        kept.append((first, second, similarity))
        tell(0.3 + 0.7 * (band + ROUND) / BANDS)
    first, second, similarity = (np.concatenate(part) for part in zip(*kept, strict=True))
    return first, second, similarity


def _compared(
    matrix: csr_matrix, sizes: np.ndarray, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Those of some pairs of rows that are alike, and how much."""
    both = np.concatenate(
        [np.empty(0, np.int64)]
        + [
            matrix[first[at : at + CHUNK]].multiply(matrix[second[at : at + CHUNK]]).getnnz(axis=1)
            for at in range(0, len(first), CHUNK)
        ]
    )
    similarity = (both / (sizes[first] + sizes[second] - both)).astype(np.float32)
    near = (similarity >= np.float32(LOWEST)) & (both >= SHARED)
    return first[near], second[near], similarity[near]


def _signatures(sets: list[np.ndarray], tell: Callable[[float], None]) -> np.ndarray:
    """MinHash signatures, uint32 [sets, BANDS * ROWS]."""
    found = np.empty((len(sets), BANDS * ROWS), np.uint32)
    for at in range(0, len(sets), CHUNK):
        some = sets[at : at + CHUNK]
        offsets = np.cumsum([0, *map(len, some)], dtype=np.uint64)
        digests = RMinHash.digest_matrix_from_flat_token_hashes(
            np.concatenate(some), offsets, BANDS * ROWS, SEED
        )
        found[at : at + len(some)] = digests.to_rows()
        tell(at / len(sets))
    return found


def _candidates(signatures: np.ndarray, band: int) -> np.ndarray:
    """Pairs i * n + j of the n rows that are equal in a whole band, i < j; some of them twice."""
    n, columns = len(signatures), np.arange(band * ROWS, (band + 2) * ROWS) % (BANDS * ROWS)
    part = signatures[:, columns]
    order = np.lexsort(part.T[::-1])
    new = np.any(part[order[1:], :ROWS] != part[order[:-1], :ROWS], axis=1)
    bucket = np.concatenate([np.zeros(min(n, 1), np.int64), np.cumsum(new)])
    place = np.arange(n)
    heads = np.searchsorted(bucket, bucket)
    pairs = [(heads, place)] + [(place[:-k], place[k:]) for k in range(1, WINDOW + 1)]
    found = []
    for i, j in pairs:
        same = (bucket[i] == bucket[j]) & (i < j)
        a, b = order[i[same]], order[j[same]]
        found.append(np.minimum(a, b) * n + np.maximum(a, b))
    return np.concatenate(found)
