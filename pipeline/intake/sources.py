"""Reads files of any format to one Table: a table of mails, or raw mail."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from pipeline.errors import BadFile
from pipeline.intake import rawmail, unpack
from pipeline.intake.formats import detect_format, get_format, list_titles
from pipeline.intake.records import Records
from pipeline.intake.table import LEFT_OUT, ROW, Sink, Table
from pipeline.workspace.progress import Progress, ignore_progress

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
    """A file of mails; `label` is "ham" or "spam" if the user says that all of them are."""

    path: Path
    label: str | None = None


def open_table(
    files: Sequence[MailFile],
    into: Path | None = None,
    progress: Progress = ignore_progress,
    keep_ragged: bool = False,
) -> Table:
    """Read one file of any format, or several files of raw mail, to a Table.

    Args:
        into: a Parquet file to create for the records; None to hold them in memory.
        progress: receives the share that is read, now and then.
        keep_ragged: as for `csv.read_table`.

    Raises:
        BadFile: if a file cannot be read, contains no mail, or cannot be combined with the others.
    """
    formats = {file.path: get_format(detect_format(file.path)) for file in files}
    tables = [path for path, mail_format in formats.items() if mail_format.is_table]
    if not tables:
        kinds = {path: mail_format.kind for path, mail_format in formats.items()}
        return _read_mails(files, kinds, Sink(into), progress)
    name, raw_mail = f'"{tables[0].name}"', f"raw mail ({list_titles(tables=False)})"
    if len(files) > 1:
        raise BadFile(
            f"{name} is a table of mails; expected it alone, or several files of {raw_mail}. "
            "Upload each table by itself, or combine them first."
        )
    if files[0].label is not None:
        raise BadFile(
            f"{name} is a table of mails, whose labels are in a column; expected {raw_mail}, of "
            "which a whole file can be declared ham or spam."
        )
    reader = formats[files[0].path].load_reader()
    if isinstance(reader, type) and issubclass(reader, Records):
        return _read_records(reader(files[0].path), Sink(into), progress)
    table: Table = reader(files[0].path, keep_ragged, into, progress)
    return table


def _read_mails(
    files: Sequence[MailFile],
    kinds: dict[Path, str],
    sink: Sink,
    progress: Progress,
) -> Table:
    left_out: list[tuple[int, str, str, str]] = []
    notes: list[str] = []
    batch: list[dict[str, Any]] = []
    size = before = done = 0
    total = sum(file.path.stat().st_size for file in files)
    has_sources = False
    words = derive_labels([file.path for file in files])
    for file in files:
        reader = rawmail.open_mails(file.path, kinds[file.path], file.label)
        weight = file.path.stat().st_size
        for mail in reader.mails():
            parts = (file.path.name if len(files) > 1 else "", mail.file)
            source = "/".join(filter(None, parts))
            has_sources |= bool(source)
            word = mail.word or (words[file.path] if _lacks_label(mail) else "")
            batch.append({ROW: before + mail.row, "source": source, "label": word, **mail.fields})
            size += sum(len(mail.fields[name]) for name in ("body", "html", "headers")) + 64
            if size > unpack.BATCH:
                sink.add(pa.Table.from_pylist(batch, SCHEMA))
                batch, size = [], 0
            # after each mail, because a batch of raw mail takes seconds
            progress(f"Reading {file.path.name}", (done + reader.share() * weight) / total)
        left_out += [
            (before + row, mail_id, reason, excerpt)
            for row, mail_id, reason, excerpt in reader.left_out
        ]
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
        hidden=frozenset() if has_sources else frozenset({"source"}),
    )


def _read_records(reader: Records, sink: Sink, progress: Progress) -> Table:
    for batch in reader.batches():
        sink.add(batch)
        progress(f"Reading {reader.path.name}", reader.share())
    return Table(
        sink.close(),
        left_out=pd.DataFrame(reader.left_out, columns=list(LEFT_OUT)),
        notes=tuple(reader.notes),
    )


def derive_labels(paths: Sequence[Path]) -> dict[Path, str]:
    """Derive from the names of files what their mails are: what the names do not share.

    >>> list(derive_labels([Path("corpus-ham.mbox"), Path("corpus-spam.mbox")]).values())
    ['ham', 'spam']
    """
    stems = {path: path.name.removesuffix(".gz").rsplit(".", 1)[0] for path in paths}
    parts = {path: [part for part in SEPARATOR.split(stem) if part] for path, stem in stems.items()}
    common = 0
    while len({tuple(p[: common + 1]) for p in parts.values()}) == 1 < len(paths) and all(
        len(p) > common + 1 for p in parts.values()
    ):
        common += 1
    return {path: "-".join(p[common:]) or stems[path] for path, p in parts.items()}


def _lacks_label(mail: rawmail.RawMail) -> bool:
    """Whether only the name of its file can say what the mail is."""
    return not mail.file and "X-Gmail-Labels:" not in mail.fields["headers"]
