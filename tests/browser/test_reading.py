"""A long reading goes on without its page, and a page that comes back follows it."""

import re

from playwright.sync_api import expect

from tests.mails import mails, mbox, message

from .conftest import Tab


def test_a_reload_in_the_middle_of_reading_follows_on(tab: Tab) -> None:
    frame = mails(1800)
    filler = "<p>" + "<b>word</b> <a href='http://example.org/x'>link</a> " * 200 + "</p>"
    files = {
        f"long-{label}.mbox": mbox(
            message(mail, html=filler + mail["body"])
            for _, mail in frame[frame["label"] == label].iterrows()
        )
        for label in ("ham", "spam")
    }
    assert sum(map(len, files.values())) > 15 << 20
    tab.go("data")
    tab.upload_all("Labelled mails", files)
    before = share(tab)
    tab.page.reload()
    assert share(tab) >= before
    expect(tab.text("1,800 mails")).to_be_visible()
    assert (tab.number("Ham"), tab.number("Spam")) == (900, 900)


def share(tab: Tab) -> int:
    """How much is done by now, in percent, once it is more than nothing."""
    bar = tab.text(re.compile(r"(Reading|Sorting) .*: [1-9]\d*%"))
    expect(bar).to_be_visible()
    return int(re.findall(r"(\d+)%", bar.inner_text())[0])
