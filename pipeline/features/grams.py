"""Hashed byte n-grams: every run of n bytes of a mail, hashed into 2^bits buckets.

Byte n-grams need no tokeniser, see through v1agra and s p a c e s, read every script, and in the
TREC spam tracks they ranked mail better than words (see docs/decisions/0003-default-features.md).

The work is one sort: for a few hundred mails at a time the keys ``mail << bits | bucket`` are
made with whole-array NumPy arithmetic and sorted; equal neighbours are one feature. NumPy sorts
without holding the interpreter lock, so two threads use two cores.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from pipeline.errors import expect
from pipeline.features.block import Block

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
"""2^64 / golden ratio: multiplicative hashing (Knuth, TAOCP 6.4); the top bits are well mixed."""

CHUNK_BYTES = 1 << 20
"""Mails are hashed about 1 MiB at a time: the keys (4 bytes a gram and length) stay near the
cache and memory is bounded whatever the size of the corpus."""


@dataclass(eq=False)
class Grams(Block):
    """Hashed byte n-grams of subject and body.

    Args:
        lengths: the n of the n-grams, each 1 to 8 bytes.
        bits: log2 of the number of buckets, 8 to 22.
        first: only the first so many bytes of a mail are read, 100 to 10,000,000.
        weight: "binary" (is it there), "log" (1 + ln count) or "count".
        idf: weigh a bucket by ln((1 + mails) / (1 + mails with it)) + 1, as scikit-learn's
            TfidfTransformer does; rare grams count more.

    Rows have Euclidean length 1 (an empty mail is all zeros). Buckets unseen in train are dropped.
    """

    lengths: tuple[int, ...] = (2, 3, 4, 5)
    bits: int = 20
    first: int = 4000
    weight: str = "binary"
    idf: bool = True
    buckets: np.ndarray | None = field(default=None, init=False, repr=False)
    idf_weights: np.ndarray | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        expect(
            isinstance(self.lengths, list | tuple)
            and len(self.lengths) > 0
            and all(isinstance(n, int) and 1 <= n <= 8 for n in self.lengths)
            and len(set(self.lengths)) == len(self.lengths),
            "lengths",
            "different whole numbers from 1 to 8",
            self.lengths,
        )
        self.lengths = tuple(self.lengths)
        expect(
            isinstance(self.bits, int) and 8 <= self.bits <= 22,
            "bits",
            "a whole number from 8 to 22",
            self.bits,
        )
        expect(
            isinstance(self.first, int) and 100 <= self.first <= 10_000_000,
            "first",
            "a whole number of bytes from 100 to 10,000,000",
            self.first,
        )
        expect(
            self.weight in ("binary", "log", "count"),
            "weight",
            "'binary', 'log' or 'count'",
            self.weight,
        )
        expect(isinstance(self.idf, bool), "idf", "true or false", self.idf)

    def fit(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> Self:
        self._learn(self.count(frame))
        return self

    def fit_transform(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> csr_matrix:
        """`fit` and `transform` with the mails hashed once instead of twice."""
        counts = self.count(frame)
        self._learn(counts)
        return self._weigh(counts)

    def transform(self, frame: pd.DataFrame) -> csr_matrix:
        return self._weigh(self.count(frame))

    def state(self) -> dict[str, np.ndarray]:
        assert self.buckets is not None
        assert self.idf_weights is not None
        return {"buckets": self.buckets, "idf": self.idf_weights}

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        self.buckets, self.idf_weights = state["buckets"], state["idf"]
        return self

    def count(self, frame: pd.DataFrame) -> csr_matrix:
        """How often each bucket occurs: CSR of shape (mails, 2^bits), columns sorted."""
        chunks = list(_chunks(mail_bytes(frame, self.first)))
        with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
            parts = list(pool.map(lambda c: _count_chunk(c, self.lengths, self.bits), chunks))
        sizes = np.concatenate([[0], *(p[0] for p in parts)])
        columns = np.concatenate([np.zeros(0, np.int32), *(p[1] for p in parts)])
        counts = np.concatenate([np.zeros(0, np.float32), *(p[2] for p in parts)])
        shape = (len(frame), 1 << self.bits)
        return csr_matrix((counts, columns, np.cumsum(sizes)), shape=shape)

    def _learn(self, counts: csr_matrix) -> None:
        frequency = np.bincount(counts.indices, minlength=1 << self.bits)
        self.buckets = np.flatnonzero(frequency).astype(np.int32)
        frequency = frequency[self.buckets]
        n = counts.shape[0]
        idf = np.log((1 + n) / (1 + frequency)) + 1 if self.idf else np.ones(len(frequency))
        self.idf_weights = idf.astype(np.float32)

    def _weigh(self, counts: csr_matrix) -> csr_matrix:
        """Select the buckets known from train, weigh them, and bring rows to length 1."""
        assert self.buckets is not None, "fit or restore comes first"
        assert self.idf_weights is not None
        column_of = np.full(1 << self.bits, -1, np.int32)
        column_of[self.buckets] = np.arange(len(self.buckets), dtype=np.int32)
        columns = column_of[counts.indices]
        known = columns >= 0
        kept = np.concatenate([[0], np.cumsum(known)])
        columns, values = columns[known], counts.data[known]
        if self.weight == "binary":
            values = np.ones_like(values)
        elif self.weight == "log":
            values = 1 + np.log(values)
        values = values * self.idf_weights[columns]
        starts = kept[counts.indptr]
        squares = np.concatenate([[0.0], np.cumsum(values.astype(np.float64) ** 2)])
        norms = np.sqrt(squares[starts[1:]] - squares[starts[:-1]])
        norms[norms == 0] = 1.0
        values = (values / np.repeat(norms, np.diff(starts))).astype(np.float32)
        return csr_matrix((values, columns, starts), shape=(counts.shape[0], len(self.buckets)))


def mail_bytes(frame: pd.DataFrame, first: int) -> list[bytes]:
    """Subject, a line break and body as UTF-8, cut after `first` bytes."""
    # A character is at least one byte, so cutting the text first bounds the work on a huge mail.
    return [
        f"{subject[:first]}\n{body[:first]}".encode(errors="replace")[:first]
        for subject, body in zip(frame["subject"], frame["body"], strict=True)
    ]


def _chunks(mails: list[bytes]) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    size = 0
    for mail in mails:
        chunk.append(mail)
        size += len(mail)
        # 1,024 mails << 22 bits is the most that a 32-bit key can hold
        if size >= CHUNK_BYTES or len(chunk) == 1024:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _count_chunk(
    mails: list[bytes], lengths: Sequence[int], bits: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(buckets of each mail, the buckets in order of mail and number, their counts)."""
    data = np.frombuffer(b"".join(mails), np.uint8).astype(np.uint64)
    mail_of = np.repeat(np.arange(len(mails), dtype=np.uint32), [len(m) for m in mails])
    keys = []
    for n in lengths:
        if len(data) < n:
            continue
        gram = data[: len(data) - n + 1].copy()
        for i in range(1, n):
            gram = (gram << np.uint64(8)) | data[i : len(data) - n + 1 + i]
        # n is mixed in so that "ab" and the last two bytes of "\0ab" are different features
        bucket = (((gram + np.uint64(n)) * MULTIPLIER) >> np.uint64(64 - bits)).astype(np.uint32)
        key = (mail_of[: len(gram)] << np.uint32(bits)) | bucket
        keys.append(key[mail_of[: len(gram)] == mail_of[n - 1 :]])  # no gram spans two mails
    sorted_keys = np.concatenate([np.zeros(0, np.uint32), *keys])
    sorted_keys.sort()
    first = np.concatenate([[True], sorted_keys[1:] != sorted_keys[:-1]])[: len(sorted_keys)]
    at = np.flatnonzero(first)
    counts = np.diff(np.append(at, len(sorted_keys))).astype(np.float32)
    unique = sorted_keys[at]
    sizes = np.bincount(unique >> np.uint32(bits), minlength=len(mails))
    return sizes, (unique & np.uint32((1 << bits) - 1)).astype(np.int32), counts
