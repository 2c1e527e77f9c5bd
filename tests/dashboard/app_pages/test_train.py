"""The Train page: its forms make the run that they describe, and the run shows what it has."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pipeline import models
from pipeline.models.logistic import choose_c
from pipeline.runs import store
from tests.dashboard.conftest import NAME, Stage, figure, run_box

AtStage = Callable[[str], Stage]
KINDS = {
    "logistic": "Logistic regression",
    "naive_bayes": "Naive Bayes",
    "majority": "Majority",
}
C = "C (inverse regularisation)"
ALPHA = "Smoothing (alpha)"


def choose(app: AppTest, kind: str) -> AppTest:
    return app.selectbox(key="train_baseline_kind").select(kind).run()


def train(app: AppTest, form: str = "baseline_form", button: str = "baseline") -> store.Run:
    app.button(key=f"FormSubmitter:{form}-Train the {button}").click().run()
    assert not app.exception
    assert not app.error
    return store.list_runs(NAME)[0]


def labelled(app: AppTest, elements: str, label: str):
    """The one widget with a label."""
    (found,) = [w for w in getattr(app.main, elements) if w.label == label]
    return found


def labels(app: AppTest) -> set[str]:
    return {w.label for w in app.main.number_input}


def expanders(app: AppTest) -> list[str]:
    return [e.label for e in app.main.expander]


def captions(app: AppTest) -> str:
    return " ".join(c.value for c in app.main.caption)


def charts_of(app: AppTest) -> list[str]:
    return [c.key for c in app.get("plotly_chart")]


def test_three_baselines_are_offered_each_with_its_own_settings(at_stage: AtStage) -> None:
    app = at_stage("split").open("train")
    box = app.selectbox(key="train_baseline_kind")
    assert box.options == list(KINDS.values())
    assert box.value == "logistic"
    own = {"logistic": {C}, "naive_bayes": {ALPHA}, "majority": set()}
    said = set()
    for kind, settings in own.items():
        choose(app, kind)
        assert labels(app) & {C, ALPHA} == settings
        seeds = [w for w in app.main.number_input if w.key == f"train_{kind}_seed"]
        assert len(seeds) == (kind == "logistic")  # the others do not draw lots
        said.add(app.main.caption[0].value)
    assert len(said) == 3
    assert not app.exception
    assert (
        labelled(choose(app, "naive_bayes"), "number_input", ALPHA).value
        == (models.MODELS.build("naive_bayes", {}).parameters()["alpha"])
    )


def test_c_left_empty_is_chosen_and_the_run_shows_how(at_stage: AtStage) -> None:
    app = at_stage("split").open("train")
    assert labelled(app, "number_input", C).value is None
    run = train(app)
    assert run.usable
    assert run.kind == "logistic"
    assert run.spec.model.parameters["C"] is None
    assert [row["C"] for row in run.choice] == [10, 100, 1000, 10_000]
    assert f"How C = {choose_c(run.choice):,.0f} was chosen" in expanders(app)
    drawn = figure(app, f"choice_{run.id}")
    assert drawn["data"][0]["error_y"]["array"]
    assert drawn["layout"]["annotations"][0]["text"] == f"chosen: {choose_c(run.choice):,.0f}"


def test_a_given_c_and_its_neighbours_are_stored_and_nothing_was_chosen(at_stage: AtStage) -> None:
    app = at_stage("split").open("train")
    labelled(app, "number_input", C).set_value(3.5)
    app.selectbox(key="train_logistic_class_weight").select("balanced")
    app.number_input(key="train_logistic_seed").set_value(7)
    app.text_input(key="train_baseline_note").set_value("less of it")
    run = train(app)
    asked = {"C": 3.5, "class_weight": "balanced"}
    assert run.spec.model.parameters == {
        **models.MODELS.build("logistic", {}).parameters(),
        **asked,
    }
    assert run.spec.model.seed == 7
    assert run.note == "less of it"
    assert run.choice == []
    assert not any("was chosen" in label for label in expanders(app))
    assert f"curve_{run.id}_loss" in charts_of(app)


def test_naive_bayes_is_trained_with_its_smoothing_and_has_no_curves(at_stage: AtStage) -> None:
    app = choose(at_stage("split").open("train"), "naive_bayes")
    labelled(app, "number_input", ALPHA).set_value(0.5)
    run = train(app)
    assert run.usable
    assert (run.kind, run.spec.model.parameters) == ("naive_bayes", {"alpha": 0.5})
    assert "there are no curves" in captions(app)
    assert not charts_of(app)


def test_the_majority_says_that_it_has_no_curves(at_stage: AtStage) -> None:
    here = at_stage("split")
    app = choose(here.open("train"), "majority")
    run = train(app)
    assert run.usable
    assert (run.kind, run.spec.model.parameters) == ("majority", {})
    assert "there are no curves" in captions(app)
    assert not charts_of(app)
    # it is the floor and not the baseline that the network has to beat
    network = app.button(key="FormSubmitter:network_form-Train the network")
    assert network.disabled


def test_the_settings_of_the_network_are_those_of_its_run(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app = here.open("train")
    default = models.MODELS.build("mlp", {}).parameters()
    assert labelled(app, "checkbox", "Linear path beside the hidden layers").value is True
    numbers = {
        "Inputs (features)": ("inputs", 512),
        "Learning rate": ("learning_rate", 0.01),
        "Halve the learning rate after (epochs)": ("plateau", 3),
        "Gradient clipping": ("clip_norm", 1.5),
        "Batch size (mails)": ("batch_size", 16),
        "Epochs at most": ("epochs", 2),
        "Early-stopping patience (epochs)": ("patience", 4),
        "L2": ("l2", 0.0001),
    }
    for label, (name, value) in numbers.items():
        widget = labelled(app, "number_input", label)
        assert widget.value == default[name]
        assert value != default[name]
        widget.set_value(value)
    labelled(app, "text_input", "Units of the hidden layers").set_value("4, 3")
    labelled(app, "checkbox", "Linear path beside the hidden layers").uncheck()
    labelled(app, "checkbox", "Batch normalisation").check()
    labelled(app, "slider", "Dropout").set_value(0.1)
    labelled(app, "selectbox", "Activation").select("tanh")
    labelled(app, "selectbox", "Optimiser").select("sgd")
    run = train(app, "network_form", "network")
    asked = {
        **dict(numbers.values()),
        "hidden": [4, 3],
        "wide": False,
        "batch_norm": True,
        "dropout": 0.1,
        "activation": "tanh",
        "optimizer": "sgd",
        "class_weight": "none",
    }
    assert asked.keys() == default.keys()  # the form leaves out no parameter
    assert run.usable
    assert run.kind == "mlp"
    assert models.complete(run.spec.model).parameters == asked
    assert list(store.read_curves(run.id)["epoch"]) == [1, 2]  # no line, so no epoch 0
    assert "Epoch 0" not in captions(app)
    assert len(figure(app, f"curve_{run.id}_dead")["data"]) == 2


def test_a_setting_that_cannot_be_is_said_and_makes_no_run(at_stage: AtStage) -> None:
    here = at_stage("trained")
    before = len(store.list_runs(NAME))
    app = here.open("train")
    labelled(app, "text_input", "Units of the hidden layers").set_value("64, many")
    app.button(key="FormSubmitter:network_form-Train the network").click().run()
    assert not app.exception
    assert "enter 1 to 3 whole numbers from 1 to 1,024" in app.error[0].value.replace("\\", "")
    assert len(store.list_runs(NAME)) == before


@pytest.mark.parametrize("kind", ["logistic", "mlp"])
def test_only_a_network_shows_its_inside_and_only_a_baseline_how_c_was_chosen(
    at_stage: AtStage, kind: str
) -> None:
    here = at_stage("trained")
    run = here.run(kind)
    app = here.open("train")
    run_box(app, "train_run").select(run.id).run()
    network = kind == "mlp"
    assert ("Inside the network" in expanders(app)) == network
    assert any("was chosen" in label for label in expanders(app)) != network
    assert ("Epoch 0 is the linear path alone" in captions(app)) == network
    inside = {f"curve_{run.id}_{n}" for n in ("learning_rate", "gradient_norm", "dead", "seconds")}
    assert inside & set(charts_of(app)) == (inside if network else set())
    if network:
        (line,) = figure(app, f"curve_{run.id}_gradient_norm")["data"]
        assert line["name"] == "Gradient norm"
