"""Reads CSV to a table of text, and writes CSV that is safe to open in a spreadsheet.

A record must have as many fields as the header, with two exceptions: surplus fields are cut if all
of them are empty, and missing fields are filled in where the header has no name for them (the
`v1,v2,,,` of the SMS file). Every other ragged record is left out with the reason, because it may
be half a mail whose line break was not quoted.
"""

import csv
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa

from pipeline.errors import BadFile
from pipeline.intake.dialect import find_dialect
from pipeline.intake.table import LEFT_OUT, ROW, Sink, Table
from pipeline.intake.textfile import open_text
from pipeline.wording import EXCERPT, format_count, shorten
from pipeline.workspace.progress import Progress, ignore_progress

MAX_COLUMNS = 2000
"""A table has at most this many columns."""
LONG_CELL = 1_000_000
"""Longer cells are reported to the user; the longest mail of Enron 3 has 228,367 characters."""
BATCH = 8 << 20
"""After this many characters a batch is converted to Arrow, which halves the memory."""
END = "\0"
"""A last line that no text contains, because NULs are removed. If it turns up inside a field, a
quotation mark was never closed."""
RUNS_IN_A_SPREADSHEET = r"^(?:\s*[=+\-@]|[\t\r])"
NUMBER = r"^[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?$"


def read_table(
    path: Path,
    keep_ragged: bool = False,
    into: Path | None = None,
    progress: Progress = ignore_progress,
) -> Table:
    """Read a CSV in any common encoding, separated by commas, semicolons or tabs, gzipped or not.

    Args:
        keep_ragged: fill or cut ragged records instead of leaving them out; for scoring, where
            each record needs an answer.
        into: a Parquet file to create for the records; None to hold them in memory.
        progress: receives the share that is read, now and then.

    Raises:
        BadFile: if the file is unreadable, empty, binary or without records, or has more than
            `MAX_COLUMNS` columns.
    """
    path = Path(path)
    with open_text(path) as text:
        dialect = find_dialect(text)
        records = dialect.records(chain(text.lines(), [END]))
        header = next(records)
        if len(header) > MAX_COLUMNS:
            raise BadFile(
                f'"{path.name}" has {len(header):,} columns; expected at most {MAX_COLUMNS:,}, '
                "with the text of a mail in one of them. If these are word counts, upload the "
                "mails."
            )
        if dialect.headless:
            records = chain([header], records)
            names = [f"column {i}" for i in range(1, len(header) + 1)]
        else:
            names = make_unique_names(header)
        sink = Sink(into)
        # a character takes at least one byte, so this is a lower bound
        reader = _Reader(
            names,
            _count_required(header),
            keep_ragged,
            sink,
            lambda characters: progress(f"Reading {path.name}", characters / text.size),
        )
        reader.read(records)
    if not reader.rows:
        ragged = format_count(len(reader.left_out), "record")
        raise BadFile(
            f'"{path.name}" has a header ({shorten(", ".join(names))}) and {ragged} of '
            "a different width, but no mail; expected a header and one mail in each record below "
            "it. Check how the file was exported."
        )
    return Table(
        sink.close(),
        text.encoding,
        dialect.delimiter,
        pd.DataFrame(reader.left_out, columns=list(LEFT_OUT)),
        (*text.notes, *dialect.notes, *reader.notes()),
        hidden=frozenset(n for n, given in zip(names, header, strict=True) if not given.strip())
        - reader.filled,
    )


def write_csv(frame: pd.DataFrame, target: Path | str | IO[str]) -> None:
    """Write UTF-8 CSV in which no cell or column name runs when a spreadsheet opens the file.

    Text that begins with ``= + - @`` (after any white space), tab or CR gets a leading
    apostrophe, unless it is a number. All text is quoted, so that a spreadsheet that separates
    fields at semicolons finds no cell inside a cell.

    >>> import io
    >>> target = io.StringIO()
    >>> write_csv(pd.DataFrame({"subject": ["=1+1"]}), target)
    >>> print(target.getvalue(), end="")
    "subject"
    "'=1+1"
    """
    safe = frame.copy()
    for position in range(safe.shape[1]):
        column = safe.iloc[:, position]
        if not pd.api.types.is_numeric_dtype(column):
            safe.isetitem(position, _defuse(column))
    safe.columns = _defuse(pd.Series([str(c) for c in safe.columns], dtype="str")).to_list()
    safe.to_csv(target, index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")


class _Reader:
    """Collects records into Arrow columns, batch by batch, and notes about them."""

    def __init__(
        self,
        names: list[str],
        required: int,
        keep_ragged: bool,
        sink: Sink,
        note_characters: Callable[[int], None],
    ) -> None:
        self.names, self.required, self.keep_ragged = names, required, keep_ragged
        self.sink, self.note_characters = sink, note_characters
        self.left_out: list[tuple[int, str, str, str]] = []
        self.filled: set[str] = set()
        self.rows = self.ragged = self.long = self.longest = 0
        self.unclosed = ""

    def read(self, records: Iterator[list[str]]) -> None:
        width = len(self.names)
        batch: list[list[str]] = []
        rows: list[int] = []
        size = row = done = 0
        for fields in records:
            if fields[-1].endswith(END):
                if fields == [END]:
                    break
                fields[-1] = fields[-1].removesuffix(END)
                self._note_unclosed(row + 1, fields)
                if not self.keep_ragged:
                    break
            row += 1
            if len(fields) != width and not self._fix_width(row, fields):
                continue
            batch.append(fields)
            rows.append(row)
            size += sum(map(len, fields)) + 64
            if size > BATCH:
                self._pack(rows, batch)
                done += size
                self.note_characters(done)
                batch, rows, size = [], [], 0
        if batch:
            self._pack(rows, batch)

    def notes(self) -> list[str]:
        notes = [self.unclosed] if self.unclosed else []
        if self.ragged:
            remedy = "filled with empty fields or cut" if self.keep_ragged else "left out"
            notes.append(
                f"{format_count(self.ragged, 'record')} with more or fewer fields than the header "
                f"({len(self.names)}): {remedy}."
            )
        if self.long:
            notes.append(
                f"{format_count(self.long, 'cell')} of more than {LONG_CELL:,} characters (the "
                f"longest has {self.longest:,}): kept whole."
            )
        return notes

    def _fix_width(self, row: int, fields: list[str]) -> bool:
        """Bring `fields` to the header's width in place; return False to leave the record out."""
        count, width = len(fields), len(self.names)
        harmless = self.required <= count < width or (
            count > width and not any(map(str.strip, fields[width:]))
        )
        if not harmless:
            self.ragged += 1
            if not self.keep_ragged:
                reason = f"has {format_count(count, 'field')} where the header has {width:,}"
                self.left_out.append((row, "", reason, _excerpt(fields)))
                return False
        del fields[width:]
        fields.extend([""] * (width - len(fields)))
        return True

    def _note_unclosed(self, row: int, fields: list[str]) -> None:
        lines = sum(f.count("\n") for f in fields)
        self.unclosed = (
            f"Record {row:,} opens a quotation mark that is never closed, so what follows "
            f"until the end of the file ({format_count(lines, 'line')}) cannot be separated into "
            "records. Close it in the file and upload the file again."
        )
        if not self.keep_ragged:
            reason = f"a quotation mark is never closed and swallows {format_count(lines, 'line')}"
            self.left_out.append((row, "", reason, _excerpt(fields)))

    def _pack(self, rows: list[int], batch: list[list[str]]) -> None:
        columns = dict(zip(self.names, zip(*batch, strict=True), strict=True))
        for name, column in columns.items():
            lengths = [n for n in map(len, column) if n > LONG_CELL]
            self.long += len(lengths)
            self.longest = max([self.longest, *lengths])
            if name not in self.filled and any(map(str.strip, column)):
                self.filled.add(name)
        arrays = {name: pa.array(column, pa.large_string()) for name, column in columns.items()}
        self.sink.add(pa.table({ROW: pa.array(rows, pa.int64()), **arrays}))
        self.rows += len(rows)


def _excerpt(fields: list[str]) -> str:
    return shorten(" | ".join(f[: 4 * EXCERPT] for f in fields[:20]))


def make_unique_names(header: list[str]) -> list[str]:
    """Strip names and make them unique; a nameless column is called "Unnamed: 0" as in pandas.

    >>> make_unique_names(["text", "", " text "])
    ['text', 'Unnamed: 1', 'text.2']
    """
    names: list[str] = []
    taken: set[str] = set()
    for i, given in enumerate(header):
        name = unique = given.replace("\ufeff", "").strip() or f"Unnamed: {i}"
        n = 1
        while unique in taken:
            n += 1
            unique = f"{name}.{n}"
        names.append(unique)
        taken.add(unique)
    return names


def _count_required(header: list[str]) -> int:
    """Count the fields that a record must have: those up to the last with a name."""
    named = [i for i, given in enumerate(header) if given.strip()]
    return named[-1] + 1 if named else len(header)


def _defuse(column: pd.Series) -> pd.Series:
    text = column.astype("str")
    runs = text.str.contains(RUNS_IN_A_SPREADSHEET, na=False)
    runs &= ~text.str.contains(NUMBER, na=False)
    return column.astype(object).where(~runs, "'" + text)
