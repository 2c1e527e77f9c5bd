"""What is pressed on the Evaluate page: cells of the matrix, the camera, the data."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Download, Locator, expect

from tests.mails import mails

from .conftest import Server, Tab
from .test_journey import save

PROJECT = "evaluated"


@pytest.fixture(scope="module")
def project(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A project with a baseline that errs in both ways."""
    file = tmp_path_factory.mktemp("mails") / "mails.csv"
    frame = mails(400, seed=3)
    turned = frame["id"].str.endswith("7")  # a tenth of the labels is wrong
    frame.loc[turned, "label"] = frame.loc[turned, "label"].map({"ham": "spam", "spam": "ham"})
    frame.to_csv(file, index=False)
    server.spamlab("train", file, "--project", PROJECT, "--model", "naive_bayes")
    return PROJECT


def test_each_cell_lists_just_its_mails(tab: Tab, project: str, tmp_path: Path) -> None:
    listed: dict[str, list[dict[str, str]]] = {}
    for label in ("ham", "spam"):
        for called in ("ham", "spam"):
            tab.go("evaluate", project)
            cell = tab.page.get_by_role(
                "button", name=re.compile(f"of the {label} called {called}")
            )
            expect(cell).to_be_visible()
            count = int(cell.inner_text().split()[0].replace(",", ""))
            threshold = float(re.findall(r"At ([\d.]+)", tab.main())[0])
            assert count > 0, (label, called)
            tab.click(cell)
            expect(tab.page.get_by_role("heading", level=1, name="Errors")).to_be_visible()
            expect(tab.text(re.compile(f"^{count:,} mails?$"))).to_be_visible()
            tab.settle()
            tab.press("Download")
            path = save(tab, "This list as CSV", tmp_path / f"{label}{called}.csv")
            rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
            assert len(rows) == count
            assert {row["label"] for row in rows} == {label}
            side = {float(row["score"]) >= threshold for row in rows}
            assert side == {called == "spam"}, threshold
            listed[label + called] = rows
    ids = [row["id"] for rows in listed.values() for row in rows]
    assert len(ids) == len(set(ids))
    tab.page.keyboard.press("Escape")
    tab.click(tab.page.get_by_text("All mails", exact=True))
    expect(tab.text(re.compile(f"^{len(ids):,} mails$"))).to_be_visible()


def photograph(tab: Tab, chart: Locator) -> Download:
    """Press the chart's camera."""
    tab.settle()
    chart.hover()
    with tab.page.expect_download() as saved:
        tab.click(chart.locator(".modebar-btn[data-title^='Download plot']"))
    return saved.value


def test_a_chart_is_saved_as_png_svg_and_csv(tab: Tab, project: str, tmp_path: Path) -> None:
    tab.go("evaluate", project)
    chart = tab.page.locator(".st-key-evaluate_roc")
    expect(chart.locator(".js-plotly-plot")).to_be_visible()
    saved: dict[str, bytes] = {}
    for kind in ("PNG", "SVG"):
        menu = tab.page.locator(".st-key-evaluate_roc_menu").get_by_role("button", name="Download")
        tab.click(menu)
        tab.click(tab.page.get_by_test_id("stPopoverBody").get_by_text(kind, exact=True))
        tab.settle()
        if kind == "SVG":
            path = save(tab, "Data as CSV", tmp_path / "roc.csv")
            rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
            assert {*rows[0]} == {"run", "threshold", "false_positive_rate", "recall"}
            assert float(rows[-1]["recall"]) == 1
        tab.page.keyboard.press("Escape")
        picture = photograph(tab, chart)
        assert picture.suggested_filename == f"roc.{kind.lower()}"
        path = tmp_path / f"roc.{kind.lower()}"
        picture.save_as(path)
        saved[kind] = path.read_bytes()
    assert saved["PNG"][:8] == b"\x89PNG\r\n\x1a\n"
    shown = chart.locator(".js-plotly-plot").bounding_box()
    assert shown is not None
    assert int.from_bytes(saved["PNG"][16:20], "big") == pytest.approx(2 * shown["width"], abs=4)
    assert saved["SVG"].lstrip().startswith(b"<svg")
    assert b"Recall of spam" in saved["SVG"]
