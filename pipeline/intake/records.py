"""JSON lines, a JSON array or Parquet to records of text, some 8 MB at a time."""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import BadFile
from pipeline.intake.csv import BATCH, MAX_COLUMNS, unique_names
from pipeline.intake.kind import GZIP
from pipeline.intake.table import ROW
from pipeline.intake.textfile import MAX_BYTES, open_text
from pipeline.wording import counted, shorten

MOST_RECORD = 64 << 20
"""Characters of one JSON record; the longest mail of Enron 3 has 228,367."""
MOST_LEFT_OUT = 10_000
"""Lines without a record that are told one by one; the rest is counted."""
ROWS = 256
"""Rows of Parquet that are turned to text at once: a page of it can stand for much more text."""
SPACE = re.compile(r"[\s,]*")
SHOWN = 500


def read(path: Path, kind: str) -> "Records":
    """The records of a file.

    Args:
        kind: "jsonl" (one object a line, or one array of objects; gzipped or not) or "parquet".

    Raises:
        BadFile: damaged, without any record, or with over `MAX_COLUMNS` columns.
    """
    return _Parquet(Path(path)) if kind == "parquet" else _Json(Path(path))


class Records:
    """`names` of the columns, and what `batches` gives of them.

    `left_out` (row, id, reason, excerpt) and `notes` are complete when the batches are.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names: list[str] = []
        self.left_out: list[tuple[int, str, str, str]] = []
        self.notes: list[str] = []
        self._share = 0.0
        self._nested: set[str] = set()

    def batches(self) -> Iterator[pa.Table]:
        """Tables of the column `ROW` (int64, from 1) and `names` (large_string, "" if missing).

        Raises:
            BadFile: damaged further on, or more text than `textfile.MAX_BYTES`.
        """
        raise NotImplementedError

    def share(self) -> float:
        """How much of the work is done, 0 to 1."""
        return self._share

    def _name(self, given: list[str]) -> None:
        if len(given) > MAX_COLUMNS:
            raise BadFile(
                f'"{self.path.name}" has more than {MAX_COLUMNS:,} columns; expected at most that, '
                "with the text of a mail in one of them. If these are word counts, upload the "
                "mails."
            )
        self.names = unique_names([_clean(name) for name in given])

    def _tell_nested(self) -> None:
        if self._nested:
            listed = shorten(", ".join(sorted(self._nested)))
            self.notes.append(f"Lists and objects are kept as JSON text: {listed}.")

    def _table(self, rows: list[int], columns: list[pa.Array]) -> pa.Table:
        return pa.table([pa.array(rows, pa.int64()), *columns], names=[ROW, *self.names])


class _Json(Records):
    """Read twice: once for the names, since a record may lack any of them, once for the values."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        keys: dict[str, None] = {}
        found = self._more = 0
        for number, record in self._values(0.0):
            if isinstance(record, dict):
                found += 1
                keys |= dict.fromkeys(record)
                if len(keys) > MAX_COLUMNS:
                    break
            elif len(self.left_out) < MOST_LEFT_OUT:
                reason, start = record
                self.left_out.append((number, "", reason, shorten(_clean(start[:SHOWN]))))
            else:
                self._more += 1
        self._keys = list(keys)
        self._name(self._keys)
        if not keys:
            came = f"none in {counted(len(self.left_out) + self._more, 'line')}" * (not found)
            raise BadFile(
                f'"{path.name}" has no record with a value in it ({came or "only empty ones"}); '
                'expected one JSON object a line, as in {"label": "ham", "text": "…"}, or one '
                "array of such objects. Export the mails again."
            )
        if self._more:
            self.notes.append(f"{counted(self._more, 'more line')} left out and not listed.")

    def batches(self) -> Iterator[pa.Table]:
        rows: list[int] = []
        columns: list[list[str]] = [[] for _ in self._keys]
        size = 0
        for number, record in self._values(0.5):
            if not isinstance(record, dict):
                continue
            rows.append(number)
            for name, key, column in zip(self.names, self._keys, columns, strict=True):
                text = self._text(name, record.get(key))
                column.append(text)
                size += len(text) + 8
            if size > BATCH:
                yield self._table(rows, [pa.array(c, pa.large_string()) for c in columns])
                rows, columns, size = [], [[] for _ in self._keys], 0
        if rows:
            yield self._table(rows, [pa.array(c, pa.large_string()) for c in columns])
        self._tell_nested()
        self._share = 1.0

    def _values(self, done: float) -> Iterator[tuple[int, Any]]:
        """Number and object, or number and (reason, text), of each line or item of the array."""
        with open_text(self.path) as text:
            if not done:
                self.notes += text.notes
            size = max(1, text.size)
            read = 0

            def chunks() -> Iterator[str]:
                nonlocal read
                for chunk in text.chunks():
                    read += len(chunk)
                    self._share = done + min(1.0, read / size) / 2
                    yield chunk.replace("\0", "").removeprefix("\ufeff")

            start = text.head().lstrip("\0\ufeff \t\r\n")
            yield from enumerate((_items if start[:1] == "[" else _lines)(chunks()), 1)

    def _text(self, name: str, value: Any) -> str:
        if isinstance(value, str):
            return _clean(value)
        if value is None:
            return ""
        if isinstance(value, dict | list):
            self._nested.add(name)
        return _as_json(value)


class _Number(float):
    """A number with a fraction that keeps how it was written."""

    def __new__(cls, text: str) -> "_Number":
        number = super().__new__(cls, text)
        number.text = text
        return number

    text: str


def _constant(name: str) -> str | None:
    return None if name == "NaN" else name


DECODER = json.JSONDecoder(parse_float=_Number, parse_constant=_constant, strict=False)


def _decode(text: str, start: int = 0) -> tuple[Any, int]:
    """A value and where it ends; ValueError for what is none."""
    try:
        return DECODER.raw_decode(text, start)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _lines(chunks: Iterator[str]) -> Iterator[Any]:
    rest: list[str] = []
    size = 0
    for chunk in chunks:
        *lines, last = chunk.split("\n")
        if lines:
            if size <= MOST_RECORD:
                yield from _line("".join([*rest, lines[0]]))
            else:
                yield "longer than 64 MB", "".join(rest)[:SHOWN]
            for line in lines[1:]:
                yield from _line(line)
            rest, size = [], 0
        size += len(last)
        if size <= MOST_RECORD:
            rest.append(last)
    if size > MOST_RECORD:
        yield "longer than 64 MB", "".join(rest)[:SHOWN]
    else:
        yield from _line("".join(rest))


def _line(line: str) -> Iterator[Any]:
    line = line.strip()
    if not line:
        return
    try:
        value, end = _decode(line)
    except ValueError as error:
        yield f"is no JSON ({shorten(str(error), 80)})", line[:SHOWN]
        return
    yield _expect_object(value, line) if end == len(line) else _no_object(line)


def _items(chunks: Iterator[str]) -> Iterator[Any]:
    """The items of an array, of which one at a time is held."""
    text = next(chunks, "").lstrip()[1:]
    position = 0
    while True:
        position = SPACE.match(text, position).end()  # type: ignore[union-attr]
        if position < len(text) and text[position] == "]":
            return
        try:
            value, end = _decode(text, position)
            if end == len(text) and not isinstance(
                value, dict
            ):  # "12" may go on as 123 in the next chunk
                raise ValueError("cut short")
        except ValueError as error:
            text = text[position:]
            position = 0
            # Twice as much each time, or a long item would be read by the square of its length.
            more = _take(chunks, max(1, len(text))) if len(text) <= MOST_RECORD else ""
            if not more:
                reason = f"the array breaks off here ({shorten(str(error), 80)})"
                yield reason, text[:SHOWN]
                return
            text += more
        else:
            yield _expect_object(value, text[position : position + SHOWN])
            position = end


def _take(chunks: Iterator[str], size: int) -> str:
    taken: list[str] = []
    while size > 0 and (chunk := next(chunks, "")):
        taken.append(chunk)
        size -= len(chunk)
    return "".join(taken)


def _expect_object(value: Any, text: str) -> Any:
    return value if isinstance(value, dict) else _no_object(text)


def _no_object(text: str) -> tuple[str, str]:
    return "is no JSON object", text[:SHOWN]


def _as_json(value: Any) -> str:
    if isinstance(value, _Number):
        return value.text
    return _clean(json.dumps(value, ensure_ascii=False, default=str))


class _Parquet(Records):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with path.open("rb") as file:
            if file.read(2) == GZIP:
                raise BadFile(
                    f'"{path.name}" is a gzipped Parquet file; expected it unpacked. Unpack it and '
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
                    f'"{self.path.name}" holds more than {MAX_BYTES >> 20:,} MB of text; expected '
                    "at most that. Split it or take a sample."
                )
            self._share = min(1.0, row / total)
            if size > BATCH:
                yield pa.concat_tables(waiting).combine_chunks()
                waiting, size = [], 0
        if waiting:
            yield pa.concat_tables(waiting).combine_chunks()
        self._tell_nested()

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
                f"({shorten(str(error), 100)}); expected a whole one. Export it again."
            ) from error


def _nested(value: Any) -> str:
    return "" if value is None else _as_json(value)


def _decoded(column: pa.Array) -> pa.Array:
    """Bytes as UTF-8; texts come this way too, since nobody has checked that they are UTF-8."""
    texts = [
        "" if v is None else v.decode(errors="replace").replace("\0", "")
        for v in column.to_pylist()
    ]
    return pa.array(texts, pa.large_string())


def _timestamps(column: pa.Array) -> pa.Array:
    """2002-08-05T10:00:00Z; no Z where the file names no zone."""
    zone = column.type.tz
    column = column.cast(pa.timestamp(column.type.unit, "UTC")) if zone else column
    texts = pc.fill_null(column.cast(pa.large_string()), "")
    texts = pc.replace_substring(texts, " ", "T")
    return pc.replace_substring_regex(texts, r"\.0+(Z?)$", r"\1")


def _clean(text: str) -> str:
    """Without NUL, and no half of a character: what can be written to a file."""
    return (
        text
        if text.isascii() and "\0" not in text
        else (text.replace("\0", "").encode(errors="replace").decode())
    )
