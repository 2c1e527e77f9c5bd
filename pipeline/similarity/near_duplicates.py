"""Finds near-duplicate mails (campaigns, templates, quotes) without comparing every pair.

The similarity of two mails is the share of their words that they have in common, each word counted
as often as it occurs: the sum of min(a, b) over all words divided by the sum of max(a, b) (the
Jaccard similarity of multisets), in lower case, without punctuation. MinHash signatures (rensa) of
the pairs of neighbouring words, cut into bands, choose which mails to compare (Broder 1997;
Leskovec, Rajaraman and Ullman, *Mining of Massive Datasets*, section 3.4): unrelated mails share
many words but hardly any neighbouring pair. The chosen mails are then compared exactly, so a
similarity is never an estimate.

>>> invitation = "we would like to invite you to our annual summer party on friday"
>>> texts = [invitation, "your invoice is attached", invitation + " evening"]
>>> pairs = find_near_duplicates(texts)
>>> pairs.to_frame()
   first  second  similarity
0      0       2    0.928571
>>> assign_clusters(len(texts), pairs).tolist()
[0, 1, 0]
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
import pandas as pd
from rensa import RMinHash
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components

from pipeline.workspace.progress import Progress, ignore_progress

LOWEST_SIMILARITY = 0.5
"""Pairs below this similarity are not searched for."""
DEFAULT_SIMILARITY = 0.65
"""From this similarity on, two mails are in one cluster: one word in five may differ."""

SHARED = 8
"""The fewest words that near-duplicates share, unless they are exact copies: texts of three words
resemble each other by chance."""
CHARACTERS = 200_000
"""Only the first characters of a text are compared."""

BANDS, ROWS = 128, 3
"""Two mails that share a fraction s of their word pairs are compared with probability
1 - (1 - s^3)^128: 0.64 at s = 0.2, 0.97 at 0.3, 0.9997 at 0.4. Changing one word in five leaves s
between 0.4 and 0.6."""
SEED = 20
WINDOW = 4
"""Within a bucket each mail is compared with the first one and with this many successors. The mails
are sorted by their next band, so the most similar ones tend to be neighbours."""
ENOUGH = 20
"""Two mails that both have this many links are not compared any more: the 10,000 variants of one
mail need not all be linked to each other."""
ROUND = 4
"""Bands per round; the links are counted after each round."""
CHUNK = 2048
"""Texts, or pairs of texts, that are processed at a time."""

# In scripts without spaces each character is a word.
_WORD = re.compile(r"[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]+|[\u0e00-\u0eff\u3040-\u9fff]")


@dataclass(frozen=True)
class Pairs:
    """Links between positions of texts: `first < second`, `similarity` in [`LOWEST_SIMILARITY`, 1].

    There are enough links to derive every cluster, but not one for each pair in a cluster. Of k
    mails with the same words in the same order, each later one is linked only to the first (k - 1
    links of similarity 1), which represents them all in links to other texts. Two mails with
    `ENOUGH` links each are not compared any more. Therefore two mails of one cluster need not be
    linked: count leaks by the clusters, or their mails, that are on both sides of a split.
    """

    first: np.ndarray
    second: np.ndarray
    similarity: np.ndarray

    def to_frame(self) -> pd.DataFrame:
        """Columns first, second (int64) and similarity (float32), one row per link."""
        return pd.DataFrame(
            {"first": self.first, "second": self.second, "similarity": self.similarity}
        )

    def among(self, kept: np.ndarray) -> Self:
        """The links between the texts at the given positions, which become 0, 1, 2, …

        Args:
            kept: positions in ascending order, int64.
        """
        both = np.isin(self.first, kept) & np.isin(self.second, kept)
        first, second = (np.searchsorted(kept, end[both]) for end in (self.first, self.second))
        return type(self)(first, second, self.similarity[both])

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Self:
        """The inverse of `to_frame`."""
        return cls(
            frame["first"].to_numpy(np.int64),
            frame["second"].to_numpy(np.int64),
            frame["similarity"].to_numpy(np.float32),
        )


def join_texts(frame: pd.DataFrame) -> pd.Series:
    """Join the subject and body of each mail: the text that is compared."""
    return frame["subject"] + "\n" + frame["body"]


def find_near_duplicates(texts: Sequence[str], progress: Progress = ignore_progress) -> Pairs:
    """Find all links of at least `LOWEST_SIMILARITY`.

    Few are missed (`benchmarks/near_duplicates.py`): at `DEFAULT_SIMILARITY` about 1 in 100 mails
    with one word in five changed. 75,000 mails take 20 to 30 s and 0.2 GB besides their texts. The
    resulting clusters depend neither on the order of the texts nor on the machine.

    Args:
        texts: such as `join_texts` returns.
        progress: receives the share of the search that is done, now and then.
    """
    note_share = partial(progress, "Looking for near-duplicates")
    tokens = _tokenize(texts, lambda share: note_share(0.5 * share))
    first, second, similarity = _compare(tokens, lambda share: note_share(0.5 + 0.5 * share))
    _, heads, copy_of = np.unique(tokens.numbers, return_index=True, return_inverse=True)
    heads = heads.astype(np.int64)
    later = np.flatnonzero(heads[copy_of] != np.arange(len(copy_of)))
    a, b = heads[first], heads[second]
    first = np.concatenate([heads[copy_of[later]], np.minimum(a, b)])
    second = np.concatenate([later, np.maximum(a, b)])
    similarity = np.concatenate([np.ones(len(later), np.float32), similarity])
    order = np.lexsort((second, first))
    note_share(1.0)
    return Pairs(first[order], second[order], similarity[order])


def assign_clusters(n: int, pairs: Pairs, threshold: float = DEFAULT_SIMILARITY) -> np.ndarray:
    """Number the clusters: the texts that links connect, directly or over others, share a number.

    Args:
        n: the number of texts.
        threshold: only links of at least this similarity count.

    Returns:
        int64 [n]. Clusters are numbered from 0 in the order of their first texts; a text without
        a link is a cluster by itself.
    """
    near = pairs.similarity >= np.float32(threshold)
    start, end = pairs.first[near], pairs.second[near]
    graph = coo_matrix((np.ones(len(start), bool), (start, end)), shape=(n, n))
    components = connected_components(graph, directed=False)[1]
    _, first, inverse = np.unique(components, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)


class _Hashes(dict[str, int]):
    """A 64-bit hash per word, the same on every machine, computed once."""

    def __missing__(self, word: str) -> int:
        digest = hashlib.blake2b(word.encode(errors="replace"), digest_size=8).digest()
        self[word] = value = int.from_bytes(digest, "little")
        return value


@dataclass(frozen=True)
class _Tokens:
    """The texts as numbers. Distinct texts are numbered by a hash of their words, so that the
    order in which they come cannot matter."""

    numbers: np.ndarray  # int64 [texts]: the number of the distinct text that each text equals
    words: list[np.ndarray]  # per distinct text: its hashed words with counts, ascending int32
    neighbours: list[np.ndarray]  # per distinct text: its hashed word pairs, uint64


def _tokenize(texts: Sequence[str], note_share: Callable[[float], None]) -> _Tokens:
    hashes = _Hashes()
    keys: list[bytes] = []
    distinct: dict[bytes, tuple[np.ndarray, np.ndarray]] = {}
    for done, text in enumerate(texts):
        words = _WORD.findall(text[:CHARACTERS].lower())
        hashed = np.fromiter(map(hashes.__getitem__, words), np.uint64, len(words))
        # A text without any word is identified by its punctuation.
        content = hashed.tobytes() or " ".join(text[:CHARACTERS].split()).encode(errors="replace")
        key = hashlib.blake2b(content, digest_size=16).digest()
        keys.append(key)
        if key not in distinct:
            distinct[key] = _hash_multiset(hashed), _hash_pairs(hashed[:-1], hashed[1:])
        if done % CHUNK == 0:
            note_share(done / len(texts))
    order = sorted(distinct)
    number = {key: i for i, key in enumerate(order)}
    numbers = np.array([number[key] for key in keys], dtype=np.int64)
    words, neighbours = ([distinct[key][i] for key in order] for i in (0, 1))
    return _Tokens(numbers, words, neighbours)


def _hash_pairs(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Hash each pair of numbers, uint64."""
    mixed = first * np.uint64(0x9E3779B97F4A7C15) + second
    mixed ^= mixed >> np.uint64(32)
    return np.asarray(mixed * np.uint64(0xD6E8FEB86659FD93))


def _hash_multiset(words: np.ndarray) -> np.ndarray:
    """Hash each word together with its occurrence number to 31 bits: a multiset becomes a set."""
    words = np.sort(words)
    starts = np.flatnonzero(np.concatenate([[True], words[1:] != words[:-1]])[: len(words)])
    times = np.arange(len(words)) - np.repeat(starts, np.diff(starts, append=len(words)))
    hashed = _hash_pairs(words, times.astype(np.uint64)) >> np.uint64(33)
    return _sort_unique(hashed.astype(np.int32))


def _sort_unique(values: np.ndarray) -> np.ndarray:
    """The distinct values in ascending order.

    numpy.unique uses hashing, which is slow for pairs coded as numbers: 600 variants of one mail
    took 1.4 s with it and 0.4 s with sorting; 75,000 took minutes.
    """
    values = np.sort(values)
    return np.asarray(values[np.concatenate([[True], values[1:] != values[:-1]])[: len(values)]])


def _compare(
    tokens: _Tokens, note_share: Callable[[float], None]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of distinct texts that share `SHARED` words and are at least `LOWEST_SIMILARITY` alike.

    Returns:
        Their first texts, second texts and similarities.
    """
    sizes = np.array([len(words) for words in tokens.words], dtype=np.int64)
    rows = np.flatnonzero(sizes >= SHARED)
    neighbours = [tokens.neighbours[i] for i in rows]
    signatures = _compute_signatures(neighbours, lambda share: note_share(0.3 * share))
    starts = np.concatenate([[0], np.cumsum(sizes)])
    columns = np.concatenate([np.empty(0, np.int32), *tokens.words])
    # A column for each of the 2^31 hashes costs nothing: only those that occur are stored.
    matrix = csr_matrix((np.ones(len(columns), np.int8), columns, starts), (len(sizes), 2**31 - 1))
    links = np.zeros(len(sizes), np.int64)
    seen = np.array([np.iinfo(np.int64).max])  # a sentinel that is no pair
    kept = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))]
    for band in range(0, BANDS, ROUND):
        candidates = [_find_candidates(signatures, b) for b in range(band, band + ROUND)]
        new = _sort_unique(np.concatenate(candidates))
        new = new[seen[np.searchsorted(seen, new)] != new]
        seen = np.sort(np.concatenate([seen, new]))
        i, j = rows[np.stack(np.divmod(new, max(len(rows), 1)))]
        open_ = (links[i] < ENOUGH) | (links[j] < ENOUGH)
        first, second, similarity = _compare_rows(matrix, sizes, i[open_], j[open_])
        links += np.bincount(first, minlength=len(links))
        links += np.bincount(second, minlength=len(links))
        kept.append((first, second, similarity))
        note_share(0.3 + 0.7 * (band + ROUND) / BANDS)
    first, second, similarity = (np.concatenate(part) for part in zip(*kept, strict=True))
    return first, second, similarity


def _compare_rows(
    matrix: csr_matrix, sizes: np.ndarray, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pairs of rows that are similar enough, with their similarity."""
    shared = np.concatenate(
        [np.empty(0, np.int64)]
        + [
            matrix[first[at : at + CHUNK]].multiply(matrix[second[at : at + CHUNK]]).getnnz(axis=1)
            for at in range(0, len(first), CHUNK)
        ]
    )
    similarity = (shared / (sizes[first] + sizes[second] - shared)).astype(np.float32)
    near = (similarity >= np.float32(LOWEST_SIMILARITY)) & (shared >= SHARED)
    return first[near], second[near], similarity[near]


def _compute_signatures(sets: list[np.ndarray], note_share: Callable[[float], None]) -> np.ndarray:
    """MinHash signatures, uint32 [sets, BANDS * ROWS]."""
    signatures = np.empty((len(sets), BANDS * ROWS), np.uint32)
    for at in range(0, len(sets), CHUNK):
        chunk = sets[at : at + CHUNK]
        offsets = np.cumsum([0, *map(len, chunk)], dtype=np.uint64)
        digests = RMinHash.digest_matrix_from_flat_token_hashes(
            np.concatenate(chunk), offsets, BANDS * ROWS, SEED
        )
        signatures[at : at + len(chunk)] = digests.to_rows()
        note_share(at / len(sets))
    return signatures


def _find_candidates(signatures: np.ndarray, band: int) -> np.ndarray:
    """Pairs of rows that are equal in a whole band, coded as i * n + j with i < j; some twice."""
    n, columns = len(signatures), np.arange(band * ROWS, (band + 2) * ROWS) % (BANDS * ROWS)
    part = signatures[:, columns]
    order = np.lexsort(part.T[::-1])
    new = np.any(part[order[1:], :ROWS] != part[order[:-1], :ROWS], axis=1)
    bucket = np.concatenate([np.zeros(min(n, 1), np.int64), np.cumsum(new)])
    place = np.arange(n)
    heads = np.searchsorted(bucket, bucket)
    pairs = [(heads, place)] + [(place[:-k], place[k:]) for k in range(1, WINDOW + 1)]
    candidates = []
    for i, j in pairs:
        same = (bucket[i] == bucket[j]) & (i < j)
        a, b = order[i[same]], order[j[same]]
        candidates.append(np.minimum(a, b) * n + np.maximum(a, b))
    return np.concatenate(candidates)
