"""The Compare page: the answer, what it rests on, and what it says when there is nothing to say."""

from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import cache
from pipeline import comparison
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import divide_mails
from pipeline.runs import store
from pipeline.specs import ModelSpec, SplitSpec
from tests.dashboard.conftest import InlineJobs, Stage, figure

AtStage = Callable[[str], Stage]
SMALL = {"hidden": [4], "epochs": 1, "inputs": 64}


def page(stage: Stage) -> AppTest:
    app = stage.open("compare")
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    """All sentences of the page, as they are read: without the signs that protect them."""
    kinds = ("markdown", "caption", "success", "info", "warning", "error")
    return " ".join(
        e.value.replace("\\", "").replace("\u2060", "")
        for kind in kinds
        for e in getattr(app.main, kind)
    )


def tables(app: AppTest, column: str) -> list[pd.DataFrame]:
    """The tables with a column; those without a selection have no key to be found by."""
    return [t.value for t in app.dataframe if column in t.value.columns]


def train(stage: Stage, *specs: ModelSpec) -> list[str]:
    return [InlineJobs().start_training(stage.project, spec) for spec in specs]


@pytest.mark.parametrize("stage", ["data", "split"])
def test_nothing_trained_says_what_to_do(at_stage: AtStage, stage: str) -> None:
    app = page(at_stage(stage))
    assert "Nothing is trained yet" in said(app)
    assert app.get("page_link")


def test_one_run_says_what_to_do(at_stage: AtStage) -> None:
    stage = at_stage("trained")
    store.delete_run(stage.run("mlp").id)
    app = page(stage)
    assert "needs two runs" in said(app)
    assert not app.dataframe


def test_baseline_against_network_and_all_parts_agree(
    at_stage: AtStage, downloads: dict[str, Callable[[], bytes]]
) -> None:
    stage = at_stage("trained")
    app = page(stage)
    baseline, network = stage.run("logistic"), stage.run("mlp")
    told = said(app)
    assert "of validation" in told
    rows, rest = tables(app, "verdict")
    assert rows["figure"].tolist()[0] == "F1"
    for run in (baseline, network):
        shown = rows.loc[rows["figure"] == "F1", run.name].item()
        assert shown == f"{run.figures['f1']:.4f}"
    (differing,) = tables(app, "parameter")
    assert differing["parameter"].tolist() == ["kind of model"]
    assert differing.iloc[0, 1:].tolist() == ["logistic", "mlp"]
    assert "Everything else is the same" in told
    assert len(rows) + len(rest) == 21
    assert len(downloads["compare_download_figures"]().decode().splitlines()) == 22
    assert {c.key for c in app.get("plotly_chart")} >= {"compare_precision-recall", "compare_roc"}
    names = {trace["name"] for trace in figure(app, "compare_precision-recall")["data"]}
    assert {baseline.name, network.name} <= names
    wrong = {}
    for run in (baseline, network):
        evaluation = store.read_evaluation(run.id)
        called = evaluation.scores >= (run.threshold or 0.5)
        wrong[run.kind] = int((called != (evaluation.labels == 1)).sum())
    _, (found,) = cache.compared_runs(
        stage.project,
        tuple(((r.id, OperatingPoint(r.threshold or 0.5)),) for r in (baseline, network)),
    )
    assert len(found.fixed) - len(found.broken) == wrong["logistic"] - wrong["mlp"]


def test_the_choice_is_kept_and_a_deleted_run_is_said(at_stage: AtStage) -> None:
    stage = at_stage("trained")
    (third,) = train(stage, ModelSpec("naive_bayes"))
    app = page(stage)
    others = next(w for w in app.multiselect if (w.key or "").startswith("compare_others"))
    assert len(others.value) == 1
    spec = store.read_run(third).spec
    others.set_value([*others.value, comparison.hash_without_seed(spec)]).run()
    assert not app.exception
    kept = stage.project.settings.compared
    assert kept == (stage.run("logistic").id, stage.run("mlp").id, third)
    assert "corrected for that (Holm)" in said(app)
    again = page(stage)
    assert "corrected for that (Holm)" in said(again)
    name = store.read_run(third).name
    store.delete_run(third)
    app = page(stage)
    assert f"{name} was deleted since" in said(app)
    assert "(Holm)" not in said(app)
    assert len(tables(app, "verdict")[0]) == 8


def test_a_hand_on_the_baseline_turns_the_comparison_round(at_stage: AtStage) -> None:
    stage = at_stage("trained")
    app = page(stage)
    before = tables(app, "parameter")[0].columns.tolist()
    others = next(w for w in app.multiselect if (w.key or "").startswith("compare_others"))
    box = next(w for w in app.selectbox if (w.key or "").startswith("compare_first"))
    box.set_value(others.value[0]).run()
    assert not app.exception
    assert "Choose at least one run" in said(app)
    others = next(w for w in app.multiselect if (w.key or "").startswith("compare_others"))
    others.set_value([comparison.hash_without_seed(stage.run("logistic").spec)]).run()
    assert tables(app, "parameter")[0].columns.tolist() == [before[0], before[2], before[1]]


def test_runs_of_another_split_are_compared_on_the_mails_both_have(at_stage: AtStage) -> None:
    stage = at_stage("trained")
    old = stage.run("logistic")
    divide_mails(stage.project, SplitSpec(0.4, 0.4, 0.2, seed=5))
    (new,) = train(stage, ModelSpec("logistic"))
    stage.project.change(compared=[old.id, new])
    app = page(stage)
    both = {*store.read_evaluation(old.id).ids} & {*store.read_evaluation(new).ids}
    split = stage.project.split
    assert split is not None
    seen = both - {*split.test}
    assert len(seen) > 1
    assert f"Judged on {len(seen):,} mails of validation" in said(app)
    assert "left out because not all runs have them" in said(app)
    assert "earlier mails or split" in str(
        [w.options for w in app.selectbox if (w.key or "").startswith("compare_first")]
    )
    sealed = {*store.read_evaluation(old.id).ids} & {*split.test}
    assert sealed  # the old run scored mails that are sealed now; they stay out
    shared, _ = cache.compared_runs(
        stage.project,
        tuple(((r, OperatingPoint(store.read_run(r).threshold or 0.5)),) for r in (old.id, new)),
    )
    assert {*shared.ids} == seen


@pytest.mark.slow
def test_several_seeds_are_one_run_with_its_spread(at_stage: AtStage) -> None:
    stage = at_stage("trained")
    train(stage, *(ModelSpec("mlp", SMALL, seed) for seed in (0, 1, 2)))
    app = page(stage)
    told = said(app)
    newest = [r for r in store.list_runs(stage.project.name) if r.kind == "mlp"][:3]
    name = f"{newest[-1].name} ×3"
    rows = tables(app, "verdict")[0]
    shown = rows.loc[rows["figure"] == "F1", name].item()
    f1 = [run.figures["f1"] for run in newest]
    assert shown == f"{sum(f1) / 3:.4f} ({min(f1):.4f} to {max(f1):.4f})"
    assert "the mean counts" in told
    (spread,) = tables(app, "standard deviation")
    assert spread["least"].tolist()[0] == f"{min(f1):.4f}"
    assert "seed" not in tables(app, "parameter")[0]["parameter"].tolist()


def test_the_form_trains_as_many_seeds_as_asked_for(at_stage: AtStage) -> None:
    stage = at_stage("trained")
    before = len(store.list_runs(stage.project.name))
    app = stage.open("train")
    for label, value in (("Epochs at most", 1), ("Inputs (features)", 64), ("Number of seeds", 2)):
        next(w for w in app.number_input if w.label == label).set_value(value)
    app.button(key="FormSubmitter:network_form-Train the network").click().run()
    assert not app.exception
    runs = store.list_runs(stage.project.name)
    assert len(runs) == before + 2
    assert [run.spec.model.seed for run in runs[:2]] == [1, 0]
    assert len(comparison.group_by_seed({r.id: r.spec for r in runs[:2]})) == 1
