"""Mails as files: Python's own readers find each mail, each text, and no field more."""

import email
import io
import mailbox
import zipfile
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.mail import mail_files
from tests.mails import mails, raw_mails

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
INJECTED = "hello\r\nBcc: everyone@example.org\n\nbody\rX-Evil: 1\u2028X-Evil: 2"


def boxed(frame: pd.DataFrame, facts: pd.DataFrame | None, folder: Path) -> list[EmailMessage]:
    path = folder / "box"
    path.write_bytes(mail_files.build_mbox(frame, facts))
    box = mailbox.mbox(path)
    found = [email.message_from_bytes(m.as_bytes(), policy=policy.default) for m in box]
    box.close()
    return found


def zipped(frame: pd.DataFrame, facts: pd.DataFrame | None = None) -> list[EmailMessage]:
    archive = zipfile.ZipFile(io.BytesIO(mail_files.build_eml_zip(frame, facts)))
    names = archive.namelist()
    assert names == sorted(names)
    assert not any("/" in name or ".." in name for name in names)
    return [email.message_from_bytes(archive.read(n), policy=policy.default) for n in names]


def text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    return data.decode("utf-8")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(subject=texts, body=texts, sender=texts)
def test_any_text_comes_back_and_adds_no_field(
    tmp_path: Path, subject: str, body: str, sender: str
) -> None:
    frame = mails(2).assign(subject=subject, body=body, sender=sender)
    facts = pd.DataFrame({"tags": [subject] * 2, "note": [sender] * 2})
    for found in (boxed(frame, facts, tmp_path), zipped(frame, facts)):
        assert len(found) == 2
        for message in found:
            read = text(message).replace("\r\n", "\n")
            assert read.removesuffix("\n") == body.replace("\r\n", "\n").removesuffix("\n")
            allowed = {
                "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "From", "Date",
                "Subject", "X-Spamlab-Id", "X-Spamlab-Label", "X-Spamlab-Tags", "X-Spamlab-Note",
            }  # fmt: skip
            assert set(message.keys()) <= allowed
            assert len(message.keys()) == len(set(message.keys()))


@pytest.mark.parametrize("place", ["subject", "sender", "headers", "tags", "id"])
def test_no_value_injects_a_field(tmp_path: Path, place: str) -> None:
    frame = raw_mails(4) if place == "headers" else mails(4)
    facts = pd.DataFrame({"tags": ["newsletter"] * 4})
    if place == "headers":  # a field a line; what is in a line can part no further
        frame["headers"] = "Subject: " + INJECTED.replace("\n", " ")
    elif place == "tags":
        facts["tags"] = INJECTED
    else:
        frame[place] = [f"{i}{INJECTED}" for i in range(4)]
    for found in (boxed(frame, facts, tmp_path), zipped(frame, facts)):
        for message in found:
            assert "Bcc" not in message
            assert "X-Evil" not in message
        assert len(found) == 4


def test_the_head_of_a_raw_mail_is_kept_and_its_own_account_of_its_form_is_not(
    tmp_path: Path,
) -> None:
    frame = raw_mails(6)
    frame["headers"] += "\nContent-Type: text/html; charset=utf-7\nX-Spamlab-Tags: forged\n: x"
    facts = pd.DataFrame({"score of mlp-1": [0.25] * 6, "tags": ["a; b"] * 6, "note": [""] * 6})
    found = boxed(frame, facts, tmp_path)
    for message, (_, mail) in zip(found, frame.iterrows(), strict=True):
        assert message["From"] == mail["sender"]
        assert message["Subject"] == mail["subject"]
        assert message["Received"] == "by a.example"
        assert message.get_all("X-Spamlab-Tags") == ["a; b"]
        assert message["X-Spamlab-Score-Of-mlp-1"] == "0.25"
        assert "X-Spamlab-Note" not in message
        assert text(message).strip() == mail["body"]
        html = message.get_body(("html",))
        kept = html.get_content().strip() if html and html.get_content_subtype() == "html" else ""
        assert kept == mail["html"]


def test_without_mails_the_files_are_empty() -> None:
    assert mail_files.build_mbox(mails(2).iloc[:0]) == b""
    assert zipped(mails(2).iloc[:0]) == []
