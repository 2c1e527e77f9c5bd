"""In a real browser the shaded text is the text of the mail, and nothing in it is alive."""

from pathlib import Path

from playwright.sync_api import expect

from pipeline.mail.hidden import make_visible
from tests.dashboard.app_pages.test_shaded_text import ATTACKS
from tests.mails import mails

from .conftest import Server, Tab

FRAME = mails(160)[["id", "label", "subject", "body"]]
# one attack a mail: with all of them each would be a near-duplicate of all others
FRAME["body"] += [f"\n  two  spaces\n \n\ttab\n{ATTACKS[i % len(ATTACKS)]}" for i in range(160)]
ELEMENTS = """() => [...document.querySelectorAll(".why-text *")].map(
    e => `${e.tagName}.${e.className.replace(/[0-9]/, "")} ${e.getAttributeNames().join()}`)"""


def test_the_text_of_a_mail_is_shaded_and_stays_text(
    tab: Tab, server: Server, tmp_path: Path
) -> None:
    alarms: list[str] = []
    tab.page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))
    file = tmp_path / "mails.csv"
    FRAME.to_csv(file, index=False)
    server.spamlab("train", file, "--project", "shaded")
    tab.go("errors", "shaded")
    tab.click(tab.page.get_by_text("All mails", exact=True))
    tab.click(tab.page.get_by_role("radio", name="Why"))
    text = tab.page.locator(".why-text")
    expect(text).to_be_visible()
    tab.settle()
    (shown,) = {body for body in FRAME["body"] if make_visible(body) in text.inner_text()}
    assert shown
    assert {*tab.page.evaluate(ELEMENTS)} <= {
        "DIV. dir",
        "DIV.why-subject class,dir",
        "SPAN.why-spam class",
        "SPAN.why-ham class",
        "SPAN.why-sign class",
    }
    shade = text.locator("span[class^='why-spam'], span[class^='why-ham']").first
    assert shade.evaluate("e => getComputedStyle(e).backgroundColor") != "rgba(0, 0, 0, 0)"
    assert not alarms
    # that no foreign host was asked for anything, the fixture looks at after every test
