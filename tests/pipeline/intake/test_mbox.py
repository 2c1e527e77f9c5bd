"""The messages of an mbox are those that the standard library finds, in any writer's style."""

import io
import mailbox
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake import mbox, message

FROM = b"From a@b.org Mon Aug  5 10:00:00 2002\n"


def found(data: bytes) -> list[bytes]:
    return list(mbox.split_messages(io.BytesIO(data)))


def test_the_same_messages_as_the_standard_library(tmp_path: Path) -> None:
    path = tmp_path / "mails.mbox"
    written = mailbox.mbox(path)
    for i in range(30):
        mail = EmailMessage()
        mail["From"], mail["Subject"] = f"a{i}@b.org", f"s{i}"
        mail.set_content(f"text {i}\n" + "\n" * (i % 3) + "From here on\n" * (i % 2))
        written.add(mail)
    written.flush()
    expected = [written.get_bytes(key) for key in written.iterkeys()]
    with path.open("rb") as file:
        ours = list(mbox.split_messages(file))
    written.close()
    assert ours == [raw.replace(b"\n>From ", b"\nFrom ") for raw in expected]


@pytest.mark.parametrize(
    ("data", "mails"),
    [
        (b"", []),
        (b"no mbox at all\n", []),
        (FROM, [b""]),
        (FROM + FROM, [b"", b""]),
        (FROM + b"A: b\n\nc\n", [b"A: b\n\nc\n"]),
        (FROM + b"A: b\n\nc", [b"A: b\n\nc"]),
        (b"\ngarbage\n\n" + FROM + b"A: b\n\nc\n\n", [b"A: b\n\nc\n"]),
        (FROM + b"A: b\n\nc\n" + FROM + b"A: d\n\ne\n", [b"A: b\n\nc\n", b"A: d\n\ne\n"]),
        (FROM + b"A: b\nContent-Length: 9999\n\nc\n\n" + FROM + b"\nd", None),
        (b"From nobody\nA: b\n\nc\n\nFrom x\nA: d\n\ne\n\n", [b"A: b\n\nc\n", b"A: d\n\ne\n"]),
        (FROM + b"A: b\n\nFrom here on\nit goes.\n", [b"A: b\n\nFrom here on\nit goes.\n"]),
        (FROM + b"A: b\n\nline\nFrom x\nA: d\n", [b"A: b\n\nline\nFrom x\nA: d\n"]),
        (FROM + b"A: b\n\n>From c\n>>From d\n> From e\n", [b"A: b\n\nFrom c\n>From d\n> From e\n"]),
        (FROM + b"A: b\n\nthe end\n\nFrom me", [b"A: b\n\nthe end\n\nFrom me"]),
    ],
)
def test_styles_of_writers(data: bytes, mails: list[bytes] | None) -> None:
    if mails is None:
        assert len(found(data)) == 2
    else:
        assert found(data) == mails
        crlf = [mail.replace(b"\n", b"\r\n") for mail in mails]
        assert found(data.replace(b"\n", b"\r\n")) == crlf


def test_a_mail_beyond_the_bound_is_cut_and_the_next_is_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(message, "MOST_BYTES", 1000)
    long = b"Subject: a\n\n" + b"x" * 200_000 + b"From z\n\n" + b"y\n" * 1000
    first, second = found(FROM + long + b"\n" + FROM + b"Subject: b\n\nc\n")
    assert first == long[:1001]
    assert message.parse_message(first)["reading"].startswith("message longer than")
    assert second == b"Subject: b\n\nc\n"


def test_a_line_read_in_pieces_begins_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox, "MOST_LINE", 50)
    body = b"x" * 50 + FROM + b"x" * 50 + b">From y\n"
    assert found(FROM + b"A: b\n\n" + body) == [b"A: b\n\n" + body]


@given(st.lists(st.sampled_from([FROM, b"From x\n", b">From y\n", b"A: b\n", b"\n", b"t", b"\r"])))
def test_any_lines(lines: list[bytes]) -> None:
    data = b"".join(lines)
    mails = found(data)
    assert sum(map(len, mails)) <= len(data)
    if data.startswith(b"From "):
        assert len(mails) >= data.startswith(FROM)
