"""The file formats that intake reads, and which of them a file has: its first bytes decide.

`FORMATS` is the only list of formats. Their readers, the endings of their names, the help of the
command line and the sentences in messages all come from it, so a new format takes a file with its
reader and one line there.

>>> describe_formats()
'a table (CSV, JSON lines or Parquet) or raw mail (.eml, mbox, zip or tar)'
>>> recognise(b'{"label": "ham", "text": "See you at noon"}')
'jsonl'
"""

import bz2
import codecs
import importlib
import lzma
import re
import tarfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import BadFile
from pipeline.intake import message

HEAD = 1 << 15
"""The first bytes of a file, or of what is compressed in it, that decide its format."""
GZIP = b"\x1f\x8b"
COMPRESSIONS = {GZIP: "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz"}
OFFICE = re.compile(
    rb"PK\x03\x04.{26}(?:\[Content_Types\]|_rels/|docProps/|xl/|word/|ppt/|mimetype)", re.DOTALL
)
"""Matches a zip that is an office document, by the name of its first member."""
ENVELOPE = re.compile(rb"From [^\n]*\d:\d\d[^\n]*")
"""Matches a line that begins a message in an mbox: who sent it, and when."""
LENGTH = re.compile(rb"\d{1,12}[ \t]*\r?\n")
"""Matches the first line of an .emlx."""
BLANK = b" \t\r\n"


@dataclass(frozen=True)
class Format:
    """A file format.

    Attributes:
        kind: a stable word for programs.
        title: how sentences call it.
        is_table: whether it is a table of mails, in which columns have to be found, or raw mail.
        matches: whether a file that begins with these bytes has this format.
        reader: the module in `pipeline.intake` and the name in it that read it. A table has a
            subclass of `records.Records` or a function like `csv.read_table`; raw mail has
            `rawmail.MailReader`. A name, because the readers import this module.
        endings: of a table, the endings of its files' names, by which one in an archive is known.
    """

    kind: str
    title: str
    is_table: bool
    matches: Callable[[bytes], bool]
    reader: str
    endings: tuple[str, ...] = ()

    def load_reader(self) -> Any:
        """Import the reader."""
        module, _, name = self.reader.partition(":")
        return getattr(importlib.import_module(f"pipeline.intake.{module}"), name)


def refuse_unreadable(path: Path, error: Exception) -> BadFile:
    """The refusal of a file that the system does not let us read."""
    reason = getattr(error, "strerror", None) or error
    return BadFile(
        f'"{path.name}" cannot be read ({reason}); expected a file that exists and that you may '
        "open. Check the path and its permissions."
    )


def detect_format(path: Path) -> str:
    """Detect the format of a file, whatever its name says.

    Files compressed by gzip are looked into. "csv" does not promise that the file is one: its
    reader refuses what is not text.

    Returns:
        The `kind` of a format: "mbox", "eml", "zip", "tar" (compressed or not), "jsonl" (a JSON
        array too), "parquet", or "csv" for everything else.

    Raises:
        BadFile: if the file cannot be opened.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except (OSError, ValueError) as error:
        raise refuse_unreadable(path, error) from error
    compression = next((n for magic, n in COMPRESSIONS.items() if head.startswith(magic)), "")
    content = decompress_head(head, compression)
    if compression and is_tar(content):
        return "tar"
    kind = recognise(content if compression == "gzip" else head)
    return "csv" if compression and kind == "zip" else kind


def recognise(head: bytes) -> str:
    """Recognise a format by its first bytes (`HEAD` of them are enough); see `detect_format`.

    It does not look into compressed bytes.
    """
    return next(format_.kind for format_ in reversed(FORMATS) if format_.matches(head))


def get_format(kind: str) -> Format:
    """The format of a kind that `detect_format` returned."""
    return next(format_ for format_ in FORMATS if format_.kind == kind)


def list_titles(*, tables: bool | None = None, word: str = "") -> str:
    """List the titles of the formats, separated by commas.

    Args:
        tables: True for tables only, False for raw mail only, None for all.
        word: stands before the last title instead of a comma.

    >>> list_titles(tables=False)
    '.eml, mbox, zip, tar'
    """
    titles = [f.title for f in FORMATS if tables is None or f.is_table == tables]
    return f"{', '.join(titles[:-1])} {word} {titles[-1]}" if word else ", ".join(titles)


def describe_formats() -> str:
    """Name all formats in a phrase that follows the word "expected"."""
    tables, mail = (list_titles(tables=is_table, word="or") for is_table in (True, False))
    return f"a table ({tables}) or raw mail ({mail})"


def is_table_name(name: str) -> bool:
    """Whether a file's name ends like that of a table.

    >>> is_table_name("corpus/mails.CSV.gz"), is_table_name("mails.eml")
    (True, False)
    """
    endings = tuple(ending for format_ in FORMATS for ending in format_.endings)
    return name.lower().removesuffix(".gz").endswith(endings)


def decompress_head(head: bytes, compression: str) -> bytes:
    """The first `HEAD` bytes of what is compressed; b"" if it is damaged from its beginning."""
    decompressors: dict[str, Any] = {
        "gzip": lambda: zlib.decompressobj(wbits=31),
        "bzip2": bz2.BZ2Decompressor,
        "xz": lambda: lzma.LZMADecompressor(memlimit=1 << 28),
    }
    if compression not in decompressors:
        return head
    try:
        content: bytes = decompressors[compression]().decompress(head, HEAD)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError):
        return b""
    return content


def is_zip(head: bytes) -> bool:
    """Whether a file is a zip archive, and no office document."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06")) and not OFFICE.match(head)


def is_tar(head: bytes) -> bool:
    """Whether a file is a tar archive, by its own checksum: the oldest tars have no magic."""
    try:
        tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return True


def is_mbox(head: bytes) -> bool:
    """Whether a file begins with the envelope line of an mbox."""
    text = _find_text(head)
    return text.startswith(b"From ") and bool(ENVELOPE.match(text) or _is_message(text))


def is_eml(head: bytes) -> bool:
    """Whether a file begins with the headers of a message, in an .emlx after its length."""
    text = _find_text(head)
    length = LENGTH.match(text)
    return _is_message(text) or bool(length and _is_message(text[length.end() :]))


def is_jsonl(head: bytes) -> bool:
    """Whether a file begins with a JSON object or an array of objects."""
    return re.match(rb'\{\s*+(?:"|\})|\[\s*+(?:\{|\])', _find_text(head)) is not None


def _find_text(head: bytes) -> bytes:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "replace").encode(errors="replace")
    return head.removeprefix(codecs.BOM_UTF8).lstrip(BLANK)


def _is_message(text: bytes) -> bool:
    return message.is_message(text.replace(b"\r\n", b"\n").decode("latin-1"))


FORMATS: Sequence[Format] = (
    Format("csv", "CSV", True, lambda head: True, "csv:read_table", (".csv", ".tsv")),
    Format("jsonl", "JSON lines", True, is_jsonl, "json_lines:JsonRecords",
           (".json", ".jsonl", ".ndjson")),
    Format("parquet", "Parquet", True, lambda head: head.startswith(b"PAR1"),
           "parquet:ParquetRecords", (".parquet",)),
    Format("eml", ".eml", False, is_eml, "rawmail:MailReader"),
    Format("mbox", "mbox", False, is_mbox, "rawmail:MailReader"),
    Format("zip", "zip", False, is_zip, "rawmail:MailReader"),
    Format("tar", "tar", False, is_tar, "rawmail:MailReader"),
)  # fmt: skip
"""All formats, in the order in which sentences name them. A file has the last one that matches: an
mbox begins with a message too, and the first matches everything, for its reader refuses what is
not text."""
