"""Reads the head of a message and its MIME parts, within bounds against hostile mail.

The standard library parses single fields here, but not whole messages: its parser recurses into
nested parts and takes time quadratic in their depth.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from email.header import decode_header
from email.message import Message
from itertools import islice

from pipeline.intake.charsets import Remarks, decode_text, find_codec, restore_bytes
from pipeline.intake.encoding import make_writable

MOST_HEAD = 1_000_000
"""Only the first bytes of a head are read."""
MOST_PARTS = 200
"""At most this many parts of a message are read; a message with more is hostile."""
REST_UNREAD = f"more than {MOST_PARTS} parts: the rest is not read"
MOST_DEPTH = 20
"""Nested parts are read down to this level, because each level searches the whole again."""
MOST_FIELD = 10_000
"""Parameters are searched for in the first characters of a field."""

# An mbox separates messages by a line "From ". Possessive quantifiers (*+) keep this linear.
HEAD = re.compile(
    rb"(?:>?From [^\n]*+(?:\n|\Z))?(?:[!-9;-~]++[ \t]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+(?:\n|\Z))*+"
)
FIELD = re.compile(r"^([!-9;-~]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.MULTILINE)
# The standard allows 75 characters, real mail has more; the limit keeps the search linear.
WORD = r"=\?[^?\s]{1,40}\?[bq]\?[^\n]{0,500}?\?="
ENCODED = re.compile(rf"{WORD}(?:\s*{WORD}){{0,100}}+", re.IGNORECASE)

Fields = list[tuple[str, str]]


def normalise_lines(data: bytes) -> bytes:
    """Make lines end in a line feed, and drop empty ones at the beginning."""
    return data.replace(b"\r\n", b"\n").lstrip()


def read_head(data: bytes, remarks: Remarks) -> tuple[Fields, bytes]:
    """Read the fields of the head, unfolded and decoded, and the body after its empty line."""
    match = HEAD.match(data)
    end = match.end() if match else 0
    if end > MOST_HEAD:
        remarks.add(f"head longer than {MOST_HEAD // 1_000_000} MB: cut")
    head = decode_text(data[: min(end, MOST_HEAD)], None, None)
    fields = [(m[1], _unfold(m[2])) for m in FIELD.finditer(head)]
    return fields, data[end:].removeprefix(b"\n")


def _unfold(value: str) -> str:
    text = re.sub(r"\s+", " ", value)
    if "=?" in text:
        text = re.sub(r"\s+", " ", ENCODED.sub(lambda match: _decode_word(match[0]), text))
    return text.strip()


def _decode_word(text: str) -> str:
    try:
        pieces = [
            piece if isinstance(piece, str) else piece.decode(find_codec(charset or ""), "replace")
            for piece, charset in decode_header(text)
        ]
        return make_writable("".join(pieces))
    except Exception:  # the undecoded text is better than nothing
        return text


def first_field(fields: Fields, name: str) -> str | None:
    """Find the first value that is not empty of the fields with a name (in lower case), or None."""
    return next((value for field, value in fields if field.lower() == name and value), None)


def iterate_parts(fields: Fields, body: bytes, remarks: Remarks) -> Iterator[tuple[Message, bytes]]:
    """Yield the leaves of the tree of parts in order: their MIME fields and contents."""
    waiting = [(fields, body, 0)]
    seen = 0
    while waiting and seen < MOST_PARTS:
        seen += 1
        fields, body, depth = waiting.pop()
        part = _mime(fields)
        inner: list[bytes] = []
        if depth < MOST_DEPTH:
            if part.get_content_type() == "message/rfc822":
                inner = [decode_payload(part, body, remarks)[0]]
            elif part.get_content_maintype() == "multipart":
                inner = _split(body, _parameter(part, "boundary"))
                if len(inner) > MOST_PARTS:
                    remarks.add(REST_UNREAD)
                if not inner:  # the text may still be readable
                    part.replace_header("content-type", "text/plain")
                    remarks.add("no boundary between its parts: read as plain text")
        elif part.get_content_maintype() in ("message", "multipart"):
            remarks.add(f"deeper than {MOST_DEPTH} parts in parts: not read")
        waiting += [(*read_head(piece, remarks), depth + 1) for piece in reversed(inner)]
        if not inner:
            yield part, body
    if waiting:
        remarks.add(REST_UNREAD)


def _split(body: bytes, boundary: str) -> list[bytes]:
    """Split at the boundary lines; the last piece needs no line after it."""
    if not boundary:
        return []
    line = re.compile(rb"(?:\A|\n)--" + re.escape(boundary.encode()) + rb"(--)?[ \t]*(?=\n|\Z)")
    pieces: list[bytes] = []
    start = None
    for match in islice(line.finditer(body), MOST_PARTS + 1):
        if start is not None:
            pieces.append(body[start : match.start()])
        start = match.end() + 1
        if match[1]:
            return pieces
    return pieces if start is None else [*pieces, body[start:]]


def _mime(fields: Fields) -> Message:
    part = Message()
    for name, value in fields:
        if name.lower().startswith("content-") and name not in part:
            part[name] = value[:MOST_FIELD]
    return part


def _parameter(part: Message, name: str) -> str:
    """A parameter of the content type; "" if it is missing or unreadable."""
    try:
        value = part.get_content_charset() if name == "charset" else part.get_boundary()
    except Exception:  # parameters can be broken in more ways than `email` expects
        return ""
    return make_writable(value or "")


def read_file_name(part: Message) -> str:
    """Read the name of an attachment; "" for a part without one."""
    try:
        return make_writable(re.sub(r"\s+", " ", part.get_filename() or "").strip())
    except Exception:  # as above
        return "unreadable"


def read_disposition(part: Message) -> str:
    """Read the content disposition, such as "attachment" or "inline"; "" if there is none."""
    return str(part.get("content-disposition", "")).partition(";")[0].strip().lower()


def decode_payload(part: Message, content: bytes, remarks: Remarks) -> tuple[bytes, str | None]:
    """Decode the transfer encoding of a part; returns the bytes and the charset to read them in."""
    transfer = str(part.get("content-transfer-encoding", "")).strip().lower()
    charset = _parameter(part, "charset")
    if transfer in ("base64", "quoted-printable", "x-uuencode", "uuencode", "uue", "x-uue"):
        part.set_payload(content.decode("ascii", "surrogateescape"))
        decoded = None
        with suppress(Exception):  # as above
            decoded = part.get_payload(decode=True)
        if transfer == "base64" and (part.defects or decoded is None):
            remarks.add("base64 broken: read as far as it went")
        elif "uu" in transfer and decoded in (None, content):
            remarks.add("uuencode broken: left as it came")
        return decoded if isinstance(decoded, bytes) else content, charset
    if not content.isascii():
        return restore_bytes(content, charset, remarks)
    return content, charset
