"""Decodes the bytes of a mail, and remarks on charsets that are wrong or missing."""

import codecs
from contextlib import suppress

from pipeline.intake.encoding import SPOKEN, find_encoding, make_writable

MOST_REMARKS = 20
"""At most this many remarks on a message are kept."""
NO_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}
"""Codecs that no mail uses: they take quadratic time or produce surrogates."""


class Remarks:
    """Collects remarks on how one message was read; each remark once, in order."""

    def __init__(self, decoded: bool) -> None:
        self.decoded = decoded  # by somebody else, so no charset fits any more
        self.remarks: dict[str, None] = {}

    def add(self, remark: str) -> None:
        if len(self.remarks) < MOST_REMARKS:
            self.remarks[remark] = None

    def charset(self, named: str, exists: bool, read_as: str) -> None:
        """Remark that a text was read in another charset than the one that it declares."""
        shown = _shown(named)
        if not exists:
            self.add(f"charset '{shown}' does not exist; read as {read_as}")
        elif not self.decoded:
            problem = f"not written in its charset {shown}" if named else "no charset named"
            self.add(f"{problem}; read as {read_as}")


def restore_bytes(content: bytes, charset: str, remarks: Remarks) -> tuple[bytes, str | None]:
    """Restore the bytes as sent, if somebody decoded them before, as making a CSV requires.

    Bytes that are valid UTF-8 are UTF-8 whatever the part declares, because text in another charset
    is hardly ever valid UTF-8. But if it was decoded as Latin-1, which accepts all bytes, undoing
    that gives the bytes in the declared charset.

    Returns:
        The bytes, and the charset to try first; None for UTF-8.
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
    """Decode bytes in the charset, else in UTF-8, else in the encoding that they look like."""
    for name in (charset, "utf-8"):
        if name:
            with suppress(LookupError, ValueError):  # unknown charset, or not written in it
                text = make_writable(data.decode(find_codec(name)))
                if remarks and charset and name != charset:
                    remarks.charset(charset, _exists(charset), "UTF-8")
                return text
    detected = find_encoding(data)
    if remarks:
        spoken = SPOKEN.get(detected.encoding, detected.encoding)
        remarks.charset(charset or "", not charset or _exists(charset), spoken)
    return make_writable("".join(detected.chunks()))


def _shown(charset: str) -> str:
    return " ".join(make_writable(charset[:40]).split())


def _exists(charset: str) -> bool:
    try:
        return bool(find_codec(charset))
    except (LookupError, ValueError):
        return False


def find_codec(charset: str) -> str:
    """Find the codec's own name; raises LookupError or ValueError if no mail can be in it."""
    name = codecs.lookup(charset[:40]).name
    if name in NO_CHARSETS:
        raise LookupError(charset)
    return name
