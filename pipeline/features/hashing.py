"""Counts byte n-grams by hash, fast: one sort of small rows.

Mails of similar length are laid under each other as a rectangle of bytes. Whole-array arithmetic
computes the buckets, then each row is sorted by itself (4,000 keys fit into the fastest cache, and
NumPy sorts them with vector instructions); a key that differs from its left neighbour is a feature.
NumPy releases the interpreter lock, so two threads use two cores.

>>> (part,) = count_grams([b"aab", b"b"], lengths=(1,), bits=18, is_binary=False)
>>> merge_rows([part], shape=(2, 1 << 18)).max(axis=1).toarray()[:, 0].tolist()
[2.0, 1.0]
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

FNV_PRIME = np.uint32(16777619)
"""h(b1 … bn) = h(b1 … bn-1) · FNV_PRIME + bn; the prime is odd, so no byte is lost."""
SCATTER = np.uint32(2654435769)
"""2^32 / golden ratio: multiplicative hashing (Knuth, TAOCP 6.4) mixes the top bits well."""
NO_GRAM = np.uint32(0xFFFFFFFF)
"""The key of a position behind the end of a mail. It sorts last: every bucket is smaller."""
MOST_CELLS = 1 << 19
"""A rectangle holds at most 512 KiB of mail: its keys (4 bytes a gram and length) stay near the
cache, and memory is bounded whatever the size of the corpus."""


@dataclass(frozen=True)
class SparseRows:
    """Some rows of a sparse matrix, in any order."""

    rows: np.ndarray
    """The number of each row in the whole matrix."""
    sizes: np.ndarray
    """How many entries each row has."""
    columns: np.ndarray
    """The column of each entry, row after row, ascending in each."""
    values: np.ndarray | None
    """The value of each entry; None if all are 1."""

    @property
    def indptr(self) -> np.ndarray:
        """Where each row starts in `columns`, and where the last one ends."""
        return np.concatenate([[0], np.cumsum(self.sizes)])


def count_grams(
    mails: Sequence[bytes], lengths: Sequence[int], bits: int, is_binary: bool
) -> list[SparseRows]:
    """Count the n-grams of each mail; bucket b of the i-th length is column i · 2^bits + b.

    Args:
        lengths: the n of the n-grams.
        bits: log2 of the number of buckets for each n.
        is_binary: whether to give every bucket of a mail the value 1 in the place of its count.
    """

    def count(rows: np.ndarray) -> SparseRows:
        some = [mails[i] for i in rows.tolist()]
        return SparseRows(rows, *count_rectangle(some, lengths, bits, is_binary))

    return map_in_threads(count, list(_group_by_length(mails)))


def hash_grams(data: np.ndarray, n: int, bits: int) -> np.ndarray:
    """Hash the n-gram that starts at each position of each row to its bucket, 0 to 2^bits - 1.

    Args:
        data: bytes, uint8, of shape (rows, positions), at least n positions.

    Returns: uint32 of shape (rows, positions - n + 1).
    """
    h = data.astype(np.uint32)
    for i in range(1, n):
        h = h[:, :-1] * FNV_PRIME
        h += data[:, i:]
    h ^= h >> np.uint32(15)
    h *= SCATTER
    h >>= np.uint32(32 - bits)
    return h


def merge_rows(parts: list[SparseRows], shape: tuple[int, int]) -> csr_matrix:
    """Merge the parts into one matrix, the rows in the order of their numbers."""
    sizes = np.zeros(shape[0], np.int64)
    for part in parts:
        sizes[part.rows] = part.sizes
    indptr = np.concatenate([[0], np.cumsum(sizes)])
    columns = np.empty(indptr[-1], np.int32)
    values = np.ones(indptr[-1], np.float32)

    def place(part: SparseRows) -> None:
        entries = np.repeat(indptr[part.rows] - part.indptr[:-1], part.sizes)
        entries += np.arange(len(entries))
        columns[entries] = part.columns
        if part.values is not None:
            values[entries] = part.values

    map_in_threads(place, parts)
    return csr_matrix((values, columns, indptr), shape=shape)


def map_in_threads(work: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
    """Apply `work` to each item, in at most 8 threads; the results keep the order of the items."""
    if len(items) < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        return list(pool.map(work, items))


def _group_by_length(mails: Sequence[bytes]) -> Iterator[np.ndarray]:
    """Group the numbers of mails of similar length, so that little of a rectangle is empty."""
    lengths = np.array([len(m) for m in mails], np.int64)
    order = np.argsort(lengths, kind="stable")
    lengths, start = lengths[order], 0
    while start < len(order):
        longest = lengths[start] * 5 // 4 + 64
        end = int(np.searchsorted(lengths, longest, "right"))
        # as many rows as the longest of them allows; at least one
        rows = np.arange(1, end - start + 1)
        fitting = int(np.searchsorted(rows * lengths[start:end], MOST_CELLS, "right"))
        yield order[start : start + max(1, fitting)]
        start += max(1, fitting)


def count_rectangle(
    mails: Sequence[bytes], lengths: Sequence[int], bits: int, is_binary: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Count the n-grams of mails of similar length; see `count_grams`.

    Returns: how many buckets each mail has; these buckets, mail after mail; their counts, None if
    binary.
    """
    width = max(len(m) for m in mails)
    data = np.frombuffer(b"".join([m.ljust(width, b"\0") for m in mails]), np.uint8)
    data = data.reshape(len(mails), width)
    ends = np.array([len(m) for m in mails])
    keys = np.empty((len(mails), sum(max(0, width - n + 1) for n in lengths)), np.uint32)
    is_first = np.empty(keys.shape, bool)
    start = 0
    for i, n in enumerate(lengths):
        if width < n:
            continue
        positions = width - n + 1
        key = hash_grams(data, n, bits)
        key += np.uint32(i << bits)
        key[np.arange(positions) > (ends - n)[:, None]] = NO_GRAM
        key.sort(axis=1)
        differs = is_first[:, start : start + positions]
        differs[:, 0] = True
        np.not_equal(key[:, 1:], key[:, :-1], out=differs[:, 1:])
        differs &= key != NO_GRAM
        keys[:, start : start + positions] = key
        start += positions
    sizes = np.count_nonzero(is_first, axis=1)
    columns = keys[is_first].view(np.int32)
    if is_binary:
        return sizes, columns, None
    # a run of equal keys ends where the next begins, or where the positions without a gram do
    edges = np.flatnonzero(is_first.ravel() | (keys.ravel() == NO_GRAM))
    runs = np.diff(np.append(edges, keys.size))
    return sizes, columns, runs[is_first.ravel()[edges]].astype(np.float32)
