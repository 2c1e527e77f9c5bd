"""The page Labels: look, decide one by one, carry out; what is decided is there after a reload."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pipeline.mail import hidden
from pipeline.mail.dataset import Dataset
from pipeline.project import Project
from pipeline.quality import decisions
from tests.dashboard.conftest import Stage

from .test_pages import choose_row, links

AtStage = Callable[[str], Stage]


def looked(here: Stage) -> AppTest:
    app = here.open("labels")
    app.button(key="labels_look").click().run()
    assert not app.exception
    assert not app.error
    return app


def shown_ids(app: AppTest) -> list[str]:
    return list(app.dataframe[0].value["id"])


def suspicious(project: Project) -> list[str]:
    table = decisions.read_review(project)
    assert table is not None
    return list(table["id"][table["suspicious"]])


def test_without_a_split_it_leads_to_one(at_stage: AtStage) -> None:
    app = at_stage("data").open("labels")
    assert "divide the mails first" in app.info[0].value
    assert "labels_look" not in {button.key for button in app.button}


@pytest.mark.parametrize("stage", ["split", "tested"])
def test_the_answer_comes_first_and_a_reload_shows_it_again(at_stage: AtStage, stage: str) -> None:
    here = at_stage(stage)
    split = here.project.split
    app = looked(here)
    table = decisions.read_review(here.project)
    assert table is not None
    assert len(table) == 160 - (len(split.test) if split else 0)
    wrong = int(table["suspicious"].sum())
    assert 5 < wrong < 60
    said = [text.value for text in app.main.markdown]
    assert f"**{wrong} of {len(table)} mails** look mislabelled; 0 decided." in said
    assert any(f"{wrong} mails, the most suspicious first" in c.value for c in app.caption)
    assert shown_ids(app) == list(table["id"][table["suspicious"]])
    captions = " ".join(c.value for c in app.caption)
    expected = {"split": "24 sealed test mails are", "tested": "24 test mails are"}
    assert f"{expected[stage]} not looked at" in captions
    again = here.open("labels")
    assert shown_ids(again) == shown_ids(app)
    assert "labels_look" not in {button.key for button in again.button}


def test_the_first_mail_is_shown_and_a_decision_moves_on(at_stage: AtStage) -> None:
    here = at_stage("split")
    app = looked(here)
    first, second, third, fourth = suspicious(here.project)[:4]
    bodies = here.project.mails.complete().frame.set_index("id")["body"].map(hidden.make_visible)
    assert app.code[1].value == bodies[first]
    app.button(key="labels_keep").click().run()
    assert decisions.read_decisions(here.project) == {first: "keep"}
    assert app.code[1].value == bodies[second]
    assert first not in shown_ids(app)
    choose_row(app, 1)  # third, now the second of the list
    assert app.code[1].value == bodies[third]
    app.button(key="labels_drop").click().run()
    assert app.code[1].value == bodies[fourth]
    app.button(key="labels_flip").click().run()
    assert decisions.read_decisions(here.project) == {first: "keep", third: "drop", fourth: "flip"}
    assert not app.exception
    again = here.open("labels")
    assert shown_ids(again)[0] == second
    assert any("; 3 decided." in text.value for text in again.main.markdown)


def test_a_decision_can_be_looked_at_changed_and_taken_back(at_stage: AtStage) -> None:
    here = at_stage("split")
    app = looked(here)
    first, second = suspicious(here.project)[:2]
    app.button(key="labels_drop").click().run()
    app.segmented_control(key="labels_show").set_value("decided").run()
    assert shown_ids(app) == [first]
    assert list(app.dataframe[0].value["decision"]) == ["drop"]
    assert app.button(key="labels_drop").disabled
    app.button(key="labels_flip").click().run()
    assert decisions.read_decisions(here.project) == {first: "flip"}
    app.button(key="labels_undo").click().run()
    assert decisions.read_decisions(here.project) == {}
    assert any("nothing fits the choice" in s.value for s in app.success)
    app.segmented_control(key="labels_show").set_value("all").run()
    assert shown_ids(app)[:2] == [first, second]


def test_mails_that_only_lean_to_the_other_label_can_be_shown_as_well(at_stage: AtStage) -> None:
    here = at_stage("split")
    app = looked(here)
    before = shown_ids(app)
    app.toggle(key="labels_wide").set_value(True).run()
    table = decisions.read_review(here.project)
    assert table is not None
    leaning = table["id"][table["suggested"] != table["label"]]
    assert shown_ids(app) == list(leaning)
    assert len(leaning) > len(before)


def test_the_decisions_become_a_version(at_stage: AtStage) -> None:
    here = at_stage("split")
    old = here.project.mails.complete()
    assert isinstance(old, Dataset)
    app = looked(here)
    assert "labels_apply" not in {button.key for button in app.button}
    a, b, c, d = suspicious(here.project)[:4]
    for decision in ("flip", "drop", "keep", "flip"):
        app.button(key=f"labels_{decision}").click().run()
    button = app.button(key="labels_apply")
    assert button.label == "Make a new version: flip 2, drop 1"
    button.click().run()
    assert not app.exception
    assert not app.error
    new = here.project.mails.complete()
    assert new is not None
    assert new.parent == old.fingerprint
    before, after = (x.frame.set_index("id")["label"] for x in (old, new))
    assert set(before.index) - set(after.index) == {b}
    assert set(after.index[after != before[after.index]]) == {a, d}
    (said,) = app.success
    assert "2 labels flipped and 1 mail dropped after review" in said.value.replace("\\", "")
    assert links(app.main) == ["train"]
    # the new version is looked through anew, and what was kept is known
    app.button(key="labels_look").click().run()
    assert decisions.read_decisions(here.project) == {c: "keep"}
    assert c not in shown_ids(app)


def test_too_few_mails_are_said_in_a_sentence(at_stage: AtStage, monkeypatch) -> None:
    here = at_stage("split")
    monkeypatch.setattr("pipeline.quality.label_review.FOLDS", 100)
    app = here.open("labels")
    app.button(key="labels_look").click().run()
    assert not app.exception
    (error,) = app.error
    assert "at least 100 different mails" in error.value


def test_what_cannot_be_carried_out_is_said_and_changes_nothing(at_stage: AtStage) -> None:
    here = at_stage("split")
    app = looked(here)
    dataset = here.project.mails.visible()
    assert dataset is not None
    spam = dataset.frame["id"][dataset.frame["label"] == "spam"]
    decisions.record_decision(here.project, spam, "drop")
    app.run()
    app.button(key="labels_apply").click().run()
    assert not app.exception
    (error,) = app.error
    assert f"all {(dataset.frame['label'] == 'ham').sum()} mails here are ham" in error.value
    assert here.project.mails.visible().fingerprint == dataset.fingerprint
