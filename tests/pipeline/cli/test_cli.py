"""The command line: what it prints, what it writes, and how it leaves."""

import csv
import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import cli, intake, models
from pipeline.evaluation import thresholds
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.export.bundle import Bundle
from pipeline.project import Project, list_projects
from pipeline.quality import label_review
from pipeline.runs import store
from pipeline.specs import ThresholdSpec
from tests.mails import mails, raw_mails

PROMISED = {
    "precision",
    "recall",
    "f1",
    "mcc",
    "roc_auc",
    "average_precision",
    "log_loss",
    "n_ham",
    "n_spam",
}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(database: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; its exit code, standard output and standard error."""

    def command(*arguments: object) -> tuple[int, str, str]:
        code = cli.main([str(a) for a in arguments])
        out = capsys.readouterr()
        return code, out.out, out.err

    return command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A labelled CSV of 120 easy mails."""
    path = tmp_path / "my mails.csv"
    mails(120)[["id", "label", "subject", "body"]].to_csv(path, index=False)
    return path


def test_train_prints_one_json_object_with_what_was_promised(run: Run, file: Path) -> None:
    code, out, err = run("train", file, "--json", "--seed", 3, "--note", "why not")
    assert code == 0, err
    said = json.loads(out)
    assert said["validation"].keys() >= PROMISED
    assert (said["model"], said["project"]) == ("logistic", "my mails")
    kept = store.read_run(said["run_id"])
    assert kept.threshold == said["threshold"]
    assert kept.figures["f1"] == said["validation"]["f1"]
    assert kept.note == "why not"
    assert (kept.spec.model.seed, kept.spec.split.seed) == (3, 3)
    assert said["validation"]["n_ham"] + said["validation"]["n_spam"] == 18


def test_train_prints_a_table_for_people(run: Run, file: Path) -> None:
    code, out, _ = run("train", file)
    assert code == 0
    for word in ("precision", "recall", "F1", "(1-ROCA)%", "threshold"):
        assert word in out


def test_the_exported_model_scores_every_row_in_order(run: Run, file: Path, tmp_path: Path) -> None:
    model, scores = tmp_path / "m.spamlab", tmp_path / "scores.csv"
    assert run("train", file, "--export", model)[0] == 0
    new = tmp_path / "new.csv.gz"
    with gzip.open(new, "wt", encoding="utf-8", newline="") as target:
        rows = csv.writer(target)
        rows.writerow(["text", "nr"])
        rows.writerows([[text, f"n{i}"] for i, text in enumerate(["", "hello", "free money"])])
    code, out, err = run("score", model, new, "--out", scores)
    assert (code, out) == (0, ""), err
    with scores.open(newline="") as source:
        found = list(csv.DictReader(source))
    assert list(found[0]) == ["id", "score", "label"]
    bundle = Bundle.load(model)
    assert len(found) == 3
    for row in found:
        assert 0 <= float(row["score"]) <= 1
        assert row["label"] == ("spam" if float(row["score"]) >= bundle.point.threshold else "ham")
    code, out, _ = run("score", model, new)
    assert out == scores.read_text()


def test_the_threshold_that_was_asked_for_is_printed_and_exported(
    run: Run, file: Path, tmp_path: Path
) -> None:
    model = tmp_path / "m.spamlab"
    asked = ["--ham-cost", 9, "--unsure", 0.05, "--export", model]
    code, out, err = run("train", file, "--json", *asked)
    assert code == 0, err
    said = json.loads(out)
    spec = ThresholdSpec("cost", 9, 0.05)
    scored = store.read_evaluation(said["run_id"])
    point = thresholds.choose_operating_point(scored, spec)
    assert (said["threshold"], said["unsure_from"], said["why"]) == (
        point.threshold, point.unsure_from, point.why,
    )  # fmt: skip
    assert said["validation"]["precision"] == scored.at(point).precision
    bundle = Bundle.load(model)
    assert bundle.point == point
    assert Project(said["project"]).settings.threshold_spec() == spec
    for threshold, label in ((0, "spam"), (1, "ham")):
        code, out, _ = run("score", model, file, "--threshold", threshold)
        assert {row["label"] for row in csv.DictReader(out.splitlines())} == {label}


def test_a_budget_that_validation_cannot_show_is_refused_before_training(
    run: Run, file: Path
) -> None:
    code, out, err = run("train", file, "--ham-budget", 1000)
    assert (code, out) == (2, "")
    assert "can show at most 1 in" in err
    assert "No runs yet" in run("runs")[1]


def test_an_unsure_mail_is_called_so(run: Run, file: Path, tmp_path: Path) -> None:
    model = tmp_path / "m.spamlab"
    assert run("train", file, "--export", model)[0] == 0
    Bundle.load(model).at(OperatingPoint(0.999, 0.001)).save(model)
    _, out, _ = run("score", model, file)
    rows = list(csv.DictReader(out.splitlines()))
    assert {row["label"] for row in rows} >= {"unsure"}
    for row in rows:
        assert (row["label"] == "unsure") == (0.001 <= float(row["score"]) < 0.999)


def test_a_split_column_is_obeyed(run: Run, tmp_path: Path) -> None:
    frame = mails(120)[["label", "subject", "body"]]
    frame["part"] = (["train"] * 8 + ["validation"] * 2) * 12
    path = tmp_path / "parts.csv"
    frame.to_csv(path, index=False)
    code, out, err = run("train", path, "--split-column", "part", "--json")
    assert code == 0, err
    figures = json.loads(out)["validation"]
    expected = frame[frame["part"] == "validation"]["label"].value_counts()
    assert (figures["n_ham"], figures["n_spam"]) == (expected["ham"], expected["spam"])
    code, _, err = run("train", path, "--split-column", "nowhere", "--project", "other")
    assert code == 2
    assert "nowhere" in err


def test_check_says_what_is_there(run: Run, file: Path) -> None:
    code, out, _ = run("check", file)
    assert code == 0
    assert "120 mails, 60 ham and 60 spam" in out
    code, out, _ = run("check", file, "--json")
    assert json.loads(out)["counts"] == {"ham": 60, "spam": 60}


def test_check_ranks_labels_that_look_wrong(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mails.csv"
    mails(200).to_csv(path, index=False)
    table = label_review.review_labels(intake.read_dataset(path).dataset, None)
    code, out, _ = run("check", path, "--labels", "--json")
    assert code == 0
    ranked = json.loads(out)["labels"]
    assert [mail["id"] for mail in ranked] == table["id"][table["suspicious"]].to_list()
    assert len(ranked) > 5
    assert all(mail["label"] != mail["suggested"] for mail in ranked)
    assert f"{len(ranked)} labels look wrong" in run("check", path, "--labels")[1]
    assert "labels" not in json.loads(run("check", path, "--json")[1])


def test_raw_mail_is_what_the_user_says(run: Run, tmp_path: Path) -> None:
    frame = raw_mails(120)
    for label, some in frame.groupby("label"):
        text = "".join(
            f"From x Mon Jan  1 00:00:00 2001\n{mail.headers}\n\n{mail.body}\n\n"
            for mail in some.itertuples()
        )
        (tmp_path / f"{'ab'[label == 'spam']}.mbox").write_text(text)
    files = ["--ham", tmp_path / "a.mbox", "--spam", tmp_path / "b.mbox"]
    assert json.loads(run("check", *files, "--json")[1])["counts"] == {"ham": 60, "spam": 60}
    code, out, _ = run("train", *files, "--project", "raw", "--json", "--split", "stratified")
    assert code == 0
    assert json.loads(out)["split"]["strategy"] == "stratified"
    code, _, err = run("check")
    assert (code, "--ham and --spam" in err) == (2, True)


def test_runs_are_listed(run: Run, file: Path) -> None:
    assert "No runs yet" in run("runs")[1]
    run("train", file, "--project", "one")
    assert "logistic-1" in run("runs", "--project", "one")[1]
    (listed,) = json.loads(run("runs", "--json")[1])
    assert (listed["project"], listed["status"]) == ("one", "finished")
    assert json.loads(run("runs", "--project", "two", "--json")[1]) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "nowhere.csv"], "nowhere.csv"),
        (["check", "nowhere.csv"], "nowhere.csv"),
        (["train", "{file}", "--project", "../x"], "project name"),
        (["train", "{file}", "--ham-budget", "0"], "from 1 on"),
        (["score", "{file}", "{file}", "--threshold", "2"], "expected a number from 0 to 1"),
        (["score", "nowhere.spamlab", "{file}"], "cannot be read"),
        (["score", "{file}", "{file}"], ".spamlab model was expected"),
    ],
)
def test_the_users_mistake_is_one_sentence_and_code_two(
    run: Run, file: Path, arguments: list[str], words: str
) -> None:
    code, out, err = run(*[a.replace("{file}", str(file)) for a in arguments])
    assert (code, out) == (2, "")
    assert words in err
    assert err.startswith("spamlab: ")
    assert err.count("\n") == 1


def test_our_own_error_is_code_one(run: Run, file: Path, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.intake.read_dataset", lambda *_, **__: 1 / 0)
    code, _, err = run("check", file)
    assert code == 1
    assert "ZeroDivisionError" in err


def test_scoring_in_a_process_of_its_own_stays_light(run: Run, file: Path, tmp_path: Path) -> None:
    model = tmp_path / "m.spamlab"
    run("train", file, "--export", model)
    script = (
        "import sys; from pipeline import cli; code = cli.main(sys.argv[1:]);"
        "heavy = {'tensorflow', 'keras', 'mlflow', 'sklearn', 'streamlit', 'distributed'};"
        "sys.exit(code or (heavy & set(sys.modules) and 9) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "score", str(model), str(file)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 121


def test_every_model_can_be_asked_for_by_name() -> None:
    (parser,) = [a for a in cli.build_parser()._actions if a.choices]
    (model,) = [a for a in parser.choices["train"]._actions if a.dest == "model"]
    assert tuple(model.choices) == tuple(models.MODELS)


def test_a_card_is_printed_or_written(run: Run, file: Path, tmp_path: Path) -> None:
    code, out, err = run("train", file, "--json", "--export", tmp_path / "m.spamlab")
    assert code == 0, err
    said = json.loads(out)
    code, out, _ = run("card", said["run_id"])
    assert code == 0
    assert out.startswith("# Model card: logistic-1 of my mails")
    assert f"{said['validation']['f1']:.4f}" in out
    assert Bundle.load(tmp_path / "m.spamlab").about["card"].splitlines()[0] == out.splitlines()[0]
    target = tmp_path / "card.html"
    assert run("card", said["run_id"], "--html", "--out", target)[:2] == (0, "")
    assert target.read_text().startswith("<!doctype html>")
    code, _, err = run("card", "nobody")
    assert (code, "there is no run" in err) == (2, True)


def test_the_errors_of_a_run_are_told_as_text_and_as_csv(run: Run, tmp_path: Path) -> None:
    frame = mails(160)[["id", "label", "subject", "body"]]
    frame["subject"] = "=1+1 \u202e " + frame["subject"]
    frame["part"] = ["validation" if i % 2 else "train" for i in range(160)]
    frame.to_csv(tmp_path / "hostile.csv", index=False)
    _, out, _ = run("train", tmp_path / "hostile.csv", "--split-column", "part", "--json")
    run_id = json.loads(out)["run_id"]
    scored = store.read_evaluation(run_id)
    spam, called = scored.labels == 1, scored.scores >= store.read_run(run_id).threshold
    wrong = {"fp": (called & ~spam), "fn": (~called & spam)}
    assert wrong["fp"].any()
    assert wrong["fn"].any()

    code, out, err = run("errors", run_id)
    assert code == 0, err
    lines = out.splitlines()
    assert sum("\\u202e" in line for line in lines) >= wrong["fp"].sum() + wrong["fn"].sum()
    assert "\u202e" not in out
    assert "What to work on first:" in lines

    for kind, which in wrong.items():
        code, out, err = run("errors", run_id, "--kind", kind, "--csv")
        assert code == 0, err
        rows = list(csv.DictReader(out.splitlines()))
        assert {r["id"] for r in rows} == {i for i, w in zip(scored.ids, which, strict=True) if w}
        assert {r["subject"][:2] for r in rows} == {"'="}
        assert {"reasons", "unseen words", "near the threshold"} <= rows[0].keys()

    code, out, err = run("errors", run_id, "--csv", "--out", tmp_path / "errors.csv")
    assert (code, out) == (0, "")
    written = list(csv.DictReader((tmp_path / "errors.csv").read_text("utf-8").splitlines()))
    assert len(written) == wrong["fp"].sum() + wrong["fn"].sum()
    assert "No such mail" in run("errors", run_id, "--kind", "unsure")[1]


def test_errors_of_no_run_are_one_sentence(run: Run) -> None:
    code, out, err = run("errors", "none")
    assert (code, out) == (2, "")
    assert err.startswith("spamlab: there is no run 'none'")


def test_a_refused_import_leaves_no_project_behind(tmp_path: Path) -> None:
    path = tmp_path / "one class.csv"
    mails(80, share=1.0)[["label", "subject", "body"]].to_csv(path, index=False)
    assert cli.main(["train", str(path)]) == 2
    assert list_projects() == []
