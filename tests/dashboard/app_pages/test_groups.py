"""The groups of errors on the Errors page, and the list on just the mails of one."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import state
from pipeline.error_analysis.history import PATTERNS
from pipeline.evaluation import Evaluation
from pipeline.project import Project
from pipeline.quality import decisions
from pipeline.reports import error_report
from pipeline.runs import store
from pipeline.runs.operating_point import read_operating_point
from tests.dashboard.conftest import HOSTILE, Stage, figure, markdown, run_box

AtStage = Callable[[str], Stage]


@pytest.fixture
def here(at_stage: AtStage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The trained project, but each run calls some of its validation mails wrongly."""
    stage = at_stage("trained")
    kind_of = {r.id: r.kind for r in store.list_runs(stage.project.name)}
    stored = store.read_evaluation

    def spoiled(run_id: str, part: str = "validation") -> Evaluation:
        found = stored(run_id, part)
        wrong = slice(0, 12) if kind_of[run_id] == "logistic" else slice(8, 14)
        scores = np.where(found.labels == 1, 0.9, 0.1)
        scores[wrong] = 1 - scores[wrong]
        return Evaluation(found.part, found.ids, found.labels, scores)

    monkeypatch.setattr(store, "read_evaluation", spoiled)
    monkeypatch.setattr(store, "read_evaluation", spoiled)
    return stage


def opened(here: Stage) -> AppTest:
    app = here.open("errors")
    run = here.run("logistic")
    run_box(app, "errors_run").select(run.id).run()
    app.toggle(key="errors_groups").set_value(True).run()
    assert not app.exception
    return app


def listed(app: AppTest) -> set[str]:
    """The ids in the list of mails."""
    table = next(t.value for t in app.dataframe if (t.key or "").startswith("errors_table"))
    return set(table["id"])


def reported(here: Stage) -> error_report.ErrorReport:
    return error_report.build_error_report(here.project, here.run("logistic"))


@pytest.mark.slow
def test_a_group_leads_to_just_its_mails_and_back(here: Stage) -> None:
    app, found = opened(here), reported(here)
    assert found.groups.groups
    app.button(key="groups_read_0").click().run()
    assert not app.exception
    assert listed(app) == set(found.groups.groups[0].ids)
    app.button(key="errors_group").click().run()
    assert len(listed(app)) > len(found.groups.groups[0].ids)


def test_the_course_through_the_runs_is_counted_and_leads_to_its_mails(here: Stage) -> None:
    app, found = opened(here), reported(here)
    pattern = found.history.set_index("id")["pattern"]
    for name in ("stays", "new", "comes and goes", "fixed"):
        button = app.button(key=f"groups_course_{name.replace(' ', '_')}")
        assert button.label == f"{name.capitalize()}: {(pattern == name).sum()}"
        assert button.disabled == (not (pattern == name).any())
    app.button(key="groups_course_stays").click().run()
    assert listed(app) == set(pattern.index[pattern == "stays"])
    assert len(listed(app)) == 4
    for name in ("new", "comes and goes"):
        if (pattern == name).any():
            app.toggle(key="errors_groups").set_value(True).run()
            app.button(key=f"groups_course_{name.replace(' ', '_')}").click().run()
            assert listed(app) == set(pattern.index[pattern == name])
    app.toggle(key="errors_groups").set_value(True).run()
    drawn = figure(app, f"groups_runs_{here.run('logistic').id}")
    assert sum(sum(bar["y"]) for bar in drawn["data"]) == 12 + 6


def test_a_reason_leads_to_the_errors_with_it(here: Stage) -> None:
    app, found = opened(here), reported(here)
    key = f"groups_reasons_{here.run('logistic').id}"
    table = found.overrepresented
    row = int(table.index[table["value"] == "models disagree"][0])
    app.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    app.run()
    app.button(key="groups_reason").click().run()
    ids = error_report.select_mails(found, "reason", "models disagree")
    assert listed(app) == set(ids or ())
    assert len(listed(app)) == 8


def test_texts_of_mails_are_shown_as_they_are(here: Stage) -> None:
    app = opened(here)
    texts = [t for t in markdown(app) if "alert" in t or "evil" in t]
    assert texts
    assert not [t for t in texts for hostile in HOSTILE[:9] if hostile in t]


def test_only_a_run_on_these_mails_has_a_report(here: Stage) -> None:
    project, run = here.project, here.run("logistic")
    project.change(split="0" * 12)
    with pytest.raises(error_report.BadData, match="on the present mails and split"):
        error_report.build_error_report(project, run)


def test_the_report_obeys_the_operating_point_and_names_the_other_run(here: Stage) -> None:
    found = reported(here)
    point = read_operating_point(here.project, here.run("logistic"))
    scored = store.read_evaluation(here.run("logistic").id)
    wrong = (scored.scores >= point.threshold) != (scored.labels == 1)
    assert set(found.table["id"][found.wrong]) == {
        i for i, w in zip(scored.ids, wrong, strict=True) if w
    }
    assert f"score of {here.run('mlp').name}" in found.table
    assert set(found.history["pattern"]) <= set(PATTERNS)


def test_a_review_of_the_labels_is_used_when_there_is_one(
    here: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = reported(here)
    assert any("not reviewed" in remark for remark in before.remarks)
    scored = store.read_evaluation(here.run("logistic").id)
    listed = error_report.pd.DataFrame(
        {
            "id": list(scored.ids),
            "quality": 0.2,
            "suspicious": [i < 3 for i in range(len(scored.ids))],
        }
    )
    monkeypatch.setattr(decisions, "read_review", lambda _: listed)
    after = reported(here)
    assert not any("not reviewed" in remark for remark in after.remarks)
    suspects = error_report.select_mails(after, "reason", "suspicious label")
    assert set(suspects or ()) == set(scored.ids[:3])
    assert not {i for group in after.groups.groups for i in group.ids} & set(scored.ids[:3])


def test_another_project_has_no_choice_of_the_former(here: Stage) -> None:
    app = opened(here)
    app.button(key="groups_course_stays").click().run()
    assert app.session_state[state.GROUP] == ("course", "stays")
    assert Project(here.project.name).exists
