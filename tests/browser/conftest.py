"""A real server with its real cluster, and Chromium to look at it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    TimeoutError,
    expect,
    sync_playwright,
)

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 60_000
"""Milliseconds to wait for anything; long, because the cores may be busy with other things."""
LONGEST = 150_000
"""Milliseconds that a page may take to be drawn: the first one that asks a worker waits until the
cluster is there, which took 35 s beside six other busy processes on two cores."""

EPOCH = re.compile(r"Epoch \d+ of at most \d+")
DONE = "training took"

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # only to end what hangs: every wait has its own patience; the longest test took 166 s
            # where 26 processes wanted two cores
            item.add_marker(pytest.mark.timeout(900))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    item.stash.setdefault(FAILED, []).append(outcome.get_result().failed)


FAILED = pytest.StashKey[list[bool]]()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; skipped where it is not installed, except where it must be."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        sentence = "these tests need Chromium: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@dataclass
class Server:
    """The dashboard as `streamlit run` starts it, on a workspace of its own."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        keep = {k: v for k, v in os.environ.items() if not k.startswith(("SPAMLAB", "MLFLOW"))}
        return {**keep, "SPAMLAB_HOME": str(self.home), "MLFLOW_DISABLE_TELEMETRY": "true"}

    def start(self) -> None:
        log = (self.home.parent / "server.log").open("ab")
        self.process = subprocess.Popen(
            [
                sys.executable,
                *f"-m streamlit run dashboard/app.py --server.port={self.port}".split(),
            ],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=log,
        )
        log.close()
        until = time.monotonic() + 60
        while not self._healthy():
            assert self.process.poll() is None, "the server ended at once; see server.log"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.1)

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop the server, politely or with SIGKILL."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def spamlab(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the command line on the same workspace."""
        return subprocess.run(
            [sys.executable, "-m", "pipeline.cli", *map(str, arguments)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests: its cluster takes some seconds to warm up."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("served") / "workspace"
    served = Server(home, port)
    served.start()
    yield served
    served.end()


@dataclass
class Tab:
    """A tab of Chromium, in words of the dashboard."""

    page: Page
    url: str
    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.add_init_script(path=Path(__file__).with_name("drawn.js"))
        self.page.on("request", self._note_request)
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note_request(self, request: Any) -> None:
        if not request.url.startswith((f"{self.url}/", "data:", "blob:")):
            self.strangers.append(request.url)

    def _note_console(self, message: Any) -> None:
        # below a page's address, Streamlit looks for its own server in two places, and says so
        where = message.location.get("url", "")
        harmless = where.endswith(("/_stcore/health", "/_stcore/host-config"))
        # plotly measures a chart in a tab that is not open: it has no width yet
        harmless |= "PlotlyChart" in where and "Infinity" in message.text
        if message.type == "error" and not harmless:
            self.complaints.append(f"{message.text} ({where})")

    def go(self, page: str = "", project: str | None = None) -> None:
        """Open a page by its URL, as a bookmark does."""
        query = f"?project={project.replace(' ', '%20')}" if project else ""
        self.page.goto(f"{self.url}/{page}{query}")
        self.settle()

    def visit(self, title: str) -> None:
        """Open a page by its link in the navigation."""
        self.click(self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=title))
        expect(self.page.get_by_role("heading", level=1, name=title)).to_be_visible()
        self.settle()

    def settle(self) -> None:
        """Wait until the page is drawn for good: whatever was asked for has run and is shown.

        `drawn.js` says what that is.
        """
        try:
            self.page.wait_for_function(
                "() => window.undrawn?.() === ''", polling=50, timeout=LONGEST
            )
        except TimeoutError as error:
            missing = self.page.evaluate("window.undrawn?.()")
            raise AssertionError(f"{self.page.url} is not drawn: {missing}") from error

    def text(self, words: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_text(words).filter(visible=True).first

    def button(self, words: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=words)

    def click(self, place: Locator) -> None:
        """Click on a page that is drawn for good: what is being drawn anew hears nothing."""
        self.settle()
        place.click()

    def press(self, words: str | re.Pattern[str]) -> None:
        """Press a button."""
        self.click(self.button(words))

    def follow(self, words: str | re.Pattern[str]) -> None:
        """Press a link, and wait for what it leads to."""
        self.click(self.page.get_by_role("link", name=words))
        self.settle()

    def number(self, label: str) -> float:
        """The number below a label."""
        self.settle()
        tile = self.page.get_by_test_id("stMetric").filter(
            has_text=re.compile(f"^{re.escape(label)}")
        )
        return float(tile.get_by_test_id("stMetricValue").inner_text().replace(",", ""))

    def main(self) -> str:
        """All that is written on the page."""
        return self.page.get_by_test_id("stMain").inner_text()

    def train_network(self, note: str = "", *, epochs: int, patience: int = 5) -> None:
        """Fill in the form of the network and press its button."""
        self.settle()
        form = self.page.get_by_test_id("stForm").filter(has_text="Train the network")
        form.get_by_text("More settings", exact=True).click()
        form.get_by_role("spinbutton", name="Epochs at most").fill(str(epochs))
        form.get_by_role("spinbutton", name="Early-stopping patience").fill(str(patience))
        form.get_by_role("textbox", name="Note").fill(note)
        self.press("Train the network")

    def choose(self, label: str, option: str) -> None:
        """Choose in a select box."""
        self.settle()
        box = self.page.get_by_test_id("stSelectbox").filter(has_text=label)
        box.get_by_role("combobox").press("ArrowDown")
        self.page.get_by_role("option", name=option).first.click()
        self.settle()

    def choose_row(self, number: int, table: int = 0) -> None:
        """Click at the box left of a row; tables are drawn on a canvas."""
        self.settle()
        frame = self.page.get_by_test_id("stDataFrame").nth(table)
        chosen = frame.locator(f"tr[aria-rowindex='{number + 2}'][aria-selected=true]")
        frame.scroll_into_view_if_needed()
        frame.locator(".dvn-scroller").click(position={"x": 18, "y": 35 * (number + 1) + 17})
        expect(chosen).to_have_count(1)
        self.settle()

    def upload(self, label: str, name: str, content: bytes) -> None:
        """Give a file to an uploader of the visible part of the page."""
        self.upload_all(label, {name: content})

    def upload_all(self, label: str, files: Mapping[str, bytes]) -> None:
        """Give files (name: content) to an uploader, all at once."""
        self.settle()
        box = self.page.get_by_test_id("stFileUploader").filter(has_text=label)
        box.locator("input[type=file]").set_input_files(
            [
                {"name": name, "mimeType": "application/octet-stream", "buffer": content}
                for name, content in files.items()
            ]
        )

    @property
    def project(self) -> str:
        """The project that the URL names."""
        query = self.page.evaluate("new URLSearchParams(location.search).get('project')")
        assert query
        return query


@pytest.fixture
def new_tab(
    browser: Browser, server: Server, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[], Tab]]:
    """Open tabs, each in a browser profile of its own; pictures are taken when the test fails."""
    contexts: list[BrowserContext] = []
    tabs: list[Tab] = []

    def open_tab() -> Tab:
        contexts.append(browser.new_context(viewport={"width": 1400, "height": 1000}))
        tabs.append(Tab(contexts[-1].new_page(), server.url))
        return tabs[-1]

    yield open_tab
    failed = any(request.node.stash.get(FAILED, []))
    for number, tab in enumerate(tabs):
        if failed:
            path = tmp_path / f"tab-{number}.png"
            tab.page.screenshot(path=path, full_page=True)
            print(f"the screen when it failed: {path}")
    for context in contexts:
        context.close()
    assert failed or not [url for tab in tabs for url in tab.strangers]
    assert failed or not [complaint for tab in tabs for complaint in tab.complaints]


@pytest.fixture
def tab(new_tab: Callable[[], Tab]) -> Tab:
    """One tab."""
    return new_tab()
