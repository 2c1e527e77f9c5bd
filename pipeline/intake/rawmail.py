"""Reads raw mail: an mbox, an .eml, or a zip or tar of them, and the word that says their label.

Everything is read as a stream, with one mail in memory at a time.
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
from pipeline.intake import archive, formats, labels, mbox, message
from pipeline.intake.textfile import identify_binary, measure_controls
from pipeline.wording import format_count, shorten

FILE_TYPE = re.compile(r"\.[a-z][a-z0-9]{0,4}", re.IGNORECASE)
"""Matches the ending of a name if it names a type; 00001.7c53336b and 1234.M5P6.host,S=7:2,S have
none."""
GMAIL = re.compile(r"^X-Gmail-Labels: (.*)$", re.IGNORECASE | re.MULTILINE)
TRASH = {"trash", "bin", "papierkorb", "corbeille", "papelera", "cestino", "lixeira"}
"""Names of Gmail's folder for deleted mail, which may be ham or spam."""
STATES = {"unread", "opened", "important", "starred", "ungelesen", "geöffnet", "wichtig", "non lus"}
"""Gmail's labels that say what was done with a mail, not in which folder it is."""
SNIFFED = 1 << 13
"""The first bytes of a file in an archive that decide its format; more would take longer than
reading it."""
MOST_LEFT_OUT = 10_000
"""At most this many files of an archive are listed as left out; the rest are counted."""


@dataclass(frozen=True)
class RawMail:
    """One mail of a file.

    Attributes:
        row: its number among the mails and the files left out, from 1.
        file: its path in the archive, or "".
        word: says its label (a folder, a label of Gmail, or what the user said), or "".
        fields: see `pipeline.intake.message.parse_message`.
    """

    row: int
    file: str
    word: str
    fields: dict[str, Any]


def open_mails(path: Path, kind: str, label: str | None = None) -> "MailReader":
    """Open a file of raw mail.

    Args:
        kind: "mbox", "eml", "zip" or "tar" (`pipeline.intake.formats.detect_format`).
        label: the word that says the label of all mails; None to look for one in each mail.
    """
    return MailReader(Path(path), kind, label)


class MailReader:
    """Yields the mails once; meanwhile fills `left_out` (row, id, reason, excerpt) and `notes`."""

    def __init__(self, path: Path, kind: str, label: str | None) -> None:
        self.path, self.kind, self.label = path, kind, label
        self.left_out: list[tuple[int, str, str, str]] = []
        self.notes: list[str] = []
        self._row = self._taken = self._more = 0
        self._share = 0.0
        self._tables: list[str] = []

    def share(self) -> float:
        """The share of the file that has been read, 0 to 1."""
        return self._share

    @property
    def rows(self) -> int:
        """The number of mails and files left out so far: the highest row."""
        return self._row

    def mails(self) -> Iterator[RawMail]:
        """Yield the mails in the order of the file.

        Raises:
            BadFile: if the file is damaged, hostile (`pipeline.intake.archive`) or without mail.
        """
        if self.kind in ("zip", "tar"):
            yield from self._read_archive()
        else:
            with self._open() as stream:
                yield from self._read_stream(stream, "", self.kind)
        self._share = 1.0
        if self._more:
            self.notes.append(f"{format_count(self._more, 'more file')} left out and not listed.")
        if not self._taken:
            raise self._build_error()

    @contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        try:
            with self.path.open("rb") as raw:
                zipped = raw.read(2) == formats.GZIP
                size = max(1, self.path.stat().st_size)
                raw.seek(0)
                source = _Watched(raw, gzip.GzipFile(fileobj=raw) if zipped else raw, size, self)
                yield cast(BinaryIO, io.BufferedReader(source, 1 << 20))
        except (EOFError, zlib.error, OSError) as error:
            raise BadFile(
                f'"{self.path.name}" is damaged or cut short ({error}); expected a complete file '
                "of mails. Upload it again or unpack it first."
            ) from error

    def _read_stream(self, stream: BinaryIO, file: str, kind: str) -> Iterator[RawMail]:
        if kind == "mbox":
            for raw in mbox.split_messages(stream):
                yield self._mail(file, message.parse_message(raw))
        else:
            yield self._mail(file, message.parse_message(_read_message(stream)))

    def _read_archive(self) -> Iterator[RawMail]:
        for member in archive.iterate_members(self.path, self._note_progress):
            if member.problem:
                self._leave_out(member.name, member.problem)
                continue
            before = self._taken
            try:
                yield from self._read_member(member.name, member.stream)
            except archive.DAMAGED as error:
                if self.kind == "tar":  # nothing after the damage can be found
                    raise BadFile(
                        f'"{self.path.name}" is damaged or cut short in {shorten(member.name, 60)} '
                        f"({error}); expected a complete tar. Upload it again or pack the mails "
                        "again."
                    ) from error
                read = (
                    format_count(self._taken - before, "mail")
                    if self._taken > before
                    else "nothing"
                )
                self._leave_out(member.name, f"is damaged ({error}); {read} of it was read")

    def _read_member(self, name: str, stream: BinaryIO) -> Iterator[RawMail]:
        path = PurePosixPath(name)
        head = stream.peek(SNIFFED)[:SNIFFED]  # type: ignore[attr-defined]
        if not head:
            self._leave_out(name, "is empty")
            return
        kind = formats.recognise(head)
        in_maildir = path.parent.name in ("cur", "new")
        if in_maildir or path.suffix.lower() in (".eml", ".emlx"):
            if kind in ("mbox", "eml") or not _describe_non_text(head, kind):
                yield from self._read_stream(stream, name, "eml")
                return
        elif kind in ("mbox", "eml"):
            yield from self._read_stream(stream, name, kind)
            return
        if reason := _describe_non_text(head, kind):
            self._leave_out(name, reason)
        elif formats.is_table_name(name) or kind == "jsonl":
            self._tables.append(name)
            self._leave_out(name, "is a table, not a mail; upload it by itself")
        elif path.suffix.lower() in ("", ".txt") or not FILE_TYPE.fullmatch(path.suffix):
            text = message.parse_bare_text(stream.read(message.MOST_BYTES + 1))
            yield self._mail(name, text)
        else:
            self._leave_out(name, f"is not a mail ({path.suffix[:20]})", head)

    def _mail(self, file: str, fields: dict[str, Any]) -> RawMail:
        self._row += 1
        self._taken += 1
        word = self.label
        if word is None:
            word = _read_gmail_label(fields["headers"])
        if word is None:
            word = _read_folder(file)
        return RawMail(self._row, file, word, fields)

    def _leave_out(self, name: str, reason: str, head: bytes = b"") -> None:
        self._row += 1
        if formats.is_table_name(name) and name not in self._tables:
            self._tables.append(name)
        if len(self.left_out) >= MOST_LEFT_OUT:
            self._more += 1
            return
        start = shorten(head[:500].decode("utf-8", "replace").replace("\0", ""))
        self.left_out.append((self._row, shorten(name, 200), reason, start))

    def _note_progress(self, text: str, share: float, left: float | None = None, /) -> None:
        self._share = share

    def _build_error(self) -> BadFile:
        if self.kind == "mbox":
            return BadFile(
                f'"{self.path.name}" contains no mail; expected an mbox, in which each mail '
                'begins with a line "From …". Export it again.'
            )
        if len(self._tables) == 1:
            return BadFile(
                f'"{self.path.name}" contains a table ({shorten(self._tables[0], 60)}) but no '
                "mails; expected a zip or tar of mails. Unpack it and upload the table itself."
            )
        reasons = sorted({reason for _, _, reason, _ in self.left_out})
        files = f" (its files: {shorten('; '.join(reasons), 200)})" if reasons else ""
        return BadFile(
            f'"{self.path.name}" contains no mail{files}; expected '
            f"{formats.describe_formats()}. Pack the mails as .eml or .txt files, in folders named "
            "ham and spam if you know which they are."
        )


class _Watched(io.RawIOBase):
    """A stream that reports to its reader how much of the file has been read."""

    def __init__(self, raw: Any, stream: Any, size: int, reader: MailReader) -> None:
        self._raw, self._stream, self._size, self._reader = raw, stream, size, reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._reader._note_progress("", min(1.0, self._raw.tell() / self._size))
        return len(data)


def _read_message(stream: BinaryIO) -> bytes:
    """Read one message, cut one byte after the limit; of an .emlx without its first line."""
    raw = stream.read(message.MOST_BYTES + 1)
    length = formats.LENGTH.match(raw)
    return raw[length.end() :][: int(length[0])] if length else raw


def _describe_non_text(head: bytes, kind: str) -> str:
    """Say why a file of an archive is not text; "" if it may be text."""
    if kind in ("zip", "tar") or head.startswith(tuple(formats.COMPRESSIONS)):
        return (
            "is an archive inside the archive and was not opened; unpack it and upload it by itself"
        )
    if binary := identify_binary(head):
        return f"is {binary}, not a mail"
    text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1", "replace")
    return "is a binary file, not a mail" if measure_controls(text) else ""


def _read_gmail_label(headers: str) -> str | None:
    """The most meaningful Gmail label of a mail; "" for trash, None if it has none."""
    match = GMAIL.search(headers)
    if not match:
        return None
    names = [name.strip(' "') for name in match[1].split(",")]
    names = [name for name in names if name and name.casefold() not in STATES]
    for meaning in ("spam", "trash", "ham"):
        for name in names:
            if meaning == "trash" and name.casefold() in TRASH:
                return ""
            if labels.interpret_word(name) == meaning and not labels.is_truth(name):
                return name
    own = [name for name in names if not name.casefold().startswith(("category", "kategorie"))]
    return (own or names or [""])[0]


def _read_folder(file: str) -> str:
    """The nearest folder, or the mbox itself, with the name of a label; otherwise the nearest."""
    path = PurePosixPath(file)
    last = [path.stem] if path.suffix.lower() in (".mbox", ".mbx") or not path.suffix else []
    folders = [*last, *reversed(path.parts[:-1])]
    for folder in folders:
        if word := _find_label(folder):
            return word
    plain = [f.strip(".") for f in reversed(path.parts[:-1]) if f not in ("cur", "new", "/")]
    return next((f for f in plain if f), "")


@lru_cache(4096)
def _find_label(folder: str) -> str:
    """The name of a folder, or the part of ".INBOX.Junk", that means ham or spam; otherwise ""."""
    for name in (folder.strip("."), *reversed(folder.split("."))):
        if labels.interpret_word(name) and not labels.is_truth(name):
            return name
    return ""
