"""Slices on the Evaluate page, and the Errors page on just the mails of one."""

import io
from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import cache, charts
from dashboard.components import slices_view
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project, cluster_mails
from pipeline.runs import store
from pipeline.slices.properties import describe_validation
from pipeline.slices.table import COLUMNS, compute_slices
from tests.dashboard.conftest import NAME, Stage, markdown

AtStage = Callable[[str], Stage]
PROPERTY, VALUE = "sender domain", "example.org"


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices of three mails and more, for the projects here have two dozen validation mails."""

    def slices(project: Project, run_id: str, point: OperatingPoint) -> pd.DataFrame:
        asked = cache.evaluation(run_id), point, cache.properties(project)
        return compute_slices(*asked, cache.clusters(project), smallest=3)

    monkeypatch.setattr(cache, "slices", slices)


def open_slices(here: Stage) -> AppTest:
    app = here.open("evaluate")
    view = next(v for v in app.get("button_group") if v.key == "evaluate_view")
    view.set_value("Slices").run()
    assert not app.exception
    return app


def slices_of(app: AppTest) -> pd.DataFrame:
    return next(t.value for t in app.dataframe if (t.key or "").startswith("slices_table"))


def choose(app: AppTest, name: str, value: str) -> AppTest:
    """Press the row of a slice."""
    shown = slices_of(app)
    row = shown.index[(shown["property"] == name) & (shown["value"] == value)][0]
    key = next(t.key for t in app.dataframe if (t.key or "").startswith("slices_table"))
    app.session_state[key] = {"selection": {"rows": [int(row)], "columns": [], "cells": []}}
    app.run()
    app.session_state[key] = {"selection": {"rows": [int(row)], "columns": [], "cells": []}}
    return app


def inside(here: Stage) -> set[str]:
    """The validation mails of the slice, counted from the mails themselves."""
    split = here.project.split
    assert split is not None
    frame = here.project.mails.reader().take(list(split.validation))
    return set(frame.loc[frame["sender"] == "anna@example.org", "id"])


def errors_table(app: AppTest) -> pd.DataFrame:
    return next(t.value for t in app.dataframe if (t.key or "").startswith("errors_table"))


def test_the_table_on_the_page_is_the_one_of_the_pipeline(
    at_stage: AtStage, downloads: dict[str, Callable[[], bytes]]
) -> None:
    here = at_stage("trained")
    app = open_slices(here)
    run = here.run("logistic")
    found = compute_slices(
        store.read_evaluation(run.id), OperatingPoint(run.threshold or 0.5),
        describe_validation(here.project), cluster_mails(here.project),
    )  # fmt: skip
    shown = slices_of(app)
    assert list(shown["verdict"]) == list(found["verdict"])
    assert list(shown["mails"]) == list(found["mails"])
    assert list(shown["error rate"]) == pytest.approx(list(100 * found["error_rate"]))
    assert any("at least 20 mails" in c.value and "corrected" in c.value for c in app.caption)
    saved = pd.read_csv(io.BytesIO(downloads["slices_download"]()))
    assert list(saved.columns) == list(COLUMNS)
    assert len(saved) == len(found)
    other = here.run("mlp").name
    assert shown[f"error rate of {other}"].notna().all()


def test_a_slice_opens_the_errors_page_on_just_its_mails(
    at_stage: AtStage, small_slices: None
) -> None:
    here = at_stage("trained")
    app = choose(open_slices(here), PROPERTY, VALUE)
    ids = inside(here)
    assert 3 <= len(ids) < 20
    button = app.button(key="slices_read_All mails")
    assert button.label == f"Read these {len(ids)} mails"
    # AppTest does not follow st.switch_page inside a fragment: the page is opened by hand
    button.click().run()
    app.switch_page("app_pages/errors/page.py").run()
    assert not app.exception
    assert set(errors_table(app)["id"]) == ids
    assert app.button(key="errors_slice").label == r"Only sender domain\: example\.org"
    assert app.query_params["slice"] in (VALUE, [VALUE])

    word = "meeting"
    app.text_input(key="errors_find").set_value(word).run()
    expected = {i for i in cache.matching_mails(here.project, word) if i in ids}
    assert 0 < len(expected) < len(ids)
    assert set(errors_table(app)["id"]) == expected
    app.text_input(key="errors_find").set_value("").run()

    app.button(key="errors_slice").click().run()
    assert len(errors_table(app)) > len(ids)
    assert "slice" not in app.query_params
    assert not [b for b in app.button if b.key == "errors_slice"]


def reloaded(here: Stage, name: str, value: str) -> AppTest:
    """The Errors page as a new session opens it from a URL that names a slice."""
    app = here.open("errors")
    app.query_params["slice_of"], app.query_params["slice"] = name, value
    app.run()
    assert not app.exception
    view = next(v for v in app.get("button_group") if v.key == "errors_kind")
    view.set_value("All mails").run()
    return app


def test_a_slice_survives_a_reload_by_the_url(at_stage: AtStage) -> None:
    here = at_stage("trained")
    assert set(errors_table(reloaded(here, PROPERTY, VALUE))["id"]) == inside(here)


@pytest.mark.parametrize("name", ["sender domain", "no such property", "**x** $y$ :smile:"])
def test_an_unknown_slice_shows_no_mail_and_the_way_out(at_stage: AtStage, name: str) -> None:
    app = reloaded(at_stage("trained"), name, "<script>alert(1)</script>")
    assert not [t for t in app.dataframe if (t.key or "").startswith("errors_table")]
    assert any("No mail here" in s.value for s in app.success)
    assert not any("**x**" in text or "<script>" in text for text in markdown(app))
    app.button(key="errors_slice").click().run()
    assert len(errors_table(app)) > 20


def test_the_chart_shows_one_property_in_its_own_order(
    at_stage: AtStage, small_slices: None
) -> None:
    here = at_stage("trained")
    app = open_slices(here)
    app.selectbox(key=f"slices_by_{NAME}").set_value(PROPERTY).run()
    assert not app.exception
    found = cache.slices(here.project, here.run("logistic").id, OperatingPoint(0.5))
    rows = found[found["property"] == PROPERTY].head(2).copy()
    rows["value"] = ["<b>x</b>\u202e", "y"]
    rows["standing"] = ["worse", "no difference"]
    drawn = charts.plot_slices(rows, "HTML <i>")
    said = str(drawn.to_dict())
    assert "<b>x" not in said
    assert "<i>" not in said
    assert drawn.layout.yaxis.range[0] > drawn.layout.yaxis.range[1]
    assert drawn.layout.xaxis.title.text == "Error rate (share of mails called wrongly)"


def test_too_few_mails_are_a_sentence(at_stage: AtStage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "slices", lambda *_: pd.DataFrame(columns=list(COLUMNS)))
    app = open_slices(at_stage("trained"))
    assert any("nothing to compare" in i.value for i in app.info)


def test_names_of_slices_are_read_as_text(
    at_stage: AtStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = at_stage("trained")
    found = cache.slices(here.project, here.run("logistic").id, OperatingPoint(0.5)).copy()
    found["standing"] = "worse"
    found["value"] = "**bold** $x$ :smile: [a](http://evil.example)"
    monkeypatch.setattr(cache, "slices", lambda *_: found)
    monkeypatch.setattr(slices_view, "_draw_chart", lambda *_: None)
    app = open_slices(here)
    assert not any("**bold**" in text or "](http" in text for text in markdown(app))
