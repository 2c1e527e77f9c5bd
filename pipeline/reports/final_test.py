"""The test part once it is open: its scores, its figures, its errors.

The ledger keeps the figures for ever. The scores lie beside it and may be computed again, because
the opening is recorded; they must then reproduce the figures of the ledger.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pipeline import error_analysis
from pipeline.errors import BadData, Sealed, SpamlabError
from pipeline.evaluation import Evaluation
from pipeline.evaluation.intervals import Interval, compute_intervals
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.resampling import Resamples, align_clusters
from pipeline.export.bundle import Bundle
from pipeline.mail.dataset import encode_labels
from pipeline.mail.mails import Mails
from pipeline.project import Project, cluster_mails, find_pairs
from pipeline.reports import agreement
from pipeline.reports.agreement import Agreement
from pipeline.runs import store
from pipeline.similarity import near_duplicates
from pipeline.vault.ledger import Opening
from pipeline.workspace.folder import replacing

NEAR = 1e-6
"""Scores computed on another machine may differ in their last digits, and so may the figures."""


@dataclass(frozen=True)
class Report:
    """The figures of the opening, beside those of validation at the same operating point.

    The dicts have the key "test", and "validation" unless the run is gone; `intervals` holds only
    the parts whose intervals can still be computed. `notes` are sentences on what is missing.
    """

    opening: Opening
    summaries: dict[str, dict[str, Any]]
    intervals: dict[str, dict[str, Interval]] = field(default_factory=dict)
    agreements: list[Agreement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_point(opening: Opening) -> OperatingPoint:
    """The operating point that the test part was opened at."""
    return OperatingPoint(opening.threshold, opening.unsure_from)


def score_test_mails(project: Project, run_id: str) -> Evaluation:
    """Score the test mails with a run; only the opening, and a repair of its scores, may do so."""
    dataset, split = project.mails.complete(), project.split
    assert dataset is not None
    assert split is not None
    frame = dataset.frame.set_index("id", drop=False).loc[list(split.test)]
    bundle = Bundle.load(store.locate_bundle(run_id))
    return Evaluation("test", split.test, encode_labels(frame["label"]), bundle.score(frame))


def keep_scores(project: Project, evaluation: Evaluation) -> None:
    """Write the scores of the opened test part beside its ledger."""
    with replacing(project.path / "test.parquet") as path:
        evaluation.to_frame().to_parquet(path, index=False)


def read_evaluation(project: Project) -> Evaluation:
    """Read the scores of the opened test part, computing them again if they were lost.

    Raises Sealed unless the project's present test part is the one that was opened; BadData if the
    scores and the run are both gone, or if new scores do not reproduce the figures of the ledger.
    """
    opening = _require_opening(project)
    split, path = project.split, project.path / "test.parquet"
    assert split is not None
    try:
        evaluation = Evaluation.from_frame("test", pd.read_parquet(path))
        if evaluation.ids == split.test and _reproduces(evaluation, opening):
            return evaluation
    except (OSError, ValueError, KeyError, BadData):
        pass  # the process ended between writing ledger and file, or the file was cut short
    try:
        evaluation = score_test_mails(project, opening.run)
    except SpamlabError as error:
        raise BadData(
            "the scores of the test mails are lost, and the model that would make them again is "
            f"gone ({error}). The figures of the ledger stand."
        ) from error
    if not _reproduces(evaluation, opening):
        raise BadData(
            "the test mails, scored again, do not give the figures of the ledger: the model or "
            "Spamlab was changed since. The figures of the ledger stand."
        )
    keep_scores(project, evaluation)
    return evaluation


def _require_opening(project: Project) -> Opening:
    opening = project.seal.ledger.opening()
    if opening is None:
        raise Sealed("the test part is sealed; it opens once, on the page Final test.")
    if not project.seal.is_opened():
        raise Sealed(
            "the test part that was opened is not the project's any more, and the present one "
            "stays closed; the figures of the ledger stand."
        )
    return opening


def _reproduces(evaluation: Evaluation, opening: Opening) -> bool:
    """Whether the scores give the recorded figures; figures of other versions are skipped."""
    figures = evaluation.summary(read_point(opening))
    return all(
        math.isclose(figures[name], stored, rel_tol=NEAR, abs_tol=NEAR)
        or (math.isnan(figures[name]) and math.isnan(stored))
        for name, stored in opening.figures.items()
        if name in figures and isinstance(stored, int | float)
    )


def build_report(project: Project) -> Report:
    """Collect all figures of the opening, with intervals and agreement where they can be computed.

    Takes some seconds for 20,000 test mails. Raises Sealed before the opening.
    """
    opening = project.seal.ledger.opening()
    if opening is None:
        raise Sealed("the test part is sealed; it opens once, on the page Final test.")
    point, summaries, ranges, notes = read_point(opening), {}, {}, []
    try:
        before = store.read_evaluation(opening.run)
        summaries["validation"] = before.summary(point)
    except SpamlabError:
        before = None
        notes.append("The run is gone, and its validation figures with it.")
    summaries["test"] = opening.figures
    if project.seal.is_opened():
        if before is not None:
            drawn = Resamples(align_clusters(cluster_mails(project), before.ids))
            ranges["validation"] = compute_intervals(before, point, drawn)
        try:
            test = read_evaluation(project)
            drawn = Resamples(align_clusters(_cluster_all_mails(project), test.ids))
            ranges["test"] = compute_intervals(test, point, drawn)
        except BadData as error:
            notes.append(str(error)[:1].upper() + str(error)[1:])
    agreements = []
    if ranges.keys() == {"validation", "test"}:
        agreements = agreement.compare_parts(
            summaries["validation"], summaries["test"], ranges["validation"], ranges["test"]
        )
    return Report(opening, summaries, ranges, agreements, notes)


def _cluster_all_mails(project: Project) -> pd.Series:
    """Cluster all mails, test among them, which is allowed once the test part is open."""
    ids, split = read_mails(project).heads["id"], project.split
    assert split is not None
    numbers = near_duplicates.assign_clusters(len(ids), find_pairs(project), split.spec.similarity)
    return pd.Series(numbers, index=ids.to_numpy())


def read_mails(project: Project) -> Mails:
    """Give access to all mails of the project, those of the opened test part among them.

    Raises Sealed as `read_evaluation` does.
    """
    _require_opening(project)
    dataset = project.settings.dataset
    assert dataset is not None
    return Mails(project.mails.path_of(dataset))


def list_errors(project: Project) -> pd.DataFrame:
    """List the wrong and the unsure test mails, the most wrong first.

    Columns as in `error_analysis.build_error_table`. Raises what `read_evaluation` raises.
    """
    point, scores = read_point(_require_opening(project)), read_evaluation(project)
    table = error_analysis.build_error_table(scores, point, read_mails(project).take(scores.ids))
    return table[table["kind"] != error_analysis.CORRECT].reset_index(drop=True)
