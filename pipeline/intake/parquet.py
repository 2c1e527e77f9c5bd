"""Reads Parquet to records of text."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import BadFile
from pipeline.intake.csv import BATCH
from pipeline.intake.formats import GZIP
from pipeline.intake.records import Records, to_json
from pipeline.intake.textfile import MAX_BYTES
from pipeline.wording import shorten

ROWS = 256
"""Rows that are converted to text at a time, because a page of Parquet can expand to much more
text."""


class ParquetRecords(Records):
    """Reads one mail per row; every column becomes text."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with path.open("rb") as file:
            if file.read(2) == GZIP:
                raise BadFile(
                    f'"{path.name}" is a gzipped Parquet file; expected it unzipped. Unzip it and '
                    "upload it again."
                )
        self._file = self._guarded(lambda: pq.ParquetFile(path))
        self._name(self._guarded(lambda: list(self._file.schema_arrow.names)))
        if not self._file.metadata.num_rows or not self.names:
            raise BadFile(
                f'"{path.name}" has no records; expected a Parquet file with one mail in each row. '
                "Export it again."
            )

    def batches(self) -> Iterator[pa.Table]:
        total = self._file.metadata.num_rows
        batches = self._guarded(lambda: self._file.iter_batches(ROWS))
        waiting: list[pa.Table] = []
        row = size = all_text = 0
        while (batch := self._guarded(lambda: next(batches, None))) is not None:
            rows = list(range(row + 1, row + 1 + batch.num_rows))
            columns = self._guarded(partial(self._texts, batch))
            row += batch.num_rows
            table = self._table(rows, columns)
            waiting.append(table)
            size += table.nbytes
            all_text += table.nbytes
            if all_text > MAX_BYTES:
                raise BadFile(
                    f'"{self.path.name}" contains more than {MAX_BYTES >> 20:,} MB of text; '
                    "expected at most that. Split it or take a sample."
                )
            self._share = min(1.0, row / total)
            if size > BATCH:
                yield pa.concat_tables(waiting).combine_chunks()
                waiting, size = [], 0
        if waiting:
            yield pa.concat_tables(waiting).combine_chunks()
        self._note_nested()

    def _texts(self, batch: pa.RecordBatch) -> list[pa.Array]:
        return [
            self._column(name, column)
            for name, column in zip(self.names, batch.columns, strict=True)
        ]

    def _column(self, name: str, column: pa.Array) -> pa.Array:
        if isinstance(column, pa.DictionaryArray):
            column = column.dictionary_decode()
        kind = column.type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            column = column.cast(pa.large_binary())
        elif pa.types.is_nested(kind):
            self._nested.add(name)
            return pa.array([_nested(value) for value in column.to_pylist()], pa.large_string())
        if pa.types.is_timestamp(kind):
            return _timestamps(column)
        if pa.types.is_large_binary(column.type) or pa.types.is_binary(kind):
            return _decoded(column)
        if pa.types.is_fixed_size_binary(kind):
            return _decoded(column.cast(pa.large_binary()))
        if pa.types.is_floating(kind):
            texts = pc.if_else(pc.is_nan(column), None, column.cast(pa.large_string()))
            return pc.fill_null(pc.replace_substring_regex(texts, r"^(-?\d+)$", r"\1.0"), "")
        return pc.fill_null(column.cast(pa.large_string()), "")

    def _guarded(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except (pa.ArrowException, OSError, ValueError, TypeError, OverflowError) as error:
            raise BadFile(
                f'"{self.path.name}" begins like a Parquet file but cannot be read '
                f"({shorten(str(error), 100)}); expected a complete one. Export it again."
            ) from error


def _nested(value: Any) -> str:
    return "" if value is None else to_json(value)


def _decoded(column: pa.Array) -> pa.Array:
    """Decode bytes as UTF-8; texts too, because nothing has checked that they are UTF-8."""
    texts = [
        "" if v is None else v.decode(errors="replace").replace("\0", "")
        for v in column.to_pylist()
    ]
    return pa.array(texts, pa.large_string())


def _timestamps(column: pa.Array) -> pa.Array:
    """Format as 2002-08-05T10:00:00Z, without Z if the file names no zone."""
    zone = column.type.tz
    column = column.cast(pa.timestamp(column.type.unit, "UTC")) if zone else column
    texts = pc.fill_null(column.cast(pa.large_string()), "")
    texts = pc.replace_substring(texts, " ", "T")
    return pc.replace_substring_regex(texts, r"\.0+(Z?)$", r"\1")
