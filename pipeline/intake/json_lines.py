"""Reads JSON lines, or a JSON array of objects, to records."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.errors import BadFile
from pipeline.intake.csv import BATCH, MAX_COLUMNS
from pipeline.intake.encoding import make_writable
from pipeline.intake.records import Number, Records, to_json
from pipeline.intake.textfile import open_text
from pipeline.wording import format_count, shorten

MOST_RECORD = 64 << 20
"""The most characters of one JSON record; the longest mail of Enron 3 has 228,367."""
MOST_LEFT_OUT = 10_000
"""At most this many lines without a record are listed; the rest are counted."""
SPACE = re.compile(r"[\s,]*")
SHOWN = 500
"""Characters of a line without a record that the list of left-out lines shows."""


class JsonRecords(Records):
    """Reads the file twice: for the names, as any record may lack some, then for the values."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        keys: dict[str, None] = {}
        count = self._more = 0
        for number, record in self._values(0.0):
            if isinstance(record, dict):
                count += 1
                keys |= dict.fromkeys(record)
                if len(keys) > MAX_COLUMNS:
                    break
            elif len(self.left_out) < MOST_LEFT_OUT:
                reason, start = record
                self.left_out.append((number, "", reason, shorten(make_writable(start[:SHOWN]))))
            else:
                self._more += 1
        self._keys = list(keys)
        self._name(self._keys)
        if not keys:
            lines = format_count(len(self.left_out) + self._more, "line")
            received = "only empty ones" if count else f"none in {lines}"
            raise BadFile(
                f'"{path.name}" has no record with a value ({received}); expected one JSON '
                'object per line, such as {"label": "ham", "text": "…"}, or one array of such '
                "objects. Export the mails again."
            )
        if self._more:
            self.notes.append(f"{format_count(self._more, 'more line')} left out and not listed.")

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
        self._note_nested()
        self._share = 1.0

    def _values(self, done: float) -> Iterator[tuple[int, Any]]:
        """Yield the number of each line or item, and its object or a pair (reason, text)."""
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
            return make_writable(value)
        if value is None:
            return ""
        if isinstance(value, dict | list):
            self._nested.add(name)
        return to_json(value)


def _constant(name: str) -> str | None:
    return None if name == "NaN" else name


DECODER = json.JSONDecoder(parse_float=Number, parse_constant=_constant, strict=False)


def _decode(text: str, start: int = 0) -> tuple[Any, int]:
    """Decode a value; returns it and where it ends, raises ValueError if there is none."""
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
        yield f"is not JSON ({shorten(str(error), 80)})", line[:SHOWN]
        return
    yield _expect_object(value, line) if end == len(line) else _no_object(line)


def _items(chunks: Iterator[str]) -> Iterator[Any]:
    """Yield the items of an array, one in memory at a time."""
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
            # Twice as much each time; otherwise a long item would take quadratic time.
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
    return "is not a JSON object", text[:SHOWN]
