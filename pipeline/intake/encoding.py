"""Detects the encoding of bytes and decodes them to lines of text.

Decoding never fails: bytes that do not belong to the encoding become U+FFFD and are counted. No
codec used here produces lone surrogates.
"""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from charset_normalizer import from_bytes

from pipeline.wording import format_count

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its first half
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OTHER_ENCODINGS = (
    *("cp1252", "latin_1", "iso8859_15", "cp1250", "iso8859_2", "cp1251", "koi8_r", "cp1253"),
    *("cp1254", "cp1255", "cp1256", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr"),
)
"""The encodings that charset-normalizer may choose from: those that mail uses, and none that
produces surrogates."""
WESTERN_SYMBOL = re.compile(
    rb"[\x92\x96\x97]|(?<![a-zA-Z])[\x80\x82\x84-\x8b\x91-\x9b\xa0-\xbf]"
    rb"|[\x80\x82\x84-\x8b\x91-\x9b\xa0-\xbf](?![a-zA-Z])"
)
"""Matches quotes, dashes, currencies and symbols of Windows-1252 that are not inside a word."""
REPLACEMENT = "\ufffd".encode()
SPOKEN = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "cp1252": "Windows-1252",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-16": "UTF-16",
}


@dataclass(frozen=True)
class Text:
    """Bytes or a file, with the encoding in which they are read.

    All methods may be called repeatedly. They read and decode piece by piece, because a file may be
    larger than memory, and a single emoji makes each character of a Python string take four bytes.
    """

    source: bytes | Path
    encoding: str
    notes: tuple[str, ...] = ()

    def _open(self) -> BinaryIO:
        return io.BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb")

    @property
    def size(self) -> int:
        """The number of bytes."""
        source = self.source
        return len(source) if isinstance(source, bytes) else source.stat().st_size

    def lines(self) -> Iterator[str]:
        """Yield lines with their line ends (LF, CR or CR LF), without NUL characters."""
        with io.TextIOWrapper(
            self._open(), encoding=self.encoding, errors="replace", newline=""
        ) as file:
            for line in file:
                yield line.replace("\0", "") if "\0" in line else line

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes, 1 MB at a time."""
        with self._open() as file:
            while piece := file.read(1 << 20):
                yield piece

    def chunks(self) -> Iterator[str]:
        """Yield the text of each piece, so that checking the whole text needs no copy of it."""
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        for piece in self.pieces():
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)

    def head(self) -> str:
        """The text of the first piece."""
        return next(self.chunks())

    def count(self, character: str) -> int:
        """Count how often `character` occurs."""
        return sum(chunk.count(character) for chunk in self.chunks())


@dataclass(frozen=True)
class _Census:
    """What the bytes contain as UTF-8.

    Attributes:
        ascii: whether all bytes are ASCII.
        wrong: invalid sequences.
        good: valid multi-byte characters.
        own: U+FFFD that the text itself contains.
    """

    ascii: bool = True
    wrong: int = 0
    good: int = 0
    own: int = 0


def find_encoding(source: bytes | Path) -> Text:
    """Find the encoding: by byte order mark, else UTF-8 or UTF-16, else charset-normalizer's guess.

    >>> find_encoding("Grüße".encode("cp1252")).encoding
    'cp1252'
    """
    raw = Text(source, "utf-8")
    head = next(raw.pieces(), b"")
    for mark, encoding in BOMS:
        if head.startswith(mark):
            return _add_notes(Text(source, encoding), _take_census(raw))
    wide = _utf16_without_mark(source, head[:4096])
    if wide:
        return _add_notes(Text(source, wide), _take_census(raw))
    census = _take_census(raw)
    # A UTF-8 file with a few broken mails is still UTF-8; in another encoding hardly any of the
    # high bytes happen to form a UTF-8 sequence.
    if census.wrong <= 0.1 * census.good:
        return _add_notes(raw, census)
    return _add_notes(Text(source, _guess(_read_high_lines(raw, 64 << 10))), census)


def _take_census(raw: Text) -> _Census:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    is_ascii, replaced, high, own = True, 0, 0, 0
    before = b""
    for piece in chain(raw.pieces(), [b""]):
        if piece.isascii() and before.isascii() and piece:
            before = piece[-2:]
            continue
        is_ascii &= piece.isascii()
        own += (before + piece).count(REPLACEMENT) if piece else 0
        text = decoder.decode(piece, final=not piece)
        replaced += text.count("\ufffd")
        high += len(re.findall(r"[^\x00-\x7f]", text))
        before = piece[-2:]
    return _Census(is_ascii, replaced - own, high - replaced, own)


def _utf16_without_mark(source: bytes | Path, head: bytes) -> str | None:
    """The byte order if NULs are only on one side of the byte pairs and everything decodes."""
    even, odd = head[::2].count(0) * 2, head[1::2].count(0) * 2
    # Names and commas alone make up 10%, even if the mails are Chinese; few letters of any script
    # end in a zero byte (Ā is one).
    if max(even, odd) < 0.1 * len(head) or min(even, odd) > 0.25 * max(even, odd):
        return None
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    text = Text(source, encoding)
    # In the wrong byte order a line feed is none, which reveals NULs strewn over an 8-bit file.
    has_lines = re.search(r"[\r\n]", text.head())
    return encoding if has_lines and not text.count("\ufffd") else None


def _guess(sample: bytes) -> str:
    """Ask charset-normalizer about lines that contain a byte above 127."""
    # English with £ and curly quotes offers no letter as evidence, and charset-normalizer would
    # read £5 as Ł5.
    high, symbols = len(re.findall(rb"[\x80-\xff]", sample)), len(WESTERN_SYMBOL.findall(sample))
    if symbols >= 0.9 * high:
        return "cp1252"
    matches = list(from_bytes(sample, cp_isolation=list(OTHER_ENCODINGS)))
    if not matches:
        return "cp1252"
    # If Western and Central European fit equally (as for German), Western is likelier. A tolerance
    # of 0.02 suffices: Western is not even among the matches of a Polish text.
    near = [m for m in matches if m.chaos <= matches[0].chaos + 0.02]
    western = any(
        {"cp1252", "latin_1", "iso8859_15"} & {m.encoding, *m.could_be_from_charset} for m in near
    )
    if matches[0].encoding in ("cp1250", "iso8859_2"):
        western |= re.search(rb"\xa3\d", sample) is not None  # £5; no Polish word is Ł5
    # Programs that have never met a curly quote say Latin-1 and mean Windows-1252.
    return "cp1252" if western else matches[0].encoding


def _read_high_lines(raw: Text, size: int) -> bytes:
    """The first lines that contain a byte above 127, up to `size` bytes."""
    lines, length = [], 0
    for piece in raw.pieces():
        end = 0
        for match in re.finditer(rb"[\x80-\xff]", piece):
            if match.start() < end:
                continue
            start = piece.rfind(b"\n", end, match.start()) + 1 or end
            end = piece.find(b"\n", match.end()) + 1 or len(piece)
            lines.append(piece[start : min(end, start + size)])
            length += len(lines[-1])
            if length >= size:
                return b"".join(lines)
    return b"".join(lines)


def _add_notes(text: Text, census: _Census) -> Text:
    """Add notes about an encoding that is not UTF-8 and about bytes that were replaced."""
    notes: list[str] = []
    spoken = SPOKEN.get(text.encoding, text.encoding)
    own = 0
    if text.encoding.startswith("utf-8"):
        own = census.own
    else:
        notes.append(f"The file is not UTF-8; it was read as {spoken}.")
    lost = 0 if census.ascii else text.count("\ufffd") - own
    if lost > 0:
        notes.append(f"Replaced {format_count(lost, 'character')} not valid in {spoken} by \ufffd.")
    return Text(text.source, text.encoding, tuple(notes))


def make_writable(text: str) -> str:
    r"""Make a text writable to a file: without NUL and without lone surrogates.

    >>> make_writable("a\0b\ud800")
    'ab?'
    """
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode(errors="replace").decode()
