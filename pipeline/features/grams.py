"""Hashed byte n-grams: every run of n bytes of a mail, hashed into 2^bits buckets for each n.

Byte n-grams need no tokeniser, see through v1agra and s p a c e s, read every script, and in the
TREC spam tracks they ranked mail better than words (see docs/decisions/0005-default-features.md).

The work is one sort of small rows. Mails of similar length are laid under each other as a
rectangle of bytes; whole-array arithmetic makes the buckets, each row is sorted by itself (4,000
keys fit the fastest cache, and NumPy sorts them with vector instructions), and what differs from
its left neighbour is a feature. NumPy lets go of the interpreter lock, so two threads use two
cores.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from pipeline.features.block import (
    Block,
    Places,
    declare_first,
    declare_min_mails,
    declare_scale,
    mail_texts,
    unit_rows,
)
from pipeline.features.vocabulary import idf
from pipeline.mail.hidden import escape_unprintable
from pipeline.parameters import choice, flag, numbers, whole_number

STEP = np.uint32(16777619)
"""h(b1 … bn) = h(b1 … bn-1) · STEP + bn: FNV's prime, odd, so that no byte is lost."""
SCATTER = np.uint32(2654435769)
"""2^32 / golden ratio: multiplicative hashing (Knuth, TAOCP 6.4); the top bits are well mixed."""
NO_GRAM = np.uint32(0xFFFFFFFF)
"""The key of a place behind the end of a mail; sorts last. No bucket is this large."""
CELLS = 1 << 19
"""Bytes of one rectangle: its keys (4 bytes a gram and length) stay near the cache, and memory is
bounded whatever the size of the corpus."""
MOST_READABLE = 5
"""Grams named for one bucket; more fell into it by chance."""


@dataclass(eq=False)
class Grams(Block):
    """Hashed byte n-grams of subject and body.

    Args:
        lengths: the n of the n-grams: 1 to 8 different lengths of 1 to 8 bytes; by default 1, 2, 4.
        bits: log2 of the number of buckets for each n, 8 to 22; by default 18.
        first: only this many bytes at the start of a mail are read, 100 to 10,000,000; by default
            4,000.
        weight: by default "binary" (is it there); "log" (1 + ln count) or "count".
        idf: weigh a bucket by ln((1 + mails) / (1 + mails with it)) + 1, as scikit-learn's
            TfidfTransformer does; rare grams count more. By default true.
        min_mails: buckets in fewer train mails than this are dropped, 1 to 1,000; by default 2.
        scale: Euclidean length of the rows, 0.001 to 100; by default 1 (an empty mail is all
            zeros).
    """

    title: ClassVar[str] = "Grams"
    summary: ClassVar[str] = (
        "Runs of bytes (1, 2 and 4 unless set otherwise), hashed; reads any language."
    )

    lengths: tuple[int, ...] = numbers(
        (1, 2, 4),
        1,
        8,
        most=8,
        distinct=True,
        example="1, 2, 4",
        label="Run lengths",
        unit="bytes",
        help="How many neighbouring bytes make one feature; several lengths may be read at once.",
        shown_first=True,
    )
    bits: int = whole_number(
        18,
        8,
        22,
        label="Buckets (power of two)",
        help="Each length is hashed into 2 to this power buckets. With more, fewer runs share one.",
        shown_first=True,
    )
    first: int = declare_first(4000, "bytes")
    weight: str = choice(
        "binary",
        ("binary", "log", "count"),
        label="Weight of repetitions",
        help="“binary” asks whether a run is there, “count” how often, “log” takes 1 + ln of the "
        "count.",
    )
    idf: bool = flag(
        True,
        label="Rare runs count more (IDF)",
        help="Weighs a bucket by the inverse document frequency, as scikit-learn's "
        "TfidfTransformer does.",
    )
    min_mails: int = declare_min_mails("buckets")
    scale: float = declare_scale(1.0, "Euclidean length of the rows; a larger one counts more.")
    buckets: np.ndarray | None = field(default=None, init=False, repr=False)
    idf_weights: np.ndarray | None = field(default=None, init=False, repr=False)

    def fit(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> Self:
        self._learn(self._count(mail_bytes(frame, self.first)), len(frame))
        return self

    def fit_transform(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> csr_matrix:
        """`fit` and `transform` with the mails hashed once instead of twice."""
        parts = self._count(mail_bytes(frame, self.first))
        self._learn(parts, len(frame))
        return self._weigh(parts, len(frame))

    def transform(self, frame: pd.DataFrame) -> csr_matrix:
        return self._weigh(self._count(mail_bytes(frame, self.first)), len(frame))

    @property
    def width(self) -> int:
        assert self.buckets is not None, "fit or restore comes first"
        return len(self.buckets)

    def describe(self, columns: np.ndarray, frame: pd.DataFrame) -> list[str]:
        """The grams of these mails that fell into each column, the most frequent first."""
        assert self.buckets is not None, "fit or restore comes first"
        names: list[list[str]] = [[] for _ in columns]
        wanted = self.buckets[columns]
        data = np.frombuffer(b"\n".join(mail_bytes(frame, self.first)), np.uint8)
        for at, n in enumerate(self.lengths):
            here = np.flatnonzero(wanted >> self.bits == at)
            if not len(here) or len(data) < n:
                continue
            keys = _buckets(data[None, :], n, self.bits)[0].view(np.int32) + (at << self.bits)
            places = np.flatnonzero(np.isin(keys, wanted[here]))
            grams, sizes = np.unique(
                np.lib.stride_tricks.sliding_window_view(data, n)[places],
                axis=0,
                return_counts=True,
            )
            found = _buckets(grams, n, self.bits)[:, 0].view(np.int32) + (at << self.bits)
            for column in here:
                mine = np.flatnonzero(found == wanted[column])
                best = mine[np.argsort(-sizes[mine], kind="stable")[:MOST_READABLE]]
                names[column] = [_readable(grams[i].tobytes()) for i in best]
        return [" or ".join(found) or "not in these mails" for found in names]

    def places(self, mail: pd.DataFrame) -> Places:
        """Each gram covers the characters that its bytes are of, whole or in part."""
        (text,), (content,) = mail_texts(mail, self.first), mail_bytes(mail, self.first)
        character = _character_of_byte(text)[: len(content)]
        data, column_of = np.frombuffer(content, np.uint8)[None, :], self._column_of()
        parts = [(np.empty(0, np.int32), character[:0], character[:0])]
        for at, n in enumerate(self.lengths):
            if len(content) < n:
                continue
            found = column_of[_buckets(data, n, self.bits)[0].view(np.int32) + (at << self.bits)]
            first = np.flatnonzero(found >= 0)
            parts.append((found[first], character[first], character[first + n - 1] + 1))
        columns, starts, ends = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return Places(columns, starts, ends, int(character[-1]) + 1)

    def state(self) -> dict[str, np.ndarray]:
        assert self.buckets is not None
        assert self.idf_weights is not None
        return {"buckets": self.buckets, "idf": self.idf_weights}

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        self.buckets, self.idf_weights = state["buckets"], state["idf"]
        return self

    def count(self, frame: pd.DataFrame) -> csr_matrix:
        """How often each bucket occurs: CSR of shape (mails, lengths · 2^bits), columns sorted.

        Bucket b of the i-th length is column i · 2^bits + b. With weight "binary" every value is 1.
        """
        parts = self._count(mail_bytes(frame, self.first))
        return _assemble(parts, (len(frame), self._all_buckets))

    @property
    def _all_buckets(self) -> int:
        return len(self.lengths) << self.bits

    def _column_of(self) -> np.ndarray:
        """The column of each bucket, -1 for those that train did not have."""
        assert self.buckets is not None, "fit or restore comes first"
        column_of = np.full(self._all_buckets, -1, np.int32)
        column_of[self.buckets] = np.arange(len(self.buckets), dtype=np.int32)
        return column_of

    def _count(self, mails: list[bytes]) -> list["Part"]:
        def work(rows: np.ndarray) -> Part:
            here = [mails[i] for i in rows.tolist()]
            return Part(rows, *_count(here, self.lengths, self.bits, self.weight))

        return _in_parallel(work, list(_rectangles(mails, CELLS)))

    def _learn(self, parts: list["Part"], mails: int) -> None:
        frequency = np.zeros(self._all_buckets, np.int64)
        for part in parts:
            frequency += np.bincount(part.columns, minlength=self._all_buckets)
        self.buckets = np.flatnonzero(frequency >= self.min_mails).astype(np.int32)
        ones = np.ones(len(self.buckets), np.float32)
        self.idf_weights = idf(frequency[self.buckets], mails) if self.idf else ones

    def _weigh(self, parts: list["Part"], mails: int) -> csr_matrix:
        """Select the buckets known from train, weigh them, and bring rows to their length."""
        assert self.buckets is not None, "fit or restore comes first"
        assert self.idf_weights is not None
        weights = self.idf_weights
        column_of = self._column_of()

        def work(part: Part) -> Part:
            columns = column_of[part.columns]
            known = columns >= 0
            columns = columns[known]
            values = weights[columns]
            if part.values is not None:
                times = part.values[known]
                values = values * (1 + np.log(times) if self.weight == "log" else times)
            starts = np.concatenate([[0], np.cumsum(known)])[part.indptr]
            shape = (len(part.rows), len(weights))
            rows = unit_rows(csr_matrix((values, columns, starts), shape=shape), self.scale)
            return Part(part.rows, np.diff(starts), columns, rows.data)

        done = _in_parallel(work, parts)
        parts.clear()  # a third of what is in memory by now
        return _assemble(done, (mails, len(self.buckets)))


@dataclass(frozen=True)
class Part:
    """Some mails as rows of a sparse matrix: their numbers, the entries of each, columns, values.

    No values: all are 1.
    """

    rows: np.ndarray
    sizes: np.ndarray
    columns: np.ndarray
    values: np.ndarray | None

    @property
    def indptr(self) -> np.ndarray:
        return np.concatenate([[0], np.cumsum(self.sizes)])


def _in_parallel(work: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
    if len(items) < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        return list(pool.map(work, items))


def _assemble(parts: list[Part], shape: tuple[int, int]) -> csr_matrix:
    """The rows of all parts in the order of their numbers."""
    sizes = np.zeros(shape[0], np.int64)
    for part in parts:
        sizes[part.rows] = part.sizes
    indptr = np.concatenate([[0], np.cumsum(sizes)])
    columns = np.empty(indptr[-1], np.int32)
    values = np.ones(indptr[-1], np.float32)

    def place(part: Part) -> None:
        at = np.repeat(indptr[part.rows] - part.indptr[:-1], part.sizes)
        at += np.arange(len(at))
        columns[at] = part.columns
        if part.values is not None:
            values[at] = part.values

    _in_parallel(place, parts)
    return csr_matrix((values, columns, indptr), shape=shape)


def mail_bytes(frame: pd.DataFrame, first: int) -> list[bytes]:
    """Subject, a line break and body as UTF-8, cut after `first` bytes."""
    # a character is at least one byte, so `first` characters are enough
    return [text.encode(errors="replace")[:first] for text in mail_texts(frame, first)]


def _character_of_byte(text: str) -> np.ndarray:
    """For each byte of the text as `mail_bytes` writes it the number of its character: int32."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    sizes = 1 + (codes >= 0x80) + (codes >= 0x800) + (codes >= 0x10000)
    sizes[(codes >= 0xD800) & (codes <= 0xDFFF)] = 1  # half a character becomes a question mark
    return np.repeat(np.arange(len(codes), dtype=np.int32), sizes)


def _rectangles(mails: list[bytes], cells: int) -> Iterator[np.ndarray]:
    """Numbers of mails of similar length, so that little of a rectangle is empty."""
    lengths = np.array([len(m) for m in mails], np.int64)
    order = np.argsort(lengths, kind="stable")
    lengths, start = lengths[order], 0
    while start < len(order):
        longest = lengths[start] * 5 // 4 + 64
        end = int(np.searchsorted(lengths, longest, "right"))
        # as many rows as the widest of them allows; at least one
        rows = np.arange(1, end - start + 1)
        fits = int(np.searchsorted(rows * lengths[start:end], cells, "right"))
        yield order[start : start + max(1, fits)]
        start += max(1, fits)


def _buckets(data: np.ndarray, n: int, bits: int) -> np.ndarray:
    """The bucket of the n-gram that starts at each place of each row: uint32, n - 1 fewer places.

    Args:
        data: bytes, uint8, of shape (rows, places), at least n places.
    """
    h = data.astype(np.uint32)
    for i in range(1, n):
        h = h[:, :-1] * STEP
        h += data[:, i:]
    h ^= h >> np.uint32(15)
    h *= SCATTER
    h >>= np.uint32(32 - bits)
    return h


def _count(
    mails: list[bytes], lengths: Sequence[int], bits: int, weight: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """(number of buckets of each mail, the buckets in order, their counts unless binary)."""
    width = max(len(m) for m in mails)
    data = np.frombuffer(b"".join([m.ljust(width, b"\0") for m in mails]), np.uint8)
    data = data.reshape(len(mails), width)
    ends = np.array([len(m) for m in mails])
    keys = np.empty((len(mails), sum(max(0, width - n + 1) for n in lengths)), np.uint32)
    first = np.empty(keys.shape, bool)
    start = 0
    for at, n in enumerate(lengths):
        if width < n:
            continue
        places = width - n + 1
        key = _buckets(data, n, bits)
        key += np.uint32(at << bits)
        key[np.arange(places) > (ends - n)[:, None]] = NO_GRAM
        key.sort(axis=1)
        here = first[:, start : start + places]
        here[:, 0] = True
        np.not_equal(key[:, 1:], key[:, :-1], out=here[:, 1:])
        here &= key != NO_GRAM
        keys[:, start : start + places] = key
        start += places
    sizes = np.count_nonzero(first, axis=1)
    columns = keys[first].view(np.int32)
    if weight == "binary":
        return sizes, columns, None
    # a run of equal keys ends where the next begins, or where the places of no gram do
    edges = np.flatnonzero(first.ravel() | (keys.ravel() == NO_GRAM))
    lengths_of_runs = np.diff(np.append(edges, keys.size))
    return sizes, columns, lengths_of_runs[first.ravel()[edges]].astype(np.float32)


def _readable(gram: bytes) -> str:
    """A gram between quotes; bytes that are no text as \\x.."""
    text = gram.decode(errors="backslashreplace")
    return "“" + escape_unprintable(text) + "”"
