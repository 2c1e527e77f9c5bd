"""A project in each state of its life, made once, and a way to open a page on a copy of it."""

import contextlib
import gc
import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox
from streamlit.util import calc_hash

from dashboard import cache
from pipeline.errors import SpamlabError
from pipeline.evaluation.operating_point import HALF
from pipeline.project import Project, divide_mails, uploads
from pipeline.reports.opening import open_test
from pipeline.runs import server, store
from pipeline.specs import FeatureSpec, ModelSpec, SplitSpec
from pipeline.training import train
from pipeline.workspace import live
from tests.hostile_mails import HOSTILE
from tests.mails import mails

APP = Path(__file__).parents[2] / "dashboard" / "app.py"
NAME = "my __own__ mails"
"""A valid project name that Markdown would change."""

MARKDOWN_FIELDS = ("body", "label", "help", "text", "caption", "title")
STAGES = ("empty", "data", "split", "trained", "tested")


class InlineJobs:
    """`pipeline.runtime.jobs.Jobs` without processes: every call is done when it returns."""

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    def start(self, name: str, function: Callable[..., Any], *args: Any) -> None:
        live.clear(name)
        try:
            function(*args, progress=live.StateWriter(name))
        except SpamlabError as error:
            live.fail(name, error)
        else:
            live.clear(name)

    def start_training(
        self,
        project: Project,
        model: ModelSpec,
        *,
        feature_spec: FeatureSpec | None = None,
        note: str = "",
        parent: str | None = None,
    ) -> str:
        run_id = train.create_run(
            project, model, feature_spec=feature_spec, note=note, parent=parent
        )
        with contextlib.suppress(SpamlabError):  # the run has the sentence
            train.train_run(run_id)
        return run_id

    def stop(self, run_id: str) -> None:
        live.request_stop(run_id)

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work is done in the script thread, and no cache outlives its test."""
    monkeypatch.setattr(cache, "jobs", InlineJobs)
    # AppTest looks through all installed packages for parts of pages, which takes 0.3 s an app
    monkeypatch.setattr(
        BidiComponentManager, "discover_and_register_components", lambda *_, **__: None
    )
    st.cache_data.clear()
    st.cache_resource.clear()
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


def hostile_csv() -> bytes:
    """160 easy mails, each of them with every hostile text in its subject and its body."""
    frame = mails(160)[["id", "label", "subject", "body", "sender", "date"]]
    frame["subject"] += " " + " ".join(HOSTILE)
    frame["body"] += "\n" + "\n".join(HOSTILE)
    # words of its own for each mail: what all of them share would make near-duplicates of them
    own = [" ".join(f"own{mail}w{word}" for word in range(120)) for mail in range(len(frame))]
    frame["body"] += "\n" + pd.Series(own, index=frame.index)
    return frame.to_csv(index=False).encode()


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> dict[str, Path]:
    """By stage, a workspace with the project `NAME` in that state; only ever copied."""
    root = tmp_path_factory.mktemp("stages")
    home = root / "work"
    kept: dict[str, Path] = {}

    def keep(stage: str) -> None:
        kept[stage] = root / stage
        shutil.copytree(home, kept[stage])

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPAMLAB_HOME", str(home))
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        home.mkdir()
        keep("empty")
        project = uploads.start_project(NAME, {"mails.csv": hostile_csv()})
        reading = uploads.read_upload(project.name)
        assert reading.problem is None
        keep("data")
        divide_mails(project, SplitSpec())
        keep("split")
        shutil.copy(empty_database, home / "mlflow.db")
        jobs = InlineJobs()
        note = " ".join(HOSTILE[:10])
        baseline = jobs.start_training(project, ModelSpec("logistic"), note=note)
        small = ModelSpec("mlp", {"hidden": [4], "epochs": 2, "inputs": 512})
        jobs.start_training(project, small, parent=baseline)
        assert {run.status for run in store.list_runs(NAME)} == {store.FINISHED}
        keep("trained")
        open_test(project, baseline, HALF)
        keep("tested")
    server.connect_to.cache_clear()
    # Streamlit collects garbage after every script run: with TensorFlow's objects, 0.4 s of it
    gc.freeze()
    return kept


def open_page(page: str, project: str | None) -> AppTest:
    """A page as a browser shows it whose URL names the project."""
    app = AppTest.from_file(APP, default_timeout=60)
    if project:
        app.query_params["project"] = project
    if page != "start":
        # what `AppTest.switch_page` does; before the first run, which would draw Start, it does not
        # know the pages yet
        app._page_hash = calc_hash(page)
    return app.run()


@dataclass(frozen=True)
class Stage:
    """The project in one state, in the workspace of this test."""

    name: str
    home: Path

    @property
    def project(self) -> Project:
        return Project(NAME)

    def open(self, page: str, project: str | None = NAME) -> AppTest:
        """A page on the project of this stage, or on another or none."""
        return open_page(page, project)

    def run(self, kind: str) -> store.Run:
        """The run of the baseline ("logistic") or of the network ("mlp")."""
        return next(r for r in store.list_runs(NAME) if r.kind == kind)


@pytest.fixture
def at_stage(workspace: Path, stages: dict[str, Path]) -> Callable[[str], Stage]:
    """Put a copy of a stage into the workspace of this test."""

    def put(name: str) -> Stage:
        shutil.copytree(stages[name], workspace)
        if (workspace / "mlflow.db").exists():
            _move_artifacts(workspace, stages[name].parent / "work")
        return Stage(name, workspace)

    return put


def _move_artifacts(home: Path, made_in: Path) -> None:
    """MLflow keeps absolute paths; let those of a copied workspace name the copy."""
    with contextlib.closing(sqlite3.connect(home / "mlflow.db")) as database:
        for table, column in (("experiments", "artifact_location"), ("runs", "artifact_uri")):
            database.execute(
                f"UPDATE {table} SET {column} = replace({column}, ?, ?)", (str(made_in), str(home))
            )
        database.commit()


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes]]:
    """What the download buttons of the last page would save, by their keys."""
    offered: dict[str, Callable[[], bytes]] = {}
    draw = st.download_button

    def remember(label: str, data: Any, *args: Any, **kwargs: Any) -> Any:
        offered[kwargs["key"]] = data if callable(data) else lambda: data
        return draw(label, data, *args, **kwargs)

    monkeypatch.setattr(st, "download_button", remember)
    return offered


def run_box(app: AppTest, key: str) -> Selectbox:
    """The select box of runs of a page."""
    return next(box for box in app.selectbox if (box.key or "").startswith(key))


def figure(app: AppTest, key: str) -> dict[str, Any]:
    """The plotly figure with a key, as the browser gets it."""
    (chart,) = [c for c in app.get("plotly_chart") if c.key == key]
    return json.loads(chart.proto.spec)


def confusion(app: AppTest, key: str) -> list[list[int]]:
    """The counts of a confusion matrix, as they stand in its cells."""
    drawn = figure(app, key)
    (matrix,) = drawn["data"]
    written = [_count(a["text"]) for a in drawn["layout"]["annotations"]]
    assert [n for row in matrix["text"] for n in row] == written
    return matrix["text"]


def cells(app: AppTest, key: str) -> list[list[int]]:
    """The counts on the buttons of a confusion matrix."""
    return [
        [_count(app.button(key=f"{key}_{label}_{called}").label) for called in ("ham", "spam")]
        for label in ("ham", "spam")
    ]


def _count(text: str) -> int:
    return int(re.findall(r"[\d,]+", text)[0].replace(",", ""))


def markdown(app: AppTest) -> list[str]:
    """Every text that the page gives to the browser as Markdown."""
    found: list[str] = []
    for place in app._tree.children.values():
        for node in place:
            if node.proto is None or node.type in ("code", "text", "html", "plotly_chart"):
                continue
            protos = [node.proto]
            for block in ("expandable", "tab", "dialog", "popover"):
                if (inner := getattr(node.proto, block, None)) is not None:
                    protos.append(inner)
            for proto in protos:
                texts = (getattr(proto, name, None) for name in MARKDOWN_FIELDS)
                found += [text for text in texts if isinstance(text, str)]
    return found
