"""Hashed byte n-grams: every run of n bytes of a mail, hashed into 2^bits buckets for each n.

Byte n-grams need no tokeniser, see through v1agra and s p a c e s, read every script, and in the
TREC spam tracks they ranked mail better than words (see docs/decisions/0005-default-features.md).
`hashing` counts them.

>>> train = pd.DataFrame({"subject": [""] * 3, "body": ["ab", "ab", "b"]})
>>> block = Grams(lengths=(2,)).fit(train)
>>> sorted(block.describe(np.arange(block.width), train))
['“\\\\na”', '“ab”']
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from pipeline.features.block import Block, Occurrences, require_fitted
from pipeline.features.hashing import (
    SparseRows,
    count_grams,
    hash_grams,
    map_in_threads,
    merge_rows,
)
from pipeline.features.shared_parameters import declare_first, declare_min_mails, declare_scale
from pipeline.features.texts import encode_texts, join_texts, map_bytes_to_characters
from pipeline.features.weighting import compute_idf, normalize_rows
from pipeline.mail.hidden import escape_unprintable
from pipeline.parameters import choice, flag, numbers, whole_number

MOST_NAMES = 5
"""A bucket is described by its 5 most frequent grams; the others fell into it by chance."""


@dataclass(eq=False)
class Grams(Block):
    """Hashed byte n-grams of subject and body.

    Args:
        lengths: the n of the n-grams: 1 to 8 different lengths of 1 to 8 bytes; by default 1, 2, 4.
        bits: log2 of the number of buckets for each n, 8 to 22; by default 18.
        first: only this many bytes at the start of a mail are read, 100 to 10,000,000; by default
            4,000.
        weight: by default "binary" (is it there); "log" (1 + ln count) or "count".
        idf: weighs a bucket by ln((1 + mails) / (1 + mails with it)) + 1, as scikit-learn's
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
        self._learn(self._count(frame), len(frame))
        return self

    def fit_transform(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> csr_matrix:
        """Do both while hashing the mails once."""
        parts = self._count(frame)
        self._learn(parts, len(frame))
        return self._weigh(parts, len(frame))

    def transform(self, frame: pd.DataFrame) -> csr_matrix:
        return self._weigh(self._count(frame), len(frame))

    @property
    def width(self) -> int:
        return len(require_fitted(self.buckets))

    def describe(self, columns: np.ndarray, frame: pd.DataFrame) -> list[str]:
        """Name the grams of these mails that fell into each column, the most frequent first."""
        names: list[list[str]] = [[] for _ in columns]
        buckets = require_fitted(self.buckets)[columns]
        data = np.frombuffer(b"\n".join(encode_texts(frame, self.first)), np.uint8)
        for i, n in enumerate(self.lengths):
            described = np.flatnonzero(buckets >> self.bits == i)
            if not len(described) or len(data) < n:
                continue
            in_columns = np.isin(self._hash(data[None, :], i)[0], buckets[described])
            grams, sizes = np.unique(
                np.lib.stride_tricks.sliding_window_view(data, n)[np.flatnonzero(in_columns)],
                axis=0,
                return_counts=True,
            )
            bucket_of_gram = self._hash(grams, i)[:, 0]
            for column in described:
                candidates = np.flatnonzero(bucket_of_gram == buckets[column])
                best = candidates[np.argsort(-sizes[candidates], kind="stable")[:MOST_NAMES]]
                names[column] = [_quote(grams[k].tobytes()) for k in best]
        return [" or ".join(some) or "not in these mails" for some in names]

    def locate(self, mail: pd.DataFrame) -> Occurrences:
        """Find each gram; it covers every character of which it has a byte."""
        (text,), (content,) = join_texts(mail, self.first), encode_texts(mail, self.first)
        character = map_bytes_to_characters(text)[: len(content)]
        data, column_of = np.frombuffer(content, np.uint8)[None, :], self._column_of_bucket()
        parts = [(np.empty(0, np.int32), character[:0], character[:0])]
        for i, n in enumerate(self.lengths):
            if len(content) < n:
                continue
            columns = column_of[self._hash(data, i)[0]]
            first = np.flatnonzero(columns >= 0)
            parts.append((columns[first], character[first], character[first + n - 1] + 1))
        columns, starts, ends = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return Occurrences(columns, starts, ends, int(character[-1]) + 1)

    def state(self) -> dict[str, np.ndarray]:
        return {"buckets": require_fitted(self.buckets), "idf": require_fitted(self.idf_weights)}

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        self.buckets, self.idf_weights = state["buckets"], state["idf"]
        return self

    def count(self, frame: pd.DataFrame) -> csr_matrix:
        """Count each bucket of each mail: CSR of shape (mails, lengths · 2^bits), columns sorted.

        Bucket b of the i-th length is column i · 2^bits + b. With weight "binary" every value is 1.
        """
        return merge_rows(self._count(frame), (len(frame), self._all_buckets))

    @property
    def _all_buckets(self) -> int:
        return len(self.lengths) << self.bits

    def _hash(self, data: np.ndarray, i: int) -> np.ndarray:
        """Hash the grams of the i-th length to the buckets of all lengths, int32; see `count`."""
        return hash_grams(data, self.lengths[i], self.bits).view(np.int32) + (i << self.bits)

    def _column_of_bucket(self) -> np.ndarray:
        """Return the column of each bucket, -1 for those that were dropped or not in train."""
        column_of = np.full(self._all_buckets, -1, np.int32)
        column_of[require_fitted(self.buckets)] = np.arange(self.width, dtype=np.int32)
        return column_of

    def _count(self, frame: pd.DataFrame) -> list[SparseRows]:
        mails = encode_texts(frame, self.first)
        return count_grams(mails, self.lengths, self.bits, self.weight == "binary")

    def _learn(self, parts: list[SparseRows], mails: int) -> None:
        frequency = np.zeros(self._all_buckets, np.int64)
        for part in parts:
            frequency += np.bincount(part.columns, minlength=self._all_buckets)
        self.buckets = np.flatnonzero(frequency >= self.min_mails).astype(np.int32)
        ones = np.ones(len(self.buckets), np.float32)
        self.idf_weights = compute_idf(frequency[self.buckets], mails) if self.idf else ones

    def _weigh(self, parts: list[SparseRows], mails: int) -> csr_matrix:
        """Select the buckets known from train, weigh them, and normalise the rows.

        `parts` is emptied, because the counts are a third of what is in memory by then.
        """
        weights, column_of = require_fitted(self.idf_weights), self._column_of_bucket()

        def weigh(part: SparseRows) -> SparseRows:
            columns = column_of[part.columns]
            known = columns >= 0
            columns = columns[known]
            values = weights[columns]
            if part.values is not None:
                counts = part.values[known]
                values = values * (1 + np.log(counts) if self.weight == "log" else counts)
            starts = np.concatenate([[0], np.cumsum(known)])[part.indptr]
            shape = (len(part.rows), len(weights))
            rows = normalize_rows(csr_matrix((values, columns, starts), shape=shape), self.scale)
            return SparseRows(part.rows, np.diff(starts), columns, rows.data)

        weighed = map_in_threads(weigh, parts)
        parts.clear()
        return merge_rows(weighed, (mails, self.width))


def _quote(gram: bytes) -> str:
    """Put a gram between quotes; bytes that are no text become \\x…"""
    return "“" + escape_unprintable(gram.decode(errors="backslashreplace")) + "”"
