"""A file to text: unzip it, and refuse what is no text."""

import gzip
import re
import zlib
from pathlib import Path

from pipeline.errors import BadFile
from pipeline.intake.encoding import Text, find_encoding
from pipeline.intake.wording import counted

MAX_BYTES = 1 << 30
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


def read_text(path: Path) -> Text:
    """Read a text file, gzipped or not, whatever its name says.

    Raises:
        BadFile: the path cannot be read; the file is empty, over `MAX_BYTES`, a damaged gzip file
            or no text at all.
    """
    data = _read_bytes(Path(path))
    name = f'"{Path(path).name}"'
    for magic, kind in MAGIC.items():
        if data.startswith(magic) or (magic[:1] == b"<" and data[:16].lower().startswith(magic)):
            raise BadFile(
                f"{name} is {kind}; expected a CSV file (plain or gzipped text). Export the mails "
                "as CSV and upload that."
            )
    text = find_encoding(data)
    if not any(chunk.strip(BLANK) for chunk in text.chunks()):
        raise BadFile(
            f"{name} is empty; expected a CSV file with column names in the first line and one "
            "mail in each record. Export it again."
        )
    head = next(text.chunks())
    controls = len(CONTROL.findall(head))
    if controls > 4 and controls > 0.05 * len(head):  # random bytes have 12 %, CSV files none
        raise BadFile(
            f"{name} is a binary file: {controls / len(head):.0%} of its characters are control "
            "characters; expected a CSV file (plain or gzipped text). Export the mails as CSV and "
            "upload that."
        )
    if nuls := text.count("\0"):
        note = f"Removed from the text: {counted(nuls, 'NUL character')}."
        text = Text(data, text.encoding, (*text.notes, note))
    return text


def _read_bytes(path: Path) -> bytes:
    """The whole file, unzipped when it begins like a gzip file."""
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            source = gzip.GzipFile(fileobj=raw) if zipped else raw
            # In pieces, since read(MAX_BYTES) sets that much memory aside at once.
            pieces = bytearray()
            while len(pieces) <= MAX_BYTES and (piece := source.read(1 << 20)):
                pieces += piece
            data = bytes(pieces)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadFile(
            f'"{path.name}" begins like a gzip file but is damaged or cut short ({error}); '
            "expected a whole .csv.gz. Upload it again or unpack it first."
        ) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise BadFile(
            f'"{path.name}" cannot be read ({why}); expected a CSV file that exists and that you '
            "may open. Check the path and its permissions."
        ) from error
    if len(data) > MAX_BYTES:
        raise BadFile(
            f'"{path.name}" holds more than {MAX_BYTES >> 20:,} MB of text; expected at most that. '
            "Split it or take a sample."
        )
    return data
