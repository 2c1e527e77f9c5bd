"""Which charset a mail's bytes are written in, and what there is to say about it."""

import codecs
from contextlib import suppress

from pipeline.intake.encoding import SPOKEN, find_encoding, make_writable

MOST_REMARKS = 20
"""Remarks on one message that are kept."""
NO_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}
"""Codecs that are no charset of a mail: slow (a square of the length) or full of surrogates."""


class Remarks:
    """What there is to say on the reading of one message; each remark once, in order."""

    def __init__(self, decoded: bool) -> None:
        self.decoded = decoded  # by somebody else: then no charset is right any more
        self.remarks: dict[str, None] = {}

    def add(self, remark: str) -> None:
        if len(self.remarks) < MOST_REMARKS:
            self.remarks[remark] = None

    def charset(self, named: str, exists: bool, read_as: str) -> None:
        """Told when a text was read in another charset than the one named for it."""
        shown = _shown(named)
        if not exists:
            self.add(f"charset '{shown}' does not exist; read as {read_as}")
        elif not self.decoded:
            said = f"not written in its charset {shown}" if named else "no charset named"
            self.add(f"{said}; read as {read_as}")


def charset_as_sent(content: bytes, charset: str, remarks: Remarks) -> tuple[bytes, str | None]:
    """Bytes that somebody may have decoded before, as whoever makes a CSV has to.

    What is UTF-8 is so whatever the part says, since no other charset is by chance; but where it
    was read as Latin-1, which takes all bytes, these bytes are those of the charset.
    """
    with suppress(ValueError):
        text = content.decode()
        with suppress(ValueError, LookupError):
            read_as_latin = text.encode("latin-1")
            read_as_latin.decode(find_codec(charset))
            return read_as_latin, charset
        exists = not charset or _exists(charset)
        if charset and not (exists and find_codec(charset) == "utf-8"):
            remarks.charset(charset, exists, "UTF-8")
        return content, None
    return content, charset


def decode_text(data: bytes, charset: str | None, remarks: Remarks | None) -> str:
    """The bytes in a charset, in UTF-8, or in what they look like; the first that fits."""
    for name in (charset, "utf-8"):
        if name:
            with suppress(LookupError, ValueError):  # no such charset, or not written in it
                text = make_writable(data.decode(find_codec(name)))
                if remarks and charset and name != charset:
                    remarks.charset(charset, _exists(charset), "UTF-8")
                return text
    found = find_encoding(data)
    if remarks:
        spoken = SPOKEN.get(found.encoding, found.encoding)
        remarks.charset(charset or "", not charset or _exists(charset), spoken)
    return make_writable("".join(found.chunks()))


def _shown(charset: str) -> str:
    return " ".join(make_writable(charset[:40]).split())


def _exists(charset: str) -> bool:
    try:
        return bool(find_codec(charset))
    except (LookupError, ValueError):
        return False


def find_codec(charset: str) -> str:
    """The codec's own name; LookupError or ValueError when no mail is written in it."""
    name = codecs.lookup(charset[:40]).name
    if name in NO_CHARSETS:
        raise LookupError(charset)
    return name
