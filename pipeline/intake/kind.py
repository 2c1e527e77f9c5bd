"""What a file holds, told from its first bytes; its name does not count."""

import bz2
import codecs
import lzma
import re
import tarfile
import zlib
from pathlib import Path
from typing import Any

from pipeline.errors import BadFile
from pipeline.intake import message
from pipeline.intake.textfile import OFFICE

HEAD = 1 << 15
"""Bytes of a file, or of what is packed in it, that are looked at."""
GZIP = b"\x1f\x8b"
PACKED = {GZIP: "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz"}
ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
RAW_MAIL = ("mbox", "eml", "zip", "tar")
"""Kinds that `pipeline.intake.rawmail` reads."""
RECORDS = ("jsonl", "parquet")
"""Kinds that `pipeline.intake.records` reads."""
ENVELOPE = re.compile(rb"From [^\n]*\d:\d\d[^\n]*")
"""A line that begins a message in an mbox: who sent it, and when."""
LENGTH = re.compile(rb"\d{1,12}[ \t]*\r?\n")
"""The first line of an .emlx."""
BLANK = b" \t\r\n"


def kind_of(path: Path) -> str:
    """ "mbox", "eml", "zip", "tar" (packed or not), "jsonl", "parquet", or "csv" for the rest.

    What is gzipped is looked into. A JSON array counts as "jsonl". "csv" does not promise that
    the file is one: its reader refuses what is no text with a sentence of its own.

    Raises:
        BadFile: the file cannot be opened.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise BadFile(
            f'"{path.name}" cannot be read ({why}); expected a file that exists and that you may '
            "open. Check the path and its permissions."
        ) from error
    packing = next((name for magic, name in PACKED.items() if head.startswith(magic)), "")
    inside = unpacked(head, packing)
    if packing and _is_tar(inside):
        return "tar"
    found = kind_of_bytes(inside if packing == "gzip" else head)
    return "csv" if packing and found == "zip" else found


def kind_of_bytes(head: bytes) -> str:
    """As `kind_of`, from the first bytes (`HEAD` of them are enough); gzip is not looked into."""
    if head.startswith(ZIPS) and not OFFICE.match(head):
        return "zip"
    if _is_tar(head):
        return "tar"
    if head.startswith(b"PAR1"):
        return "parquet"
    text = _start_of_text(head)
    if text.startswith(b"From ") and (ENVELOPE.match(text) or _is_message(text)):
        return "mbox"
    if _is_message(text) or _is_message(text[_end(LENGTH.match(text)) :]):
        return "eml"
    if re.match(rb'\{\s*+(?:"|\})|\[\s*+(?:\{|\])', text):
        return "jsonl"
    return "csv"


def unpacked(head: bytes, packing: str) -> bytes:
    """The first `HEAD` bytes of what is packed; b"" when it is damaged from its beginning."""
    opened: dict[str, Any] = {
        "gzip": lambda: zlib.decompressobj(wbits=31),
        "bzip2": bz2.BZ2Decompressor,
        "xz": lambda: lzma.LZMADecompressor(memlimit=1 << 28),
    }
    if packing not in opened:
        return head
    try:
        found: bytes = opened[packing]().decompress(head, HEAD)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError):
        return b""
    return found


def _is_tar(head: bytes) -> bool:
    try:  # its own check sum, since the oldest tars have no magic
        tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return True


def _start_of_text(head: bytes) -> bytes:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "replace").encode(errors="replace")
    return head.removeprefix(codecs.BOM_UTF8).lstrip(BLANK)


def _is_message(text: bytes) -> bool:
    return message.is_message(text.replace(b"\r\n", b"\n").decode("latin-1"))


def _end(found: re.Match[bytes] | None) -> int:
    return found.end() if found else 0
