"""The Evaluate page answers first, and the cells of its matrices lead to their mails."""

import io
from collections.abc import Callable

import pandas as pd
import pytest

from dashboard.components import confusion_view
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import choose_threshold
from pipeline.runs import store
from pipeline.specs import ThresholdSpec
from tests.dashboard.conftest import Stage, figure, open_page

AtStage = Callable[[str], Stage]


def test_the_answer_is_a_sentence_a_run_before_any_table(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app = here.open("evaluate")
    said = next(m.value for m in app.markdown if "lets" in m.value)
    for kind in ("logistic", "mlp"):
        run = here.run(kind)
        assert run.threshold is not None
        figures = store.read_evaluation(run.id).summary(OperatingPoint(run.threshold))
        (line,) = [line for line in said.splitlines() if f"**{run.name}**" in line]
        assert f"**{figures['false_positives']}** of {figures['n_ham']} ham" in line
        assert f"**{figures['false_negatives']}** of {figures['n_spam']} spam" in line
        assert line.count("interval") == 2


@pytest.mark.parametrize("kind", ["False positives", "False negatives", "Correct ham", "All mails"])
@pytest.mark.parametrize("unsure_from", [None, 0.3])
def test_a_kind_of_mails_is_what_its_cells_say(kind: str, unsure_from: float | None) -> None:
    table = pd.DataFrame(
        [("a", "ham", 0.1), ("b", "ham", 0.4), ("c", "ham", 0.5),
         ("d", "spam", 0.2), ("e", "spam", 0.3), ("f", "spam", 0.9)],
        columns=["id", "label", "score"],
    )  # fmt: skip
    wanted = {
        "False positives": "c",
        "False negatives": "de" if unsure_from is None else "d",
        "Correct ham": "ab" if unsure_from is None else "a",
        "All mails": "abcdef",
    }
    found = table[
        confusion_view.match_kind(
            table["label"], table["score"], kind, OperatingPoint(0.5, unsure_from, "")
        )
    ]
    assert "".join(found["id"]) == wanted[kind]
    if unsure_from is not None:
        unsure = table[
            confusion_view.match_kind(
                table["label"], table["score"], "Unsure spam", OperatingPoint(0.5, 0.3, "")
            )
        ]
        assert list(unsure["id"]) == ["e"]


@pytest.mark.parametrize("label", ["ham", "spam"])
@pytest.mark.parametrize("called", ["ham", "spam"])
def test_a_cell_leads_to_just_its_mails(at_stage: AtStage, label: str, called: str) -> None:
    here = at_stage("trained")
    run = here.run("mlp")
    threshold = {"ham": 0.95, "spam": 0.05}[called]  # at which every cell of the column has mails
    choose_threshold(here.project, ThresholdSpec("hand", threshold))
    app = here.open("evaluate")
    app.button(key=f"evaluate_confusion_{run.id}_{label}_{called}").click().run()
    assert not app.exception
    assert app.title[0].value == "Errors"
    scores = store.read_evaluation(run.id).to_frame()
    wanted = scores[
        (scores["label"] == label) & ((scores["score"] >= threshold) == (called == "spam"))
    ]
    assert sorted(app.dataframe[0].value["id"]) == sorted(wanted["id"])
    # and the choice is kept when the page is left
    app.switch_page("app_pages/runs/page.py").run()
    app.switch_page("app_pages/errors/page.py").run()
    assert sorted(app.dataframe[0].value["id"]) == sorted(wanted["id"])


def test_a_cell_without_mails_is_no_dead_end(at_stage: AtStage) -> None:
    here = at_stage("trained")
    choose_threshold(here.project, ThresholdSpec("hand", 1.0))
    app = here.open("evaluate")
    key = f"evaluate_confusion_{here.run('logistic').id}"
    assert app.button(key=f"{key}_ham_spam").disabled
    assert not app.button(key=f"{key}_spam_ham").disabled


def test_runs_can_be_taken_out_and_none_is_said(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app = here.open("evaluate")
    (box,) = app.multiselect
    assert box.value == [here.run("logistic").id, here.run("mlp").id]
    box.set_value([here.run("mlp").id]).run()
    assert not app.exception
    curve = figure(app, "evaluate_roc")["data"]
    assert not [trace for trace in curve if "logistic" in trace["name"]]
    app.multiselect[0].set_value([]).run()
    assert "at least one run" in app.info[0].value
    assert not app.get("plotly_chart")


def test_the_data_of_each_chart_can_be_saved(
    at_stage: AtStage, downloads: dict[str, Callable[[], bytes]]
) -> None:
    here = at_stage("trained")
    app = here.open("evaluate")
    app.segmented_control(key="evaluate_view").set_value("Calibration").run()
    assert not app.exception
    run = here.run("logistic")
    charts = {chart.key for chart in app.get("plotly_chart")}
    assert {f"evaluate_scores_{run.id}", f"evaluate_reliability_{run.id}"} <= charts
    assert {f"{key}_csv" for key in charts} <= downloads.keys()
    roc = pd.read_csv(io.BytesIO(downloads["evaluate_roc_csv"]()))
    own = store.read_evaluation(run.id).roc()
    assert roc.loc[roc["run"] == run.name, "recall"].to_numpy() == pytest.approx(own["recall"])
    counts = pd.read_csv(io.BytesIO(downloads[f"evaluate_scores_{run.id}_csv"]()))
    assert counts["spam"].sum() == store.read_evaluation(run.id).n_spam


def test_the_view_is_kept_when_the_page_is_left(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app = here.open("evaluate")
    app.segmented_control(key="evaluate_view").set_value("Calibration").run()
    app.switch_page("app_pages/runs/page.py").run()
    app.switch_page("app_pages/evaluate/page.py").run()
    assert app.segmented_control(key="evaluate_view").value == "Calibration"
    assert (
        open_page("evaluate", here.project.name).segmented_control(key="evaluate_view").value
        == "Curves"
    )
