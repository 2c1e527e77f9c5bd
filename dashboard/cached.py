"""Every st.cache_*; each a short call into pipeline.

What never changes is cached by its fingerprint or id; the list of runs, which does, is cached
for no time at all: reading it takes milliseconds.
"""

from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pipeline import error_analysis, explain, quality, scoring, store, uploads
from pipeline.bundle import Bundle
from pipeline.dataset import Dataset
from pipeline.evaluation import Evaluation
from pipeline.jobs import Jobs
from pipeline.specs import FeatureSpec
from pipeline.splits import Split
from pipeline.store import Run
from pipeline.vault import unsealed
from pipeline.workspace import Project

ENTRIES = 4
"""Datasets kept in memory; a fifth project in another tab pushes the oldest out."""


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The cluster, started once for all sessions of this server."""
    return Jobs()


def dataset(project: Project) -> Dataset | None:
    """The project's mails."""
    fingerprint = project.settings().get("dataset")
    return _dataset(project, fingerprint) if fingerprint else None


@st.cache_resource(show_spinner="Reading the mails …", max_entries=ENTRIES)
def _dataset(project: Project, fingerprint: str) -> Dataset:
    found = project.dataset()
    assert found is not None
    return found


def split(project: Project) -> Split | None:
    """The project's split."""
    fingerprint = project.settings().get("split")
    return _split(project, fingerprint) if fingerprint else None


@st.cache_resource(show_spinner=False, max_entries=ENTRIES)
def _split(project: Project, fingerprint: str) -> Split | None:
    return project.split()


def visible_mails(project: Project) -> pd.DataFrame:
    """The mails that may be looked at: the test part is left out as soon as there is one."""
    found = dataset(project)
    assert found is not None
    return _visible(project, found.fingerprint, project.settings().get("split"))


@st.cache_resource(show_spinner=False, max_entries=ENTRIES)
def _visible(project: Project, fingerprint: str, split_fingerprint: str | None) -> pd.DataFrame:
    found = dataset(project)
    assert found is not None
    return unsealed(found.frame, split(project))


def quality_report(project: Project) -> quality.Quality:
    """What is wrong with the mails that may be looked at."""
    settings = project.settings()
    return _quality(project, settings["dataset"], settings.get("split"))


@st.cache_resource(show_spinner="Looking through the mails …", max_entries=ENTRIES)
def _quality(project: Project, fingerprint: str, split_fingerprint: str | None) -> quality.Quality:
    return jobs().call(Project.quality, project)


def runs(project: Project) -> list[Run]:
    """All runs of a project, the newest first."""
    return store.runs(project.name)


def usable_runs(project: Project) -> list[Run]:
    """The runs with a model, on the project's present mails and split."""
    settings = project.settings()
    present = (settings.get("dataset"), settings.get("split"))
    return [r for r in runs(project) if r.usable and (r.spec.dataset, r.split) == present]


@st.cache_resource(show_spinner="Reading the scores …", max_entries=32)
def evaluation(run_id: str) -> Evaluation:
    """The validation scores of a usable run."""
    return store.evaluation(run_id)


def curves(run: Run) -> pd.DataFrame:
    """The curves of a run; those of one that is over never change."""
    return store.curves(run.id) if run.active else _curves(run.id)


@st.cache_data(show_spinner=False, max_entries=64)
def _curves(run_id: str) -> pd.DataFrame:
    return store.curves(run_id)


@st.cache_data(show_spinner=False, max_entries=32)
def precision_recall(run_id: str) -> pd.DataFrame:
    """Precision and recall along all thresholds."""
    return evaluation(run_id).precision_recall()


@st.cache_data(show_spinner=False, max_entries=32)
def roc(run_id: str) -> pd.DataFrame:
    """False-positive rate and recall along all thresholds."""
    return evaluation(run_id).roc()


@st.cache_data(show_spinner="Collecting the errors …", max_entries=8)
def errors(
    project: Project, run_id: str, threshold: float, others: dict[str, tuple[str, float]]
) -> pd.DataFrame:
    """The ErrorTable of a run; `others` names further runs by id and threshold."""
    return error_analysis.table(
        evaluation(run_id),
        threshold,
        visible_mails(project),
        {name: (evaluation(i), t) for name, (i, t) in others.items()},
    )


def features_of_mail(project: Project, spec: FeatureSpec, mail_id: str) -> pd.DataFrame:
    """What each block made of a train or validation mail; see `explain.of_mail`."""
    settings = project.settings()
    return _features_of_mail(project, settings["dataset"], settings["split"], spec, mail_id)


@st.cache_data(show_spinner="Computing the features …", max_entries=64)
def _features_of_mail(
    project: Project, fingerprint: str, split_fingerprint: str, spec: FeatureSpec, mail_id: str
) -> pd.DataFrame:
    return jobs().call(explain.of_mail, project, spec, mail_id)


@st.cache_data(show_spinner="Looking up the strongest features …", max_entries=16)
def strongest(project: Project, run_id: str) -> pd.DataFrame:
    """The strongest features of a usable linear run; see `explain.strongest`."""
    return jobs().call(explain.strongest, project, bundle_path(run_id))


@st.cache_resource(show_spinner="Loading the model …", max_entries=4)
def bundle(run_id: str) -> Bundle:
    """The model of a usable run, ready to score."""
    return Bundle.load(bundle_path(run_id))


def bundle_path(run_id: str) -> Path:
    """Where the model file of a usable run lies."""
    return store.bundle(run_id)


@st.cache_data(show_spinner=False, max_entries=4)
def scores(
    project: Project, run_id: str, threshold: float, file_id: str, _file: UploadedFile
) -> pd.DataFrame:
    """id, score, label of an uploaded file's mails, once for each upload, run and threshold."""
    name = uploads.keep_file(project, f"score-{Path(_file.name).name}", _file.getbuffer())
    path = project.upload_folder / name
    try:
        return jobs().call(scoring.score_file, bundle_path(run_id), path, threshold)
    finally:
        path.unlink(missing_ok=True)
