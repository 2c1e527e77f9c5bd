"""With a band of unsure mails, every page and every command calls each mail the same.

One run has a band among its spam, so that some spam is called ham and some is unsure, the other
among its ham. What each mail is called is worked out here from the scores by hand. Pages and
commands are found by themselves, so that a new one is asked here or named with the reason.
"""

import io
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import cache
from dashboard.app_pages.errors import live_text
from dashboard.components import confusion_view
from pipeline import cli, comparison
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.export.bundle import Bundle
from pipeline.project import choose_threshold, cluster_mails
from pipeline.reports import error_report, final_test
from pipeline.reports.opening import open_test
from pipeline.runs import store
from pipeline.slices.properties import describe_validation
from pipeline.slices.table import compute_slices as compare_slices
from pipeline.specs import ThresholdSpec
from tests.dashboard.conftest import Stage, figure, markdown, run_box
from tests.mails import mails

pytestmark = pytest.mark.slow

AtStage = Callable[[str], Stage]
Calls = pd.DataFrame
"""One row a mail, by its id: label, score and call."""

PAGES = {p.name for p in (Path(__file__).parents[2] / "dashboard/app_pages").glob("[a-z]*/")}
PAGES_ASKED = {"evaluate", "errors", "compare", "score", "final_test"}
PAGES_WITHOUT_CALLS = {
    "start": "lists projects",
    "data": "shows mails and their labels before any model",
    "labels": "scores by models of its own, which have no threshold",
    "split": "says what F1 and recall rest on, in which unsure mails are not called spam",
    "features": "shows what a model would read",
    "train": "has a run's figures at its own threshold, which has no band",
    "runs": "has a run's figures at its own threshold, which has no band",
}
COMMANDS_ASKED = {"errors", "train", "score", "card"}
COMMANDS_WITHOUT_CALLS = {
    "check": "has no model",
    "runs": "has a run's figures at its own threshold, which has no band",
    "app": "starts the pages",
}
KINDS = {
    ("ham", "ham"): "correct",
    ("spam", "spam"): "correct",
    ("ham", "spam"): "false positive",
    ("spam", "ham"): "false negative",
    ("ham", "unsure"): "unsure",
    ("spam", "unsure"): "unsure",
}


def say(scores: Iterable[float], threshold: float, start: float) -> list[str]:
    """What mails with these scores are called, by the words of the glossary."""
    return ["spam" if s >= threshold else "unsure" if s >= start else "ham" for s in scores]


def call(evaluation: Evaluation, threshold: float, start: float) -> Calls:
    """What each mail is called; `attrs` holds the band."""
    scores, labels = evaluation.scores, np.where(evaluation.labels == 1, "spam", "ham")
    calls = pd.DataFrame(
        {"label": labels, "score": scores, "call": say(scores, threshold, start)},
        index=list(evaluation.ids),
    )
    calls.attrs["band"] = threshold, start
    return calls


def thirds(scores: np.ndarray) -> tuple[float, float]:
    """Two numbers that leave a third of the scores below, between and above them."""
    ordered = np.unique(scores)
    lower, upper = len(ordered) // 3, 2 * len(ordered) // 3
    low, high = (float(ordered[i - 1] + ordered[i]) / 2 for i in (lower, upper))
    return low, high


def set_bands(here: Stage) -> dict[str, Calls]:
    """Give both runs a band by hand; by the run's id what it calls each validation mail."""
    told = {}
    for kind, label in (("logistic", 1), ("mlp", 0)):
        run = here.run(kind)
        scored = store.read_evaluation(run.id)
        start, threshold = thirds(scored.scores[scored.labels == label])
        choose_threshold(here.project, ThresholdSpec("hand", threshold, start), run.id)
        told[run.id] = call(scored, threshold, start)
        cells = set(zip(told[run.id]["label"], told[run.id]["call"], strict=True))
        word = ("ham", "spam")[label]
        assert {(word, "ham"), (word, "unsure"), (word, "spam")} <= cells
    return told


def count(calls: Calls, label: str, said: str) -> int:
    return int(((calls["label"] == label) & (calls["call"] == said)).sum())


def kinds(calls: Calls) -> pd.Series:
    pairs = zip(calls["label"], calls["call"], strict=True)
    return pd.Series([KINDS[pair] for pair in pairs], index=calls.index)


def texts(app: AppTest) -> str:
    return " ".join(markdown(app))


def test_every_page_and_command_is_asked_or_has_a_reason() -> None:
    assert PAGES_ASKED | PAGES_WITHOUT_CALLS.keys() == PAGES
    assert not PAGES_ASKED & PAGES_WITHOUT_CALLS.keys()
    assert COMMANDS_ASKED | COMMANDS_WITHOUT_CALLS.keys() == cli.COMMANDS.keys()
    assert not COMMANDS_ASKED & COMMANDS_WITHOUT_CALLS.keys()


def test_pages_without_calls_tell_none(at_stage: AtStage) -> None:
    here = at_stage("trained")
    set_bands(here)
    for page in PAGES_WITHOUT_CALLS:
        app = here.open(page)
        assert not app.exception, page
        assert not [t for t in app.dataframe if "kind" in t.value and "score" in t.value], page
        assert not re.search(r"\(false (positive|negative)s\)", texts(app)), page


def test_evaluate(at_stage: AtStage) -> None:
    here = at_stage("trained")
    told = set_bands(here)
    app = here.open("evaluate")
    assert not app.exception
    for run_id, calls in told.items():
        for label in ("ham", "spam"):
            for said in ("ham", "unsure", "spam"):
                cell = app.button(key=f"evaluate_confusion_{run_id}_{label}_{said}")
                shown = int(re.findall(r"[\d,]+", cell.label)[0].replace(",", ""))
                assert shown == count(calls, label, said), (run_id, label, said)
        unsure = int((calls["call"] == "unsure").sum())
        name = store.read_run(run_id).name
        lines = [line for m in app.markdown for line in m.value.splitlines()]
        (line,) = [line for line in lines if f"**{name}** marks" in line]
        assert f"it marks {unsure:,} as unsure" in line
        assert f"**{count(calls, 'ham', 'spam'):,}** of" in line
        assert re.search(rf"[Uu]nsure: \*\*{unsure / len(calls):.1%}\*\*", texts(app))
    next(v for v in app.get("button_group") if v.key == "evaluate_view").set_value(
        "Your inbox"
    ).run()
    assert not app.exception
    assert any("unsure a week" in table.value for table in app.dataframe)


def test_slices_count_no_unsure_mail_as_an_error(at_stage: AtStage) -> None:
    here = at_stage("trained")
    for run_id, calls in set_bands(here).items():
        point = cache.operating_point(here.project, store.read_run(run_id))
        slices = compare_slices(
            store.read_evaluation(run_id), point, describe_validation(here.project),
            cluster_mails(here.project), smallest=1,
        )  # fmt: skip
        for _, rows in slices.groupby("property"):
            assert rows["false_positives"].sum() == count(calls, "ham", "spam")
            assert rows["false_negatives"].sum() == count(calls, "spam", "ham")


@pytest.mark.parametrize("kind", ["logistic", "mlp"])
def test_errors(at_stage: AtStage, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(live_text, "edit_text", lambda subject, body, **_: (subject, body))
    here = at_stage("trained")
    run = here.run(kind)
    calls = set_bands(here)[run.id]
    app = here.open("errors")
    run_box(app, "errors_run").set_value(run.id).run()
    words = texts(app)
    assert f"**{count(calls, 'ham', 'spam'):,}** ham" in words
    assert f"**{count(calls, 'spam', 'ham'):,}** spam" in words
    assert f"It was unsure of **{(calls['call'] == 'unsure').sum():,}** more" in words
    for shown in confusion_view.list_kinds(has_band=True):
        app.segmented_control(key="errors_kind").set_value(shown).run()
        assert not app.exception, shown
        cells = confusion_view.KINDS[shown]
        pairs = zip(calls["label"], calls["call"], strict=True)
        expected = set(calls.index[[pair in cells for pair in pairs]])
        tables = [t.value for t in app.dataframe if (t.key or "").startswith("errors_table")]
        listed = set(tables[0]["id"]) if tables else set()
        assert listed <= expected, shown
        assert len(listed) == min(25, len(expected)), shown
        if not tables:
            continue
        rows = tables[0].set_index("id")
        assert (rows["kind"] == kinds(calls)[rows.index]).all(), shown
        (standing,) = [c.value for c in app.caption if c.value.startswith("Labelled ")]
        head = next(c.value for c in app.code if c.value.startswith("Label:"))
        opened = head.rpartition("Id:")[2].strip()
        assert f"called {calls.loc[opened, 'call']}" in standing
        app.segmented_control(key="errors_view").set_value("What if").run()
        assert not app.exception, shown
        (called,) = [m.value for m in app.metric if m.label == "Called"]
        assert called == calls.loc[opened, "call"], shown
        app.segmented_control(key="errors_view").set_value("Mail").run()


@pytest.mark.parametrize("kind", ["logistic", "mlp"])
def test_the_report_of_the_errors_has_no_unsure_mail_among_them(
    at_stage: AtStage, kind: str
) -> None:
    here = at_stage("trained")
    run = here.run(kind)
    told = set_bands(here)
    calls = told[run.id]
    found = error_report.build_error_report(here.project, run)
    table = found.table.set_index("id")
    assert (table["kind"] == kinds(calls)[table.index]).all()
    errors = set(calls.index[kinds(calls).isin(["false positive", "false negative"])])
    assert set(found.table["id"][found.wrong]) == errors
    for group in found.groups.groups:
        assert set(kinds(calls)[list(group.ids)]) == {group.kind}
    rows = found.overrepresented
    assert (rows["errors"] <= len(errors)).all()
    for run_id, other in told.items():
        (errors_of_run,) = found.by_run["errors"][found.by_run["run"] == run_id]
        assert errors_of_run == kinds(other).isin(["false positive", "false negative"]).sum()
    two = list(told.values())
    differ = set(calls.index[two[0]["call"] != two[1]["call"]])
    assert set(table.index[table["models disagree"].astype(bool)]) == differ
    app = here.open("errors")
    run_box(app, "errors_run").set_value(run.id).run()
    app.toggle(key="errors_groups").set_value(True).run()
    assert not app.exception
    assert f"The {len(errors):,} errors of this run" in texts(app)


def test_the_smallest_cut_goes_over_the_threshold_and_says_what_comes_of_it(
    at_stage: AtStage,
) -> None:
    here = at_stage("trained")
    run = here.run("logistic")
    calls = set_bands(here)[run.id]
    point = cache.operating_point(here.project, run)
    unsure = calls.index[(calls["call"] == "unsure") & (calls["label"] == "spam")][0]
    mail = cache.mail(here.project, unsure).iloc[0]
    cut = cache.smallest_cut(here.project, run.id, point, unsure, mail["subject"], mail["body"])
    assert not cut.flips or str(point.call(cut.score_after)) == "spam"


def test_compare(at_stage: AtStage) -> None:
    here = at_stage("trained")
    told = set_bands(here)
    app = here.open("compare")
    assert not app.exception
    first, second = (here.run(kind).id for kind in ("logistic", "mlp"))
    right = {i: calls["call"] == calls["label"] for i, calls in told.items()}
    second_right = right[second].reindex(right[first].index)
    fixed = set(right[first].index[~right[first] & second_right])
    broken = set(right[first].index[right[first] & ~second_right])
    entries = tuple(
        ((i, cache.operating_point(here.project, store.read_run(i))),) for i in (first, second)
    )
    _, (found,) = cache.compared_runs(here.project, entries)
    assert isinstance(found, comparison.Comparison)
    assert (set(found.fixed), set(found.broken)) == (fixed, broken)
    alike = (told[first]["call"] == told[second]["call"].reindex(told[first].index)).mean()
    assert found.agreement.same == pytest.approx(alike)
    options = [option for view in app.get("button_group") for option in view.options]
    names = [getattr(option, "content", option) for option in options]
    assert {f"Fixed ({len(fixed):,})", f"Broken ({len(broken):,})"} <= set(names)
    assert "An unsure mail is not decided correctly" in texts(app)


@pytest.mark.parametrize("kind", ["logistic", "mlp"])
def test_score(at_stage: AtStage, downloads: dict[str, Callable[[], bytes]], kind: str) -> None:
    here = at_stage("trained")
    run = here.run(kind)
    calls = set_bands(here)[run.id]
    app = here.open("score")
    run_box(app, "score_run").select(run.id).run()
    file = validation_csv(here, calls)
    app.file_uploader(key="score_file").upload("new.csv", file, "text/csv").run()
    assert not app.exception
    for table in (app.dataframe[0].value, pd.read_csv(io.BytesIO(downloads["score_download"]()))):
        assert list(table["label"]) == say(table["score"], *calls.attrs["band"])
        assert len(table) == len(calls)
    unsure = int((app.dataframe[0].value["label"] == "unsure").sum())
    assert unsure
    assert f"**{unsure:,}** unsure" in texts(app)
    assert Bundle.from_bytes(downloads["score_model"]()).point == cache.operating_point(
        here.project, run
    )


def validation_csv(here: Stage, calls: Calls) -> bytes:
    """The validation mails as a file; reading it takes signs away that nobody can see, and may so
    move a score."""
    frame = cache.mails(here.project).take(list(calls.index))
    return frame[["id", "subject", "body", "sender", "date"]].to_csv(index=False).encode()


def test_final_test(at_stage: AtStage) -> None:
    here = at_stage("trained")
    run = here.run("logistic")
    set_bands(here)
    point = cache.operating_point(here.project, run)
    figures = open_test(here.project, run.id, point)
    opening = here.project.seal.ledger.opening()
    assert opening is not None
    assert final_test.read_point(opening) == point
    assert point.unsure_from is not None
    calls = call(final_test.read_evaluation(here.project), point.threshold, point.unsure_from)
    names = {("ham", "ham"): "true_negatives", ("ham", "unsure"): "unsure_ham",
             ("ham", "spam"): "false_positives", ("spam", "ham"): "false_negatives",
             ("spam", "unsure"): "unsure_spam", ("spam", "spam"): "true_positives"}  # fmt: skip
    assert {pair: figures[name] for pair, name in names.items()} == {
        pair: count(calls, *pair) for pair in names
    }
    assert (calls["call"] == "unsure").any()
    app = here.open("final_test")
    assert not app.exception
    (matrix,) = figure(app, "final_test_confusion")["data"]
    assert matrix["text"] == [
        [count(calls, label, said) for said in ("ham", "unsure", "spam")]
        for label in ("ham", "spam")
    ]
    rows = next(t.value for t in app.dataframe if t.key == "final_test_errors").set_index("id")
    expected = kinds(calls)
    assert set(rows.index) == set(expected.index[expected != "correct"])
    assert (rows["kind"] == expected[rows.index]).all()
    words = texts(app)
    assert f"**{count(calls, 'spam', 'ham'):,}** spam let through (false negatives)" in words
    assert f"**{(calls['call'] == 'unsure').sum():,}** unsure" in words
    assert f"unsure from {point.unsure_from:.3f}" in words


# commands


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert cli.main(list(arguments)) == 0
    return capsys.readouterr().out


def test_the_command_errors(at_stage: AtStage, capsys: pytest.CaptureFixture[str]) -> None:
    here = at_stage("trained")
    for run_id, calls in set_bands(here).items():
        expected = kinds(calls)
        for option, kind in (("fp", "false positive"), ("fn", "false negative"),
                             ("unsure", "unsure")):  # fmt: skip
            csv = printed(capsys, "errors", run_id, "--kind", option, "--csv")
            rows = pd.read_csv(io.StringIO(csv))
            assert set(rows["id"]) == set(expected.index[expected == kind]), option
        everything = pd.read_csv(io.StringIO(printed(capsys, "errors", run_id, "--csv")))
        listed = everything.set_index("id")["kind"]
        assert (listed == expected[listed.index]).all()
        assert set(listed.index) == set(expected.index[expected != "correct"])
        text = printed(capsys, "errors", run_id)
        assert f"{(expected == 'unsure').sum():,} unsure" in text.splitlines()[0]
        grouped = [int(n) for n in re.findall(r"^  (\d+) false", text, re.MULTILINE)]
        assert sum(grouped) <= expected.isin(["false positive", "false negative"]).sum()


def test_the_command_score(
    at_stage: AtStage, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    here = at_stage("trained")
    for run_id, calls in set_bands(here).items():
        point = cache.operating_point(here.project, store.read_run(run_id))
        Bundle.load(store.locate_bundle(run_id)).at(point).save(tmp_path / "m.spamlab")
        (tmp_path / "new.csv").write_bytes(validation_csv(here, calls))
        model, file = str(tmp_path / "m.spamlab"), str(tmp_path / "new.csv")
        said = pd.read_csv(io.StringIO(printed(capsys, "score", model, file)))
        assert list(said["label"]) == say(said["score"], *calls.attrs["band"])
        assert "unsure" in set(said["label"])
        bare = printed(capsys, "score", model, file, "--threshold", "0.5")
        assert "unsure" not in set(pd.read_csv(io.StringIO(bare))["label"])


def test_the_command_card(at_stage: AtStage, capsys: pytest.CaptureFixture[str]) -> None:
    here = at_stage("trained")
    for run_id, calls in set_bands(here).items():
        text = printed(capsys, "card", run_id)
        assert "one from" in text
        for label in ("ham", "spam"):
            counts = (count(calls, label, said) for said in ("ham", "unsure", "spam"))
            cells = r"\s*\|\s*".join([label, *(f"{n:,}" for n in counts)])
            assert re.search(rf"\|\s*{cells}\s*\|", text), label


def test_the_command_train(
    database: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    frame = mails(240)
    wrong = np.arange(len(frame)) % 7 == 0  # labels, so that the scores of both classes overlap
    other = frame["label"].map({"ham": "spam", "spam": "ham"})
    frame["label"] = frame["label"].where(~wrong, other)
    file, model = tmp_path / "mails.csv", tmp_path / "m.spamlab"
    frame[["id", "label", "subject", "body"]].to_csv(file, index=False)
    arguments = ("--f-beta", "0.2", "--unsure", "0.05", "--export", str(model), "--json")
    said = json.loads(printed(capsys, "train", str(file), *arguments))
    point = OperatingPoint(said["threshold"], said["unsure_from"])
    assert point.has_band
    assert Bundle.load(model).point == point
    scored = store.read_evaluation(said["run_id"])
    calls = call(scored, point.threshold, point.ham_below)
    for name, pair in {
        "true_negatives": ("ham", "ham"), "unsure_ham": ("ham", "unsure"),
        "false_positives": ("ham", "spam"), "false_negatives": ("spam", "ham"),
        "unsure_spam": ("spam", "unsure"), "true_positives": ("spam", "spam"),
    }.items():  # fmt: skip
        assert said["validation"][name] == count(calls, *pair), name
    csv = printed(capsys, "errors", said["run_id"], "--csv")
    rows = pd.read_csv(io.StringIO(csv)).set_index("id")["kind"]
    assert (rows == kinds(calls)[rows.index]).all()
    assert len(rows) == (kinds(calls) != "correct").sum()
