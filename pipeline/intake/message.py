"""One raw message (RFC 5322 with MIME) to the fields of a mail; never crashes on a broken one."""

import re
from itertools import islice
from typing import Any

from pipeline.intake.charsets import Remarks, decode_text
from pipeline.intake.dates import mail_date
from pipeline.intake.encoding import make_writable
from pipeline.intake.html import MOST_CHARACTERS, html_to_text
from pipeline.intake.mime import (
    HEAD,
    Fields,
    decode_payload,
    disposition,
    file_name,
    first_field,
    iterate_parts,
    normalise_lines,
    read_head,
)

MOST_BYTES = 50_000_000
"""Bytes of one message that are looked at."""
KNOWN = re.compile(
    r"^(?:received|from|to|subject|return-path|message-id|date|delivered-to|mime-version"
    r"|content-type|reply-to|x-[\w-]+)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
SUBJECT = re.compile(r"\s*+subject:[^\S\n]*+([^\n]*+)(?:\n|\Z)", re.IGNORECASE)
HEAD_LOOKED_AT = 20_000
"""Characters at the beginning of a text that show whether it is a message."""


def is_message(text: str) -> bool:
    """Whether a text begins with the head of a message: two of its usual lines, or more."""
    start = text[:HEAD_LOOKED_AT].encode(errors="replace")
    found = HEAD.match(normalise_lines(start))
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
    date = mail_date(written[:200])
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


def parse_text(raw: bytes) -> dict[str, Any]:
    """As `parse`, of a text without a head; a first line "Subject: ..." is the subject."""
    remarks = Remarks(decoded=False)
    if len(raw) > MOST_BYTES:
        remarks.add(f"message longer than {MOST_BYTES // 1_000_000} MB: cut")
    text = decode_text(raw[:MOST_BYTES], None, remarks).removeprefix("\ufeff").replace("\r\n", "\n")
    found = SUBJECT.match(text)
    return {
        "subject": " ".join(found[1].split()) if found else "",
        "body": text[found.end() :] if found else text,
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
        kind, name = part.get_content_type(), file_name(part)
        if name or disposition(part) == "attachment" or not kind.startswith("text/"):
            attachments.append(f"{make_writable(kind)} {name}".strip())
        else:
            text = decode_text(*decode_payload(part, content, remarks), remarks).replace(
                "\r\n", "\n"
            )
            (html if kind == "text/html" else plain).append(text)
    return "\n".join(plain), "\n".join(html), attachments
