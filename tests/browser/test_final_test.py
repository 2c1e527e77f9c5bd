"""The final test opens once and stays open after a restart; the card opens by itself."""

import signal
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.mails import mails

from .conftest import Server, Tab


def test_the_final_test_stays_open_after_a_restart(
    tab: Tab, server: Server, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "opened.csv"
    mails(300, seed=5).to_csv(file, index=False)
    server.spamlab("train", file, "--project", "opened once")
    tab.go("final_test", "opened once")
    words = tab.page.get_by_role("textbox", name="to confirm")
    words.fill("open the test part")
    words.press("Enter")
    expect(tab.button("Open the test part")).to_be_enabled()
    tab.press("Open the test part")
    expect(tab.text("It does not open again")).to_be_visible()
    expect(tab.text("Test F1")).to_be_visible()
    answer = tab.text("Test F1").inner_text()

    server.end(signal.SIGKILL)
    server.start()
    tab.complaints.clear()  # the tab could not reach the server for a moment
    tab.go("final_test", "opened once")
    expect(tab.text("It does not open again")).to_be_visible()
    expect(tab.text("Test F1")).to_be_visible(timeout=300_000)
    assert tab.text("Test F1").inner_text() == answer
    expect(tab.button("Open the test part")).to_have_count(0)

    # the card is one file that fetches nothing
    with tab.page.expect_download() as saved:
        tab.press("Model card (HTML)")
    card = tmp_path / "card.html"
    saved.value.save_as(card)
    page = browser.new_context(color_scheme="dark").new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(card.as_uri())
    expect(page.get_by_role("heading", name="The final test")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert asked == [card.as_uri()]
    page.context.close()
    tab.complaints.clear()
