"""Parses a raw message (RFC 5322 with MIME) to the fields of a mail, however broken it is."""

import re
from itertools import islice
from typing import Any

from pipeline.intake.charsets import Remarks, decode_text
from pipeline.intake.dates import parse_mail_date
from pipeline.intake.encoding import make_writable
from pipeline.intake.html import MOST_CHARACTERS, html_to_text
from pipeline.intake.mime import (
    HEAD,
    Fields,
    decode_payload,
    first_field,
    iterate_parts,
    normalise_lines,
    read_disposition,
    read_file_name,
    read_head,
)

MOST_BYTES = 50_000_000
"""Only the first bytes of a message are read."""
KNOWN = re.compile(
    r"^(?:received|from|to|subject|return-path|message-id|date|delivered-to|mime-version"
    r"|content-type|reply-to|x-[\w-]+)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
SUBJECT = re.compile(r"\s*+subject:[^\S\n]*+([^\n]*+)(?:\n|\Z)", re.IGNORECASE)
HEAD_LOOKED_AT = 20_000
"""The first characters of a text decide whether it is a message."""


def is_message(text: str) -> bool:
    """Whether a text begins with the head of a message: at least two of the usual fields."""
    start = text[:HEAD_LOOKED_AT].encode(errors="replace")
    match = HEAD.match(normalise_lines(start))
    head = match[0].decode(errors="replace") if match else ""
    return len(list(islice(KNOWN.finditer(head), 2))) == 2


def parse_message(raw: bytes | str) -> dict[str, Any]:
    """Parse a message.

    Args:
        raw: bytes, or text if somebody has decoded it before, as in a CSV.

    Returns:
        A dict of subject; body (the text/plain parts, or the HTML as text if there are none);
        sender (None without a From field); date (UTC, None unless from 1970 to 2099); html (as it
        came, or ""); headers (one unfolded ``Name: value`` per line, encoded words decoded);
        attachments (one ``type/subtype name`` per line); reading (remarks on what could not be read
        as it stands, one per line, "" for most messages).

    >>> mail = parse_message(b"From: a@b.example\\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\\n\\nHello")
    >>> mail["subject"], mail["sender"], mail["body"]
    ('Grüße', 'a@b.example', 'Hello')
    """
    remarks = Remarks(decoded=isinstance(raw, str))
    if len(raw) > MOST_BYTES:
        remarks.add(f"message longer than {MOST_BYTES // 1_000_000} MB: cut")
    data = raw[:MOST_BYTES]
    data = data.encode(errors="replace") if isinstance(data, str) else data
    fields, body = read_head(normalise_lines(data), remarks)
    if not fields and body:
        remarks.add("no head: all of it is text")
    plain, html, attachments = _texts(fields, body, remarks)
    written = first_field(fields, "date") or ""
    date = parse_mail_date(written[:200])
    if written and date is None:
        remarks.add("date that cannot be read or lies outside 1970 to 2099: ignored")
    from_html = bool(html) and not plain.strip()
    if from_html:
        remarks.add("text from HTML, no plain text part")
        if len(html) > MOST_CHARACTERS:
            remarks.add(f"HTML longer than {MOST_CHARACTERS // 1_000_000} MB: its text is cut")
    return {
        "subject": first_field(fields, "subject") or "",
        "body": html_to_text(html) if from_html else plain,
        "sender": first_field(fields, "from"),
        "date": date,
        "html": html,
        "headers": "\n".join(f"{name}: {value}" for name, value in fields),
        "attachments": "\n".join(attachments),
        "reading": "\n".join(remarks.remarks),
    }


def parse_bare_text(raw: bytes) -> dict[str, Any]:
    """Parse a text without a head, whose first line may be "Subject: …"; see `parse_message`."""
    remarks = Remarks(decoded=False)
    if len(raw) > MOST_BYTES:
        remarks.add(f"message longer than {MOST_BYTES // 1_000_000} MB: cut")
    text = decode_text(raw[:MOST_BYTES], None, remarks).removeprefix("\ufeff").replace("\r\n", "\n")
    match = SUBJECT.match(text)
    return {
        "subject": " ".join(match[1].split()) if match else "",
        "body": text[match.end() :] if match else text,
        "sender": None,
        "date": None,
        "html": "",
        "headers": "",
        "attachments": "",
        "reading": "\n".join(remarks.remarks),
    }


def _texts(fields: Fields, body: bytes, remarks: Remarks) -> tuple[str, str, list[str]]:
    plain: list[str] = []
    html: list[str] = []
    attachments: list[str] = []
    for part, content in iterate_parts(fields, body, remarks):
        kind, name = part.get_content_type(), read_file_name(part)
        if name or read_disposition(part) == "attachment" or not kind.startswith("text/"):
            attachments.append(f"{make_writable(kind)} {name}".strip())
        else:
            text = decode_text(*decode_payload(part, content, remarks), remarks).replace(
                "\r\n", "\n"
            )
            (html if kind == "text/html" else plain).append(text)
    return "\n".join(plain), "\n".join(html), attachments
