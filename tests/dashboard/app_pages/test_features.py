"""The Features page: the stored spec follows the form, and the tables tell what `explain` tells."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from streamlit.testing.v1 import AppTest

from pipeline import explain, features
from pipeline.features import FEATURES
from pipeline.features.block import Block
from pipeline.parameters import choice, list_parameters, names, number, whole_number
from pipeline.runs import store
from pipeline.specs import BlockSpec, FeatureSpec
from pipeline.training.chosen_features import choose_features, read_chosen_features
from tests.dashboard.conftest import NAME, Stage, figure
from tests.dashboard.test_hostile_mail import assert_nothing_hostile_is_markdown

from .test_pages import choose_row, links

AtStage = Callable[[str], Stage]
DEFAULT = features.complete(FeatureSpec())
GRAMS = features.complete(FeatureSpec((BlockSpec("grams"),)))
HOSTILE_NAME = "<b>bold</b> ![x](http://evil.example/p.png)"


@dataclass(eq=False)
class Letters(Block):
    """A block of one column, with a parameter of each kind that the others do not have."""

    title: ClassVar[str] = "Letters"
    summary: ClassVar[str] = "How long a mail is, *counted* in letters."

    unit: float = number(100.0, 1, 1000, label="Letters each", help="So many letters are one.")
    floor: int = whole_number(0, 0, 9, label="Floor", help="Less than this is nothing.")
    names: tuple[str, ...] = names(
        ("subject", "body"), "subject|body", plural="parts", example="body", label="Parts read",
        help="Which parts are read.",
    )  # fmt: skip
    called: str = choice("length", ("length", "long"), label="Called", help="A word.")
    most: int | None = whole_number(
        None, 1, 9, label="Most", help="The largest value, or nothing.", when_empty="no limit"
    )

    def fit(self, frame, labels=None):
        return self

    def transform(self, frame: pd.DataFrame) -> csr_matrix:
        lengths = sum(frame[name].str.len().to_numpy() for name in self.names)
        return csr_matrix((lengths / self.unit)[:, None].astype(np.float32))

    @property
    def width(self) -> int:
        return 1

    def describe(self, columns, frame):
        return [HOSTILE_NAME for _ in columns]

    def state(self):
        return {}

    def restore(self, state):
        return self


@pytest.fixture(autouse=True)
def one_more_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is about any blocks: here those that there are and a small one."""
    monkeypatch.setitem(FEATURES, "letters", Letters)


def kinds(here: Stage) -> list[str]:
    return [block.kind for block in read_chosen_features(here.project).blocks]


def parameter(app: AppTest, elements: str, name: str):
    """The widget of a parameter, whichever form it belongs to."""
    (found,) = [w for w in getattr(app, elements) if (w.key or "").endswith(f"_{name}")]
    return found


def add(app: AppTest, kind: str) -> AppTest:
    app.selectbox(key="features_more").select(kind).run()
    return app.button(key="features_add").click().run()


def look(app: AppTest, view: str) -> AppTest:
    return app.segmented_control(key="features_view").set_value(view).run()


@pytest.mark.parametrize("stage", ["data", "split", "trained"])
def test_blocks_are_added_moved_and_removed_at_once(at_stage: AtStage, stage: str) -> None:
    here = at_stage(stage)
    app = here.open("features")
    assert kinds(here) == ["grams", "headers"]
    assert app.button(key="features_default").disabled
    app.button(key="features_remove_1").click().run()
    assert kinds(here) == ["grams"]
    assert app.button(key="features_remove_0").disabled
    add(app, "letters")
    assert kinds(here) == ["grams", "letters"]
    app.button(key="features_up_1").click().run()
    assert kinds(here) == ["letters", "grams"]
    app.button(key="features_down_0").click().run()
    assert kinds(here) == ["grams", "letters"]
    app.button(key="features_remove_0").click().run()
    assert kinds(here) == ["letters"]
    app.button(key="features_default").click().run()
    assert read_chosen_features(here.project) == DEFAULT
    assert not app.exception
    assert not app.error


def test_every_kind_of_parameter_is_edited_and_stored(at_stage: AtStage) -> None:
    here = at_stage("split")
    choose_features(here.project, FeatureSpec((BlockSpec("grams"), BlockSpec("letters"))))
    app = here.open("features")
    parameter(app, "text_input", "lengths").set_value("5, 3").run()
    parameter(app, "number_input", "bits").set_value(12).run()
    parameter(app, "selectbox", "weight").select("log").run()
    parameter(app, "checkbox", "idf").uncheck().run()
    parameter(app, "number_input", "scale").set_value(0.5).run()
    parameter(app, "text_input", "names").set_value("body").run()
    parameter(app, "selectbox", "called").select("long").run()
    parameter(app, "number_input", "most").set_value(7).run()
    grams, letters = read_chosen_features(here.project).blocks
    wanted = {"lengths": [3, 5], "bits": 12, "weight": "log", "idf": False, "scale": 0.5}
    assert grams.parameters == {**features.FEATURES.build("grams", {}).parameters(), **wanted}
    wanted = {"names": ["body"], "called": "long", "most": 7}
    assert letters.parameters == {**features.FEATURES.build("letters", {}).parameters(), **wanted}
    assert "Run lengths" in " ".join(c.value for c in app.caption)
    # another page and back; the widgets show what is stored
    app.switch_page("app_pages/split/page.py").run()
    app.switch_page("app_pages/features/page.py").run()
    assert parameter(app, "number_input", "bits").value == 12
    assert parameter(app, "text_input", "lengths").value == "3, 5"
    assert not app.exception
    app.button(key="features_default").click().run()
    assert read_chosen_features(here.project) == DEFAULT
    assert parameter(app, "number_input", "bits").value == DEFAULT.blocks[0].parameters["bits"]


def test_every_block_is_added_and_one_parameter_of_each_is_edited(at_stage: AtStage) -> None:
    here = at_stage("split")
    app = here.open("features")
    wanted = ["grams", "headers", "words", "links", "shape", "sender"]
    for kind in wanted[2:]:
        add(app, kind)
    assert kinds(here) == wanted
    for block in read_chosen_features(here.project).blocks:
        for name in block.parameters:
            (widget,) = _widgets(app, f"_{block.kind}_0_{name}")
            assert widget.help
            assert "\\_" not in widget.help
            assert "Numeric" not in widget.help
            # no name as the code has it, and the word of the error message is the same
            declaration = list_parameters(FEATURES[block.kind])[name]
            assert widget.label == declaration.title
            assert declaration.label in widget.label
            assert "_" not in widget.label
            assert len(widget.label.split()) > 1
    left_out = parameter(app, "text_area", "headers_0_left_out")
    assert left_out.label == "Header fields left out"
    assert left_out.value == ", ".join(
        features.FEATURES.build("headers", {}).parameters()["left_out"]
    )
    left_out.set_value("Date, received,\nx-spam*, 7").run()
    parameter(app, "text_input", "grams_0_lengths").set_value("3").run()
    assert parameter(app, "number_input", "grams_0_first").label == "Bytes read of a mail"
    first = parameter(app, "number_input", "words_0_first")
    assert first.label == "Characters read of a mail"
    first.set_value(300).run()
    for kind in ("links", "shape"):
        parameter(app, "number_input", f"{kind}_0_scale").set_value(0.5).run()
    parameter(app, "number_input", "sender_0_smooth").set_value(4.0).run()
    changed = {
        "grams": {"lengths": [3]},
        "headers": {"left_out": ["7", "date", "received", "x-spam*"]},
        "words": {"first": 300},
        "links": {"scale": 0.5},
        "shape": {"scale": 0.5},
        "sender": {"smooth": 4.0},
    }
    stored = read_chosen_features(here.project)
    assert stored == features.complete(FeatureSpec(tuple(BlockSpec(*b) for b in changed.items())))
    assert not app.error
    parameter(app, "text_area", "headers_0_left_out").set_value("re: ceived").run()
    assert "Header fields left out: enter" in app.error[0].value.replace("\\", "")
    assert read_chosen_features(here.project) == stored
    others = [kind for kind in FEATURES if kind not in wanted]
    assert app.selectbox(key="features_more").options == [FEATURES[k].title for k in others]
    for kind in others:
        add(app, kind)
    assert not [b for b in app.button if b.key == "features_add"]  # every block is there
    assert not app.exception


def _widgets(app: AppTest, ending: str) -> list:
    every = ("text_input", "text_area", "number_input", "checkbox", "selectbox")
    return [w for name in every for w in getattr(app, name) if (w.key or "").endswith(ending)]


def test_a_bad_parameter_is_said_and_nothing_is_lost(at_stage: AtStage) -> None:
    here = at_stage("split")
    choose_features(here.project, GRAMS)
    app = here.open("features")
    parameter(app, "number_input", "bits").set_value(12).run()
    parameter(app, "text_input", "lengths").set_value("1, nine").run()
    (error,) = app.error
    assert "different whole numbers from 1 to 8" in error.value.replace("\\", "")
    assert parameter(app, "text_input", "lengths").value == "1, nine"
    stored = read_chosen_features(here.project).blocks[0].parameters
    assert (stored["bits"], stored["lengths"]) == (12, [1, 2, 4])
    add(app, "letters")
    assert kinds(here) == ["grams", "letters"]
    assert len(app.error) == 1
    parameter(app, "text_input", "lengths").set_value("1, 3").run()
    assert not app.error
    assert read_chosen_features(here.project).blocks[0].parameters["lengths"] == [1, 3]


def test_two_blocks_of_one_kind_are_moved_with_their_settings(at_stage: AtStage) -> None:
    here = at_stage("split")
    small, large = BlockSpec("grams", {"bits": 10}), BlockSpec("grams", {"bits": 20})
    choose_features(here.project, FeatureSpec((small, large)))
    app = here.open("features")
    app.button(key="features_up_1").click().run()
    assert read_chosen_features(here.project) == features.complete(FeatureSpec((large, small)))
    app.button(key="features_remove_0").click().run()
    assert read_chosen_features(here.project) == features.complete(FeatureSpec((small,)))
    assert parameter(app, "number_input", "bits").value == 10


def test_a_change_made_elsewhere_is_shown_and_not_undone(at_stage: AtStage) -> None:
    here = at_stage("split")
    app = here.open("features")
    elsewhere = features.complete(FeatureSpec((BlockSpec("grams", {"bits": 10}),)))
    choose_features(here.project, elsewhere)
    app.run()
    assert parameter(app, "number_input", "bits").value == 10
    assert read_chosen_features(here.project) == elsewhere


def test_features_of_another_version_lead_back_to_the_default(at_stage: AtStage) -> None:
    here = at_stage("split")
    here.project.change(features={"blocks": [{"kind": "gone", "parameters": {}}]})
    assert not here.open("train").exception
    app = here.open("features")
    assert "gone" in app.error[0].value
    app.button(key="features_default").click().run()
    assert not app.error
    assert read_chosen_features(here.project) == DEFAULT


def test_the_next_run_reads_the_chosen_features_and_older_ones_keep_theirs(
    at_stage: AtStage,
) -> None:
    here = at_stage("trained")
    before = here.run("logistic")
    app = here.open("features")
    parameter(app, "number_input", "bits").set_value(10).run()
    add(app, "letters")
    app.switch_page("app_pages/train/page.py").run()
    wanted = "grams, then headers, then letters"
    assert any(wanted in link.proto.label for link in app.main.get("page_link"))
    app.button(key="FormSubmitter:baseline_form-Train the baseline").click().run()
    run = store.list_runs(NAME)[0]
    assert run.usable
    assert run.spec.features == read_chosen_features(here.project) != DEFAULT
    assert store.read_run(before.id).spec.features == DEFAULT


def test_what_a_block_reads_is_said_also_of_a_new_one(at_stage: AtStage) -> None:
    here = at_stage("split")
    choose_features(here.project, FeatureSpec((BlockSpec("letters"),)))
    app = here.open("features")
    said = [c.value.replace("\\", "") for c in app.caption]
    assert "How long a mail is, *counted* in letters." in said
    assert parameter(app, "number_input", "unit").help == "So many letters are one\\."
    assert parameter(app, "number_input", "most").help == "The largest value, or nothing\\."


@pytest.mark.parametrize(
    ("stage", "view", "goal"),
    [
        ("data", "One mail", "split"),
        ("data", "What a baseline learnt", "split"),
        ("split", "What a baseline learnt", "train"),
    ],
)
def test_a_view_with_nothing_to_show_leads_on(
    at_stage: AtStage, stage: str, view: str, goal: str
) -> None:
    app = look(at_stage(stage).open("features"), view)
    assert links(app.main) == [goal]
    assert app.info
    assert not app.exception


def test_one_mail_is_shown_beside_what_the_blocks_made_of_it(at_stage: AtStage) -> None:
    here = at_stage("trained")
    spec = FeatureSpec((BlockSpec("letters"), BlockSpec("grams", {"bits": 12})))
    choose_features(here.project, spec)
    split = here.project.split
    assert split is not None
    app = look(here.open("features"), "One mail")
    listed, letters, grams = [t.value for t in app.dataframe]
    assert not set(listed["id"]) & set(split.test)
    assert set(listed["id"]) == {*split.train, *split.validation}
    for row in (0, 7):
        made = explain.describe_features(here.project, spec, listed["id"].iloc[row])
        if row:
            choose_row(app, row)
        letters, grams = [t.value for t in app.dataframe[1:]]
        assert listed["id"].iloc[row] in app.code[0].value
        assert list(letters["feature"]) == [HOSTILE_NAME]
        assert list(grams["value"]) == list(made["value"][made["block"] == "grams"])
        assert any(f"30 of {made['present'].iloc[-1]:,} shown" in c.value for c in app.caption)
    assert_nothing_hostile_is_markdown(app)
    app.text_input(key="features_find").set_value("no mail has this").run()
    assert not app.exception
    assert not app.code
    # the view is kept when another page was looked at
    app.switch_page("app_pages/split/page.py").run()
    app.switch_page("app_pages/features/page.py").run()
    assert app.segmented_control(key="features_view").value == "One mail"
    assert len(app.dataframe) == 3


def test_the_strongest_features_are_drawn_and_listed(at_stage: AtStage) -> None:
    here = at_stage("trained")
    run = here.run("logistic")
    app = look(here.open("features"), "What a baseline learnt")
    expected = explain.find_strongest_features(here.project, store.locate_bundle(run.id))
    (table,) = [t.value for t in app.dataframe]
    assert list(table["weight"]) == list(expected["weight"])
    assert list(table["feature"]) == list(expected["feature"])
    for label in ("spam", "ham"):
        (bars,) = figure(app, f"features_{label}_{run.id}")["data"]
        assert len(bars["customdata"]) == 20
    assert_nothing_hostile_is_markdown(app)
