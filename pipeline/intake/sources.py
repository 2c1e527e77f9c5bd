"""Files of any kind that is read to one Table: CSV and other records, or raw mail."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from pipeline.errors import BadFile
from pipeline.intake import rawmail, unpack
from pipeline.intake.csv import read_table
from pipeline.intake.json_lines import JsonRecords
from pipeline.intake.kind import RAW_MAIL, kind_of
from pipeline.intake.parquet import ParquetRecords
from pipeline.intake.records import Records
from pipeline.intake.table import LEFT_OUT, ROW, Sink, Table

SEPARATOR = re.compile(r"[\W_]+")
SCHEMA = pa.schema(
    [
        pa.field(ROW, pa.int64()),
        pa.field("source", pa.large_string()),
        pa.field("label", pa.large_string()),
        *unpack.SCHEMA,
    ]
)


@dataclass(frozen=True)
class MailFile:
    """A file of mails, and what all of them are ("ham" or "spam") when the user says so."""

    path: Path
    label: str | None = None


def open_table(
    files: Sequence[MailFile],
    into: Path | None = None,
    report: Callable[[float], None] | None = None,
    keep_ragged: bool = False,
) -> Table:
    """Read one file of any kind, or several of raw mail.

    Args:
        into: a Parquet file to make for the records, or None to hold them in memory.
        report: told the share done (0 to 1) now and then.
        keep_ragged: as for `csv.read_table`.

    Raises:
        BadFile: a file cannot be read, holds no mail, or cannot go together with the others.
    """
    kinds = {file.path: kind_of(file.path) for file in files}
    records_of = [path for path, kind in kinds.items() if kind not in RAW_MAIL]
    if not records_of:
        return _messages(files, kinds, Sink(into), report)
    name = f'"{records_of[0].name}"'
    if len(files) > 1:
        raise BadFile(
            f"{name} is a table of mails; expected it alone, or several files of raw mail (mbox, "
            "eml, zip, tar). Upload each table by itself, or put them together first."
        )
    if files[0].label is not None:
        raise BadFile(
            f"{name} is a table of mails, whose labels stand in a column; expected raw mail (mbox, "
            "eml, zip, tar) where a whole file is said to be ham or spam."
        )
    kind = kinds[files[0].path]
    if kind == "csv":
        return read_table(files[0].path, keep_ragged, into, report)
    return _records(files[0].path, kind, Sink(into), report)


def _messages(
    files: Sequence[MailFile],
    kinds: dict[Path, str],
    sink: Sink,
    report: Callable[[float], None] | None,
) -> Table:
    left_out: list[tuple[int, str, str, str]] = []
    notes: list[str] = []
    batch: list[dict[str, Any]] = []
    size = before = done = 0
    total = sum(file.path.stat().st_size for file in files)
    sourced = False
    words = words_of_files([file.path for file in files])
    for file in files:
        reader = rawmail.read(file.path, kinds[file.path], file.label)
        weight = file.path.stat().st_size
        for mail in reader.mails():
            parts = (file.path.name if len(files) > 1 else "", mail.file)
            source = "/".join(filter(None, parts))
            sourced |= bool(source)
            word = mail.word or (words[file.path] if _is_bare(mail) else "")
            batch.append({ROW: before + mail.row, "source": source, "label": word, **mail.fields})
            size += sum(len(mail.fields[name]) for name in ("body", "html", "headers")) + 64
            if size > unpack.BATCH:
                sink.add(pa.Table.from_pylist(batch, SCHEMA))
                batch, size = [], 0
            if report:  # of each mail, since a batch of raw mail takes seconds
                report((done + reader.share() * weight) / total)
        left_out += [(before + row, i, why, start) for row, i, why, start in reader.left_out]
        before += reader.rows
        done += weight
        prefix = f"{file.path.name}: " if len(files) > 1 else ""
        notes += [prefix + note for note in reader.notes]
    sink.add(pa.Table.from_pylist(batch, SCHEMA))
    return Table(
        sink.close(),
        left_out=pd.DataFrame(left_out, columns=list(LEFT_OUT)),
        notes=tuple(notes),
        messages=True,
        hidden=frozenset() if sourced else frozenset({"source"}),
    )


def words_of_files(paths: Sequence[Path]) -> dict[Path, str]:
    """What the names of files say of their mails, without what they begin with in common.

    corpus-ham.mbox and corpus-spam.mbox are ham and spam.
    """
    stems = {path: path.name.removesuffix(".gz").rsplit(".", 1)[0] for path in paths}
    parts = {path: [part for part in SEPARATOR.split(stem) if part] for path, stem in stems.items()}
    common = 0
    while len({tuple(p[: common + 1]) for p in parts.values()}) == 1 < len(paths) and all(
        len(p) > common + 1 for p in parts.values()
    ):
        common += 1
    return {path: "-".join(p[common:]) or stems[path] for path, p in parts.items()}


def _is_bare(mail: rawmail.RawMail) -> bool:
    """Whether nothing but the name of its file could say what the mail is."""
    return not mail.file and "X-Gmail-Labels:" not in mail.fields["headers"]


def _records(path: Path, kind: str, sink: Sink, report: Callable[[float], None] | None) -> Table:
    reader = open_records(path, kind)
    for batch in reader.batches():
        sink.add(batch)
        if report:
            report(reader.share())
    return Table(
        sink.close(),
        left_out=pd.DataFrame(reader.left_out, columns=list(LEFT_OUT)),
        notes=tuple(reader.notes),
    )


def open_records(path: Path, kind: str) -> Records:
    """The records of a file.

    Args:
        kind: "jsonl" (one object a line, or one array of objects; gzipped or not) or "parquet".

    Raises:
        BadFile: damaged, without any record, or with over `csv.MAX_COLUMNS` columns.
    """
    return ParquetRecords(path) if kind == "parquet" else JsonRecords(path)
