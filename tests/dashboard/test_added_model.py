"""A model that is one file and one line in a registry is everywhere without another line."""

import csv
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from streamlit.testing.v1 import AppTest

from dashboard import cache, charts
from pipeline import cli
from pipeline.models import MODELS
from pipeline.models.model import Color, Model
from pipeline.parameters import number
from pipeline.reports import model_card
from pipeline.runs import store
from tests.dashboard.app_pages.test_pages import PAGES
from tests.dashboard.conftest import NAME, Stage, figure, open_page, run_box
from tests.mails import mails
from tests.pipeline.models import test_contract as contract

AtStage = Callable[[str], Stage]


@dataclass(eq=False)
class Centroids(Model):
    """The difference of both classes' mean mails, as weights.

    Args:
        sharpness: log-odds of a mail that lies one such difference nearer to spam, 1 to 100; by
            default 30.
    """

    title: ClassVar[str] = "Two centroids"
    summary: ClassVar[str] = "Asks which class's mean mail is nearer."
    color: ClassVar[Color] = "sky"
    uses_seed: ClassVar[bool] = False
    is_linear: ClassVar[bool] = True
    epoch_name: ClassVar[str] = "round"
    epoch_plural: ClassVar[str] = "rounds"

    sharpness: float = number(
        30, 1, 100, label="Sharpness", help="How sure it is.", shown_first=True
    )
    seed: int = 0
    weights: np.ndarray = field(default_factory=lambda: np.zeros(0), init=False, repr=False)
    offset: float = field(default=0.0, init=False, repr=False)

    def _learn(self, X: csr_matrix, y: np.ndarray) -> None:
        ham, spam = (np.asarray(X[y == label].mean(axis=0))[0] for label in (0, 1))
        unit = self.sharpness / max(1e-9, float(((spam - ham) ** 2).sum()))
        self.weights = (spam - ham) * unit
        self.offset = -float((self.weights * (spam + ham) / 2).sum())

    def log_odds(self, X: csr_matrix) -> np.ndarray:
        return np.asarray(X @ self.weights, np.float64) + self.offset

    def linear_weights(self) -> np.ndarray:
        return self.calibration.slope * self.weights

    def _state(self) -> dict[str, np.ndarray]:
        return {"weights": self.weights, "offset": np.array([self.offset])}

    def _restore(self, state: dict[str, np.ndarray]) -> None:
        self.weights, self.offset = state["weights"], float(state["offset"][0])


@pytest.fixture(autouse=True)
def one_more_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line in the registry."""
    monkeypatch.setitem(MODELS, "centroids", Centroids)


def train_it(here: Stage, sharpness: float = 20) -> store.Run:
    app = here.open("train")
    app.selectbox(key="train_baseline_kind").select("centroids").run()
    app.number_input(key="train_centroids_sharpness").set_value(sharpness)
    app.button(key="FormSubmitter:baseline_form-Train the baseline").click().run()
    assert not app.exception
    assert not app.error
    return store.list_runs(NAME)[0]


def said(app: AppTest) -> str:
    """The sentences of a page, without the signs that protect them."""
    texts = [*app.main.markdown, *app.main.caption]
    return " ".join(element.value.replace("\\", "") for element in texts)


def test_the_train_page_offers_and_trains_it(at_stage: AtStage) -> None:
    here = at_stage("split")
    run = train_it(here)
    assert run.usable
    assert (run.kind, run.spec.model.parameters) == ("centroids", {"sharpness": 20.0})
    app = here.open("train")
    assert "Two centroids" in app.selectbox(key="train_baseline_kind").options
    assert "Training made 1 round over the train mails" in said(app)
    # it is a baseline, so that the network may be trained now
    assert not app.button(key="FormSubmitter:network_form-Train the network").disabled


def test_every_page_shows_it(at_stage: AtStage) -> None:
    here = at_stage("trained")
    run = train_it(here)
    for page in PAGES:
        app = here.open(page)
        assert not app.exception, page
        assert not app.error, page
    listed = here.open("runs").dataframe[0].value
    assert "Two centroids" in set(listed["model"])
    here.project.change(compared=[run.id, here.run("mlp").id])
    names = {t["name"]: t for t in figure(here.open("compare"), "compare_roc")["data"]}
    assert names[run.name]["line"]["color"] == charts.PALETTE["sky"]
    app = here.open("errors")
    run_box(app, "errors_run").set_value(run.id).run()
    app.segmented_control(key="errors_kind").set_value("All mails").run()
    mail_id = str(app.dataframe[0].value["id"].iloc[0])
    assert cache.why(here.project, run.id, mail_id).exact
    app = open_page("features", NAME)
    app.segmented_control(key="features_view").set_value("What a baseline learnt").run()
    assert run.id in [box.value for box in app.selectbox]


def test_its_card_says_what_it_is(at_stage: AtStage) -> None:
    here = at_stage("split")
    run = train_it(here)
    card = model_card.render_card(here.project, run.id)
    assert Centroids.title in card
    assert Centroids.summary in card


def test_a_second_network_is_offered_beside_the_first(
    at_stage: AtStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Centroids, "role", "network")
    here = at_stage("trained")
    app = here.open("train")
    app.selectbox(key="train_network_kind").select("centroids").run()
    app.button(key="FormSubmitter:network_form-Train the network").click().run()
    assert not app.exception
    assert store.list_runs(NAME)[0].kind == "centroids"


def test_the_command_line_trains_exports_and_scores_with_it(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, model, scores = (tmp_path / name for name in ("my.csv", "my.spamlab", "out.csv"))
    mails(120)[["id", "label", "subject", "body"]].to_csv(file, index=False)
    with pytest.raises(SystemExit):
        cli.main(["train", "--help"])
    assert "centroids" in capsys.readouterr().out
    train = ["train", str(file), "--model", "centroids", "--json", "--export", str(model)]
    assert cli.main(train) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["model"] == "centroids"
    assert printed["validation"]["f1"] > 0.9
    assert cli.main(["score", str(model), str(file), "--out", str(scores)]) == 0
    with scores.open(encoding="utf-8") as rows:
        assert len(list(csv.DictReader(rows))) == 120


CONTRACT: dict[str, Any] = {
    name: function
    for name, function in vars(contract).items()
    if name.startswith("test_")
    and set(inspect.signature(function).parameters) <= {"kind", "fitted"}
}


@pytest.mark.parametrize("name", CONTRACT)
def test_it_keeps_the_contract_of_all_models(name: str) -> None:
    watch = contract.Watch()
    given = {
        "kind": "centroids",
        "fitted": (Centroids().fit(contract.TRAIN, contract.VALIDATION, watch), watch),
    }
    test = CONTRACT[name]
    test(**{argument: given[argument] for argument in inspect.signature(test).parameters})
