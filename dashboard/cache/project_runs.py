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
    """List all runs of a project, the newest first."""
    return store.list_runs(project.name)


def usable_runs(project: Project) -> list[Run]:
    """List the runs with a model that are on the project's present mails and split."""
    settings = project.settings
    return [r for r in runs(project) if r.usable and r.is_of(settings)]


@cached(entries=32, shared=True, spinner="Reading the scores …")
def evaluation(run_id: str) -> Evaluation:
    """Read the validation scores of a usable run."""
    return store.read_evaluation(run_id)


def curves(run: Run) -> pd.DataFrame:
    """Read the curves of a run; they are cached after its end."""
    return store.read_curves(run.id) if run.active else _final_curves(run.id)


@cached(entries=64)
def _final_curves(run_id: str) -> pd.DataFrame:
    return store.read_curves(run_id)


def operating_point(project: Project, run: Run) -> OperatingPoint:
    """Return the operating point of a usable run; see `read_operating_point`."""
    return _operating_point(project, run, project.settings.threshold_spec(run.id))


@cached(entries=64)
def _operating_point(project: Project, run: Run, rule: ThresholdSpec) -> OperatingPoint:
    return read_operating_point(project, run, evaluation(run.id), clusters)


@cached(entries=4, shared=True, spinner="Loading the model …")
def bundle(run_id: str) -> Bundle:
    """Load the model of a usable run."""
    return Bundle.load(bundle_path(run_id))


def bundle_path(run_id: str) -> Path:
    """Return the path of the model file of a usable run."""
    return store.locate_bundle(run_id)


def model_card_text(project: Project, run_id: str, name: str) -> str:
    """Render the present model card of a usable run; `name` is one of `model_card.FILES`."""
    return on_worker(model_card.render_card, project, run_id, name)


def exported_model(project: Project, run_id: str, model: Bundle) -> bytes:
    """Return the content of a model file, with the present model card in it."""
    return model.with_about(card=model_card_text(project, run_id, "card.md")).to_bytes()
