"""Files as people have them are read in the browser, or refused with a sentence."""

import pytest
from playwright.sync_api import expect

from tests.mails import mails

from .conftest import Tab

UPLOADER = "Labelled mails"
FRAME = mails(60)[["label", "subject", "body"]]


def upload(tab: Tab, name: str, content: bytes) -> None:
    """Upload a file on the page Data, as from the start page."""
    tab.go()
    tab.press("Upload your own")
    tab.upload(UPLOADER, name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "café.csv",
            FRAME.assign(subject="Grüße, " + FRAME["subject"])
            .to_csv(index=False, sep=";")
            .encode("latin-1"),
        ),
        ("tabs.tsv", FRAME.to_csv(index=False, sep="\t").encode("utf-16")),
        ("../../x.csv", FRAME.to_csv(index=False).encode()),
    ],
    ids=["semicolon and Latin-1", "tab and UTF-16", "a name that climbs"],
)
def test_a_file_becomes_a_project(tab: Tab, name: str, content: bytes) -> None:
    upload(tab, name, content)
    expect(tab.text("60 mails")).to_be_visible()
    assert tab.number("Mails") == 60
    assert tab.number("Ham") == tab.number("Spam") == 30
    assert "/" not in tab.project
    tab.choose_row(0)
    expect(tab.text("Subject:")).to_be_visible()
    if name.startswith("caf"):
        expect(tab.text("Grüße, ")).to_be_visible()


def test_unknown_label_words_are_asked_about(tab: Tab) -> None:
    words = FRAME["label"].map({"ham": "keep :smile: <b>$x$</b>", "spam": "toss"})
    upload(tab, "words.csv", FRAME.assign(label=words).to_csv(index=False).encode())
    expect(tab.text("say below which words mean ham")).to_be_visible()
    alert = tab.page.get_by_test_id("stAlert").first.inner_text()
    assert "keep :smile: <b>$x$</b>" in alert.replace("\u2060", "")  # see widgets.escape_markdown
    for word, meaning in (("keep", "ham"), ("toss", "spam")):
        tab.choose(word, meaning)
    tab.press("Read the file again")
    expect(tab.text("60 mails")).to_be_visible()
    assert tab.number("Ham") == tab.number("Spam") == 30


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bytes(range(256)) * 40, "binary|not a|text"),
        (b"", "empty"),
        (FRAME.assign(label="spam").to_csv(index=False).encode(), "both classes"),
    ],
    ids=["binary", "empty", "one class"],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(
    tab: Tab, content: bytes, words: str
) -> None:
    upload(tab, "mails.csv", content)
    alert = tab.page.get_by_test_id("stAlert").first
    expect(alert).to_be_visible()
    tab.settle()
    sentence = alert.inner_text()
    assert any(word in sentence for word in words.split("|")), sentence
    assert "Traceback" not in tab.main()
    expect(tab.page.get_by_test_id("stException")).to_have_count(0)
    # and the next file is taken
    upload(tab, "good.csv", FRAME.to_csv(index=False).encode())
    expect(tab.text("60 mails")).to_be_visible()
