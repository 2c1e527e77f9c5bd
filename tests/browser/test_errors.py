"""The errors are filtered, opened, tagged by the keyboard, and are there again after a reload."""

import re

import pytest
from playwright.sync_api import expect

from tests.mails import mails

from .conftest import Server, Tab

NAME = "errors"


@pytest.fixture(scope="module")
def project(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A project with a baseline and 90 validation mails."""
    file = tmp_path_factory.mktemp("errors") / "errors.csv"
    mails(600).to_csv(file, index=False)
    server.spamlab("train", file, "--project", NAME)
    return NAME


def opened(tab: Tab) -> str:
    """The id of the mail that is shown, when the script has run."""
    tab.settle()
    head = tab.page.get_by_test_id("stCode").first.inner_text()
    return head.split("Id:")[1].split()[0]


def press(tab: Tab, key: str, says: str) -> None:
    """Press a key and wait for what it leads to."""
    tab.page.keyboard.press(key)
    expect(tab.text(says)).to_be_visible()
    tab.settle()


def test_mails_are_filtered_opened_and_tagged_and_stay_so(tab: Tab, project: str) -> None:
    tab.go("errors", project)
    tab.click(tab.page.get_by_text("All mails", exact=True))
    expect(tab.text("1 of 90")).to_be_visible()
    find = tab.page.get_by_label("Find in subject and text")
    find.fill("lottery")
    find.press("Enter")
    expect(tab.button("Holds: lottery")).to_be_visible()
    tab.settle()
    number = int(re.findall(r"1 of (\d+)", tab.main())[0])
    assert 3 < number < 90

    # the keys go through the list; in a field they are letters
    first = opened(tab)
    tab.click(tab.page.get_by_role("heading", level=1))
    press(tab, "n", f"2 of {number}")
    second = opened(tab)
    press(tab, "n", f"3 of {number}")
    press(tab, "p", f"2 of {number}")
    assert opened(tab) == second != first
    press(tab, "t", "Untag: newsletter")
    tab.click(find)
    tab.page.keyboard.type("nnt")
    tab.settle()
    assert opened(tab) == second
    expect(find).to_have_value("lotterynnt")

    tab.page.reload()
    expect(tab.text(f"2 of {number}")).to_be_visible()
    assert opened(tab) == second
    expect(tab.text("Untag: newsletter")).to_be_visible()
    expect(tab.page.get_by_test_id("stMultiSelect")).to_contain_text("newsletter")

    # another page and back: the same list and mail
    tab.visit("Runs")
    tab.visit("Errors")
    assert opened(tab) == second
