"""Mails to files that a mail program opens: one .mbox, or a .zip of .eml files.

What was read of a mail is written anew: its head, its text, its HTML. Whatever its fields hold, a
field stays one field (RFC 5322): line ends in a value are no line ends in the file.
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
"""Mails of one file: 8 s of work."""
MOST_CHARACTERS = 200_000_000
"""Characters of one file's texts, which are held in memory."""
LONGEST_FIELD = 10_000
"""Characters of a field of the head; what is longer is cut."""
OWN = "X-Spamlab-"
"""The beginning of the names of the fields that say what is known of a mail here."""

# how a body is written is decided here, not by the mail
_WRITTEN_ANEW = re.compile(rf"(?i)content-|mime-version$|{OWN}|from $|status$|lines$")
_NAME = re.compile(r"[!-9;-~]{1,76}")
_PLAIN = re.compile(r"[ -~]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LINES = re.compile(r"(?:[ -~\t]{0,900}\n)*[ -~\t]{0,900}")


def mbox(frame: pd.DataFrame, facts: pd.DataFrame | None = None) -> bytes:
    """Mails as one mbox (RFC 4155), in the order of the frame.

    Args:
        frame: mails as in `pipeline.mail.dataset`.
        facts: columns that become fields of the head, ``X-Spamlab-Tags`` for "tags"; one row a
            mail.
    """
    target = io.BytesIO()
    for written in _messages(frame, facts):
        target.write(b"From spamlab@localhost Thu Jan  1 00:00:00 1970\n")
        BytesGenerator(target, mangle_from_=True, policy=compat32).flatten(written)
        target.write(b"\n" if target.getbuffer()[-1:] == b"\n" else b"\n\n")
    return target.getvalue()


def eml_zip(frame: pd.DataFrame, facts: pd.DataFrame | None = None) -> bytes:
    """Mails as a zip of .eml files, numbered in the order of the frame; see `mbox`."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        messages = _messages(frame, facts)
        for number, (mail_id, written) in enumerate(zip(frame["id"], messages, strict=True), 1):
            name = re.sub(r"[^A-Za-z0-9_-]+", "_", str(mail_id))[:60]
            eml = written.as_bytes(policy=compat32.clone(linesep="\r\n"))
            archive.writestr(f"{number:05d}-{name}.eml", eml)
    return target.getvalue()


def _messages(frame: pd.DataFrame, facts: pd.DataFrame | None) -> Iterator[Message]:
    known = [{}] * len(frame) if facts is None else facts.to_dict("records")
    for mail, fact in zip(frame.to_dict("records"), known, strict=True):
        written = _body(mail)
        for name, value in _head(mail):
            _field(written, name, value)
        for fact_name, value in {"id": mail["id"], "label": mail["label"], **fact}.items():
            if value is not None and value == value and value != "":  # NaN is not itself
                _field(written, OWN + _own_name(str(fact_name)), str(value))
        yield written


def _own_name(fact: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", fact).strip("-").title()[:60] or "Fact"


def _head(mail: dict[str, object]) -> Iterator[tuple[str, str]]:
    """The fields as they came, or those that are known of the mail."""
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


def _field(written: Message, name: str, value: str) -> None:
    """Add a field whose value is one line, whatever characters it has."""
    line = _CONTROL.sub(" ", value)[:LONGEST_FIELD].strip()
    as_it_is = _PLAIN.fullmatch(line) and "=?" not in line and len(line) < 900 - len(name)
    if as_it_is:
        written[name] = line
    else:  # folds and encodes itself
        written[name] = Header(line, "utf-8", header_name=name)  # type: ignore[assignment]


def _body(mail: dict[str, object]) -> Message:
    text, html = str(mail["body"] or ""), str(mail.get("html") or "")
    if not html:
        return _part(text, "plain")
    both = MIMEMultipart("alternative")
    both.attach(_part(text, "plain"))
    both.attach(_part(html, "html"))
    return both


def _part(text: str, subtype: str) -> Message:
    """Text as it is where any program can read it so, else in base64, which keeps each character.

    A line "From " would begin the next mail of an mbox.
    """
    if _LINES.fullmatch(text) and not re.search(r"^>*From ", text, re.MULTILINE):
        return MIMEText(text, subtype, "us-ascii")
    exact = Charset("utf-8")
    exact.body_encoding = BASE64
    part = MIMEText("", subtype, "us-ascii")
    del part["Content-Transfer-Encoding"], part["Content-Type"], part["MIME-Version"]
    part["MIME-Version"] = "1.0"
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part.set_payload(text.encode("utf-8", "replace").decode("utf-8"), exact)
    return part
