"""Mails out of every kind of file, with the word that says their label, and what is left out."""

import contextlib
import gzip
import io
import time
import zipfile
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import BadFile
from pipeline.intake import rawmail
from pipeline.intake.formats import detect_format
from pipeline.intake.rawmail import MailReader, RawMail
from pipeline.mail.dataset import RAW
from tests.pipeline.intake.test_archive import tarred, zipped

compress = partial(gzip.compress, mtime=0)
"""Without the time, which would give a test another name in each process."""

FROM = b"From a@b.org Mon Aug  5 10:00:00 2002\n"


def mail(number: int = 0, more: str = "") -> bytes:
    return f"From: a@b.org\nSubject: s{number}\n{more}\ntext {number}\n".encode()


def taken(path: Path, data: bytes, label: str | None = None) -> tuple[list[RawMail], MailReader]:
    path.write_bytes(data)
    reader = rawmail.open_mails(path, detect_format(path), label)
    return list(reader.mails()), reader


MBOX = b"".join(FROM + mail(i) + b"\n" for i in range(3))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("label", [None, "spam"])
def test_an_mbox(tmp_path: Path, pack, label: str | None) -> None:
    mails, reader = taken(tmp_path / "a", pack(MBOX), label)
    assert [(m.row, m.file, m.word) for m in mails] == [(i, "", label or "") for i in (1, 2, 3)]
    assert [m.fields["subject"] for m in mails] == ["s0", "s1", "s2"]
    assert [m.fields["body"] for m in mails] == ["text 0\n", "text 1\n", "text 2\n"]
    assert (reader.left_out, reader.notes, reader.share()) == ([], [], 1.0)


@pytest.mark.parametrize("raw", [mail(7), compress(mail(7)), b"57\n" + mail(7) + b"<?xml?>"])
def test_one_mail(tmp_path: Path, raw: bytes) -> None:
    size = len(mail(7))
    mails, _ = taken(tmp_path / "a", raw.replace(b"57\n", b"%d\n" % size))
    assert [(m.fields["subject"], m.fields["body"]) for m in mails] == [("s7", "text 7\n")]


@pytest.mark.parametrize("pack", [zipped, tarred, lambda files: tarred(files, "w:gz")])
def test_an_archive_of_everything(tmp_path: Path, pack) -> None:
    files = {
        "corpus/ham/1.eml": mail(1),
        "corpus/easy_ham_2/00001.7c53336b37003a9286aba55d2945844c": FROM + mail(2),
        "Maildir/.Junk/cur/1.M2P3.host,S=9:2,S": mail(3),
        "Takeout/Mail/Spam.mbox": MBOX,
        "enron1/spam/0002.2003-12-18.GP.spam.txt": b"Subject: cheap\r\nbuy it\r\nnow: x\r\n",
        "notes/plain.txt": "Grüße".encode("latin-1"),
        "ham/mail.eml": b"no head",
        "inbox/table.csv": b"label,text\nham,a\n",
        "ham/a.pdf": b"%PDF-1.4",
        "ham/inner.zip": zipped({"a.eml": mail()}),
        "ham/inner.mbox.gz": compress(MBOX),
        "ham/noise": bytes(range(256)) * 40,
        "ham/page.xml": b"<a/>",
        "ham/empty": b"",
    }
    mails, reader = taken(tmp_path / "a", pack(files))
    assert [(m.row, m.word, m.fields["subject"], m.fields["body"]) for m in mails] == [
        (1, "ham", "s1", "text 1\n"),
        (2, "easy_ham_2", "s2", "text 2\n"),
        (3, "Junk", "s3", "text 3\n"),
        *[(4 + i, "Spam", f"s{i}", f"text {i}\n") for i in range(3)],
        (7, "spam", "cheap", "buy it\nnow: x\n"),
        (8, "notes", "", "Grüße"),
        (9, "ham", "", "no head"),
    ]
    assert mails[-2].fields["reading"] == "no charset named; read as Windows-1252"
    assert mails[0].file == "corpus/ham/1.eml"
    assert [(row, name) for row, name, _, _ in reader.left_out] == list(
        enumerate(list(files)[7:], 10)
    )
    assert [reason.split(":")[0] for _, _, reason, _ in reader.left_out] == [
        "is a table, not a mail; upload it by itself",
        "is a PDF, not a mail",
        "is an archive inside the archive and was not opened; unpack it and upload it by itself",
        "is an archive inside the archive and was not opened; unpack it and upload it by itself",
        "is a binary file, not a mail",
        "is not a mail (.xml)",
        "is empty",
    ]
    for found in mails:
        assert set(found.fields) == {"subject", "body", "sender", "date", *RAW}


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("a.eml", ""),
        ("x/ham/y/a.eml", "ham"),
        ("spam/ham/a.eml", "ham"),
        ("Maildir/cur/1", "Maildir"),
        ("Maildir/.INBOX.Spam/new/1", "Spam"),
        ("Maildir/.Family/cur/1", "Family"),
        ("mail/Junk E-mail/1.eml", "Junk E-mail"),
        ("Apple/Junk.mbox/Messages/1.emlx", "Junk"),
        ("1/a.eml", "1"),
        ("f/2/a.eml", "2"),
        ("ham\\a.eml", "ham"),
    ],
)
def test_the_folder_that_tells_most(tmp_path: Path, name: str, word: str) -> None:
    data = b"%d\n" % len(mail()) + mail() if name.endswith("x") else mail()
    mails, _ = taken(tmp_path / "a", zipped({name: data}))
    assert [m.word for m in mails] == [word]


@pytest.mark.parametrize(
    ("labels", "word"),
    [
        ("Spam,Unread", "Spam"),
        ('Opened,"Inbox",Category Updates', "Inbox"),
        ("Trash,Unread", ""),
        ("Papierkorb,Inbox", ""),
        ("Trash,Spam", "Spam"),
        ("=?UTF-8?Q?Posteingang,Ge=C3=B6ffnet?=", "Posteingang"),
        ("Archived,Work", "Archived"),
        ("Unread,Work", "Work"),
        ("Unread", ""),
        ("Category Promotions,Unread", "Category Promotions"),
    ],
)
def test_labels_of_google_takeout(tmp_path: Path, labels: str, word: str) -> None:
    raw = FROM + mail(1, f"X-Gmail-Labels: {labels}\n")
    assert [m.word for m in taken(tmp_path / "a", raw)[0]] == [word]
    assert [m.word for m in taken(tmp_path / "a", zipped({"ham/a.mbox": raw}))[0]] == [word]
    assert [m.word for m in taken(tmp_path / "a", raw, "mine")[0]] == ["mine"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (zipped({}), "contains no mail; expected"),
        (zipped({"a.pdf": b"%PDF"}), r"contains no mail \(its files: is a PDF, not a mail\)"),
        (zipped({"x/mails.csv": b"a,b\n"}), "contains a table .* upload the table itself"),
        (zipped({"mails.parquet": b"PAR1\0"}), "contains a table"),
        (zipped({"in.zip": zipped({"a.eml": mail()})}), "is an archive inside the archive"),
        (tarred({"../../x": mail()}), "leads outside"),
        (compress(MBOX * 100)[:-20], "is damaged or cut short"),
        (tarred({"a": mail() * 9999}, "w:gz")[:-40], "is damaged or cut short"),
        (zipped({"a": mail()})[:-9], "is damaged or cut short"),
        (b"PK\3\4" + bytes(range(256)), "is damaged or cut short"),
        (b"PK\5\6" + bytes(100), "contains no mail; expected"),
    ],
)
def test_files_without_mails(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(BadFile, match=words) as told:
        taken(tmp_path / "a", data)
    assert str(told.value).startswith('"a" ')
    assert str(told.value).endswith(".")


def test_a_damaged_mail_of_a_zip_is_left_out(tmp_path: Path) -> None:
    whole = bytearray(zipped({"1.eml": mail(1), "2.eml": mail(2)}, zipfile.ZIP_STORED))
    whole[whole.find(b"text 1")] ^= 1
    mails, reader = taken(tmp_path / "a", bytes(whole))
    assert [m.fields["subject"] for m in mails] == ["s2"]
    assert reader.left_out[0][:2] == (1, "1.eml")
    assert "is damaged" in reader.left_out[0][2]


def test_many_left_out_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rawmail, "MOST_LEFT_OUT", 3)
    files = {f"{i}.pdf": b"%PDF" for i in range(5)} | {"a.eml": mail()}
    mails, reader = taken(tmp_path / "a", zipped(files))
    assert (mails[0].row, len(reader.left_out), reader.rows) == (6, 3, 6)
    assert reader.notes == ["2 more files left out and not listed."]


def test_the_share_rises(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for data in (MBOX * 20_000, zipped({str(i): mail(i) for i in range(200)})):
        path.write_bytes(data)
        reader = rawmail.open_mails(path, detect_format(path))
        shares = [0.0, *(reader.share() for _ in reader.mails()), reader.share()]
        assert shares == sorted(shares)
        assert shares[-1] == 1
        assert len(set(shares)) > 3


def test_a_thousand_mails_in_a_zip_take_a_second(tmp_path: Path) -> None:
    start = time.perf_counter()
    mails, _ = taken(tmp_path / "a", zipped({f"ham/{i}.eml": mail(i) for i in range(1000)}))
    assert len(mails) == 1000
    assert time.perf_counter() - start < 5  # 0.4 s on an idle machine


MAGIC = [b"PK\3\4", b"PK\5\6", b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\0", b"PAR1", b"%PDF", FROM, b"{"]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(MAGIC), st.binary(max_size=700), st.sampled_from(["mbox", "eml", None]))
def test_anything(
    tmp_path_factory: pytest.TempPathFactory, magic: bytes, data: bytes, kind: str | None
) -> None:
    path = tmp_path_factory.getbasetemp() / "anything"
    for content in (magic + data, zipped({"x": magic + data}), magic):
        path.write_bytes(content)
        found = kind or detect_format(path)
        if found not in ("mbox", "eml", "zip", "tar"):
            continue
        with contextlib.suppress(BadFile):
            for read in rawmail.open_mails(path, found).mails():
                for text in (read.file, read.word, *read.fields.values()):
                    if isinstance(text, str):
                        text.encode()


def test_nothing_is_held_of_what_was_read() -> None:
    """A mail of 1 MB a hundred times over: the reader may hold some of them and not all."""
    import tracemalloc

    stream = io.BytesIO(b"".join(FROM + mail(i) + b"x" * 1_000_000 + b"\n" for i in range(30)))
    tracemalloc.start()
    for _ in rawmail.mbox.split_messages(stream):
        pass
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
