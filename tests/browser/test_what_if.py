"""A mail is edited, and the score moves while the field is still being typed in."""

from playwright.sync_api import expect

from tests.mails import mails

from .conftest import Server, Tab

NAME = "edited"


def log_odds(tab: Tab) -> float:
    """The number on the page; its minus sign is that of print."""
    tab.settle()
    tile = tab.page.get_by_test_id("stMetric").filter(has_text="Log-odds of spam")
    return float(tile.get_by_test_id("stMetricValue").inner_text().replace("−", "-"))


def test_the_score_moves_as_one_types(tab: Tab, server: Server) -> None:
    file = server.home.parent / "edited.csv"
    mails(240, seed=4).to_csv(file, index=False)
    server.spamlab("train", file, "--project", NAME)
    tab.go("errors", NAME)
    tab.click(tab.page.get_by_text("All mails", exact=True))
    tab.click(tab.page.get_by_text("What if", exact=True))
    field = tab.page.get_by_role("textbox", name="Text", exact=True)
    expect(field).to_be_visible()
    tab.settle()
    before, first = log_odds(tab), field.input_value()
    score = tab.page.get_by_test_id("stMetric").filter(has_text="Log-odds of spam")
    said = score.inner_text()

    tab.click(field)
    tab.page.keyboard.press("Control+End")
    tab.page.keyboard.type(" casino viagra lottery winner pills")
    expect(score).not_to_have_text(said)
    inside = "document.activeElement.shadowRoot.activeElement.id"
    assert tab.page.evaluate(inside) == "body", "the field was left"
    expect(tab.text("words added")).to_be_visible()
    assert log_odds(tab) != before
    assert field.input_value() == f"{first} casino viagra lottery winner pills"

    # what is typed is text, whatever it is
    tab.page.keyboard.type(" <img src=x onerror=alert(1)> **bold** $x^2$")
    expect(tab.page.get_by_test_id("stMain").locator("img[src=x]")).to_have_count(0)
    tab.press("Back to the mail as it is")
    tab.settle()
    expect(field).to_have_value(first)
    assert log_odds(tab) == before

    tab.press("Smallest cut that flips it")
    expect(tab.text("Take the cut over").or_(tab.text("No small cut"))).to_be_visible()
    if tab.button("Take the cut over").is_visible():
        called = tab.page.get_by_test_id("stMetric").filter(has_text="Called")
        said = called.inner_text()
        tab.press("Take the cut over")
        expect(called).not_to_have_text(said)
