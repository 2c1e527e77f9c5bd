"""The functions for notebooks: each gives what the rooms below it and other programs give."""

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix, f1_score

import pipeline
from pipeline import workflow
from pipeline.errors import BadData, BadFile, BadSpec, Sealed
from pipeline.project import Project, list_projects
from pipeline.runs import store
from pipeline.runs.run import Run
from tests.mails import mails


def write_mails(path: Path, n: int = 240, seed: int = 0) -> Path:
    frame = mails(n, seed)[["id", "label", "subject", "body"]]
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_mails(tmp_path / "small mails.csv")


@pytest.fixture
def run(file: Path, database: Path) -> Run:
    project = pipeline.import_mails(file)
    pipeline.split_mails(project, "stratified")
    return pipeline.train_model(project, note="the first")


def test_the_names_are_those_of_the_workflow_and_none_is_a_submodule() -> None:
    names, folder = pipeline.__all__, Path(pipeline.__file__).parent
    public = [
        node.name
        for node in ast.parse(Path(workflow.__file__).read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
    assert names == sorted([*public, "sample_file"])
    assert not set(names) & {path.stem for path in folder.iterdir()}
    assert set(names) <= set(dir(pipeline))
    for name in public:
        assert getattr(pipeline, name) is getattr(workflow, name)
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        _ = pipeline.trian


def test_importing_pipeline_imports_no_library() -> None:
    code = "import sys, pipeline; print({'numpy', 'pandas', 'mlflow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_windows_is_refused_with_a_sentence() -> None:
    code = "import sys; sys.platform = 'win32'; import pipeline"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Spamlab runs on Linux and macOS")
    assert done.stderr.count("\n") == 1


def test_reading_the_same_file_again_changes_nothing(file: Path) -> None:
    project = pipeline.import_mails(file)
    split = pipeline.split_mails(project, seed=3)
    again = pipeline.import_mails(str(file))
    assert again == project == pipeline.open_project("small mails")
    assert again.split == split


def test_raw_mail_of_one_class_each_becomes_one_project(tmp_path: Path) -> None:
    for label in ("ham", "spam"):
        letters = [
            f"From x@y Mon Jan  1 00:00:00 2024\nFrom: {label}{i}@example.org\n"
            f"Subject: {label} {i}\n\nThis is the {label} number {i}.\n\n"
            for i in range(30)
        ]
        (tmp_path / f"{label}.mbox").write_text("".join(letters), encoding="utf-8")
    project = pipeline.import_mails(
        ham=tmp_path / "ham.mbox", spam=[tmp_path / "spam.mbox"], project="boxes"
    )
    assert project == Project("boxes")
    assert project.settings.counts == {"ham": 30, "spam": 30}


def test_an_unknown_label_is_asked_about_and_can_be_skipped(tmp_path: Path) -> None:
    frame = mails(240)[["id", "label", "subject", "body"]]
    frame.loc[::5, "label"] = "newsletter"
    path = tmp_path / "three.csv"
    frame.to_csv(path, index=False)
    with pytest.raises(BadData, match=r"received 'newsletter'; .* labels=\{'newsletter': 'spam'\}"):
        pipeline.import_mails(path)
    with pytest.raises(BadData, match="received 'newsletter'"):  # knowing another word is no answer
        pipeline.import_mails(path, labels={"junk": "spam"})
    with pytest.raises(BadSpec, match=r"labels\['newsletter'\]: expected one of .* 'spma'"):
        pipeline.import_mails(path, labels={"newsletter": "spma"})
    assert list_projects() == []
    skipped = pipeline.import_mails(path, labels={"newsletter": "skip"}, project="skipped")
    called_ham = pipeline.import_mails(path, labels={"newsletter": "ham"}, project="ham")
    assert sum(skipped.settings.counts.values()) == (frame["label"] != "newsletter").sum()
    assert called_ham.settings.counts["ham"] == (frame["label"] != "spam").sum()


def test_a_refused_import_leaves_the_project_as_it_was(file: Path, tmp_path: Path) -> None:
    project = pipeline.import_mails(file, project="kept")
    split = pipeline.split_mails(project, "stratified")
    frame = mails(240, seed=5)[["id", "label", "subject", "body"]]
    frame.loc[::5, "label"] = "newsletter"
    other = tmp_path / "other.csv"
    frame.to_csv(other, index=False)
    before = project.settings
    for labels in (None, {"junk": "spam"}):
        with pytest.raises(BadData):
            pipeline.import_mails(other, project="kept", labels=labels)
    with pytest.raises(BadData, match=r"columns=\{'body': 'text', 'label': 'class'\}"):
        pipeline.import_mails(other, project="kept", columns={"body": "body"})
    assert project.settings == before
    assert project.split == split


def test_columns_can_be_named(tmp_path: Path) -> None:
    frame = mails(240)[["label", "subject", "body"]].set_axis(["a", "b", "c"], axis=1)
    path = tmp_path / "columns.csv"
    frame.to_csv(path, index=False)
    project = pipeline.import_mails(path, columns={"label": "a", "body": "b"})
    bodies = project.mails.reader().take(["1"])["body"].tolist()
    assert bodies == [frame["b"].iloc[0]]


@pytest.mark.parametrize("files", [(), "nowhere.csv", ["nowhere.csv"]])
def test_a_missing_file_gets_a_sentence(files: str) -> None:
    with pytest.raises(BadFile, match=r"file.*was expected"):
        pipeline.import_mails(files)
    with pytest.raises(BadData, match="no project 'nothing'"):
        pipeline.open_project("nothing")


def test_findings_count_repeated_mails(tmp_path: Path) -> None:
    frame = mails(240)[["label", "subject", "body"]]
    path = tmp_path / "repeated.csv"
    pd.concat([frame, frame.iloc[:7]]).to_csv(path, index=False)
    findings = pipeline.list_findings(pipeline.import_mails(path))
    repeated = findings[findings["sentence"].str.contains("word for word")].iloc[0]
    assert repeated["mails"] == len(repeated["ids"]) == 7


def test_a_run_knows_its_settings_and_its_parent(run: Run) -> None:
    project = pipeline.open_project(run.project)
    second = pipeline.train_model(
        project, "naive_bayes", blocks={"words": {"top": 50}}, parent=run, alpha=0.5, seed=2
    )
    assert run.note == "the first"
    assert second.parent == run.id
    assert second.spec.model.parameters["alpha"] == 0.5
    assert [block.kind for block in second.spec.features.blocks] == ["words"]
    assert [r.id for r in pipeline.list_runs(project)] == [second.id, run.id]


def test_figures_are_those_of_scikit_learn_at_the_chosen_threshold(run: Run) -> None:
    project = pipeline.open_project(run.project)
    pipeline.choose_threshold(project, "hand", 0.7)
    table = pipeline.evaluate_run(run)
    scores = store.read_evaluation(run.id)
    assert table.loc["f1", "value"] == f1_score(scores.labels, scores.scores >= 0.7)
    assert table.loc["f1", "low"] < table.loc["f1", "value"] < table.loc["f1", "high"]
    errors = pipeline.list_errors(run)
    (_, fp), (fn, _) = confusion_matrix(scores.labels, scores.scores >= 0.7)
    assert errors["kind"].value_counts().to_dict() == {
        kind: n for kind, n in (("false positive", fp), ("false negative", fn)) if n
    }
    assert len(pipeline.list_errors(run, "false negative")) == fn
    with pytest.raises(BadSpec, match=r"kind: expected one of .* received 'fn'"):
        pipeline.list_errors(run, "fn")


def test_a_run_compared_with_itself_differs_nowhere_and_with_the_floor_everywhere(run: Run) -> None:
    same = pipeline.compare_runs(run, run)
    assert (same.to_frame()["difference"].dropna() == 0).all()
    floor = pipeline.train_model(pipeline.open_project(run.project), "majority")
    against_floor = pipeline.compare_runs(floor, run).to_frame()
    elsewhere = replace(floor, project="another")
    with pytest.raises(BadData, match="two runs of one project"):
        pipeline.compare_runs(elsewhere, run)
    assert against_floor.loc["mcc", ["a", "verdict"]].tolist() == [0, "better"]


def test_an_explanation_adds_up_and_the_sealed_mails_have_none(run: Run) -> None:
    split = pipeline.open_project(run.project).split
    assert split is not None
    why = pipeline.explain_mail(run, split.validation[0])
    assert why.base + why.shares.sum() + why.from_others + why.residual == pytest.approx(
        why.log_odds
    )
    with pytest.raises(Sealed):
        pipeline.explain_mail(run, split.test[0])


def test_the_test_part_opens_with_the_right_words_and_once(run: Run) -> None:
    with pytest.raises(Sealed, match='confirmation="open the test part"'):
        pipeline.open_test(run)
    project = pipeline.open_project(run.project)
    assert not project.seal.is_opened()
    table = pipeline.open_test(run, "open the test part")
    opening = project.seal.ledger.opening()
    assert opening is not None
    assert table.loc["recall", "value"] == opening.figures["recall"]
    assert table.loc["recall", "low"] < table.loc["recall", "high"]
    with pytest.raises(Sealed):
        pipeline.open_test(run, "open the test part")
    assert pipeline.train_model(project).after_test


def test_the_exported_model_gives_the_scores_of_the_run(run: Run, file: Path) -> None:
    path = pipeline.export_model(run, file.with_name("taken home.spamlab"))
    scored = pipeline.score_mails(path, file).set_index("id")["score"]
    validation = store.read_evaluation(run.id)
    assert scored.loc[list(validation.ids)].to_numpy() == pytest.approx(validation.scores)
    with pytest.raises(BadFile):
        pipeline.score_mails(path, "nowhere.csv")
