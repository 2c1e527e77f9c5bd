"""Exports mails to files that a mail program opens: one .mbox, or a .zip of .eml files.

Each mail is composed anew from its headers, its text and its HTML. A header field stays a single
field (RFC 5322) whatever it contains: a line break in a value is not one in the file.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from email.charset import BASE64, Charset
from email.generator import BytesGenerator
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime

import pandas as pd

MOST_MAILS = 5000
"""The most mails that a file may contain; writing them takes 8 s."""
MOST_CHARACTERS = 200_000_000
"""The most characters of text that a file may contain, because they are held in memory."""
LONGEST_FIELD = 10_000
"""Header fields are cut after this many characters."""
OWN = "X-Spamlab-"
"""Prefix of the header fields in which Spamlab writes what it knows about a mail."""

# Fields that describe how a body is encoded: this module decides that, not the mail.
_WRITTEN_ANEW = re.compile(rf"(?i)content-|mime-version$|{OWN}|from $|status$|lines$")
_NAME = re.compile(r"[!-9;-~]{1,76}")
_PLAIN = re.compile(r"[ -~]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LINES = re.compile(r"(?:[ -~\t]{0,900}\n)*[ -~\t]{0,900}")


def build_mbox(frame: pd.DataFrame, facts: pd.DataFrame | None = None) -> bytes:
    """Write mails as one mbox (RFC 4155), in the order of the frame.

    Args:
        frame: mails as in `pipeline.mail.dataset`.
        facts: one row per mail; each column becomes a header field, such as ``X-Spamlab-Tags``
            for "tags".
    """
    target = io.BytesIO()
    for message in _messages(frame, facts):
        target.write(b"From spamlab@localhost Thu Jan  1 00:00:00 1970\n")
        BytesGenerator(target, mangle_from_=True, policy=compat32).flatten(message)
        target.write(b"\n" if target.getbuffer()[-1] == ord("\n") else b"\n\n")
    return target.getvalue()


def build_eml_zip(frame: pd.DataFrame, facts: pd.DataFrame | None = None) -> bytes:
    """Write mails as a zip of .eml files, numbered in the order of the frame; see `build_mbox`."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        messages = _messages(frame, facts)
        for number, (mail_id, message) in enumerate(zip(frame["id"], messages, strict=True), 1):
            name = re.sub(r"[^A-Za-z0-9_-]+", "_", str(mail_id))[:60]
            eml = message.as_bytes(policy=compat32.clone(linesep="\r\n"))
            archive.writestr(f"{number:05d}-{name}.eml", eml)
    return target.getvalue()


def _messages(frame: pd.DataFrame, facts: pd.DataFrame | None) -> Iterator[Message]:
    known = [{}] * len(frame) if facts is None else facts.to_dict("records")
    for mail, fact in zip(frame.to_dict("records"), known, strict=True):
        message = _build_body(mail)
        for name, value in _head(mail):
            _add_field(message, name, value)
        for fact_name, value in {"id": mail["id"], "label": mail["label"], **fact}.items():
            if value is not None and value == value and value != "":  # NaN is not itself
                _add_field(message, OWN + _own_name(str(fact_name)), str(value))
        yield message


def _own_name(fact: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", fact).strip("-").title()[:60] or "Fact"


def _head(mail: dict[str, object]) -> Iterator[tuple[str, str]]:
    """The mail's own headers, or those that its columns provide."""
    if headers := mail.get("headers"):
        for line in str(headers).split("\n"):
            name, colon, value = line.partition(":")
            if colon and _NAME.fullmatch(name) and not _WRITTEN_ANEW.match(name):
                yield name, value.strip()
        return
    if isinstance(mail["sender"], str):
        yield "From", mail["sender"]
    date = mail["date"]
    if isinstance(date, pd.Timestamp) and not pd.isna(date):
        yield "Date", format_datetime(date.to_pydatetime())
    yield "Subject", str(mail["subject"] or "")


def _add_field(message: Message, name: str, value: str) -> None:
    """Add a header field whose value is a single line, whatever characters it contains."""
    line = _CONTROL.sub(" ", value)[:LONGEST_FIELD].strip()
    is_plain = _PLAIN.fullmatch(line) and "=?" not in line and len(line) < 900 - len(name)
    if is_plain:
        message[name] = line
    else:  # `Header` folds and encodes the value
        message[name] = Header(line, "utf-8", header_name=name)  # type: ignore[assignment]


def _build_body(mail: dict[str, object]) -> Message:
    text, html = str(mail["body"] or ""), str(mail.get("html") or "")
    if not html:
        return _build_part(text, "plain")
    message = MIMEMultipart("alternative")
    message.attach(_build_part(text, "plain"))
    message.attach(_build_part(html, "html"))
    return message


def _build_part(text: str, subtype: str) -> Message:
    """Plain ASCII where every program can read it, otherwise base64, which keeps each character.

    A line that begins with "From " would start the next mail of an mbox, so it needs base64 too.
    """
    if _LINES.fullmatch(text) and not re.search(r"^>*From ", text, re.MULTILINE):
        return MIMEText(text, subtype, "us-ascii")
    utf8 = Charset("utf-8")
    utf8.body_encoding = BASE64
    part = MIMEText("", subtype, "us-ascii")
    del part["Content-Transfer-Encoding"], part["Content-Type"], part["MIME-Version"]
    part["MIME-Version"] = "1.0"
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part.set_payload(text.encode("utf-8", "replace").decode("utf-8"), utf8)
    return part
