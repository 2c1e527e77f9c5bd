"""The head of a message and the tree of its MIME parts, within bounds that hostile mail meets.

The standard library reads single fields here but not the whole: its parser recurses into nested
parts and takes time by the square of their depth.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from email.header import decode_header
from email.message import Message
from itertools import islice

from pipeline.intake.charsets import Remarks, charset_as_sent, decode_text, find_codec
from pipeline.intake.encoding import make_writable

MOST_HEAD = 1_000_000
"""Bytes of one head that are looked at."""
MOST_PARTS = 200
"""Parts of one message that are looked at; what goes on longer is hostile."""
REST_UNREAD = f"more than {MOST_PARTS} parts: the rest is not read"
MOST_DEPTH = 20
"""Parts in parts that are looked into: each level is one more search through the whole."""
MOST_FIELD = 10_000
"""Characters of a field that are looked at for parameters."""

# A first line "From " is how an mbox parts its messages. Nothing given back (*+): linear.
HEAD = re.compile(
    rb"(?:>?From [^\n]*+(?:\n|\Z))?(?:[!-9;-~]++[ \t]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+(?:\n|\Z))*+"
)
FIELD = re.compile(r"^([!-9;-~]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.MULTILINE)
# 75 characters by the standard, more in life; the limit keeps the search linear
WORD = r"=\?[^?\s]{1,40}\?[bq]\?[^\n]{0,500}?\?="
ENCODED = re.compile(rf"{WORD}(?:\s*{WORD}){{0,100}}+", re.IGNORECASE)

Fields = list[tuple[str, str]]


def normalise_lines(data: bytes) -> bytes:
    """Lines that end in a line feed, without empty ones before the first."""
    return data.replace(b"\r\n", b"\n").lstrip()


def read_head(data: bytes, remarks: Remarks) -> tuple[Fields, bytes]:
    """The fields of the head, unfolded and decoded, and what follows its empty line."""
    found = HEAD.match(data)
    end = found.end() if found else 0
    if end > MOST_HEAD:
        remarks.add(f"head longer than {MOST_HEAD // 1_000_000} MB: cut")
    head = decode_text(data[: min(end, MOST_HEAD)], None, None)
    fields = [(m[1], _unfold(m[2])) for m in FIELD.finditer(head)]
    return fields, data[end:].removeprefix(b"\n")


def _unfold(value: str) -> str:
    text = re.sub(r"\s+", " ", value)
    if "=?" in text:
        text = re.sub(r"\s+", " ", ENCODED.sub(lambda found: _word(found[0]), text))
    return text.strip()


def _word(text: str) -> str:
    try:
        pieces = [
            piece if isinstance(piece, str) else piece.decode(find_codec(charset or ""), "replace")
            for piece, charset in decode_header(text)
        ]
        return make_writable("".join(pieces))
    except Exception:  # as it came is still better than nothing
        return text


def first_field(fields: Fields, name: str) -> str | None:
    """The value of the first field of a name (in lower case) that has one, or None."""
    return next((value for field, value in fields if field.lower() == name and value), None)


def iterate_parts(fields: Fields, body: bytes, remarks: Remarks) -> Iterator[tuple[Message, bytes]]:
    """The leaves of the tree of parts, in order: their MIME fields and what is below them."""
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
                if not inner:  # what there is to read may still be read
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
    """What stands between the boundary lines; the last piece needs no line behind it."""
    if not boundary:
        return []
    line = re.compile(rb"(?:\A|\n)--" + re.escape(boundary.encode()) + rb"(--)?[ \t]*(?=\n|\Z)")
    pieces: list[bytes] = []
    start = None
    for found in islice(line.finditer(body), MOST_PARTS + 1):
        if start is not None:
            pieces.append(body[start : found.start()])
        start = found.end() + 1
        if found[1]:
            return pieces
    return pieces if start is None else [*pieces, body[start:]]


def _mime(fields: Fields) -> Message:
    part = Message()
    for name, value in fields:
        if name.lower().startswith("content-") and name not in part:
            part[name] = value[:MOST_FIELD]
    return part


def _parameter(part: Message, name: str) -> str:
    """A parameter of the content type; "" when there is none or none that can be read."""
    try:
        value = part.get_content_charset() if name == "charset" else part.get_boundary()
    except Exception:  # a parameter can be broken in more ways than email foresees
        return ""
    return make_writable(value or "")


def file_name(part: Message) -> str:
    """The name of an attachment, "" for a part without one."""
    try:
        return make_writable(re.sub(r"\s+", " ", part.get_filename() or "").strip())
    except Exception:  # as above
        return "unreadable"


def disposition(part: Message) -> str:
    """'attachment', 'inline' …; "" when the part does not say."""
    return str(part.get("content-disposition", "")).partition(";")[0].strip().lower()


def decode_payload(part: Message, content: bytes, remarks: Remarks) -> tuple[bytes, str | None]:
    """The bytes of a part without their transfer encoding, and the charset to read them in."""
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
        return charset_as_sent(content, charset, remarks)
    return content, charset
