"""The learning curve on the Evaluate page: measured by a button, answered in words, drawn."""

import io
from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import learning_chart, learning_view
from pipeline import learning_curve, live
from pipeline.evaluation.figures import FIGURES

from .conftest import NAME, Stage, figure

AtStage = Callable[[str], Stage]


def button(app: AppTest, key: str) -> object:
    return next(b for b in app.button if b.key == key)


def test_a_button_measures_and_the_answer_comes_first(
    at_stage: AtStage, downloads: dict[str, Callable[[], bytes]]
) -> None:
    here = at_stage("trained")
    run = here.run("logistic")
    app = here.open("evaluate")
    assert any("trained again on a sixteenth" in c.value for c in app.caption)
    measure = f"learning_measure_{run.id}"
    app.button(key=measure).click().run()
    assert not app.exception
    assert measure not in {b.key for b in app.button}
    frame = learning_curve.figures(here.project, run.id)
    said = [m.value for m in app.main.markdown if m.value.startswith(r"**logistic\-1**")]
    assert any("validation mails" in text or "train mails" in text for text in said)
    drawn = figure(app, f"learning_{NAME}")
    (line,) = [trace for trace in drawn["data"] if trace.get("name") == "logistic-1"]
    assert list(line["x"]) == list(frame.loc[frame["figure"] == "f1", "mails"])
    shares = learning_curve.measured(here.project, run.id)
    assert any("Left out for" in c.value for c in app.caption) == (len(shares) < 4)
    table = pd.read_csv(io.BytesIO(downloads["learning_download"]()))
    assert len(table) == len(frame)
    assert set(table["run"]) == {"logistic-1"}
    again = here.open("evaluate")
    assert figure(again, f"learning_{NAME}") == drawn


def test_another_figure_is_told_and_drawn(at_stage: AtStage) -> None:
    here = at_stage("trained")
    for run in (here.run("logistic"), here.run("mlp")):
        learning_curve.measure(here.project, run.id)
    app = here.open("evaluate")
    app.selectbox(key=f"learning_figure_{NAME}").set_value("hm").run()
    assert not app.exception
    drawn = figure(app, f"learning_{NAME}")
    assert drawn["layout"]["yaxis"]["title"]["text"] == "hm%"
    assert {"logistic-1", "mlp-1"} == {t["name"] for t in drawn["data"] if "name" in t}
    assert len([m for m in app.main.markdown if "hm%" in m.value.replace("\\", "")]) >= 2


def test_while_it_is_measured_it_can_be_stopped(at_stage: AtStage) -> None:
    here = at_stage("trained")
    work = learning_curve.work(here.run("logistic").id)
    with live.holding(work):
        live.report(work, live.Progress("Training on 9 mails", 0.25, 40))
        app = here.open("evaluate")
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
    app = here.open("evaluate")
    app.button(key=key).click().run()
    (error,) = app.error
    assert "half of the train mails hold" in error.value.replace("\\", "")
    assert not app.button(key=key).disabled


def test_every_choice_is_a_figure_and_an_unknown_interval_draws_no_band() -> None:
    assert set(learning_view.CHOICE) <= set(FIGURES)
    frame = pd.DataFrame(
        {"run": "a", "mails": [10, 20, 40], "value": [0.8, 0.9, 1.0],
         "low": [None, 0.8, 0.9], "high": [None, 0.95, 1.0]}
    )  # fmt: skip
    band, line = learning_chart.learning(frame, "recall", ["logistic"]).data
    assert list(band.x) == [20, 40, 40, 20]
    assert list(band.y) == [0.95, 1.0, 0.9, 0.8]
    assert list(line.y) == [0.8, 0.9, 1.0]
