"""How fast an edited mail is scored, how small the smallest cut is, and how fast neighbours are.

    SPAMLAB_CORPORA=<folder> uv run python benchmarks/what_if.py [--json FILE] [--browser]

Models are trained on 70 % of a corpus with the default features. Rescore: the edited mail scored
and the difference explained, which is the server's part of a pause in typing. Cut: the smallest cut
of each mail that the model gets wrong, and of 60 that it gets right: how many have one, its words,
the time. Neighbours: the order of 20,000 train mails (those of a corpus repeated, each with a few
words of its own) by their likeness to one. Times are milliseconds; CPU time is told as well,
because wall time is that of a machine that does other things.
--browser types into a page in Chromium and waits until the score moves.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from corpora import hold_out, load
from scipy.sparse import csr_matrix

from benchmarks.results import write_figures
from pipeline import features, models
from pipeline.evaluation.operating_point import HALF
from pipeline.explain import what_if, why
from pipeline.explain.smallest_cut import find_smallest_cut
from pipeline.export.bundle import Bundle
from pipeline.features.weighting import normalize_rows
from pipeline.specs import FeatureSpec, ModelSpec

CORPORA, MODELS = ("lingspam", "sms"), ("logistic", "mlp")
RIGHT, RESCORED = 60, 100
TRAIN = 20_000
PORT = 8497


def trained(mails: pd.DataFrame, kind: str) -> tuple[Bundle, np.ndarray]:
    """A calibrated model, and the rows that it has not learnt from."""
    y = mails["y"].to_numpy()
    learn, held = hold_out(y)
    block = features.build(FeatureSpec())
    X = block.fit_transform(mails.iloc[learn], list(y[learn]))
    X_held = block.transform(mails.iloc[held])
    spec = ModelSpec(kind)
    model = models.build(spec).fit((X, y[learn]), (X_held, y[held]))
    model.calibrate((X_held, y[held]))
    return Bundle(block, model, features.complete(FeatureSpec()), spec, HALF), held


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """(what it gives, wall time, CPU time), both in ms."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)


def spread(name: str, values: list[float]) -> dict[str, float]:
    """Median and largest."""
    return {
        f"{name}, median": round(float(np.median(values)), 2),
        f"{name}, largest": round(float(np.max(values)), 2),
    }


def rescoring(bundle: Bundle, mails: pd.DataFrame) -> dict[str, float]:
    """The server's part of a pause in typing."""
    walls, cpus = [], []
    for i in range(min(RESCORED, len(mails))):
        mail = mails.iloc[[i]]
        before = why.explain_score(bundle, mail)
        subject, body = mail["subject"].iloc[0], mail["body"].iloc[0] + " and a word"
        found, wall, cpu = timed(
            lambda: what_if.rescore(bundle, mail, subject, body, before)  # noqa: B023
        )
        assert found.after.score == bundle.score(mail.assign(body=[body]))[0]
        walls.append(wall)
        cpus.append(cpu)
    return spread("ms", walls) | spread("CPU ms", cpus)


def cutting(bundle: Bundle, mails: pd.DataFrame) -> dict[str, float]:
    """The smallest cut of each mail."""
    cuts, walls, cpus = [], [], []
    for i in range(len(mails)):
        cut, wall, cpu = timed(lambda: find_smallest_cut(bundle, mails.iloc[[i]], HALF))  # noqa: B023
        cuts.append(cut)
        walls.append(wall)
        cpus.append(cpu)
    flips = [cut for cut in cuts if cut.flips]
    assert all(cut.minimal for cut in flips)
    found: dict[str, float] = {"mails": len(cuts), "with a cut": len(flips)}
    if flips:
        found |= spread("words", [len(cut.words) for cut in flips])
        found |= spread("places", [int(cut.words["times"].sum()) for cut in flips])
    return (
        found
        | spread("scorings", [c.scorings for c in cuts])
        | spread("ms", walls)
        | spread("CPU ms", cpus)
    )


def neighbouring(mails: pd.DataFrame) -> dict[str, float]:
    """The product of one mail with 20,000, and the choice of the nearest."""
    dice = np.random.default_rng(0)
    rows = mails.iloc[dice.integers(0, len(mails), TRAIN)]
    words = np.array([f"word{i}" for i in range(5000)])
    own = [" ".join(some) for some in dice.choice(words, (TRAIN, 5))]
    block = features.build(FeatureSpec())
    X = normalize_rows(block.fit_transform(rows.assign(body=rows["body"] + " " + own)))
    assert isinstance(X, csr_matrix)
    walls, cpus = [], []
    for i in range(20):
        x = normalize_rows(block.transform(mails.iloc[[i]]))
        _, wall, cpu = timed(lambda: np.argsort(-(X @ x.T).toarray().ravel(), kind="stable"))  # noqa: B023
        walls.append(wall)
        cpus.append(cpu)
    return {"values a mail": round(X.nnz / TRAIN)} | spread("ms", walls) | spread("CPU ms", cpus)


def typing() -> dict[str, float]:
    """From the last key to the score that moves, in Chromium, with the pause of 250 ms."""
    from playwright.sync_api import sync_playwright

    root = Path(__file__).parents[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"SPAMLAB_HOME": folder, "MLFLOW_DISABLE_TELEMETRY": "true"}
        here = {"cwd": root, "env": environment}
        run = [sys.executable, "-m", "pipeline.cli", "train", "data/sample_emails.csv"]
        subprocess.run([*run, "--project", "typed"], check=True, capture_output=True, **here)  # type: ignore[call-overload]
        serve = f"-m streamlit run dashboard/app.py --server.port={PORT}".split()
        server = subprocess.Popen([sys.executable, *serve], **here)  # type: ignore[call-overload]
        try:
            _until_up()
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(
                    executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
                    args=["--no-sandbox", "--disable-gpu"],
                )
                page = chromium.new_page()
                page.set_default_timeout(60_000)
                waits = _typed(page)
                chromium.close()
        finally:
            server.terminate()
            server.wait()
    return spread("ms", waits)


def _until_up() -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://localhost:{PORT}/_stcore/health", timeout=1)
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server does not answer")


def _typed(page: Any) -> list[float]:
    page.goto(f"http://localhost:{PORT}/errors?project=typed")
    table = page.get_by_test_id("stDataFrame").first
    table.locator(".dvn-scroller").click(position={"x": 18, "y": 52})
    page.get_by_text("What if", exact=True).click()
    field = page.get_by_role("textbox", name="Text", exact=True)
    tile = page.get_by_test_id("stMetric").filter(has_text="Log-odds of spam")
    tile.wait_for()
    time.sleep(5)  # the rest of the page
    field.click()
    page.keyboard.press("Control+Home")
    waits = []
    for word in re.findall(r"\w+", "casino free winner lottery viagra pills click bonus cheap now"):
        before = tile.inner_text()
        page.keyboard.type(f"{word} ")
        started = time.perf_counter()
        while tile.inner_text() == before and time.perf_counter() - started < 10:
            time.sleep(0.005)
        waits.append(1000 * (time.perf_counter() - started))
        time.sleep(1)
    return waits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, default=Path(__file__).with_suffix(".json"))
    parser.add_argument("--browser", action="store_true")
    arguments = parser.parse_args()
    found: dict[str, dict[str, float]] = {}

    def tell(name: str, figures: dict[str, float]) -> None:
        found[name] = figures
        print(name, *(f"  {key}: {value}" for key, value in figures.items()), sep="\n", flush=True)

    for corpus in CORPORA:
        mails = load(corpus)
        for kind in MODELS:
            bundle, held = trained(mails, kind)
            rest = mails.iloc[held]
            wrong = (bundle.score(rest) >= 0.5) != (rest["y"].to_numpy() == 1)
            tell(f"{corpus}, {kind}: rescore", rescoring(bundle, rest))
            tell(f"{corpus}, {kind}: cut of errors", cutting(bundle, rest[wrong]))
            some = rest[~wrong].sample(RIGHT, random_state=0)
            tell(f"{corpus}, {kind}: cut of others", cutting(bundle, some))
    tell(f"neighbours among {TRAIN:,} of lingspam", neighbouring(load("lingspam")))
    if arguments.browser:
        tell("from the last key to the score, in Chromium", typing())
    write_figures(arguments.json, found)


if __name__ == "__main__":
    main()
