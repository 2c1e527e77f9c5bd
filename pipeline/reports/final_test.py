"""What is known of the test part once it is open: its scores, its figures, its errors.

The ledger has the figures for ever. The scores lie beside it and can be made again, because the
look at them is recorded; they must then give the figures of the ledger.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pipeline import error_analysis
from pipeline.errors import BadData, Sealed, SpamlabError
from pipeline.evaluation import Evaluation
from pipeline.evaluation.intervals import Interval, intervals
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
"""Scores made again on another machine may differ in their last digits, and figures with them."""


@dataclass(frozen=True)
class Report:
    """The figures of the opening, beside those of validation at the same operating point.

    The dicts have "test", and "validation" unless the run is gone; `intervals` only has what can
    still be computed. `notes` are sentences on what could not.
    """

    opening: Opening
    summaries: dict[str, dict[str, Any]]
    intervals: dict[str, dict[str, Interval]] = field(default_factory=dict)
    agreements: list[Agreement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_point(opening: Opening) -> OperatingPoint:
    """The operating point that the test part was opened at."""
    return OperatingPoint(opening.threshold, opening.unsure_from)


def score(project: Project, run_id: str) -> Evaluation:
    """The test mails scored by a run; only for the opening and for what it recorded."""
    dataset, split = project.mails.complete(), project.split
    assert dataset is not None
    assert split is not None
    frame = dataset.frame.set_index("id", drop=False).loc[list(split.test)]
    bundle = Bundle.load(store.bundle(run_id))
    return Evaluation("test", split.test, encode_labels(frame["label"]), bundle.score(frame))


def keep(project: Project, evaluation: Evaluation) -> None:
    """Write the scores of the opened test part beside its ledger."""
    with replacing(project.path / "test.parquet") as path:
        evaluation.to_frame().to_parquet(path, index=False)


def evaluation(project: Project) -> Evaluation:
    """The scores of the opened test part, made again when they were lost.

    Raises Sealed unless the project's present test part is the one that was opened, BadData when
    the scores are gone with the run, or do not give the figures of the ledger.
    """
    opening = _opening(project)
    split, path = project.split, project.path / "test.parquet"
    assert split is not None
    try:
        found = Evaluation.from_frame("test", pd.read_parquet(path))
        if found.ids == split.test and _gives(found, opening):
            return found
    except (OSError, ValueError, KeyError, BadData):
        pass  # a process that ended between the ledger and this file, or a file that was cut
    try:
        found = score(project, opening.run)
    except SpamlabError as error:
        raise BadData(
            "the scores of the test mails are lost, and the model that would make them again is "
            f"gone ({error}). The figures of the ledger stand."
        ) from error
    if not _gives(found, opening):
        raise BadData(
            "the test mails, scored again, do not give the figures of the ledger: the model or "
            "Spamlab was changed since. The figures of the ledger stand."
        )
    keep(project, found)
    return found


def _opening(project: Project) -> Opening:
    opening = project.seal.ledger.opening()
    if opening is None:
        raise Sealed("the test part is sealed; it opens once, on the page Final test.")
    if not project.seal.is_opened():
        raise Sealed(
            "the test part that was opened is not the project's any more, and the present one "
            "stays closed; the figures of the ledger stand."
        )
    return opening


def _gives(found: Evaluation, opening: Opening) -> bool:
    """True when the scores give the recorded figures; those of other versions are not asked."""
    figures = found.summary(read_point(opening))
    return all(
        math.isclose(figures[name], said, rel_tol=NEAR, abs_tol=NEAR)
        or (math.isnan(figures[name]) and math.isnan(said))
        for name, said in opening.figures.items()
        if name in figures and isinstance(said, int | float)
    )


def report(project: Project) -> Report:
    """All figures of the opening, with intervals and agreement as far as they can be had.

    Raises Sealed while nothing was opened. 20,000 test mails take some seconds.
    """
    opening = project.seal.ledger.opening()
    if opening is None:
        raise Sealed("the test part is sealed; it opens once, on the page Final test.")
    point, summaries, found, notes = read_point(opening), {}, {}, []
    try:
        before = store.evaluation(opening.run)
        summaries["validation"] = before.summary(point)
    except SpamlabError:
        before = None
        notes.append("The run is gone, and its validation figures with it.")
    summaries["test"] = opening.figures
    if project.seal.is_opened():
        if before is not None:
            drawn = Resamples(align_clusters(cluster_mails(project), before.ids))
            found["validation"] = intervals(before, point, drawn)
        try:
            test = evaluation(project)
            drawn = Resamples(align_clusters(_clusters(project), test.ids))
            found["test"] = intervals(test, point, drawn)
        except BadData as error:
            notes.append(str(error)[:1].upper() + str(error)[1:])
    agreements = []
    if found.keys() == {"validation", "test"}:
        agreements = agreement.compare(
            summaries["validation"], summaries["test"], found["validation"], found["test"]
        )
    return Report(opening, summaries, found, agreements, notes)


def _clusters(project: Project) -> pd.Series:
    """Near-duplicates in the complete dataset, which may be asked for once it is open."""
    ids, split = mails(project).heads["id"], project.split
    assert split is not None
    numbers = near_duplicates.assign_clusters(len(ids), find_pairs(project), split.spec.similarity)
    return pd.Series(numbers, index=ids.to_numpy())


def mails(project: Project) -> Mails:
    """All mails of the project, those of the opened test part among them, to be read.

    Raises Sealed as `evaluation` does.
    """
    _opening(project)
    dataset = project.settings.dataset
    assert dataset is not None
    return Mails(project.mails.path_of(dataset))


def errors(project: Project) -> pd.DataFrame:
    """The wrong and the unsure test mails, the most wrong first.

    Columns as in `error_analysis.build_error_table`.

    Raises as `evaluation` does.
    """
    point, scores = read_point(_opening(project)), evaluation(project)
    table = error_analysis.build_error_table(scores, point, mails(project).take(scores.ids))
    return table[table["kind"] != error_analysis.CORRECT].reset_index(drop=True)
