"""The facts of a card, gathered from the project and the run before a word is written."""

import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from pipeline.errors import BadData
from pipeline.evaluation import Evaluation
from pipeline.evaluation.intervals import Interval, compute_intervals
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.prevalence import expect_in_inbox
from pipeline.evaluation.resampling import Resamples, align_clusters
from pipeline.evaluation.thresholds import resolve_operating_point
from pipeline.export.bundle import Bundle
from pipeline.models.calibration import Calibration
from pipeline.project import Project, cluster_mails, count_crossings, count_parts
from pipeline.reports import final_test
from pipeline.reports.model_card.faults import Faults, read_faults
from pipeline.runs import store
from pipeline.runs.operating_point import read_operating_point
from pipeline.runs.store import Run
from pipeline.slices.properties import PROPERTIES, describe_validation
from pipeline.slices.table import compute_slices
from pipeline.specs import ThresholdSpec
from pipeline.splits import Split
from pipeline.splits.crossing import Crossings
from pipeline.vault.memory import Overlap


@dataclass(frozen=True)
class Facts:
    """The facts about a run.

    `split`, `counts`, `faults` and `crossings` are None if the project has other mails or another
    split by now; `crossings` also if nobody searched for near-duplicates. `test` is the report of
    the final test if the test part was opened for this run. `slices` holds only slices whose names
    do not come from mails. `inbox` is what to expect of a week with the inflow `coming_in` (share
    of spam, mails a day); None until the user states that inflow.
    """

    project: str
    run: Run
    point: OperatingPoint
    figures: dict[str, Any]
    intervals: dict[str, Interval]
    clustered: bool
    curves: pd.DataFrame
    calibration: Calibration
    width: int
    parent: str = ""
    files: tuple[str, ...] = ()
    split: Split | None = None
    counts: pd.DataFrame | None = None
    faults: Faults | None = None
    crossings: Crossings | None = None
    test: final_test.Report | None = None
    opened: bool = False
    known: tuple[Overlap, ...] = ()
    slices: pd.DataFrame | None = None
    inbox: dict[str, tuple[float, Interval]] | None = None
    coming_in: tuple[float, float] = (0.0, 0.0)
    made: datetime = field(default_factory=lambda: datetime.now(UTC))


def gather_facts(
    project: Project,
    run: Run,
    point: OperatingPoint | None = None,
) -> Facts:
    """Gather the facts about a usable run; raises BadData for a run without a model.

    Args:
        point: None for the operating point in use.
    """
    if not run.usable:
        raise BadData(f"a model card needs a finished run; {run.name} is {run.status}.")
    settings = project.settings
    present, searched = run.is_of(settings), project.mails.pairs_path.exists()
    evaluation, model = store.read_evaluation(run.id), Bundle.load(store.locate_bundle(run.id))
    clusters = cluster_mails(project) if present and searched else pd.Series(dtype="int64")
    drawn = Resamples(align_clusters(clusters, evaluation.ids))
    if point is None and present:
        point = read_operating_point(project, run, evaluation)
    elif point is None:  # the project's rule is meant for its present mails
        point = resolve_operating_point(evaluation, ThresholdSpec(), own=run.threshold)
    opening, parent = project.seal.ledger.opening(), ""
    if run.parent:
        parent = run.parent
        with contextlib.suppress(BadData):
            parent = store.read_run(run.parent).name
    inbox = (settings.inbox or {}) if present else {}
    coming_in = (inbox.get("share", 0.0) / 100, inbox.get("mails", 0.0))
    return Facts(
        project=project.name,
        run=run,
        point=point,
        figures=evaluation.summary(point),
        intervals=compute_intervals(evaluation, point, drawn),
        clustered=present and searched,
        curves=store.read_curves(run.id),
        calibration=model.model.calibration,
        width=model.features.width,
        parent=parent,
        files=settings.files if present else (),
        split=project.split if present else None,
        counts=count_parts(project) if present else None,
        faults=read_faults(project) if present else None,
        crossings=count_crossings(project) if present and searched else None,
        test=final_test.build_report(project) if opening and opening.run == run.id else None,
        opened=project.seal.is_opened(),
        known=tuple(project.seal.earlier_openings()),
        slices=_compute_own_slices(project, evaluation, point, clusters) if present else None,
        inbox=expect_in_inbox(evaluation, point, drawn, *coming_in) if inbox else None,
        coming_in=coming_in,
    )


def _compute_own_slices(
    project: Project, evaluation: Evaluation, point: OperatingPoint, clusters: pd.Series
) -> pd.DataFrame:
    properties = describe_validation(project)
    own = [name for name in properties.columns if name in PROPERTIES and name != "sender domain"]
    alike = pd.Series(align_clusters(clusters, evaluation.ids), index=pd.Index(evaluation.ids))
    return compute_slices(evaluation, point, properties[own], alike)
