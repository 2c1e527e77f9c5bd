"""The table of figures with intervals, and the figures of the user's own inbox."""

import io
import math
from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import cache
from pipeline.evaluation import wording
from pipeline.evaluation.figures import FIGURES, MAIN
from pipeline.evaluation.intervals import Interval
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.prevalence import expect_in_inbox
from pipeline.runs import store
from tests.dashboard.conftest import NAME, Stage

AtStage = Callable[[str], Stage]
NONE = Interval(math.nan, math.nan, "none", "only 6 spam; *far* too few")
SOME = Interval(0.25, math.inf, "bounds")


def table_of(summaries, intervals=None) -> AppTest:
    def page(summaries, intervals) -> None:
        from dashboard.components import figures_view

        figures_view.draw_figures(summaries, intervals)

    app = AppTest.from_function(page, args=(summaries, intervals)).run()
    assert not app.exception
    return app


def test_the_main_figures_come_first_and_all_are_there() -> None:
    summary = dict.fromkeys(FIGURES, 0.5) | {"n_ham": 30, "n_spam": 6}
    app = table_of({"a": summary, "b": summary}, {"a": dict.fromkeys(FIGURES, SOME)})
    first, rest = (frame.value for frame in app.dataframe)
    assert set(first["figure"]) == {FIGURES[name].title for name in MAIN}
    assert len(first) + len(rest) == len(FIGURES)
    assert set(first["a"]) >= {"0.5000 (at least 0.250)"}
    assert "0.5000" in set(first["b"]), "a run without intervals has its figures alone"


def test_figures_that_an_older_version_did_not_store_are_dashes() -> None:
    old = {"f1": 0.5, "tcr_9": math.inf, "lam": math.nan, "n_ham": 3.0, "n_spam": 1.0}
    app = table_of({"old": old})
    cells = pd.concat([f.value for f in app.dataframe]).set_index("figure")["old"]
    assert cells["F1"] == "0.5000"
    assert cells["TCR, λ = 9"] == "∞"
    assert cells["lam%"] == cells["Balanced accuracy"] == wording.DASH


def test_a_note_is_said_once_with_the_figures_it_is_of_and_as_text() -> None:
    summary = dict.fromkeys(FIGURES, 0.5) | {"n_ham": 30, "n_spam": 6}
    found = dict.fromkeys(FIGURES, SOME) | {"f1": NONE, "mcc": NONE}
    app = table_of({"a": summary, "b": summary}, {"a": found, "b": dict.fromkeys(FIGURES, SOME)})
    (note,) = [c.value for c in app.caption if "only 6 spam" in c.value]
    assert note.startswith("F1, MCC \\(a\\)\\:")
    assert "\\*far\\*" in note


def test_evaluate_shows_each_figure_with_its_interval_and_gives_them_as_csv(
    at_stage: AtStage, downloads: dict[str, Callable[[], bytes]]
) -> None:
    here = at_stage("trained")
    app = here.open("evaluate")
    assert not app.exception
    run = here.run("logistic")
    assert run.threshold is not None
    expected = cache.intervals(here.project, run.id, OperatingPoint(run.threshold))
    summary = store.read_evaluation(run.id).summary(OperatingPoint(run.threshold))
    cells = pd.concat([f.value for f in app.dataframe if "meaning" in f.value])
    cells = cells.set_index("figure")[run.name]
    for name, one in FIGURES.items():
        assert cells[one.title] == wording.format_figure(name, summary[name], expected[name])
    saved = pd.read_csv(io.BytesIO(downloads["figures_download"]()))
    assert len(saved) == 2 * len(FIGURES)
    row = saved[saved["run"].eq(run.name) & saved["figure"].eq("hm")].iloc[0]
    assert (row["low"], row["high"]) == (expected["hm"].low, expected["hm"].high)


def test_runs_on_the_same_mails_share_their_resamples(at_stage: AtStage) -> None:
    here = at_stage("trained")
    first, second = (cache.resamples(here.project, here.run(k).id) for k in ("logistic", "mlp"))
    assert first is second
    assert first.n == len(store.read_evaluation(here.run("mlp").id).ids)


def open_inbox(run_id: str) -> AppTest:
    def page(name: str, run_id: str) -> None:
        from dashboard.app_pages.evaluate import inbox
        from pipeline.evaluation.operating_point import OperatingPoint
        from pipeline.project import Project
        from pipeline.runs import store

        run = store.read_run(run_id)
        inbox.draw_inbox(Project(name), [run], {run_id: OperatingPoint(0.4, 0.2, "")})

    app = AppTest.from_function(page, args=(NAME, run_id), default_timeout=30).run()
    assert not app.exception
    return app


@pytest.mark.parametrize(("share", "mails"), [(30.0, 50.0), (80.0, 200.0), (0.0, 0.0)])
def test_the_inbox_tells_what_pipeline_tells_and_is_remembered(
    at_stage: AtStage, share: float, mails: float
) -> None:
    here = at_stage("trained")
    run = here.run("logistic")
    app = open_inbox(run.id)
    app.number_input(key=f"inbox_share_{NAME}").set_value(share).run()
    app.number_input(key=f"inbox_mails_{NAME}").set_value(mails).run()
    assert not app.exception
    again = open_inbox(run.id)
    assert again.number_input(key=f"inbox_share_{NAME}").value == share
    for shown in (app, again):
        row = shown.dataframe[0].value.iloc[0]
        found = expect_in_inbox(
            store.read_evaluation(run.id), OperatingPoint(0.4, 0.2),
            cache.resamples(here.project, run.id), share / 100, mails,
        )  # fmt: skip
        lost = found["ham_lost"][0]
        assert row["run"] == run.name
        assert f"{lost:.0f}" in row["ham lost a week"] or f"{lost:.1f}" in row["ham lost a week"]
        assert row["precision"] == wording.format_figure("precision", *found["precision"])
        assert "unsure a week" in row
