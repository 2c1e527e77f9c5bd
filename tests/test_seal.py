"""Before the opening nothing tells of the test mails: no page, function, command, file or log.

Two workspaces hold the same project, but with the labels of all test mails turned round. Whatever
can be asked is asked in both. No answer may hold a piece of a test mail (each has its own marks in
id, subject, text and sender), and both must answer the same. Pages, functions and commands are
found by walking the packages, so that a new one is covered by itself; what is left out is named
below, with the reason.
"""

import contextlib
import dataclasses
import gc
import importlib
import inspect
import io
import logging
import pkgutil
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Dataframe

import pipeline
from dashboard import cache
from pipeline import cli
from pipeline.export.bundle import Bundle
from pipeline.mail.dataset import Dataset
from pipeline.project import Project, divide_mails, marks, uploads
from pipeline.quality import decisions, remedies
from pipeline.runs import server, store
from pipeline.specs import FeatureSpec, ModelSpec, RunSpec, SplitSpec, ThresholdSpec
from tests.dashboard.conftest import InlineJobs, open_page
from tests.mails import mails

pytestmark = pytest.mark.slow

NAME = "sealed"
PAGES = sorted(p.name for p in (Path(__file__).parents[1] / "dashboard/app_pages").glob("[a-z]*/"))
MARK = re.compile(rb"zq(?:id|subject|body|sender)\d+")

EXEMPT = {
    "Project.mails.complete": "the complete dataset, for making splits and versions and for the "
    "opening",
    "Project.split": "who leaves the test mails out must know their ids; it knows no labels",
    "project.near_duplicates.find_pairs": "places of near-duplicates in the complete dataset; no "
    "ids, no labels",
    "project.changes.import_dataset": "takes mails in",
    "project.changes.import_stored": "takes mails in",
    "project.changes.divide_mails": "makes the split, and answers with its ids",
    "project.opening.record_opening": "is the opening",
    "Project.seal.verify": "compares hashes, and answers with nothing",
    "Project.create": "makes a project",
    "Project.change": "writes settings",
    "Project.delete": "removes the project",
    "training.chosen_features.choose_features": "writes a choice",
    "project.changes.correct_mails": "takes a correction in; tested by what is visible afterwards",
    "quality.project_quality.apply_remedy": "takes a correction in; tested by what is visible "
    "afterwards",
    "project.changes.return_to_version": "goes to another version; tested by what is visible "
    "afterwards",
    "project.thresholds.choose_threshold": "writes a choice",
    "reports.opening.open_test": "is the opening",
    "reports.model_card.facts.gather_facts": "holds the split; the card made of it is asked for",
    "reports.final_test.score_test_mails": "is the opening",
    "reports.final_test.keep_scores": "writes what was opened",
    "reports.final_test.read_evaluation": "refuses before the opening; see tests/pipeline/reports",
    "reports.final_test.build_report": "refuses before the opening; see tests/pipeline/reports",
    "reports.final_test.read_mails": "refuses before the opening; see tests/pipeline/reports",
    "reports.final_test.list_errors": "refuses before the opening; see tests/pipeline/reports",
    "project.uploads.add_files": "takes files in",
    "project.uploads.import_files": "takes mails in",
    "quality.decisions.apply_decisions": "takes a correction in; tested by what is visible "
    "afterwards",
    "runs.server.fetch_artifact": "the path of a file of a run; each is read below",
    "runs.reading.read_text": "a file of a run; each is read below",
    "splits.make_split": "makes the split",
    "splits.carry_split": "makes the split of another version",
    "splits.folds.make_folds": "divides train, and answers with ids of train",
    "splits.crossing.count_crossings": "numbers and ids of validation; asked by count_crossings",
    "vault.memory.format_record": "is the record of the opening",
    "vault.memory.remembers_project": "answers with yes or no, from the records of openings",
    "workflow.choose_threshold": "writes a choice",
    "workflow.import_mails": "takes mails in",
    "workflow.open_test": "is the opening",
    "workflow.split_mails": "makes the split, and answers with its ids",
    "vault.select_unsealed": "is what hides the test mails; given the visible ones it hides none",
    "vault.seal.build_seal": "is the text of the vault",
    "vault.seal.hash_test_mails": "a hash of the test mails, for the vault",
    "vault.seal.has_same_test_mails": "compares two versions of the test mails: yes or no",
    "vault.seal.verify_seal": "compares hashes, and answers with nothing",
}
"""Public functions that may know test mails, and why."""

COMMANDS_EXEMPT = {
    "check": "looks at the user's own file, which no project has divided",
    "app": "starts the pages, which are tested one by one",
}


def poisoned(turned: bool) -> pd.DataFrame:
    """160 mails, 40 of them for testing and marked, three in four of these spam; or ham."""
    frame = mails(160).sort_values("id", ignore_index=True)
    place = frame.groupby("label").cumcount()
    test = (frame["label"] == "spam") & (place < 30) | (frame["label"] == "ham") & (place < 10)
    frame["part"] = np.where(test, "test", np.where(place % 4 == 0, "validation", "train"))
    number = pd.Series(range(160)).astype(str)
    for name in ("id", "subject", "body"):
        frame[name] = frame[name].where(~test, f"zq{name}" + number + " " + frame[name])
    frame["sender"] = frame["sender"].where(~test, "zqsender" + number + "@example.org")
    if turned:
        other = frame["label"].map({"ham": "spam", "spam": "ham"})
        frame["label"] = frame["label"].where(~test, other)
    return frame.drop(columns="group")


def make(home: Path, database: Path, turned: bool) -> Project:
    """The project with a baseline and a network."""
    home.mkdir()
    (home / "mlflow.db").write_bytes(database.read_bytes())
    file = poisoned(turned).to_csv(index=False).encode()
    project = uploads.start_project(NAME, {"mails.csv": file})
    assert uploads.read_upload(NAME).problem is None
    divide_mails(project, SplitSpec(strategy="column", column="part"))
    jobs = InlineJobs()
    baseline = jobs.start_training(project, ModelSpec("logistic"))
    small = ModelSpec("mlp", {"hidden": [4], "epochs": 2, "inputs": 512})
    jobs.start_training(project, small, parent=baseline)
    visible = project.mails.visible()
    assert visible is not None
    decisions.record_decision(project, visible.frame["id"].iloc[:2], "keep")
    marks.change_tags(project, visible.frame["id"].iloc[0], ["seen"])
    assert {run.status for run in store.list_runs(NAME)} == {store.FINISHED}
    return project


# what can be asked


def pages(project: Project) -> Iterator[tuple[str, Any]]:
    """Every page, with each choice of its controls and the first row of each of its tables."""
    offered: dict[str, Any] = {}
    draw = st.download_button

    def remember(label: str, data: Any, *args: Any, **kwargs: Any) -> Any:
        offered[kwargs["key"]] = data() if callable(data) else data
        return draw(label, data, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "jobs", InlineJobs)
        patch.setattr(st, "download_button", remember)
        # as in tests/dashboard/conftest.py: 0.3 s an app, and 0.4 s a run after TensorFlow
        patch.setattr(
            BidiComponentManager, "discover_and_register_components", lambda *_, **__: None
        )
        gc.collect()
        gc.freeze()
        for page in PAGES:
            app = open_page(page, project.name)
            assert not app.exception, page
            yield f"page {page}", shown(app)
            # one app a page: to make another takes as long as to draw the page twice
            views = [(v.key or "", v.options, v.value) for v in _views(app)]
            for key, options, before in views:
                if key.startswith("features_form"):
                    continue  # parameters of blocks: nothing of a mail depends on them here
                for option in options:
                    name = getattr(option, "content", option)
                    _choose(app, key, name)
                    assert not app.exception, (page, name)
                    yield f"page {page} with {name}", shown(app)
                _choose(app, key, before)
            for number, key in enumerate([table.key for table in app.dataframe]):
                if key:
                    _select(app, key, [0])
                    assert not app.exception, (page, key)
                    yield f"page {page} with a row of table {number}", shown(app)
                    _select(app, key, [])
        for key, data in offered.items():
            yield f"download {key}", data


def _views(app: AppTest) -> list[Any]:
    return [*app.get("button_group"), *app.radio]


def _choose(app: AppTest, key: str, option: Any) -> None:
    next(view for view in _views(app) if view.key == key).set_value(option).run()


def _select(app: AppTest, key: str, rows: list[int]) -> None:
    app.session_state[key] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    app.run()


def shown(app: AppTest) -> list[Any]:
    """All that the browser is given."""
    found: list[Any] = []
    for place in app._tree.children.values():
        for node in place:
            if isinstance(node, Dataframe):
                found.append(node.value)
            elif node.proto is not None and "Seconds per epoch" not in str(node.proto):
                found.append(str(node.proto))
    return found


TAKEN = {"Project", "Dataset", "Run", "Split",
         "ProjectMails", "ProjectSeal", "ProjectVersions", "Settings"}  # fmt: skip
"""What may know test mails; whatever takes one of them is asked."""


def public() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function of pipeline that takes a project, a dataset or a run."""
    for info in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
        module = importlib.import_module(info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("_") or function.__module__ != info.name:
                continue
            wants = inspect.signature(function).parameters.values()
            words = {w for p in wants for w in re.findall(r"\w+", str(p.annotation))}
            names = {p.name for p in wants}
            if words & TAKEN or names & {"project", "run_id"}:
                yield f"{info.name.removeprefix('pipeline.')}.{name}", function
    yield from members("Project", Project)


def members(path: str, kind: type) -> Iterator[tuple[str, Any]]:
    """Every public member of a class, and of the parts that its properties hold."""
    for name, member in inspect.getmembers(kind):
        if name.startswith("_"):
            continue
        yield f"{path}.{name}", member
        if isinstance(member, property):
            part = get_type_hints(member.fget).get("return")
            if isinstance(part, type) and part.__module__.startswith("pipeline.project."):
                yield from members(f"{path}.{name}", part)


WRITES = {
    *(f"runs.writing.{name}" for name in ("create_run", "begin_run", "log_epoch", "finish_run",
                                          "fail_run", "set_note", "delete_run", "delete_project",
                                          "keep_text")),
    "training.train.create_run", "training.train.train_run", "reports.model_card.keep_card",
    "project.uploads.keep_file", "project.uploads.temporary_file",
    "quality.decisions.record_decision", "project.marks.change_tags", "project.marks.write_note",
    "workspace.live.hold", "workspace.live.holding", "workspace.live.write_state",
    "workspace.live.request_stop", "workspace.live.clear", "workflow.train_model",
}  # fmt: skip
"""Functions that write: what they write is asked for by all the others and read from the files."""


STORE = ("runs.reading.", "runs.writing.", "runs.server.")
"""Modules whose functions take a project by its name."""


def functions(project: Project) -> Iterator[tuple[str, Any]]:
    """What each public function answers."""
    run = store.list_runs(NAME)[-1]
    visible = project.mails.visible()
    assert visible is not None
    known: dict[str, Any] = {
        "project": project,
        "dataset": visible,
        "split": project.split,
        "run_id": run.id,
        "run": run,
        "a": run,
        "b": run,
        "path": project.path / "exported.spamlab",
        "runs": [run],
        "spec": FeatureSpec(),
        "mail_id": visible.frame["id"].iloc[0],
        "model": store.locate_bundle(run.id),
        "bundle": Bundle.load(store.locate_bundle(run.id)),
        "pairs": None,
        "label": "spam",
        "remedy": remedies.drop_mails("drop_all", "Drop", "one", visible.frame["id"].iloc[:1]),
        "decisions": {visible.frame["id"].iloc[0]: "flip"},
        "fingerprint": visible.fingerprint,
        "part": "validation",
        "rule": ThresholdSpec(),
        "evaluation": store.read_evaluation(run.id),
        "values": {},
    }
    for name, member in public():
        if name in EXEMPT or name in WRITES:
            continue
        if not callable(member):
            yield name, attrgetter(name.removeprefix("Project."))(project)
            continue
        arguments, missing = {}, []
        for parameter in list(inspect.signature(member).parameters.values()):
            if parameter.name == "self":
                holder = name.removeprefix("Project.").rpartition(".")[0]
                arguments["self"] = attrgetter(holder)(project) if holder else project
            elif name.startswith(STORE) and parameter.name == "project":
                arguments["project"] = NAME
            elif parameter.name in known:
                arguments[parameter.name] = known[parameter.name]
            elif parameter.default is inspect.Parameter.empty:
                missing.append(parameter.name)
        assert not missing, f"{name} needs {missing}; give them here, or say why it is exempt"
        yield name, member(**arguments)


def commands(project: Project, out: Path, capture: pytest.CaptureFixture[str]) -> Iterator:
    """What each command prints."""
    file = out / "mails.csv"
    file.write_bytes((project.upload_folder / "mails.csv").read_bytes())
    model = str(store.locate_bundle(store.list_runs(NAME)[-1].id))
    visible = project.mails.visible()
    assert visible is not None
    visible.frame[["id", "subject", "body"]].to_csv(out / "new.csv", index=False)
    told = {
        "runs": [["runs"], ["runs", "--json"], ["runs", "--project", NAME]],
        "score": [["score", model, str(out / "new.csv")]],
        "errors": [
            ["errors", run.id, *more]
            for run in store.list_runs(NAME)
            for more in ([], ["--csv"], ["--kind", "fn"])
        ],
        "card": [
            ["card", run.id, *more] for run in store.list_runs(NAME) for more in ([], ["--html"])
        ],
        "train": [
            ["train", str(file), "--split-column", "part", "--project", "other", *more]
            for more in ([], ["--json"])
        ],
    }
    (parser,) = [a for a in cli.build_parser()._actions if a.choices]
    assert parser.choices is not None
    assert {*parser.choices} == {*told, *COMMANDS_EXEMPT}, "a new command: ask it here"
    for calls in told.values():
        for call in calls:
            capture.readouterr()
            assert cli.main(call) == 0
            printed = capture.readouterr()
            yield f"command {' '.join(call)}", [printed.out, printed.err]


KEPT = ("datasets", "splits", "vault", "upload")
"""Folders of a project that hold the test mails; no function but those above gives them out."""


def files(home: Path) -> Iterator[tuple[str, Any]]:
    """Everything else that lies in the workspace, MLflow's tables among it."""
    for path in sorted(home.rglob("*")):
        place = path.relative_to(home)
        if not path.is_file() or place.parts[:1] + place.parts[2:3] in [
            ("projects", folder) for folder in KEPT
        ]:
            continue
        if path.name == "mlflow.db":
            with contextlib.closing(sqlite3.connect(path)) as database:
                yield "mlflow", sorted(row for row in database.iterdump() if "seconds'" not in row)
        elif "features" not in place.parts or path.suffix != ".npz":
            yield f"file {place}", path


# what was answered, as text in which only what must differ is left out


def text(value: Any) -> str:
    """All that a value tells."""
    if isinstance(value, pd.DataFrame):
        passing = [c for c in value.columns if c in ("seconds", "created")]
        return value.drop(columns=passing).to_csv()
    if isinstance(value, pd.Series):
        return value.to_csv()
    if isinstance(value, np.ndarray):
        return str(value.tolist())
    if isinstance(value, Path):
        if value.suffix == ".parquet" and value.is_file():
            return text(pd.read_parquet(value))
        return text(value.read_bytes()) if value.is_file() else str(value)
    if isinstance(value, bytes):
        if value[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(value)) as archive:
                return text({name: archive.read(name) for name in archive.namelist()})
        return value.decode("latin-1")
    if isinstance(value, Dataset):
        return text(value.frame)
    if isinstance(value, store.Run):
        passing = {"created": None, "seconds": None}
        return text({**{f.name: getattr(value, f.name) for f in dataclasses.fields(value)},
                     **passing})  # fmt: skip
    if isinstance(value, RunSpec):
        return text(value.to_dict())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return text({f.name: getattr(value, f.name) for f in dataclasses.fields(value)})
    if isinstance(value, Mapping):
        return "\n".join(f"{text(k)}: {text(v)}" for k, v in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return "\n".join(map(text, value))
    return re.sub(r" at 0x[0-9a-f]+", "", str(value))


def settled(told: str, home: Path, names: dict[str, str]) -> str:
    """Without the names of runs, places and moments, which are new each time."""
    told = told.replace(str(home), "HOME")
    for long, short in names.items():
        told = told.replace(long, short)
    told = re.sub(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", "RUN", told)
    told = re.sub(r"\d{4}-\d\d-\d\dT[\d:.+]+|[\d-]{10} [\d:]{5} UTC", "TIME", told)
    told = re.sub(r"\b1[78]\d{11}\b", "TIME", told)  # MLflow's milliseconds
    told = re.sub(r"((?:spamlab\.)?seconds\W+(?:[\w.']+\W+)?)[\d.]+", r"\1SECONDS", told)
    told = re.sub(r"[\d.]+(?= (?:s|seconds)\b)", "SECONDS", told)
    # rows of MLflow's tables come in the order of the names of runs
    return "\n".join(sorted(told.splitlines())) if "INSERT INTO" in told else told


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> list:
    """Of both workspaces, what was answered, by what was asked."""
    root, found = tmp_path_factory.mktemp("seal"), []
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    for turned in (False, True):
        # the same length of path: a table's width may go by it
        home, out = root / f"home{turned:d}", root / f"out{turned:d}"
        out.mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SPAMLAB_HOME", str(home))
            patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
            patch.delenv("MLFLOW_TRACKING_URI", raising=False)
            log.seek(0)
            log.truncate()
            project = make(home, empty_database, turned)
            dataset = project.mails.complete()
            assert dataset is not None
            st.cache_data.clear()
            st.cache_resource.clear()
            asked = dict(pages(project))
            asked |= dict(functions(project))
            asked |= dict(commands(project, out, _Capture()))
            asked |= dict(files(home))
            asked["log"] = log.getvalue()
            names = {run.id: f"RUN {run.project} {run.name}" for run in store.list_runs()}
            names |= {dataset.fingerprint: "DATASET", str(out): "OUT"}
            found.append(
                {settled(k, home, names): settled(text(v), home, names) for k, v in asked.items()}
            )
        server.connect_to.cache_clear()
    logging.getLogger().removeHandler(handler)
    st.cache_data.clear()
    st.cache_resource.clear()
    return found


class _Capture:
    """Standard output and error for a fixture that outlives a test, which capsys does not."""

    def __init__(self) -> None:
        self.kept: list[tuple[contextlib.ExitStack, io.StringIO, io.StringIO]] = []

    def readouterr(self) -> Any:
        if self.kept:
            stack, out, err = self.kept.pop()
            stack.close()
            return type("Printed", (), {"out": out.getvalue(), "err": err.getvalue()})
        stack, out, err = contextlib.ExitStack(), io.StringIO(), io.StringIO()
        stack.enter_context(contextlib.redirect_stdout(out))
        stack.enter_context(contextlib.redirect_stderr(err))
        self.kept.append((stack, out, err))
        return None


def test_every_exemption_is_still_there() -> None:
    there = {name for name, _ in public()}
    assert not {*EXEMPT} - there
    assert not WRITES - there
    parts = {"ProjectMails": "mails", "ProjectSeal": "seal",
             "ProjectVersions": "versions", "Settings": "settings"}  # fmt: skip
    assert parts.keys() <= TAKEN
    for part in parts.values():
        assert any(name.startswith(f"Project.{part}.") for name in there), part


def test_no_answer_holds_a_piece_of_a_test_mail(answers: list[dict[str, str]]) -> None:
    leaks = {
        asked: MARK.findall(told.encode())[:3]
        for told_by in answers
        for asked, told in told_by.items()
        if MARK.search(told.encode())
    }
    assert not leaks


def test_other_test_labels_change_no_answer(answers: list[dict[str, str]]) -> None:
    first, second = answers
    assert sorted(first) == sorted(second)  # files come in the order of the ids of runs
    differ = {
        asked: [pair for pair in zip(told.splitlines(), second[asked].splitlines(), strict=False)
                if pair[0] != pair[1]][:2]
        for asked, told in first.items()
        if told != second[asked]
    }  # fmt: skip
    assert not differ


def test_everything_was_asked(answers: list[dict[str, str]]) -> None:
    asked = set(answers[0])
    assert {f"page {page}" for page in PAGES} <= asked
    assert {
        "mlflow",
        "log",
        "download score_model",
        "quality.project_quality.report_quality",
        "explain.describe_features",
    } <= asked
    assert len(asked) > 60
