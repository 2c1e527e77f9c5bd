"""Labels that look wrong are read, decided about, and become a version that can be left again."""

import re

from playwright.sync_api import expect

from tests.mails import mails

from .conftest import Tab

FRAME = mails(240, seed=3)
WRONG = FRAME.index[::20]
FLIPPED = FRAME.assign(
    label=FRAME["label"].where(
        ~FRAME.index.isin(WRONG), FRAME["label"].map({"ham": "spam", "spam": "ham"})
    )
)


def test_labels_are_reviewed_and_the_version_is_left_again(tab: Tab) -> None:
    tab.go("data")
    tab.upload("Labelled mails", "reviewed.csv", FLIPPED.to_csv(index=False).encode())
    expect(tab.text("240 mails")).to_be_visible()
    tab.visit("Split")
    tab.press("Divide the mails")
    expect(tab.text("sealed")).to_be_visible()
    tab.visit("Data")
    before = tab.number("Ham"), tab.number("Spam")
    tab.follow("Look for labels that look wrong")
    tab.press("Look for labels that look wrong")
    expect(tab.text(re.compile("look mislabelled; 0 decided"))).to_be_visible()
    found = int(re.findall(r"(\d+) of 204 mails", tab.main())[0])
    assert found >= 2

    # the first is flipped, the next is kept; what was decided leaves the list
    first = mail_shown(tab)
    assert first in set(FRAME.loc[WRONG, "id"])
    tab.press(re.compile("^Flip to"))
    expect(tab.text(re.compile("look mislabelled; 1 decided"))).to_be_visible()
    tab.settle()
    assert mail_shown(tab) != first
    tab.press(re.compile("^Keep"))
    expect(tab.text(re.compile("look mislabelled; 2 decided"))).to_be_visible()
    tab.page.reload()
    tab.settle()
    expect(tab.text(re.compile("look mislabelled; 2 decided"))).to_be_visible()
    tab.press("Make a new version: flip 1")
    expect(tab.text("These mails are a new version")).to_be_visible()

    tab.visit("Data")
    after = tab.number("Ham"), tab.number("Spam")
    assert {after[0] - before[0], after[1] - before[1]} == {-1, 1}
    tab.click(tab.page.get_by_role("tab", name="Versions"))
    expect(tab.text("current")).to_be_visible()
    tab.press("Go back to it")
    expect(tab.text("The mails are back at version 1")).to_be_visible()
    tab.settle()
    assert (tab.number("Ham"), tab.number("Spam")) == before


def mail_shown(tab: Tab) -> str:
    """The id of the mail below the list."""
    head = tab.page.get_by_test_id("stCode").first
    expect(head).to_contain_text("Id:")
    return head.inner_text().split("Id:")[1].split()[0]
