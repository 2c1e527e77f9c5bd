"""A file to text: unzip it, and refuse what is no text."""

import contextlib
import gzip
import re
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import BadFile
from pipeline.intake.encoding import Text, find_encoding
from pipeline.wording import counted

MAX_BYTES = 4 << 30
"""After unzipping. 1 GB of mail is some 300,000 mails; a gzip bomb expands 1,000-fold."""

FORMATS = "a CSV, JSON lines or Parquet file, an mbox, an .eml, or a zip or tar of mails"
"""What can be read, as it is said in a sentence."""
OFFICE = re.compile(
    rb"PK\x03\x04.{26}(?:\[Content_Types\]|_rels/|docProps/|xl/|word/|ppt/|mimetype)", re.DOTALL
)
"""The beginning of a zip that is an office document, by the name of its first member."""
MAGIC = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite database",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"\x1f\x8b": "a gzip file inside a gzip file",
    b"<!doctype": "a web page",
    b"<html": "a web page",
}
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
"""Not tab, line feed, form feed or escape (ISO-2022-JP uses it): no text has many of the rest."""
BLANK = "\0\ufeff \t\r\n"


@contextlib.contextmanager
def open_text(path: Path) -> Iterator[Text]:
    """A text file for the length of a with-block, gzipped or not, whatever its name says.

    What is gzipped is unzipped to a temporary file, since it is read more than once.

    Raises:
        BadFile: the path cannot be read; the file is empty, over `MAX_BYTES`, a damaged gzip file
            or no text at all.
    """
    path = Path(path)
    with _unzipped(path) as plain:
        text = find_encoding(plain)
        _expect_text(f'"{path.name}"', text)
        if nuls := text.count("\0"):
            note = f"Removed from the text: {counted(nuls, 'NUL character')}."
            text = Text(plain, text.encoding, (*text.notes, note))
        yield text


def foreign(start: bytes) -> str:
    """What bytes are that are no text, by how they begin: "a PDF"; "" when nothing is known."""
    if OFFICE.match(start):
        return "an Excel workbook or another office document"
    for magic, kind in MAGIC.items():
        if start.startswith(magic) or (magic[:1] == b"<" and start[:16].lower().startswith(magic)):
            return kind
    return ""


def controls(text: str) -> float:
    """The share of control characters when they are too many for a text, else 0."""
    found = len(CONTROL.findall(text))
    # random bytes have 12 %, CSV files none
    return found / len(text) if found > 4 and found > 0.05 * len(text) else 0.0


def _expect_text(name: str, text: Text) -> None:
    if kind := foreign(next(text.pieces(), b"")[:64]):
        raise BadFile(f"{name} is {kind}; expected {FORMATS}. Export the mails as one of them.")
    if not any(chunk.strip(BLANK) for chunk in text.chunks()):
        raise BadFile(
            f"{name} is empty; expected {FORMATS}. Export it again and look whether it has mails."
        )
    if share := controls(text.head()):
        raise BadFile(
            f"{name} is a binary file: {share:.0%} of its characters are control characters; "
            f"expected {FORMATS}. Export the mails as one of them."
        )


@contextlib.contextmanager
def _unzipped(path: Path) -> Iterator[Path]:
    """The path itself, or that of a temporary file when it begins like a gzip file."""
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
        if path.stat().st_size > MAX_BYTES:
            raise _too_large(path)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise BadFile(
            f'"{path.name}" cannot be read ({why}); expected a file that exists and that you '
            "may open. Check the path and its permissions."
        ) from error
    if not zipped:
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="spamlab-") as target:
        try:
            with gzip.open(path) as source:
                while piece := source.read(1 << 20):
                    target.write(piece)
                    if target.tell() > MAX_BYTES:
                        raise _too_large(path)
            target.flush()
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise BadFile(
                f'"{path.name}" begins like a gzip file but is damaged or cut short ({error}); '
                "expected a whole .gz. Upload it again or unpack it first."
            ) from error
        yield Path(target.name)


def _too_large(path: Path) -> BadFile:
    return BadFile(
        f'"{path.name}" holds more than {MAX_BYTES >> 20:,} MB of text; expected at most that. '
        "Split it or take a sample."
    )
