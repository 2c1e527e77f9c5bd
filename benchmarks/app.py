"""How long a user waits: start, page changes, upload, the first epoch, the command line.

    SPAMLAB_CORPORA=<folder of the corpora> uv run python benchmarks/app.py [--json FILE]

Drives the real app in Chromium. Seconds of wall clock, the median of several tries where a try is
cheap; each has its mark beside it. Other work on the machine makes all of them larger.
"""

import argparse
import gzip
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page, sync_playwright

from benchmarks.results import write_figures

ROOT = Path(__file__).parents[1]
CORPORA = Path(os.environ.get("SPAMLAB_CORPORA", "corpora"))
BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 120_000
BEST = re.compile(r"^best: \d+$")
"""The mark of the best epoch, which stands in the curves from their first point on."""
EVALUATED = "How much of the spam you find"
"""What stands above the last chart of the Evaluate page."""
TRIES = 5


def environment(home: Path) -> dict[str, str]:
    """As a user has it: byte code may be kept, the workspace is a new folder."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "SPAMLAB_HOME": str(home)}


@contextmanager
def app(home: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The dashboard on a free port; its address and its process."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py"]
    process = subprocess.Popen(
        [*command, "--server.port", str(port)],
        cwd=ROOT,
        env=environment(home),
        stdout=subprocess.DEVNULL,
    )
    try:
        yield f"http://localhost:{port}", psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def wait_for_server(address: str) -> None:
    """Until the port answers."""
    while True:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health")
            return
        except OSError:
            time.sleep(0.02)


def seconds(work: Callable[[], Any]) -> float:
    """How long it took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def see(page: Page, text: str | re.Pattern[str]) -> None:
    """Until the text is on the screen; lists that are closed hold some of the words as well."""
    page.get_by_text(text).filter(visible=True).first.wait_for(timeout=PATIENCE)


def go(page: Page, name: str, text: str) -> None:
    """To another page, by the navigation."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    see(page, text)


def wait_until_warm(process: psutil.Process) -> None:
    """Until no worker is busy with its imports."""
    time.sleep(5)
    for _ in range(60):
        family = process.children(recursive=True)
        for child in family:
            child.cpu_percent()
        time.sleep(0.5)
        if sum(child.cpu_percent() for child in family) < 20:
            return


def measure_start(page_of: Callable[[], Page]) -> float:
    """From the command to the start page in the browser."""
    times = []
    for _ in range(3):
        page = page_of()
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            with app(Path(folder)) as (address, _):
                wait_for_server(address)
                page.goto(address)
                see(page, "Try it with the sample mails")
                times.append(time.perf_counter() - start)
        page.close()
    return statistics.median(times)


def measure_use(page: Page, home: Path, folder: Path) -> dict[str, float]:
    """Upload, page changes and the first epoch on Enron 3 (5,512 mails, 14 MB)."""
    enron = folder / "enron3.csv"
    with gzip.open(CORPORA / "enron3.csv.gz") as source, enron.open("wb") as target:
        shutil.copyfileobj(source, target)
    found: dict[str, float] = {}
    with app(home) as (address, process):
        wait_for_server(address)
        page.goto(f"{address}/data")
        see(page, "Labelled mails")
        wait_until_warm(process)
        before = process.memory_info().rss

        def upload() -> None:
            page.locator("input[type=file]").set_input_files(enron)
            see(page, "Choose a row to read the mail")

        found["upload_to_data_page"] = seconds(upload)
        peak = int(Path(f"/proc/{process.pid}/status").read_text().split("VmHWM:")[1].split()[0])
        found["app_peak_over_file"] = peak * 1024 / enron.stat().st_size
        found["app_growth_over_file"] = (peak * 1024 - before) / enron.stat().st_size
        go(page, "Split", "is the test part")
        page.get_by_role("button", name="Divide the mails").click()
        see(page, "is now sealed")
        go(page, "Train", "The one to beat")
        page.get_by_role("button", name="Train the baseline").click()
        see(page, "training took")

        def first_epoch(number: int) -> None:
            page.get_by_role("button", name="Train the network").click()
            page.get_by_text(f"mlp-{number}", exact=True).wait_for(timeout=PATIENCE)
            see(page, BEST)

        waits = []
        for number in range(1, 4):
            waits.append(seconds(lambda number=number: first_epoch(number)))
            page.get_by_role("button", name="Stop and keep").click()
            see(page, "training took")
            page.wait_for_timeout(1000)
        found["click_to_first_epoch"] = statistics.median(waits)
        found["click_to_first_epoch_slowest"] = max(waits)
        found["evaluate_first"] = seconds(lambda: go(page, "Evaluate", EVALUATED))
        pages = {
            "Data": "Choose a row to read the mail",
            "Split": "is now sealed",
            "Labels": "Look for labels that look wrong",
            "Features": "Next: train",
            "Train": "training took",
            "Evaluate": EVALUATED,
            "Errors": "Choose a row to read the mail",
            "Runs": "Choose a row to open",
            "Final test": "to confirm that you have chosen",
            "Score": "Score it",
        }
        times: dict[str, list[float]] = {name: [] for name in pages}
        for turn in range(TRIES):
            for name, text in pages.items():
                took = seconds(lambda name=name, text=text: go(page, name, text))
                if turn:  # the first visit of a page fills its caches
                    times[name].append(took)
        every = [took for some in times.values() for took in some]
        found["page_change_median"] = statistics.median(every)
        found["page_change_slowest"] = max(every)
        found["page_change_evaluate"] = statistics.median(times["Evaluate"])
    return found


def measure_command(home: Path) -> float:
    """`spamlab train` on Ling-Spam, process start and new workspace included."""
    command = [sys.executable, "-m", "pipeline.cli", "train", str(CORPORA / "lingspam.csv.gz")]
    times = []
    for number in range(3):
        start = time.perf_counter()
        there = environment(home / str(number))
        subprocess.run(command, cwd=ROOT, env=there, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


MARKS = {
    "start_to_first_page": ("`streamlit run` to the first page (s)", 5.0),
    "page_change_median": ("change of page, 5,512 mails, median (s)", 0.5),
    "page_change_slowest": ("change of page, slowest (s)", None),
    "page_change_evaluate": ("… to Evaluate, two runs, median (s)", 0.5),
    "evaluate_first": ("… to Evaluate for the first time, intervals computed (s)", None),
    "click_to_first_epoch": ("click on Train (MLP) to the first epoch (s)", 3.0),
    "click_to_first_epoch_slowest": ("… slowest of three (s)", None),
    "upload_to_data_page": ("14 MB CSV, drop to data page (s)", 3.0),
    "app_peak_over_file": ("peak memory of the app process / size of the file", 10.0),
    "app_growth_over_file": ("… of which the upload added", None),
    "command_lingspam": ("`spamlab train` on Ling-Spam (s)", 10.0),
}


def main() -> None:
    """Measure all, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=ROOT / "benchmarks" / "app.json")
    target = parser.parse_args().json
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium or not CORPORA.is_dir():
        sys.exit("needs Chromium and SPAMLAB_CORPORA, the folder with enron3.csv.gz")
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        browser = playwright.chromium.launch(executable_path=chromium, args=BROWSER)
        found["start_to_first_page"] = measure_start(browser.new_page)
        found |= measure_use(browser.new_page(), folder / "use", folder)
        browser.close()
        found["command_lingspam"] = measure_command(folder / "command")
    print("| what | mark | measured |\n|---|---|---|")
    for key, (title, mark) in MARKS.items():
        print(f"| {title} | {f'≤ {mark:g}' if mark else ''} | {found[key]:.2f} |")
    write_figures(target, found)


if __name__ == "__main__":
    main()
