"""The threshold that is set once moves every number on every page, export and model."""

import io
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pipeline.evaluation.figures import FIGURES
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.thresholds import choose_operating_point
from pipeline.export import scoring
from pipeline.export.bundle import Bundle
from pipeline.runs import store
from pipeline.specs import ThresholdSpec
from tests.dashboard.conftest import (
    HOSTILE,
    NAME,
    Stage,
    cells,
    confusion,
    figure,
    open_page,
    run_box,
)

pytestmark = pytest.mark.slow

AtStage = Callable[[str], Stage]
RULE = f"evaluate_rule_{NAME}"
TITLES = {one.title: name for name, one in FIGURES.items()}
"""The words of the table, with the names of `Evaluation.summary`."""


def slider_of(run: store.Run) -> str:
    return f"evaluate_threshold_{run.id}"


def set_threshold(threshold: float) -> AppTest:
    """Choose to set thresholds by hand, and move the slider of every run."""
    app = open_page("evaluate", NAME)
    app.segmented_control(key=RULE).set_value("By hand").run()
    for run in store.list_runs(NAME):
        app.slider(key=slider_of(run)).set_value(threshold).run()
    return app


def figures_table(app: AppTest) -> pd.DataFrame:
    """The main figures and, from the expander, all others."""
    tables = [table.value for table in app.dataframe if "meaning" in table.value]
    return pd.concat(tables, ignore_index=True)


def assert_table_tells(table: pd.DataFrame, run: str, summary: dict[str, Any]) -> None:
    """The formatted cells are the figures, to the digits that they show."""
    cells = table.set_index("figure")[run]
    assert set(cells.index) == set(TITLES)
    for title, key in TITLES.items():
        cell = cells[title].split(" (")[0]
        if cell in ("–", "∞"):
            assert not math.isfinite(summary[key] or math.nan), title
            continue
        digits = len(cell.rstrip("%").partition(".")[2]) + (2 if cell.endswith("%") else 0)
        shown = float(cell.rstrip("%")) / (100 if cell.endswith("%") else 1)
        assert digits >= (1 if key.startswith("tcr") else 4), title
        assert shown == pytest.approx(summary[key], abs=0.5001 * 10**-digits), title


def assert_evaluate_tells(app: AppTest, thresholds: dict[str, float]) -> None:
    """Table, confusion matrices, captions and diamonds are those of these thresholds."""
    assert not app.exception
    for kind, threshold in thresholds.items():
        run = next(r for r in store.list_runs(NAME) if r.kind == kind)
        summary = store.read_evaluation(run.id).summary(OperatingPoint(threshold))
        assert_table_tells(figures_table(app), run.name, summary)
        assert cells(app, f"evaluate_confusion_{run.id}") == [
            [summary["true_negatives"], summary["false_positives"]],
            [summary["false_negatives"], summary["true_positives"]],
        ]
        assert any(run.name in m.value and f"{threshold:.3f}" in m.value for m in app.markdown)
        for key, x, y in (("precision_recall", "recall", "precision"), ("det", "hm", "sm")):
            (point,) = [
                d
                for d in figure(app, f"evaluate_{key}")["data"]
                if d["mode"] == "markers" and run.name in d["name"]
            ]
            assert point["customdata"] == [[None, summary[x], summary[y]]]


def test_each_run_stands_at_its_own_threshold_at_first(at_stage: AtStage) -> None:
    here = at_stage("trained")
    own = {kind: here.run(kind).threshold or 0 for kind in ("logistic", "mlp")}
    app = here.open("evaluate")
    assert_evaluate_tells(app, own)
    assert sum("within one standard error" in c.value for c in app.caption) == 2
    evaluation = store.read_evaluation(here.run("mlp").id)
    assert any(
        str(evaluation.n_ham) in c.value and str(evaluation.n_spam) in c.value for c in app.caption
    )


@pytest.mark.parametrize("threshold", [0.0, 0.031, 0.5, 0.97, 1.0])
def test_the_slider_moves_every_number_of_evaluate(at_stage: AtStage, threshold: float) -> None:
    at_stage("trained")
    app = set_threshold(threshold)
    assert_evaluate_tells(app, {"logistic": threshold, "mlp": threshold})
    # and still after another page, and in another tab
    app.switch_page("app_pages/errors/page.py").run()
    app.switch_page("app_pages/evaluate/page.py").run()
    assert all(app.slider(key=slider_of(run)).value == threshold for run in store.list_runs(NAME))
    assert_evaluate_tells(app, {"logistic": threshold, "mlp": threshold})
    assert_evaluate_tells(open_page("evaluate", NAME), {"logistic": threshold, "mlp": threshold})


def test_each_run_has_its_own_threshold_again_when_that_is_chosen(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app = set_threshold(0.9)
    app.segmented_control(key=RULE).set_value("Balanced").run()
    own = {kind: here.run(kind).threshold or 0 for kind in ("logistic", "mlp")}
    assert_evaluate_tells(app, own)
    app.segmented_control(key=RULE).set_value("By hand").run()
    assert_evaluate_tells(app, {"logistic": 0.9, "mlp": 0.9})


def test_a_rule_is_kept_by_every_run_and_every_number(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app = here.open("evaluate")
    app.segmented_control(key=RULE).set_value("Cost of a lost ham").run()
    app.number_input(key=f"evaluate_number_cost_{NAME}").set_value(20.0).run()
    spec = ThresholdSpec("cost", 20)
    points = {
        kind: choose_operating_point(store.read_evaluation(here.run(kind).id), spec)
        for kind in ("logistic", "mlp")
    }
    assert_evaluate_tells(app, {kind: point.threshold for kind, point in points.items()})
    app.toggle(key=f"evaluate_unsure_{NAME}").set_value(True).run()
    app.number_input(key=f"evaluate_share_{NAME}").set_value(10.0).run()
    spec = ThresholdSpec("cost", 20, 0.1)
    assert here.project.settings.threshold_spec() == spec
    said = " ".join(c.value for c in app.caption)
    assert said.count("costs as much as 20 spams read") == 2
    # another rule and back: the number is still there
    app.segmented_control(key=RULE).set_value("F-beta").run()
    app.segmented_control(key=RULE).set_value("Cost of a lost ham").run()
    assert here.project.settings.threshold_spec() == spec


def test_a_budget_says_what_the_ham_can_show_and_why_a_run_stands_at_its_own(
    at_stage: AtStage,
) -> None:
    here = at_stage("trained")
    app = here.open("evaluate")
    app.segmented_control(key=RULE).set_value("Ham budget").run()
    assert not app.exception
    first = here.project.settings.threshold_spec().value
    said = " ".join(c.value for c in app.caption)
    (strictest,) = re.findall(r"can show at most 1 in ([\d,]+), about a third", said)
    assert first is not None
    assert 1 <= first <= int(strictest)
    app.number_input(key=f"evaluate_number_budget_{NAME}").set_value(1000.0).run()
    said = " ".join(c.value for c in app.caption)
    assert said.count("The balanced threshold is used instead") == 2
    own = {kind: here.run(kind).threshold or 0 for kind in ("logistic", "mlp")}
    assert_evaluate_tells(app, own)


def test_the_band_by_hand_is_a_second_handle_and_is_taken_along(
    at_stage: AtStage, downloads: dict[str, Callable[[], bytes]]
) -> None:
    here = at_stage("trained")
    run = here.run("logistic")
    app = set_threshold(0.9)
    app.toggle(key=f"evaluate_unsure_{NAME}").set_value(True).run()
    app.slider(key=slider_of(run) + "_band").set_value((0.1, 0.8)).run()
    assert here.project.settings.threshold_spec(run.id) == ThresholdSpec("hand", 0.8, 0.1)
    scores = store.read_evaluation(run.id).scores
    share = float(((scores >= 0.1) & (scores < 0.8)).mean())
    assert any(f"Unsure: **{share:.1%}** of all mails" in m.value for m in app.markdown)
    app = here.open("score")
    run_box(app, "score_run").select(run.id).run()
    model = Bundle.from_bytes(downloads["score_model"]())
    assert model.point == OperatingPoint(0.8, 0.1)
    app = here.open("evaluate")
    app.toggle(key=f"evaluate_unsure_{NAME}").set_value(False).run()
    assert here.project.settings.threshold_spec(run.id) == ThresholdSpec("hand", 0.8)


@pytest.mark.parametrize("threshold", [None, 0.2, 0.85])
@pytest.mark.parametrize("kind", ["logistic", "mlp"])
def test_errors_counts_at_the_same_threshold(
    at_stage: AtStage,
    downloads: dict[str, Callable[[], bytes]],
    kind: str,
    threshold: float | None,
) -> None:
    here = at_stage("trained")
    run = here.run(kind)
    if threshold is not None:
        set_threshold(threshold)
    used = run.threshold if threshold is None else threshold
    assert used is not None
    figures = store.read_evaluation(run.id).at(OperatingPoint(used))
    app = here.open("errors")
    run_box(app, "errors_run").select(run.id).run()
    words = " ".join(m.value for m in app.markdown)
    assert f"**{figures.false_positives:,}** ham" in words
    assert f"**{figures.false_negatives:,}** spam" in words
    assert f"{used:.3f}" in words
    app.segmented_control(key="errors_kind").set_value("All mails").run()
    table = app.dataframe[0].value
    counts = table["kind"].value_counts()
    assert counts.get("false positive", 0) == figures.false_positives
    assert counts.get("false negative", 0) == figures.false_negatives
    scores = store.read_evaluation(run.id).to_frame().set_index("id")["score"]
    assert (table.set_index("id")["score"] == scores[list(table["id"])]).all()
    saved = pd.read_csv(io.BytesIO(downloads["errors_download"]()))
    assert list(saved["kind"]) == list(table["kind"])


def test_score_decides_and_exports_at_the_same_threshold(
    at_stage: AtStage, downloads: dict[str, Callable[[], bytes]]
) -> None:
    here = at_stage("trained")
    run = here.run("logistic")
    bundle = Bundle.load(store.locate_bundle(run.id))
    mail = ("the winner", "cheap pills for your meeting on monday " + HOSTILE[0])
    score = scoring.score_mail(bundle, *mail)
    file = b"subject,body\n" + b"\n".join(
        f"{word},please see {word} agenda".encode() for word in ("casino", "lunch", "bonus")
    )
    frame = pd.DataFrame({"subject": ["casino", "lunch", "bonus"], "sender": None, "date": pd.NaT})
    frame["body"] = "please see " + frame["subject"] + " agenda"
    scores = bundle.score(frame)
    limits = [max(0.0, round(score - 0.01, 3)), min(1.0, round(score + 0.01, 3))]
    for threshold, called in zip(limits, ("spam", "ham"), strict=True):
        set_threshold(threshold)
        app = here.open("score")
        run_box(app, "score_run").select(run.id).run()
        app.text_input(key="score_subject").input(mail[0])
        app.text_area(key="score_body").input(mail[1])
        app.button(key="FormSubmitter:score_one-Score it").click().run()
        assert not app.exception
        assert [m.value for m in app.metric] == [f"{score:.4f}"]
        words = " ".join(m.value for m in app.markdown)
        assert f"**{called}**" in words
        assert f"{threshold:.3f}" in words
        app.file_uploader(key="score_file").upload("new.csv", file, "text/csv").run()
        assert not app.exception
        table = app.dataframe[0].value
        assert np.array_equal(table["score"], scores)
        assert list(table["label"]) == list(np.where(scores >= threshold, "spam", "ham"))
        saved = pd.read_csv(io.BytesIO(downloads["score_download"]()))
        assert list(saved["label"]) == list(table["label"])
        model = Bundle.from_bytes(downloads["score_model"]())
        assert model.point.threshold == threshold
        assert np.array_equal(model.score(frame), scores)


def test_the_final_test_is_made_at_the_same_threshold_and_only_once(at_stage: AtStage) -> None:
    here = at_stage("trained")
    run = here.run("mlp")
    set_threshold(0.3)
    app = here.open("final_test")
    run_box(app, "final_test_run").select(run.id).run()
    assert app.button(key="final_test_open").disabled
    app.text_input(key="final_test_words").input("open it").run()
    assert app.button(key="final_test_open").disabled
    app.text_input(key="final_test_words").input("open the test part").run()
    app.button(key="final_test_open").click().run()
    assert not app.exception
    opening = here.project.seal.ledger.opening()
    assert opening is not None
    assert (opening.run, opening.threshold) == (run.id, 0.3)
    for shown in (app, here.open("final_test")):  # at once and after a reload
        assert not shown.main.button
        table = figures_table(shown)
        assert_table_tells(table, "test", opening.figures)
        assert_table_tells(
            table, "validation", store.read_evaluation(run.id).summary(OperatingPoint(0.3))
        )
        matrix = confusion(shown, "final_test_confusion")
        assert matrix == [
            [opening.figures["true_negatives"], opening.figures["false_positives"]],
            [opening.figures["false_negatives"], opening.figures["true_positives"]],
        ]
    # what is set afterwards does not change what was measured
    set_threshold(0.8)
    assert_table_tells(figures_table(here.open("final_test")), "test", opening.figures)


def test_the_test_figures_are_those_of_the_test_mails(at_stage: AtStage) -> None:
    here = at_stage("tested")
    split, dataset, opening = (
        here.project.split,
        here.project.mails.complete(),
        here.project.seal.ledger.opening(),
    )
    assert split is not None
    assert dataset is not None
    assert opening is not None
    mails = dataset.frame.set_index("id", drop=False).loc[list(split.test)]
    scores = Bundle.load(store.locate_bundle(opening.run)).score(mails)
    called, spam = scores >= 0.5, (mails["label"] == "spam").to_numpy()
    app = here.open("final_test")
    matrix = confusion(app, "final_test_confusion")
    assert matrix == [
        [int((~called & ~spam).sum()), int((called & ~spam).sum())],
        [int((~called & spam).sum()), int((called & spam).sum())],
    ]
    said = " ".join(c.value for c in app.caption)
    assert re.search(rf"\b{(~spam).sum()} ham and {spam.sum()} spam", said)
