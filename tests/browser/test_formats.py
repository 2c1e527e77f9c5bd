"""Mail in every format that people have it in goes through the browser and is counted rightly."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping

import pytest
from playwright.sync_api import expect

from tests.mails import mails, mbox, message

from .conftest import Tab

FRAME = mails(50, share=0.4)
RAW = {
    label: [message(mail) for _, mail in FRAME[FRAME["label"] == label].iterrows()]
    for label in ("ham", "spam")
}
TABLE = FRAME[["label", "subject", "body", "sender"]]


def zipped() -> bytes:
    """Folders of .eml files, as a corpus is passed on."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for label, messages in RAW.items():
            for number, raw in enumerate(messages):
                archive.writestr(f"corpus/{label}/{number:03}.eml", raw)
    return target.getvalue()


def maildir() -> bytes:
    """A mail server's folders, packed."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for folder, messages in ((".Archive", RAW["ham"]), (".Junk", RAW["spam"])):
            for number, raw in enumerate(messages):
                head = tarfile.TarInfo(f"Maildir/{folder}/cur/110{number}.M1.host:2,S")
                head.size = len(raw)
                archive.addfile(head, io.BytesIO(raw))
    return target.getvalue()


def takeout() -> bytes:
    """What Google gives back: one mbox, in which a header says where each message was."""
    where = {"ham": "Inbox,Opened", "spam": "Spam"}
    return mbox(message(m, labels=where[m["label"]]) for _, m in FRAME.iterrows())


def parquet() -> bytes:
    target = io.BytesIO()
    TABLE.to_parquet(target, index=False)
    return target.getvalue()


def json_lines() -> bytes:
    return "".join(json.dumps(row) + "\n" for row in TABLE.to_dict("records")).encode()


FORMATS: Mapping[str, dict[str, bytes]] = {
    "two mboxes": {f"two-{label}.mbox": mbox(raw) for label, raw in RAW.items()},
    "a zip of folders": {"folders.zip": zipped()},
    "a Maildir in a tar.gz": {"maildir.tar.gz": maildir()},
    "Gmail Takeout": {"All mail Including Spam and Trash.mbox": takeout()},
    "JSON lines": {"lines.jsonl": json_lines()},
    "Parquet": {"table.parquet": parquet()},
    "a packed CSV": {"packed.csv.gz": gzip.compress(TABLE.to_csv(index=False).encode())},
}


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_becomes_a_project(tab: Tab, name: str) -> None:
    tab.go("data")
    tab.upload_all("Labelled mails", FORMATS[name])
    expect(tab.text("50 mails")).to_be_visible()
    assert (tab.number("Ham"), tab.number("Spam"), tab.number("Rows left out")) == (30, 20, 0)
