"""From a finding to the one honest figure: copies dropped, nothing leaks, the seal breaks once."""

import re
from collections.abc import Callable

import pandas as pd
from playwright.sync_api import expect

from tests.mails import mails

from .conftest import DONE, Tab

FRAME = mails(200, seed=5)
COPIES = FRAME.head(30)
TEMPLATES = FRAME.tail(20).assign(body=lambda f: f["body"] + " regards")
CONTENT = (
    pd.concat([FRAME, COPIES, TEMPLATES])[["label", "subject", "body"]].to_csv(index=False).encode()
)


def test_from_a_finding_to_the_opened_test_part(new_tab: Callable[[], Tab]) -> None:
    tab, other = new_tab(), new_tab()
    tab.go("data")
    tab.upload("Labelled mails", "trust.csv", CONTENT)
    expect(tab.text("30 mails (12.0%) repeat an earlier one word for word")).to_be_visible()
    tab.press(re.compile("^Drop the later copies"))
    expect(tab.text("This drops 30 mails of 250")).to_be_visible()
    tab.press("Make the new version")
    expect(tab.text("A corrected version: Dropped 30 mails")).to_be_visible()
    tab.settle()
    assert tab.number("Mails") == 220
    expect(tab.page.get_by_text("repeat an earlier one word for word")).to_have_count(0)

    # what is nearly the same stays together without being asked
    tab.follow("Next: divide the mails")
    expect(tab.page.get_by_role("radio", name=re.compile("^Grouped"))).to_be_checked()
    tab.press("Divide the mails")
    expect(tab.text("0 pairs cross")).to_be_visible()
    tab.follow("Next: train the baseline")
    tab.press("Train the baseline")
    expect(tab.text(DONE)).to_be_visible()

    # two people ask for the figure; one gets it
    sentence = "open the test part"
    for asking in (other, tab):
        asking.go("final_test", tab.project)
        expect(asking.button("Open the test part")).to_be_disabled()
        words = asking.page.get_by_role("textbox", name="to confirm")
        words.fill("open it")
        words.press("Enter")
        asking.settle()
        expect(asking.button("Open the test part")).to_be_disabled()
        words.fill(sentence)
        words.press("Enter")
        expect(asking.button("Open the test part")).to_be_enabled()
    tab.press("Open the test part")
    expect(tab.text("It does not open again")).to_be_visible()
    figures = tab.page.get_by_test_id("stDataFrame").first
    expect(figures).to_be_visible()
    other.press("Open the test part")
    expect(other.text(re.compile("opened (already|before)|does not open again"))).to_be_visible()
    for asking in (tab, other):
        asking.page.reload()
        asking.settle()
        expect(asking.text("It does not open again")).to_be_visible()
        expect(asking.button("Open the test part")).to_have_count(0)

    # whoever trains now has seen the answer
    tab.visit("Train")
    expect(tab.text("The test part was opened")).to_be_visible()
    tab.press("Train the baseline")
    run = tab.page.get_by_role("combobox", name="Run")
    expect(run).to_have_value("logistic-2 · after test")
    tab.visit("Split")
    expect(tab.text("no test part opens here again")).to_be_visible()
