"""The learning curve on the Evaluate page: measured by a button, answered in words, drawn."""

import io
from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app_pages.evaluate import learning
from pipeline.evaluation.figures import FIGURES
from pipeline.training import learning_curve
from pipeline.workspace import live
from pipeline.workspace.progress import WorkState
from tests.dashboard.conftest import NAME, Stage, figure

AtStage = Callable[[str], Stage]


def opened(here: Stage) -> AppTest:
    app = here.open("evaluate")
    return app.segmented_control(key="evaluate_view").set_value("Learning curve").run()


def test_a_button_measures_and_the_answer_comes_first(
    at_stage: AtStage, downloads: dict[str, Callable[[], bytes]]
) -> None:
    here = at_stage("trained")
    run = here.run("logistic")
    app = opened(here)
    assert any("trained again on a sixteenth" in c.value for c in app.caption)
    measure = f"learning_measure_{run.id}"
    app.button(key=measure).click().run()
    assert not app.exception
    assert measure not in {b.key for b in app.button}
    frame = learning_curve.compute_figures(here.project, run.id)
    said = [m.value for m in app.main.markdown if m.value.startswith(r"**logistic\-1**")]
    assert any("validation mails" in text or "train mails" in text for text in said)
    drawn = figure(app, "evaluate_learning")
    assert "logistic-1" in {trace["name"] for trace in drawn["data"]}
    shares = learning_curve.list_measured_shares(here.project, run.id)
    assert any("Left out for" in c.value for c in app.caption) == (len(shares) < 4)
    table = pd.read_csv(io.BytesIO(downloads["evaluate_learning_csv"]()))
    assert list(table["mails"]) == list(frame["mails"])
    assert list(table["value"]) == pytest.approx(list(frame["value"]), nan_ok=True)
    assert set(table["run"]) == {"logistic-1"}
    again = opened(here)
    assert figure(again, "evaluate_learning") == drawn


@pytest.mark.slow
def test_another_figure_is_told_and_drawn(at_stage: AtStage) -> None:
    here = at_stage("trained")
    for run in (here.run("logistic"), here.run("mlp")):
        learning_curve.measure_sizes(here.project, run.id)
    app = opened(here)
    app.selectbox(key=f"learning_figure_{NAME}").set_value("hm").run()
    assert not app.exception
    drawn = figure(app, "evaluate_learning")
    assert drawn["layout"]["yaxis"]["title"]["text"].startswith("hm%")
    assert {"logistic-1", "mlp-1"} <= {t["name"] for t in drawn["data"]}
    assert len([m for m in app.main.markdown if "hm%" in m.value.replace("\\", "")]) >= 2


def test_while_it_is_measured_it_can_be_stopped(at_stage: AtStage) -> None:
    here = at_stage("trained")
    work = learning_curve.name_work(here.run("logistic").id)
    with live.holding(work):
        live.write_state(work, WorkState("Training on 9 mails", 0.25, 40))
        app = opened(here)
        stop = app.button(key=f"learning_stop_{here.run('logistic').id}")
        assert f"learning_measure_{here.run('logistic').id}" not in {b.key for b in app.button}
        stop.click().run()
        assert live.stop_requested(work)
        assert app.button(key=f"learning_stop_{here.run('logistic').id}").disabled


def test_a_failure_is_said_and_can_be_tried_again(
    at_stage: AtStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = at_stage("trained")
    monkeypatch.setattr(learning_curve.measuring, "MINIMUM", 1000)
    key = f"learning_measure_{here.run('logistic').id}"
    app = opened(here)
    app.button(key=key).click().run()
    (error,) = app.error
    assert "half of the train mails hold" in error.value.replace("\\", "")
    assert not app.button(key=key).disabled


def test_every_choice_is_a_figure() -> None:
    assert set(learning.CHOICE) <= set(FIGURES)
