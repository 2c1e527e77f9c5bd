"""The runs of a project: their scores, curves and models, and the operating point of each.

The list of runs changes at any time and is not kept: reading it takes milliseconds.
"""

from pathlib import Path

import pandas as pd

from dashboard.cache.cached import cached
from dashboard.cache.project_mails import clusters
from dashboard.cache.work import on_worker
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.export.bundle import Bundle
from pipeline.project import Project
from pipeline.reports import model_card
from pipeline.runs import store
from pipeline.runs.operating_point import read_operating_point
from pipeline.runs.store import Run
from pipeline.specs import ThresholdSpec


def runs(project: Project) -> list[Run]:
    """All runs of a project, the newest first."""
    return store.list_runs(project.name)


def usable_runs(project: Project) -> list[Run]:
    """The runs with a model, on the project's present mails and split."""
    settings = project.settings
    return [r for r in runs(project) if r.usable and r.is_of(settings)]


@cached(entries=32, shared=True, spinner="Reading the scores …")
def evaluation(run_id: str) -> Evaluation:
    """The validation scores of a usable run."""
    return store.read_evaluation(run_id)


def curves(run: Run) -> pd.DataFrame:
    """The curves of a run; those of one that is over never change."""
    return store.read_curves(run.id) if run.active else _final_curves(run.id)


@cached(entries=64)
def _final_curves(run_id: str) -> pd.DataFrame:
    return store.read_curves(run_id)


def operating_point(project: Project, run: Run) -> OperatingPoint:
    """What every number of a usable run obeys; see `read_operating_point`."""
    return _operating_point(project, run, project.settings.threshold_spec(run.id))


@cached(entries=64)
def _operating_point(project: Project, run: Run, rule: ThresholdSpec) -> OperatingPoint:
    return read_operating_point(project, run, evaluation(run.id), clusters)


@cached(entries=4, shared=True, spinner="Loading the model …")
def bundle(run_id: str) -> Bundle:
    """The model of a usable run, ready to score."""
    return Bundle.load(bundle_path(run_id))


def bundle_path(run_id: str) -> Path:
    """Where the model file of a usable run lies."""
    return store.locate_bundle(run_id)


def model_card_text(project: Project, run_id: str, name: str) -> str:
    """The card of a usable run, made now: `name` is one of `model_card.FILES`."""
    return on_worker(model_card.render_card, project, run_id, name)


def exported_model(project: Project, run_id: str, model: Bundle) -> bytes:
    """A model as the file that goes home: its card, made now, is in it."""
    return model.with_about(card=model_card_text(project, run_id, "card.md")).to_bytes()
