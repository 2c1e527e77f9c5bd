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
from pipeline.intake.wording import counted

MAX_BYTES = 4 << 30
"""After unzipping. 1 GB of mail is some 300,000 mails; a gzip bomb expands 1,000-fold."""

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


def _expect_text(name: str, text: Text) -> None:
    start = next(text.pieces(), b"")[:16]
    for magic, kind in MAGIC.items():
        if start.startswith(magic) or (magic[:1] == b"<" and start.lower().startswith(magic)):
            raise BadFile(
                f"{name} is {kind}; expected a CSV file (plain or gzipped text). Export the mails "
                "as CSV and upload that."
            )
    if not any(chunk.strip(BLANK) for chunk in text.chunks()):
        raise BadFile(
            f"{name} is empty; expected a CSV file with column names in the first line and one "
            "mail in each record. Export it again."
        )
    head = text.head()
    controls = len(CONTROL.findall(head))
    if controls > 4 and controls > 0.05 * len(head):  # random bytes have 12 %, CSV files none
        raise BadFile(
            f"{name} is a binary file: {controls / len(head):.0%} of its characters are control "
            "characters; expected a CSV file (plain or gzipped text). Export the mails as CSV and "
            "upload that."
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
            f'"{path.name}" cannot be read ({why}); expected a CSV file that exists and that you '
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
                "expected a whole .csv.gz. Upload it again or unpack it first."
            ) from error
        yield Path(target.name)


def _too_large(path: Path) -> BadFile:
    return BadFile(
        f'"{path.name}" holds more than {MAX_BYTES >> 20:,} MB of text; expected at most that. '
        "Split it or take a sample."
    )
