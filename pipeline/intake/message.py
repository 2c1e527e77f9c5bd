"""One raw message (RFC 5322 with MIME) to the fields of a mail; never crashes on a broken one.

The standard library reads single fields here but not the whole: its parser recurses into nested
parts and takes time by the square of their depth.
"""

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from email.header import decode_header
from email.message import Message
from itertools import islice
from typing import Any

from pipeline.intake.dates import mail_date
from pipeline.intake.encoding import SPOKEN, find_encoding
from pipeline.intake.html import MOST_CHARACTERS, html_to_text

MOST_BYTES = 50_000_000
"""Bytes of one message that are looked at."""
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
KNOWN = re.compile(
    r"^(?:received|from|to|subject|return-path|message-id|date|delivered-to|mime-version"
    r"|content-type|reply-to|x-[\w-]+)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
SUBJECT = re.compile(r"\s*+subject:[^\S\n]*+([^\n]*+)(?:\n|\Z)", re.IGNORECASE)
HEAD_LOOKED_AT = 20_000
"""Characters at the beginning of a text that show whether it is a message."""
# codecs that are no charset of a mail: slow (a square of the length) or full of surrogates
MOST_REMARKS = 20
"""Remarks on one message that are kept."""
NO_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}


def is_message(text: str) -> bool:
    """Whether a text begins with the head of a message: two of its usual lines, or more."""
    start = text[:HEAD_LOOKED_AT].encode(errors="replace")
    found = HEAD.match(_lines(start))
    head = found[0].decode(errors="replace") if found else ""
    return len(list(islice(KNOWN.finditer(head), 2))) == 2


def parse(raw: bytes | str) -> dict[str, Any]:
    """A message as a dict of subject, body, sender, date, html, headers and attachments.

    Texts are str: `body` is the text/plain parts, or the HTML as text when there are none;
    `html` is the HTML as it came ("" without any); `headers` is one unfolded ``Name: value`` a
    line, encoded words decoded; `attachments` is one ``type/subtype name`` a line. `sender` is
    None without a From field and `date` is None without a date from 1970 to 2099, else UTC.
    `reading` is one remark a line on what could not be read as it stands, "" for most messages.

    Args:
        raw: str when somebody has decoded it before, as in a CSV.
    """
    told = _Remarks(decoded=isinstance(raw, str))
    if len(raw) > MOST_BYTES:
        told.add(f"message longer than {MOST_BYTES // 1_000_000} MB: cut")
    data = raw[:MOST_BYTES]
    data = data.encode(errors="replace") if isinstance(data, str) else data
    fields, body = _open(_lines(data), told)
    if not fields and body:
        told.add("no head: all of it is text")
    plain, html, attachments = _texts(fields, body, told)
    written = _first(fields, "date") or ""
    date = mail_date(written[:200])
    if written and date is None:
        told.add("date that cannot be read or lies outside 1970 to 2099: ignored")
    from_html = bool(html) and not plain.strip()
    if from_html:
        told.add("text from HTML, no plain text part")
        if len(html) > MOST_CHARACTERS:
            told.add(f"HTML longer than {MOST_CHARACTERS // 1_000_000} MB: its text is cut")
    return {
        "subject": _first(fields, "subject") or "",
        "body": html_to_text(html) if from_html else plain,
        "sender": _first(fields, "from"),
        "date": date,
        "html": html,
        "headers": "\n".join(f"{name}: {value}" for name, value in fields),
        "attachments": "\n".join(attachments),
        "reading": "\n".join(told.remarks),
    }


def parse_text(raw: bytes) -> dict[str, Any]:
    """As `parse`, of a text without a head; a first line "Subject: ..." is the subject."""
    told = _Remarks(decoded=False)
    if len(raw) > MOST_BYTES:
        told.add(f"message longer than {MOST_BYTES // 1_000_000} MB: cut")
    text = _text(raw[:MOST_BYTES], None, told).removeprefix("\ufeff").replace("\r\n", "\n")
    found = SUBJECT.match(text)
    return {
        "subject": " ".join(found[1].split()) if found else "",
        "body": text[found.end() :] if found else text,
        "sender": None,
        "date": None,
        "html": "",
        "headers": "",
        "attachments": "",
        "reading": "\n".join(told.remarks),
    }


class _Remarks:
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


Fields = list[tuple[str, str]]


def _lines(data: bytes) -> bytes:
    """Lines that end in a line feed, without empty ones before the first."""
    return data.replace(b"\r\n", b"\n").lstrip()


def _open(data: bytes, told: _Remarks) -> tuple[Fields, bytes]:
    """The fields of the head, unfolded and decoded, and what follows its empty line."""
    found = HEAD.match(data)
    end = found.end() if found else 0
    if end > MOST_HEAD:
        told.add(f"head longer than {MOST_HEAD // 1_000_000} MB: cut")
    head = _text(data[: min(end, MOST_HEAD)], None, None)
    fields = [(m[1], _unfold(m[2])) for m in FIELD.finditer(head)]
    return fields, data[end:].removeprefix(b"\n")


def _texts(fields: Fields, body: bytes, told: _Remarks) -> tuple[str, str, list[str]]:
    plain: list[str] = []
    html: list[str] = []
    attachments: list[str] = []
    for part, content in _parts(fields, body, told):
        kind, name = part.get_content_type(), _name(part)
        if name or _disposition(part) == "attachment" or not kind.startswith("text/"):
            attachments.append(f"{_clean(kind)} {name}".strip())
        else:
            text = _text(*_payload(part, content, told), told).replace("\r\n", "\n")
            (html if kind == "text/html" else plain).append(text)
    return "\n".join(plain), "\n".join(html), attachments


def _parts(fields: Fields, body: bytes, told: _Remarks) -> Iterator[tuple[Message, bytes]]:
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
                inner = [_payload(part, body, told)[0]]
            elif part.get_content_maintype() == "multipart":
                inner = _split(body, _parameter(part, "boundary"))
                if len(inner) > MOST_PARTS:
                    told.add(REST_UNREAD)
                if not inner:  # what there is to read may still be read
                    part.replace_header("content-type", "text/plain")
                    told.add("no boundary between its parts: read as plain text")
        elif part.get_content_maintype() in ("message", "multipart"):
            told.add(f"deeper than {MOST_DEPTH} parts in parts: not read")
        waiting += [(*_open(piece, told), depth + 1) for piece in reversed(inner)]
        if not inner:
            yield part, body
    if waiting:
        told.add(REST_UNREAD)


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
    return _clean(value or "")


def _name(part: Message) -> str:
    try:
        return _clean(re.sub(r"\s+", " ", part.get_filename() or "").strip())
    except Exception:  # as above
        return "unreadable"


def _disposition(part: Message) -> str:
    return str(part.get("content-disposition", "")).partition(";")[0].strip().lower()


def _payload(part: Message, content: bytes, told: _Remarks) -> tuple[bytes, str | None]:
    """The bytes of a part without their transfer encoding, and the charset to read them in."""
    transfer = str(part.get("content-transfer-encoding", "")).strip().lower()
    charset = _parameter(part, "charset")
    if transfer in ("base64", "quoted-printable", "x-uuencode", "uuencode", "uue", "x-uue"):
        part.set_payload(content.decode("ascii", "surrogateescape"))
        decoded = None
        with suppress(Exception):  # as above
            decoded = part.get_payload(decode=True)
        if transfer == "base64" and (part.defects or decoded is None):
            told.add("base64 broken: read as far as it went")
        elif "uu" in transfer and decoded in (None, content):
            told.add("uuencode broken: left as it came")
        return decoded if isinstance(decoded, bytes) else content, charset
    if not content.isascii():
        return _as_sent(content, charset, told)
    return content, charset


def _as_sent(content: bytes, charset: str, told: _Remarks) -> tuple[bytes, str | None]:
    """Bytes that somebody may have decoded before, as whoever makes a CSV has to.

    What is UTF-8 is so whatever the part says, since no other charset is by chance; but where it
    was read as Latin-1, which takes all bytes, these bytes are those of the charset.
    """
    with suppress(ValueError):
        text = content.decode()
        with suppress(ValueError, LookupError):
            read_as_latin = text.encode("latin-1")
            read_as_latin.decode(_known(charset))
            return read_as_latin, charset
        exists = not charset or _exists(charset)
        if charset and not (exists and _known(charset) == "utf-8"):
            told.charset(charset, exists, "UTF-8")
        return content, None
    return content, charset


def _text(data: bytes, charset: str | None, told: _Remarks | None) -> str:
    """The bytes in a charset, in UTF-8, or in what they look like; the first that fits."""
    for name in (charset, "utf-8"):
        if name:
            with suppress(LookupError, ValueError):  # no such charset, or not written in it
                text = _clean(data.decode(_known(name)))
                if told and charset and name != charset:
                    told.charset(charset, _exists(charset), "UTF-8")
                return text
    found = find_encoding(data)
    if told:
        spoken = SPOKEN.get(found.encoding, found.encoding)
        told.charset(charset or "", not charset or _exists(charset), spoken)
    return _clean("".join(found.chunks()))


def _shown(charset: str) -> str:
    return " ".join(_clean(charset[:40]).split())


def _exists(charset: str) -> bool:
    try:
        return bool(_known(charset))
    except (LookupError, ValueError):
        return False


def _known(charset: str) -> str:
    """The codec's own name; LookupError or ValueError when no mail is written in it."""
    name = codecs.lookup(charset[:40]).name
    if name in NO_CHARSETS:
        raise LookupError(charset)
    return name


def _unfold(value: str) -> str:
    text = re.sub(r"\s+", " ", value)
    if "=?" in text:
        text = re.sub(r"\s+", " ", ENCODED.sub(lambda found: _word(found[0]), text))
    return text.strip()


def _word(text: str) -> str:
    try:
        pieces = [
            piece if isinstance(piece, str) else piece.decode(_known(charset or ""), "replace")
            for piece, charset in decode_header(text)
        ]
        return _clean("".join(pieces))
    except Exception:  # as it came is still better than nothing
        return text


def _first(fields: Fields, wanted: str) -> str | None:
    return next((value for name, value in fields if name.lower() == wanted and value), None)


def _clean(text: str) -> str:
    """Without NUL, and no half of a character: what can be written to a file."""
    return text.replace("\0", "").encode(errors="replace").decode()
