"""From the sample mails to a model that goes home, as a user goes it."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.mails import mails, message

from .conftest import DONE, EPOCH, Server, Tab


@pytest.fixture(scope="module")
def journey() -> dict[str, str]:
    """What one step leaves for the next: the name of the project."""
    return {}


def test_a_sample_becomes_a_baseline_and_a_network(tab: Tab, journey: dict[str, str]) -> None:
    tab.go()
    tab.press("Try it with the sample mails")
    expect(tab.text("Choose a row to read the mail")).to_be_visible()
    assert tab.number("Mails") > 2000
    tab.follow(re.compile("^Next"))
    tab.press("Divide the mails")
    expect(tab.text("sealed")).to_be_visible()
    tab.follow(re.compile("^Next"))
    expect(tab.button("Train the network")).to_be_disabled()
    tab.press("Train the baseline")
    expect(tab.text(DONE)).to_be_visible()
    assert 0.5 < tab.number("F1") <= 1

    # live: a sentence about progress and a curve, and a reload in the middle goes on
    tab.train_network(epochs=200, patience=200)
    expect(tab.text(EPOCH)).to_be_visible()
    expect(tab.page.get_by_test_id("stPlotlyChart").first).to_be_visible()
    before = int(re.findall(r"Epoch (\d+)", tab.text(EPOCH).inner_text())[0])
    tab.page.reload()
    expect(tab.text(EPOCH)).to_be_visible()
    # any later one: while the machine is busy the page may have missed a few
    tab.page.wait_for_function(
        "n => Number(/Epoch (\\d+) of/.exec(document.body.innerText)?.[1]) >= n", arg=before + 2
    )
    expect(tab.button("Train the baseline")).to_be_disabled()

    # Stop keeps the best epoch
    tab.button("Stop and keep the best epoch").click()  # of a page that never stands still
    expect(tab.text(DONE)).to_be_visible()
    expect(tab.text(re.compile("stopped"))).to_be_visible()
    assert 0.5 < tab.number("F1") <= 1
    journey["project"] = tab.project


def test_a_network_runs_to_its_end(tab: Tab, journey: dict[str, str]) -> None:
    tab.go("train", journey["project"])
    tab.train_network("three epochs only", epochs=3)
    expect(tab.text(re.compile("mlp-2.*finished"))).to_be_visible()
    expect(tab.text("of 3; training took")).to_be_visible()


def test_evaluate_follows_the_threshold(tab: Tab, journey: dict[str, str]) -> None:
    tab.go("evaluate", journey["project"])
    for chart in ("precision_recall", "roc", "det", "gain"):
        expect(tab.page.locator(f".st-key-evaluate_{chart} .js-plotly-plot")).to_be_visible()
    own = tab.main()
    assert "logistic-1" in own
    assert "mlp-" in own
    tab.click(tab.page.get_by_text("By hand", exact=True))
    slider = tab.page.get_by_role("slider", name="Threshold of logistic-1")
    expect(slider).to_be_visible()
    tab.settle()
    before = cells(tab)
    slider.focus()
    slider.press("End")
    expect(tab.text(re.compile("^At 1.000, logistic-1"))).to_be_visible()
    tab.settle()
    assert cells(tab) != before
    slider.press("ArrowLeft")
    expect(tab.text(re.compile("^At 0.999, logistic-1"))).to_be_visible()
    # every other page obeys, also after a reload
    tab.visit("Errors")
    tab.choose("Run", "logistic-1")
    assert "0.999" in tab.main()
    tab.page.reload()
    tab.settle()
    tab.choose("Run", "logistic-1")
    assert "0.999" in tab.main()
    tab.visit("Evaluate")
    tab.click(tab.page.get_by_text("Balanced", exact=True))
    expect(tab.text(re.compile("^At 0.999, logistic-1"))).to_have_count(0)


def cells(tab: Tab) -> list[str]:
    """What stands in the cells of the confusion matrices."""
    return tab.page.get_by_role("button", name=re.compile("called (ham|spam)")).all_inner_texts()


def test_the_errors_can_be_read_one_by_one(tab: Tab, journey: dict[str, str]) -> None:
    tab.go("errors", journey["project"])
    tab.choose_row(0)
    expect(tab.text("Subject:")).to_be_visible()
    expect(tab.page.get_by_test_id("stCode").nth(1)).to_be_visible()
    first = tab.page.get_by_test_id("stCode").first.inner_text()
    tab.choose_row(2)
    expect(tab.page.get_by_test_id("stCode").first).not_to_have_text(first)
    # a search that nothing fits says so, and is taken away by one click
    tab.page.get_by_label("Find in subject and text").fill("no such word")
    tab.page.get_by_label("Find in subject and text").press("Enter")
    expect(tab.text("Remove a filter")).to_be_visible()
    tab.press("Holds: no such word")
    expect(tab.page.get_by_test_id("stCode").nth(1)).to_be_visible()


def test_a_note_is_kept_and_a_run_is_deleted_after_the_question(
    tab: Tab, journey: dict[str, str]
) -> None:
    tab.go("runs", journey["project"])
    tab.choose_row(0)
    note = tab.page.get_by_role("textbox", name=re.compile("^Note"))
    expect(note).to_have_value("three epochs only")
    note.fill("too short to learn anything")
    tab.press("Save the note")
    expect(tab.text("was saved")).to_be_visible()
    tab.page.reload()
    tab.settle()
    tab.choose_row(0)
    expect(note).to_have_value("too short to learn anything")
    tab.press("Delete")
    dialog = tab.page.get_by_role("dialog")
    expect(dialog).to_contain_text("mlp-2")
    tab.click(dialog.get_by_role("button", name="Delete it"))
    expect(tab.text("mlp-2 was deleted")).to_be_visible()
    expect(dialog).to_have_count(0)
    tab.settle()
    expect(note).to_have_count(0)


def test_a_mail_and_a_file_are_scored_and_the_model_goes_home(
    tab: Tab, server: Server, journey: dict[str, str], tmp_path: Path
) -> None:
    tab.go("score", journey["project"])
    tab.page.get_by_label("Subject").fill("Your order is ready")
    tab.page.get_by_placeholder("Paste the mail here").fill("Cheap pills, click here <b>now</b>")
    tab.press("Score it")
    expect(tab.text("P(spam)")).to_be_visible()
    score = tab.number("P(spam)")
    assert 0 <= score <= 1

    tab.click(tab.page.get_by_role("tab", name="A file of mails"))
    tab.upload("Mails to score", "one.eml", message(mails(1).iloc[0]))
    expect(tab.text("1 mail scored")).to_be_visible()
    rows = [["Your order is ready", "Cheap pills, click here <b>now</b>"], ["lunch", "=1+1"]]
    text = io.StringIO()
    csv.writer(text).writerows([["subject", "body"], *rows])
    tab.upload("Mails to score, without labels", "new mails.csv", text.getvalue().encode())
    expect(tab.text("2 mails scored")).to_be_visible()
    scores = save(tab, "Download the scores", tmp_path / "scores.csv")
    tab.click(tab.page.get_by_role("tab", name="The model"))
    model = save(tab, "Download the model", tmp_path / "model.spamlab")
    assert model.stat().st_size > 1000

    new = tmp_path / "new.csv"
    new.write_text(text.getvalue())
    printed = server.spamlab("score", model, new).stdout
    assert list(csv.DictReader(io.StringIO(printed))) == list(
        csv.DictReader(io.StringIO(scores.read_text("utf-8-sig")))
    )
    first = next(csv.DictReader(io.StringIO(printed)))
    assert float(first["score"]) == pytest.approx(score, abs=0.00006)


def save(tab: Tab, words: str, path: Path) -> Path:
    """Press a download button and keep the file."""
    with tab.page.expect_download() as download:
        tab.press(words)
    download.value.save_as(path)
    return path
