"""What the readers of JSON and Parquet share: they yield records of text, about 8 MB at a time."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.errors import BadFile
from pipeline.intake.csv import MAX_COLUMNS, make_unique_names
from pipeline.intake.encoding import make_writable
from pipeline.intake.table import ROW
from pipeline.wording import shorten


class Records:
    """Reads the records of a file; a base class.

    Attributes:
        names: of the columns.
        left_out: row, id, reason and excerpt of each record left out; complete after the last
            batch.
        notes: sentences for the user; complete after the last batch.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names: list[str] = []
        self.left_out: list[tuple[int, str, str, str]] = []
        self.notes: list[str] = []
        self._share = 0.0
        self._nested: set[str] = set()

    def batches(self) -> Iterator[pa.Table]:
        """Yield tables of `ROW` (int64, from 1) and `names` (large_string, "" if missing).

        Raises:
            BadFile: if the file is damaged or contains more text than `textfile.MAX_BYTES`.
        """
        raise NotImplementedError

    def share(self) -> float:
        """The share of the work that is done, 0 to 1."""
        return self._share

    def _name(self, given: list[str]) -> None:
        if len(given) > MAX_COLUMNS:
            raise BadFile(
                f'"{self.path.name}" has more than {MAX_COLUMNS:,} columns; expected at most that, '
                "with the text of a mail in one of them. If these are word counts, upload the "
                "mails."
            )
        self.names = make_unique_names([make_writable(name) for name in given])

    def _note_nested(self) -> None:
        if self._nested:
            listed = shorten(", ".join(sorted(self._nested)))
            self.notes.append(f"Lists and objects are kept as JSON text: {listed}.")

    def _table(self, rows: list[int], columns: list[pa.Array]) -> pa.Table:
        return pa.table([pa.array(rows, pa.int64()), *columns], names=[ROW, *self.names])


class Number(float):
    """A number with a fraction that remembers how it was written."""

    def __new__(cls, text: str) -> "Number":
        number = super().__new__(cls, text)
        number.text = text
        return number

    text: str


def to_json(value: Any) -> str:
    """Format a value as JSON; a number as it was written."""
    if isinstance(value, Number):
        return value.text
    return make_writable(json.dumps(value, ensure_ascii=False, default=str))
