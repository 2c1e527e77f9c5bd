"""Opens text files: unzips them, and refuses what is not text."""

import contextlib
import gzip
import re
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import BadFile
from pipeline.intake.encoding import Text, find_encoding
from pipeline.intake.formats import GZIP, OFFICE, describe_formats, refuse_unreadable
from pipeline.wording import format_count

MAX_BYTES = 4 << 30
"""The most bytes after unzipping. 1 GB of mail is about 300,000 mails; a gzip bomb expands
1,000-fold."""

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
"""Matches the control characters that are rare in text: not tab, line feed, form feed and escape,
which ISO-2022-JP uses."""
BLANK = "\0\ufeff \t\r\n"


@contextlib.contextmanager
def open_text(path: Path) -> Iterator[Text]:
    """Open a text file, gzipped or not, for the length of a with-block.

    A gzipped file is unzipped to a temporary file, because it is read more than once.

    Raises:
        BadFile: if the file cannot be read, is empty, exceeds `MAX_BYTES`, is a damaged gzip file
            or is not text.
    """
    path = Path(path)
    with _unzip(path) as plain:
        text = find_encoding(plain)
        _expect_text(f'"{path.name}"', text)
        if nuls := text.count("\0"):
            note = f"Removed {format_count(nuls, 'NUL character')} from the text."
            text = Text(plain, text.encoding, (*text.notes, note))
        yield text


def identify_binary(start: bytes) -> str:
    """Name the binary file that begins with these bytes, such as "a PDF"; "" if it is unknown.

    >>> identify_binary(b"%PDF-1.7")
    'a PDF'
    """
    if OFFICE.match(start):
        return "an Excel workbook or another office document"
    for magic, kind in MAGIC.items():
        if start.startswith(magic) or (magic[:1] == b"<" and start[:16].lower().startswith(magic)):
            return kind
    return ""


def measure_controls(text: str) -> float:
    """The share of control characters if there are too many for a text, otherwise 0."""
    n = len(CONTROL.findall(text))
    # Of random bytes 12% are control characters, of CSV files none.
    return n / len(text) if n > 4 and n > 0.05 * len(text) else 0.0


def _expect_text(name: str, text: Text) -> None:
    if kind := identify_binary(next(text.pieces(), b"")[:64]):
        raise BadFile(
            f"{name} is {kind}; expected {describe_formats()}. Export the mails as one of them."
        )
    if not any(chunk.strip(BLANK) for chunk in text.chunks()):
        raise BadFile(
            f"{name} is empty; expected {describe_formats()}. Export it again and check that it "
            "contains mails."
        )
    if share := measure_controls(text.head()):
        raise BadFile(
            f"{name} is a binary file: {share:.0%} of its characters are control characters; "
            f"expected {describe_formats()}. Export the mails as one of them."
        )


@contextlib.contextmanager
def _unzip(path: Path) -> Iterator[Path]:
    """The path itself, or that of a temporary file if it begins like a gzip file."""
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == GZIP
        if path.stat().st_size > MAX_BYTES:
            raise _too_large(path)
    except (OSError, ValueError) as error:
        raise refuse_unreadable(path, error) from error
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
                "expected a complete .gz. Upload it again or unzip it first."
            ) from error
        yield Path(target.name)


def _too_large(path: Path) -> BadFile:
    return BadFile(
        f'"{path.name}" contains more than {MAX_BYTES >> 20:,} MB of text; expected at most that '
        "much. Split it or take a sample."
    )
