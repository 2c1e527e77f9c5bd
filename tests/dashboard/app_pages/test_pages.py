"""Every page is rendered in every state of a project, and tells what `pipeline` tells."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pipeline import quality
from pipeline.mail.dataset import Dataset
from pipeline.mail.hidden import make_visible
from pipeline.project import Project, correct_mails, divide_mails, import_dataset, return_to_version
from pipeline.runs import store
from pipeline.runtime.jobs import Jobs
from pipeline.specs import SplitSpec
from pipeline.vault import select_unsealed
from tests.dashboard.conftest import NAME, STAGES, InlineJobs, Stage, figure, open_page, run_box

PAGES = sorted(p.name for p in (Path(__file__).parents[3] / "dashboard/app_pages").glob("[a-z]*/"))
DEAD_ENDS = {
    "data": {"train": "split", "final_test": "split", "evaluate": "train", "errors": "train",
             "runs": "train", "score": "train"},
    "split": dict.fromkeys(("evaluate", "errors", "runs", "score", "final_test"), "train"),
}  # fmt: skip
"""By stage and page, the page that a dead end must lead to."""
STEPS_DONE = {
    "data": {"data"},
    "split": {"data", "split"},
    "trained": {"data", "split", "train"},
    "tested": {"data", "split", "train", "final_test"},
}
DONE, NEXT = ":material/check_circle:", ":material/arrow_circle_right:"

AtStage = Callable[[str], Stage]


def links(place) -> list[str]:
    """The pages that the links of a place lead to, by the names of their files."""
    return [link.proto.page or "start" for link in place.get("page_link")]


def test_the_inline_jobs_have_the_interface_of_the_real_ones() -> None:
    for name in ("call", "start_training", "stop", "close"):
        inline, real = getattr(InlineJobs, name), getattr(Jobs, name)
        assert inspect.signature(inline) == inspect.signature(real)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_drawn_in_every_state(at_stage: AtStage, page: str, stage: str) -> None:
    here = at_stage(stage)
    app = here.open(page, None if stage == "empty" else NAME)
    assert not app.exception
    assert len(app.title) == 1
    assert not app.error or stage == "data"


@pytest.mark.parametrize("page", [p for p in PAGES if p not in ("start", "data")])
def test_without_a_project_every_page_leads_to_the_start(at_stage: AtStage, page: str) -> None:
    app = at_stage("empty").open(page, None)
    assert links(app.main) == ["start"]
    assert app.info


@pytest.mark.parametrize(
    ("stage", "page", "goal"), [(s, p, g) for s, ends in DEAD_ENDS.items() for p, g in ends.items()]
)
def test_a_dead_end_leads_to_the_step_that_is_missing(
    at_stage: AtStage, stage: str, page: str, goal: str
) -> None:
    app = at_stage(stage).open(page)
    assert links(app.main) == [goal]
    assert len(app.info) == 1
    assert not app.main.button


@pytest.mark.parametrize("page", PAGES)
def test_a_project_that_does_not_exist_is_said_and_breaks_nothing(
    at_stage: AtStage, page: str
) -> None:
    at_stage("data")
    for name in ("gone", "../../etc", "![x](http://evil.example/p.png)"):
        app = open_page(page, name)
        assert not app.exception
        said = [*app.info, *app.warning]
        assert any("no project" in alert.value.replace("\\", "") for alert in said)
        assert not any("![" in alert.value for alert in said)


@pytest.mark.parametrize("stage", STAGES[1:])
def test_the_checklist_shows_what_is_done_and_what_comes_next(
    at_stage: AtStage, stage: str
) -> None:
    here = at_stage(stage)
    app = here.open("start")
    steps = app.sidebar.get("page_link")
    done = {link.proto.page for link in steps if link.proto.icon == DONE}
    following = [link.proto.page for link in steps if link.proto.icon == NEXT]
    assert done == STEPS_DONE[stage]
    assert len(following) == 1
    first_open = next(i for i, link in enumerate(steps) if link.proto.icon != DONE)
    assert steps[first_open].proto.icon == NEXT
    assert all(f"project={NAME.split()[0]}" in link.proto.query_string for link in steps)
    assert [t.value for t in app.sidebar.text] == [NAME]


def test_looking_at_the_comparison_and_the_errors_ticks_both_off(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app = here.open("evaluate")
    app.switch_page("app_pages/errors/page.py").run()
    done = {link.proto.page for link in app.sidebar.get("page_link") if link.proto.icon == DONE}
    assert done == {"data", "split", "train", "evaluate", "errors"}
    # the page of the last step is the next one
    (following,) = [x for x in app.sidebar.get("page_link") if x.proto.icon == NEXT]
    assert following.proto.page == "final_test"


@pytest.mark.parametrize("stage", ["data", "split", "trained", "tested"])
def test_data_counts_the_mails_that_may_be_looked_at(at_stage: AtStage, stage: str) -> None:
    here = at_stage(stage)
    project = here.project
    dataset = project.mails.complete()
    assert dataset is not None
    visible = select_unsealed(dataset.frame, project.split)
    report = quality.build_quality_report(Dataset("visible", visible))
    app = here.open("data")
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Mails"] == f"{len(visible):,}"
    assert shown["Ham"] == f"{report.counts['ham']:,}"
    assert shown["Spam"] == f"{report.counts['spam']:,}"
    assert shown["Rows left out"] == f"{len(project.mails.left_out()):,}"
    assert list(app.dataframe[0].value["id"]) == list(visible["id"])
    lines = figure(app, "data_figures_length")["data"]
    assert {line["name"]: sum(n for *_, n in line["customdata"]) for line in lines} == report.counts


@pytest.mark.parametrize("stage", ["split", "trained", "tested"])
def test_split_counts_the_parts_but_for_the_labels_that_are_sealed(
    at_stage: AtStage, stage: str
) -> None:
    here = at_stage(stage)
    split, dataset = here.project.split, here.project.mails.complete()
    assert split is not None
    assert dataset is not None
    app = here.open("split")
    labels = dataset.frame.set_index("id")["label"]
    bars = {bar["name"]: bar for bar in figure(app, "split_parts")["data"]}
    table = app.dataframe[0].value.set_index("part")
    for i, part in enumerate(("train", "validation", "test")):
        mine = labels[list(split.ids(part))].value_counts()
        assert table.loc[part, "mails"] == len(split.ids(part))
        for label in ("ham", "spam"):
            assert bars[label]["y"][i] == part
            if part == "test" and stage != "tested":
                assert table.loc[part, label] == "sealed"
                assert _numbers(bars[label]["x"])[i] == 0
            else:
                assert _numbers(bars[label]["x"])[i] == mine[label] == int(table.loc[part, label])
    if stage == "tested":
        assert "sealed" not in bars
    else:
        assert _numbers(bars["sealed"]["x"]) == [0, 0, len(split.test)]
    # sealed is said until it was opened
    said = [alert.value for alert in app.success]
    assert any("now sealed" in text for text in said) == (stage != "tested")


def test_mails_are_divided_in_the_way_that_is_chosen(at_stage: AtStage) -> None:
    here = at_stage("data")
    app = here.open("split")
    assert app.radio(key="split_way").value in ("grouped", "stratified")
    app.radio(key="split_way").set_value("time").run()
    assert not any(box.key == "split_seed" for box in app.number_input)
    app.button(key="split_divide").click().run()
    assert not app.exception
    # all the spam of these mails is older than the ham
    assert "ham and spam are from different times" in app.error[0].value.replace("\\", "")
    assert here.project.split is None
    app.radio(key="split_way").set_value("grouped").run()
    app.slider(key="split_similarity").set_value(0.9).run()
    app.button(key="split_divide").click().run()
    split = here.project.split
    assert split is not None
    assert (split.spec.strategy, split.spec.similarity) == ("grouped", 0.9)
    assert any("0 pairs cross" in alert.value for alert in app.success)


def test_shares_that_are_impossible_are_a_sentence(at_stage: AtStage) -> None:
    here = at_stage("data")
    app = here.open("split")
    app.number_input(key="split_train").set_value(98).run()
    app.number_input(key="split_validation").set_value(20).run()
    app.button(key="split_divide").click().run()
    assert not app.exception
    assert "add up to 100%" in app.error[0].value.replace("\\", "")
    assert here.project.split is None


def test_too_few_mails_are_told_in_numbers_while_one_chooses(at_stage: AtStage) -> None:
    app = at_stage("data").open("split")
    said = " ".join(w.value.replace("\\", "") for w in app.warning)
    assert "only 12 ham" in said  # 15 % of 80
    assert "22.1%" in said  # 1 - 0.05 ** (1 / 12)
    app.number_input(key="split_validation").set_value(40).run()
    assert "only 32 ham" in " ".join(w.value.replace("\\", "") for w in app.warning)


def test_a_split_after_the_opening_is_another_version_that_says_so(at_stage: AtStage) -> None:
    here = at_stage("tested")
    app = here.open("split")
    app.number_input(key="split_seed").set_value(5).run()
    app.button(key="split_divide").click().run()
    assert not app.exception
    assert here.project.settings.project_version == 2
    assert any("version 2 of the project" in w.value for w in app.warning)
    table = app.dataframe[0].value.set_index("part")
    assert table.loc["test", "ham"] == "sealed"
    app = here.open("final_test")
    assert not app.exception
    assert any("version 2 of the project" in w.value for w in app.warning)
    assert any("stays closed for ever" in w.value for w in app.warning)
    assert not app.main.button


def test_the_same_mails_in_a_new_project_are_told_to_be_known(at_stage: AtStage) -> None:
    here = at_stage("tested")
    dataset = here.project.mails.complete()
    assert dataset is not None
    again = Project.create("again")
    import_dataset(again, dataset, dataset.frame.iloc[:0])
    split = divide_mails(again, SplitSpec(seed=3))
    (overlap,) = again.seal.earlier_openings()
    for page in ("split", "final_test"):
        app = open_page(page, "again")
        said = " ".join(w.value for w in app.warning)
        assert f"{overlap.mails:,} of the {len(split.test):,} test mails were opened" in said


def test_the_same_file_as_a_new_project_does_not_open_again(at_stage: AtStage) -> None:
    here = at_stage("tested")
    dataset, split = here.project.mails.complete(), here.project.split
    assert dataset is not None
    assert split is not None
    again = Project.create("again")
    import_dataset(again, dataset, dataset.frame.iloc[:0])
    divide_mails(again, split.spec)
    app = open_page("final_test", "again")
    assert not app.exception
    (refused,) = app.error
    assert f"{len(split.test):,} of the {len(split.test):,} test mails were opened" in refused.value
    assert "new mails" in refused.value
    assert not app.main.button


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "stage"),
    [
        (page, stage)
        for page in PAGES
        for stage in ("split", "trained", "tested")
        if (page, stage) != ("final_test", "tested")  # where the opened part's errors are read
    ],
)
def test_no_page_shows_a_sealed_mail(at_stage: AtStage, page: str, stage: str) -> None:
    here = at_stage(stage)
    split = here.project.split
    assert split is not None
    sealed = set(split.test)
    app = here.open(page)
    for table in app.dataframe:
        cells = {str(cell) for column in table.value for cell in table.value[column]}
        assert not cells & sealed
    words = set(re.findall(r"\w+", " ".join(code.value for code in app.code)))
    assert not words & sealed


@pytest.mark.parametrize("kind", ["logistic", "mlp"])
def test_train_shows_the_figures_and_the_curves_of_the_chosen_run(
    at_stage: AtStage, kind: str
) -> None:
    here = at_stage("trained")
    run = here.run(kind)
    app = here.open("train")
    run_box(app, "train_run").select(run.id).run()
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["F1"] == f"{run.figures['f1']:.4f}"
    assert shown["Precision"] == f"{run.figures['precision']:.4f}"
    assert shown["Recall"] == f"{run.figures['recall']:.4f}"
    assert shown["Average precision"] == f"{run.figures['average_precision']:.4f}"
    curves = store.read_curves(run.id)
    for name in ("loss", "precision", "recall", "f1", "average_precision"):
        lines = {c["name"]: c for c in figure(app, f"curve_{run.id}_{name}")["data"]}
        for part in ("train", "validation"):
            assert _numbers(lines[part]["x"]) == list(curves["epoch"])
            assert _numbers(lines[part]["y"]) == list(curves[f"{part}/{name}"])


def _numbers(values) -> list[float]:
    """A plotly array, which travels as a list or as base64."""
    if isinstance(values, list):
        return values
    import base64

    import numpy as np

    return list(np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]))


def test_runs_lists_every_run_with_its_figures(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app = here.open("runs")
    rows = app.dataframe[0].value.set_index("run")
    assert list(rows.index) == [run.name for run in store.list_runs(NAME)]
    for run in store.list_runs(NAME):
        row = rows.loc[run.name]
        assert row["F1"] == run.figures["f1"]
        assert row["log loss"] == run.figures["log_loss"]
        assert row["status"] == run.status
        assert row["note"] == run.note


def choose_row(app: AppTest, position: int, table: int = 0) -> AppTest:
    """Choose a row of a table, as a click on it does."""
    key = app.dataframe[table].key
    app.session_state[key] = {"selection": {"rows": [position], "columns": [], "cells": []}}
    return app.run()


def answer(app: AppTest, question: str, yes: str) -> AppTest:
    """Press a button in a dialog; AppTest closes a dialog unless what opened it is pressed too."""
    app.button(key=question).click()
    return app.button(key=yes).click().run()


def test_a_chosen_run_opens_and_its_note_can_be_changed(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app = choose_row(here.open("runs"), 1)
    run = store.list_runs(NAME)[1]
    assert not app.exception
    asked = app.dataframe[-1].value.set_index("parameter")["value"]
    assert asked["dataset"] == run.spec.dataset
    assert asked["model.kind"] == run.kind
    app.text_area(key=f"note_text_{run.id}").input("less dropout")
    app.button(key=f"FormSubmitter:note_{run.id}-Save the note").click().run()
    assert store.read_run(run.id).note == "less dropout"


def test_a_run_is_deleted_after_the_question_and_no_other_is_chosen(at_stage: AtStage) -> None:
    here = at_stage("trained")
    _gone, kept = store.list_runs(NAME)
    app = choose_row(here.open("runs"), 0)
    app.button(key="runs_delete").click().run()
    assert len(store.list_runs(NAME)) == 2
    answer(app, "runs_delete", "runs_delete_yes")
    assert not app.exception
    assert [run.id for run in store.list_runs(NAME)] == [kept.id]
    assert list(app.dataframe[0].value["run"]) == [kept.name]
    assert not any(button.key == "runs_delete" for button in app.button)


def test_a_project_is_deleted_after_the_question(at_stage: AtStage) -> None:
    here = at_stage("data")
    app = here.open("start")
    app.button(key=f"start_delete_{NAME}").click().run()
    assert here.project.exists
    answer(app, f"start_delete_{NAME}", "start_delete_yes")
    assert not app.exception
    assert not here.project.exists
    assert "project" not in app.query_params


def test_cancel_keeps_the_run_and_the_project(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app = choose_row(here.open("runs"), 0)
    app.button(key="runs_delete").click().run()
    answer(app, "runs_delete", "runs_delete_no")
    assert not app.exception
    assert len(store.list_runs(NAME)) == 2
    app = here.open("start")
    app.button(key=f"start_delete_{NAME}").click().run()
    answer(app, f"start_delete_{NAME}", "start_delete_no")
    assert not app.exception
    assert here.project.exists


def test_a_choice_survives_that_the_list_gets_shorter(at_stage: AtStage) -> None:
    app = choose_row(at_stage("data").open("data"), 159)
    assert len(app.code) == 2
    app.text_input(key="data_find").set_value("viagra").run()
    assert not app.exception
    assert not app.code


def test_a_mail_chosen_among_the_errors_is_shown_whole(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app = here.open("errors")
    app.segmented_control(key="errors_kind").set_value("All mails").run()
    chosen = app.dataframe[0].value.iloc[5]
    choose_row(app, 5)
    dataset = here.project.mails.complete()
    assert dataset is not None
    mail = dataset.frame.set_index("id").loc[chosen["id"]]
    assert app.code[1].value == make_visible(mail["body"])
    assert make_visible(mail["subject"]) in app.code[0].value
    # in a narrower list another mail is open; one with none of them shows none
    app.segmented_control(key="errors_kind").set_value("False positives").run()
    assert not app.exception
    there = app.dataframe[0].value["id"].iloc[0] if app.dataframe else None
    assert there is None or there in app.code[0].value
    app.text_input(key="errors_find").set_value("no such word").run()
    assert not app.code


def test_a_project_made_on_the_command_line_opens(at_stage: AtStage) -> None:
    dataset = at_stage("data").project.mails.complete()
    assert dataset is not None
    project = Project.create("from the command line")
    import_dataset(project, dataset, dataset.frame.iloc[:0])
    app = open_page("data", project.name)
    assert not app.exception
    assert app.metric


def test_runs_of_another_version_of_the_mails_stay_on_the_runs_page_only(
    at_stage: AtStage,
) -> None:
    here = at_stage("trained")
    seen = here.project.mails.visible()
    assert seen is not None
    frame = seen.frame.copy()
    frame.loc[0, "label"] = "ham" if frame.loc[0, "label"] == "spam" else "spam"
    parent = here.project.settings.dataset
    correct_mails(here.project, Dataset(NAME, frame, parent, "One label turned round."))
    for page in ("evaluate", "errors", "score", "final_test"):
        assert links(here.open(page).main) == ["train"]
    app = here.open("runs")
    assert set(app.dataframe[0].value["mails and split"]) == {"earlier"}
    return_to_version(here.project, parent)
    assert set(here.open("runs").dataframe[0].value["mails and split"]) == {"current"}
