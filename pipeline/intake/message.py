"""One raw message (RFC 5322 with MIME) to the fields of a mail; never crashes on a broken one."""

import email
import re
from contextlib import suppress
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

from pipeline.intake.encoding import find_encoding

MOST_PARTS = 200
"""Parts of one message that are looked at; what nests deeper or goes on longer is hostile."""
MOST_BYTES = 50_000_000
"""Bytes of one message that are looked at."""
# blocks whose edges are line breaks when the mail is read
BLOCKS = (
    "address,article,blockquote,br,center,div,dl,dt,dd,fieldset,footer,form,h1,h2,h3,h4,h5,h6,"
    "header,hr,li,ol,p,pre,section,table,td,th,title,tr,ul"
)


def parse(raw: bytes) -> dict[str, Any]:
    """A message as a dict of subject, body, sender, date, html, headers and attachments.

    Texts are str: `body` is the text/plain parts, or the HTML as text when there are none;
    `html` is the HTML as it came ("" without any); `headers` is one unfolded ``Name: value`` a
    line, encoded words decoded; `attachments` is one ``type/subtype name`` a line. `sender` is
    None without a From field and `date` is None without a date that can be read, else UTC.
    """
    try:
        message = email.message_from_bytes(raw[:MOST_BYTES], policy=policy.compat32)
    except (MessageError, RecursionError, ValueError, LookupError):
        message = Message()
        message.set_payload(raw[:MOST_BYTES].decode("latin-1"))
    fields = [(name, _unfold(value)) for name, value in message.items()]
    plain, html, attachments = _texts(message)
    return {
        "subject": _first(fields, "subject") or "",
        "body": plain if plain.strip() or not html else html_to_text(html),
        "sender": _first(fields, "from"),
        "date": _date(_first(fields, "date")),
        "html": html,
        "headers": "\n".join(f"{name}: {value}" for name, value in fields),
        "attachments": "\n".join(attachments),
    }


def html_to_text(html: str) -> str:
    """What a reader of the HTML sees, with the address of each link in brackets behind it."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(html)
    tree.strip_tags(["script", "style", "head > meta", "noscript", "template"])
    for link in tree.css("a[href]"):
        address = (link.attributes.get("href") or "").strip()
        if address and address not in link.text():
            link.insert_after(f" [{address}]")
    for block in tree.css(BLOCKS):
        block.insert_before("\n")
        block.insert_after("\n")
    root = tree.root
    text = root.text(separator="", strip=False) if root is not None else ""
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _texts(message: Message) -> tuple[str, str, list[str]]:
    plain: list[str] = []
    html: list[str] = []
    attachments: list[str] = []
    for number, part in enumerate(_walk(message)):
        if number >= MOST_PARTS:
            break
        if part.is_multipart():
            continue
        kind, name = part.get_content_type(), _name(part)
        if name or part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            attachments.append(f"{kind} {name}".strip())
        elif kind == "text/html":
            html.append(_decoded(part))
        else:
            plain.append(_decoded(part))
    return "\n".join(plain), "\n".join(html), attachments


def _walk(message: Message) -> Any:
    """All parts in order; `Message.walk` recurses and would fail on 10,000 nested parts."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        yield part
        if part.is_multipart():
            children = [p for p in part.get_payload() if isinstance(p, Message)]
            waiting.extend(reversed(children))


def _name(part: Message) -> str:
    try:
        return re.sub(r"\s+", " ", part.get_filename() or "").strip()
    except (MessageError, ValueError, LookupError, TypeError):
        return "unreadable"


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset() or "ascii")
    except (LookupError, ValueError):  # no such charset, or not written in the one it names
        return "".join(find_encoding(payload).chunks())


def _unfold(value: Any) -> str:
    text = re.sub(r"\r?\n[ \t]*", " ", str(value))
    if "=?" in text:
        # as it came is still better than nothing
        with suppress(MessageError, ValueError, LookupError, TypeError):
            text = str(make_header(decode_header(text)))
    return re.sub(r"\s+", " ", text.encode(errors="replace").decode()).strip()


def _first(fields: list[tuple[str, str]], wanted: str) -> str | None:
    return next((value for name, value in fields if name.lower() == wanted and value), None)


def _date(text: str | None) -> datetime | None:
    from email.utils import parsedate_to_datetime

    try:
        found = parsedate_to_datetime(text or "")
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        found = found.astimezone(UTC)
        return found if 1970 <= found.year <= 2100 else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
