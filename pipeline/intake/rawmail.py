"""Mails as they were sent: an mbox, one .eml, or a zip or tar of them, and what says their label.

Everything is read as a stream, a mail in memory at a time.
"""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from pipeline.errors import BadFile
from pipeline.intake import archive, kind, labels, mbox, message
from pipeline.intake.textfile import FORMATS, controls, foreign
from pipeline.wording import counted, shorten

TABLE = re.compile(r"\.(?:csv|tsv|jsonl?|ndjson|parquet)(?:\.gz)?$", re.IGNORECASE)
FILE_TYPE = re.compile(r"\.[a-z][a-z0-9]{0,4}", re.IGNORECASE)
"""A name's end that names a type; 00001.7c53336b and 1234.M5P6.host,S=7:2,S have none."""
GMAIL = re.compile(r"^X-Gmail-Labels: (.*)$", re.IGNORECASE | re.MULTILINE)
TRASH = {"trash", "bin", "papierkorb", "corbeille", "papelera", "cestino", "lixeira"}
"""Gmail's folder of deleted mail, which may be ham or spam."""
STATES = {"unread", "opened", "important", "starred", "ungelesen", "geöffnet", "wichtig", "non lus"}
"""Gmail's labels that say what was done with a mail and not where it lies."""
SNIFFED = 1 << 13
"""Bytes of a file in an archive that show what it is; more would take longer than to read it."""
MOST_LEFT_OUT = 10_000
"""Files of an archive that are told one by one; the rest is counted."""


@dataclass(frozen=True)
class RawMail:
    """One mail of a file.

    `row` counts the mails and what is left out, from 1. `file` is the path in the archive or "".
    `word` is what says the label (a folder, a label of Gmail, what the user said) or "". `fields`
    is as `pipeline.intake.message.parse` gives it.
    """

    row: int
    file: str
    word: str
    fields: dict[str, Any]


def read(path: Path, kind: str, label: str | None = None) -> "Reader":
    """A reader of the mails in a file.

    Args:
        kind: "mbox", "eml", "zip" or "tar", as `pipeline.intake.kind.kind_of` tells.
        label: what says the label of all these mails, or None to look for it in each.
    """
    return Reader(Path(path), kind, label)


class Reader:
    """Gives the mails once; `left_out` (row, id, reason, excerpt) and `notes` fill meanwhile."""

    def __init__(self, path: Path, kind: str, label: str | None) -> None:
        self.path, self.kind, self.label = path, kind, label
        self.left_out: list[tuple[int, str, str, str]] = []
        self.notes: list[str] = []
        self._row = self._found = self._more = 0
        self._share = 0.0
        self._tables: list[str] = []

    def share(self) -> float:
        """How much of the file was read, 0 to 1."""
        return self._share

    @property
    def rows(self) -> int:
        """How many mails and files left out there were so far: the highest row."""
        return self._row

    def mails(self) -> Iterator[RawMail]:
        """The mails in the order of the file.

        Raises:
            BadFile: damaged, hostile (see `pipeline.intake.archive`), or without any mail.
        """
        if self.kind in ("zip", "tar"):
            yield from self._of_archive()
        else:
            with self._opened() as stream:
                yield from self._of_stream(stream, "", self.kind)
        self._share = 1.0
        if self._more:
            self.notes.append(f"{counted(self._more, 'more file')} left out and not listed.")
        if not self._found:
            raise self._empty()

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        try:
            with self.path.open("rb") as raw:
                zipped = raw.read(2) == kind.GZIP
                size = max(1, self.path.stat().st_size)
                raw.seek(0)
                source = _Watched(raw, gzip.GzipFile(fileobj=raw) if zipped else raw, size, self)
                yield cast(BinaryIO, io.BufferedReader(source, 1 << 20))
        except (EOFError, zlib.error, OSError) as error:
            raise BadFile(
                f'"{self.path.name}" is damaged or cut short ({error}); expected a whole file of '
                "mails. Upload it again or unpack it first."
            ) from error

    def _of_stream(self, stream: BinaryIO, file: str, found: str) -> Iterator[RawMail]:
        if found == "mbox":
            for raw in mbox.messages(stream):
                yield self._mail(file, message.parse(raw))
        else:
            yield self._mail(file, message.parse(_whole_message(stream)))

    def _of_archive(self) -> Iterator[RawMail]:
        for member in archive.members(self.path, self._report):
            if member.problem:
                self._leave_out(member.name, member.problem)
                continue
            before = self._found
            try:
                yield from self._of_member(member.name, member.stream)
            except archive.DAMAGED as error:
                if self.kind == "tar":  # nothing behind the damage can be found
                    raise BadFile(
                        f'"{self.path.name}" is damaged or cut short in {shorten(member.name, 60)} '
                        f"({error}); expected a whole tar. Upload it again or pack it anew."
                    ) from error
                read = counted(self._found - before, "mail") if self._found > before else "nothing"
                self._leave_out(member.name, f"is damaged ({error}); {read} of it was read")

    def _of_member(self, name: str, stream: BinaryIO) -> Iterator[RawMail]:
        path = PurePosixPath(name)
        head = stream.peek(SNIFFED)[:SNIFFED]  # type: ignore[attr-defined]
        if not head:
            self._leave_out(name, "is empty")
            return
        found = kind.kind_of_bytes(head)
        in_maildir = path.parent.name in ("cur", "new")
        if in_maildir or path.suffix.lower() in (".eml", ".emlx"):
            if found in ("mbox", "eml") or not _not_text(head, found):
                yield from self._of_stream(stream, name, "eml")
                return
        elif found in ("mbox", "eml"):
            yield from self._of_stream(stream, name, found)
            return
        if reason := _not_text(head, found):
            self._leave_out(name, reason)
        elif TABLE.search(name) or found == "jsonl":
            self._tables.append(name)
            self._leave_out(name, "is a table and no mail: upload it by itself")
        elif path.suffix.lower() in ("", ".txt") or not FILE_TYPE.fullmatch(path.suffix):
            text = message.parse_text(stream.read(message.MOST_BYTES + 1))
            yield self._mail(name, text)
        else:
            self._leave_out(name, f"is no mail ({path.suffix[:20]})", head)

    def _mail(self, file: str, fields: dict[str, Any]) -> RawMail:
        self._row += 1
        self._found += 1
        word = self.label
        if word is None:
            word = _gmail(fields["headers"])
        if word is None:
            word = _folder(file)
        return RawMail(self._row, file, word, fields)

    def _leave_out(self, name: str, reason: str, head: bytes = b"") -> None:
        self._row += 1
        if TABLE.search(name) and name not in self._tables:
            self._tables.append(name)
        if len(self.left_out) >= MOST_LEFT_OUT:
            self._more += 1
            return
        start = shorten(head[:500].decode("utf-8", "replace").replace("\0", ""))
        self.left_out.append((self._row, shorten(name, 200), reason, start))

    def _report(self, share: float) -> None:
        self._share = share

    def _empty(self) -> BadFile:
        if self.kind == "mbox":
            return BadFile(
                f'"{self.path.name}" has no mail in it; expected an mbox, in which each mail '
                'begins with a line "From …". Export it again.'
            )
        if len(self._tables) == 1:
            return BadFile(
                f'"{self.path.name}" holds a table ({shorten(self._tables[0], 60)}) and no mails; '
                "expected a zip or tar of mails. Unpack it and upload the table itself."
            )
        reasons = sorted({reason for _, _, reason, _ in self.left_out})
        came = f" (its files: {shorten('; '.join(reasons), 200)})" if reasons else ""
        return BadFile(
            f'"{self.path.name}" has no mail in it{came}; expected {FORMATS}. Pack the mails as '
            ".eml or .txt files, in folders named ham and spam if you know which they are."
        )


class _Watched(io.RawIOBase):
    """A stream that tells its reader how far the file was read."""

    def __init__(self, raw: Any, stream: Any, size: int, reader: Reader) -> None:
        self._raw, self._stream, self._size, self._reader = raw, stream, size, reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._reader._report(min(1.0, self._raw.tell() / self._size))
        return len(data)


def _whole_message(stream: BinaryIO) -> bytes:
    """One message, cut one byte behind what is looked at; an .emlx without the line before it."""
    raw = stream.read(message.MOST_BYTES + 1)
    length = kind.LENGTH.match(raw)
    return raw[length.end() :][: int(length[0])] if length else raw


def _not_text(head: bytes, found: str) -> str:
    """Why a file of an archive is no text; "" when it may be one."""
    if found in ("zip", "tar") or head.startswith(tuple(kind.PACKED)):
        return "is an archive in the archive: not opened; unpack it and upload it by itself"
    if what := foreign(head):
        return f"is {what} and no mail"
    text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1", "replace")
    return "is a binary file and no mail" if controls(text) else ""


def _gmail(headers: str) -> str | None:
    """The label of a mail from Google Takeout that tells most; "" for trash, None without any."""
    found = GMAIL.search(headers)
    if not found:
        return None
    names = [name.strip(' "') for name in found[1].split(",")]
    names = [name for name in names if name and name.casefold() not in STATES]
    for meaning in ("spam", "trash", "ham"):
        for name in names:
            if meaning == "trash" and name.casefold() in TRASH:
                return ""
            if labels.mean(name) == meaning and not labels.is_truth(name):
                return name
    own = [name for name in names if not name.casefold().startswith(("category", "kategorie"))]
    return (own or names or [""])[0]


def _folder(file: str) -> str:
    """The nearest folder, or the mbox itself, that is named like a label; else the nearest."""
    path = PurePosixPath(file)
    last = [path.stem] if path.suffix.lower() in (".mbox", ".mbx") or not path.suffix else []
    folders = [*last, *reversed(path.parts[:-1])]
    for folder in folders:
        if word := _telling(folder):
            return word
    plain = [f.strip(".") for f in reversed(path.parts[:-1]) if f not in ("cur", "new", "/")]
    return next((f for f in plain if f), "")


@lru_cache(4096)
def _telling(folder: str) -> str:
    """The name of a folder, or that part of ".INBOX.Junk" which means ham or spam; else ""."""
    for name in (folder.strip("."), *reversed(folder.split("."))):
        if labels.mean(name) and not labels.is_truth(name):
            return name
    return ""
