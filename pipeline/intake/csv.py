"""Lines of text to a table of text, and a table back to CSV that is safe to open.

A record counts only when it has as many fields as the header. Two exceptions: surplus fields that
are all empty are cut, and missing fields are filled in where the header has no name for them (the
`v1,v2,,,` of the SMS file). Any other ragged record is left out with its reason, since it may be
half a mail whose line break was not quoted.
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
from pipeline.wording import EXCERPT, counted, shorten

MAX_COLUMNS = 2000
LONG_CELL = 1_000_000
"""Characters from which a cell is told to the user; the longest mail of Enron 3 has 228,367."""
BATCH = 8 << 20
"""Characters of Python strings before they are packed as Arrow, which halves the memory."""
END = "\0"
"""A last line that no text has (NULs are removed): inside a field, a quote was never closed."""
RUNS_IN_A_SPREADSHEET = r"^(?:\s*[=+\-@]|[\t\r])"
NUMBER = r"^[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?$"


def read_table(
    path: Path,
    keep_ragged: bool = False,
    into: Path | None = None,
    report: Callable[[float], None] | None = None,
) -> Table:
    """Read a .csv or .csv.gz of any usual encoding, delimited by comma, semicolon or tab.

    Args:
        path: the file; whether it is gzipped is told from its content.
        keep_ragged: fill or cut ragged records instead of leaving them out (for scoring, where
            each record wants an answer).
        into: a Parquet file to make for the records, or None to hold them in memory.
        report: told the share done (0 to 1) now and then.

    Raises:
        BadFile: unreadable, empty, binary, without records, or with over `MAX_COLUMNS` columns.
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
            names = unique_names(header)
        sink = Sink(into)
        # a character takes a byte or more, so this is what is done at least
        done = (lambda characters: report(characters / text.size)) if report else None
        reader = _Reader(names, _required(header), keep_ragged, sink, done)
        reader.read(records)
    if not reader.rows:
        ragged = counted(len(reader.left_out), "record")
        raise BadFile(
            f'"{path.name}" has a header ({shorten(", ".join(names))}) and {ragged} of '
            "another width, but no mail; expected a header and below it one mail in each record. "
            "Check how the file was exported."
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
    apostrophe, unless it is a number. All text is quoted, so that a spreadsheet that parts fields
    at semicolons finds no cell inside a cell.
    """
    safe = frame.copy()
    for position in range(safe.shape[1]):
        column = safe.iloc[:, position]
        if not pd.api.types.is_numeric_dtype(column):
            safe.isetitem(position, _defused(column))
    safe.columns = _defused(pd.Series([str(c) for c in safe.columns], dtype="str")).to_list()
    safe.to_csv(target, index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")


class _Reader:
    """Collects records into Arrow columns, batch by batch, and what has to be said about them."""

    def __init__(
        self,
        names: list[str],
        required: int,
        keep_ragged: bool,
        sink: Sink,
        report: Callable[[int], None] | None,
    ) -> None:
        self.names, self.required, self.keep_ragged = names, required, keep_ragged
        self.sink, self.report = sink, report
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
                self._tell_unclosed(row + 1, fields)
                if not self.keep_ragged:
                    break
            row += 1
            if len(fields) != width and not self._mend(row, fields):
                continue
            batch.append(fields)
            rows.append(row)
            size += sum(map(len, fields)) + 64
            if size > BATCH:
                self._pack(rows, batch)
                done += size
                if self.report:
                    self.report(done)
                batch, rows, size = [], [], 0
        if batch:
            self._pack(rows, batch)

    def notes(self) -> list[str]:
        notes = [self.unclosed] if self.unclosed else []
        if self.ragged:
            what = "filled with empty fields or cut" if self.keep_ragged else "left out"
            notes.append(
                f"{counted(self.ragged, 'record')} of more or fewer fields than the header "
                f"({len(self.names)}): {what}."
            )
        if self.long:
            notes.append(
                f"{counted(self.long, 'cell')} of more than {LONG_CELL:,} characters, the longest "
                f"of {self.longest:,}: kept whole."
            )
        return notes

    def _mend(self, row: int, fields: list[str]) -> bool:
        """Bring `fields` to the header's width in place; False when the record is left out."""
        found, width = len(fields), len(self.names)
        harmless = self.required <= found < width or (
            found > width and not any(map(str.strip, fields[width:]))
        )
        if not harmless:
            self.ragged += 1
            if not self.keep_ragged:
                reason = f"has {counted(found, 'field')} where the header has {width:,}"
                self.left_out.append((row, "", reason, _excerpt(fields)))
                return False
        del fields[width:]
        fields.extend([""] * (width - len(fields)))
        return True

    def _tell_unclosed(self, row: int, fields: list[str]) -> None:
        lines = sum(f.count("\n") for f in fields)
        self.unclosed = (
            f"Record {row:,} opens a quotation mark that is never closed, so what follows "
            f"to the end of the file ({counted(lines, 'line')}) cannot be told apart. "
            "Close it in the file and upload it again."
        )
        if not self.keep_ragged:
            reason = f"a quotation mark is never closed and swallows {counted(lines, 'line')}"
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


def unique_names(header: list[str]) -> list[str]:
    """Stripped, unique names; a nameless column is called as pandas would ("Unnamed: 0")."""
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


def _required(header: list[str]) -> int:
    """Fields that a record must have: those up to the last that has a name."""
    named = [i for i, given in enumerate(header) if given.strip()]
    return named[-1] + 1 if named else len(header)


def _defused(column: pd.Series) -> pd.Series:
    text = column.astype("str")
    runs = text.str.contains(RUNS_IN_A_SPREADSHEET, na=False)
    runs &= ~text.str.contains(NUMBER, na=False)
    return column.astype(object).where(~runs, "'" + text)
