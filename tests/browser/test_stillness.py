"""What is drawn stays where it is: places are kept for what comes later (dashboard/places.css)."""

import pytest
from playwright.sync_api import Browser

from dashboard.components.pages import PAGES
from tests.mails import mails

from .conftest import Server, Tab

NAME = "still"
MOST = 0.1
"""How much of a page may move, as Chromium counts it: up to 0.1 is good (web.dev/articles/cls)."""
WATCH = """new PerformanceObserver(list => {
  for (const entry of list.getEntries()) window.shift = (window.shift ?? 0) + entry.value;
}).observe({type: "layout-shift", buffered: true})"""


@pytest.fixture(scope="module")
def project(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A project with two runs, so that no page ends early."""
    file = tmp_path_factory.mktemp("still") / "still.csv"
    mails(300, seed=2).to_csv(file, index=False)
    for model in ("logistic", "naive_bayes"):
        server.spamlab("train", file, "--project", NAME, "--model", model)
    return NAME


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_moves_while_it_is_drawn(
    browser: Browser, server: Server, project: str, width: int
) -> None:
    moved: dict[str, float] = {}
    context = browser.new_context(viewport={"width": width, "height": 900})
    for page in PAGES:
        tab = Tab(context.new_page(), server.url)
        tab.page.add_init_script(WATCH)
        tab.go("" if page == "start" else page, project)
        moved[page] = tab.page.evaluate("window.shift ?? 0")
        tab.page.close()
    context.close()
    assert {page: shift for page, shift in moved.items() if shift > MOST} == {}
