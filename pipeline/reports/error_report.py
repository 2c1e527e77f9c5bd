"""The error report of a run: table, groups, reasons, and the course of each mail through the runs.

It collects from project, runs and decisions what `pipeline.error_analysis` needs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline import error_analysis
from pipeline.error_analysis import (
    FALSE_NEGATIVE,
    FALSE_POSITIVE,
    groups,
    history,
    overrepresented,
    reasons,
    suspects,
    twins,
)
from pipeline.error_analysis.groups import Groups
from pipeline.error_analysis.reasons import MailFacts
from pipeline.error_analysis.table import call_by_others
from pipeline.errors import BadData
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.features import complete
from pipeline.models import MODELS
from pipeline.project import Project, cluster_mails, find_visible_pairs
from pipeline.quality import decisions
from pipeline.runs import store
from pipeline.runs.operating_point import read_operating_point
from pipeline.runs.store import Run
from pipeline.slices.properties import describe_validation
from pipeline.workspace.progress import Progress, ignore_progress

TEXTS = ("subject", "body", "sender", "date")


@dataclass(frozen=True)
class ErrorReport:
    """The errors of a run at its operating point.

    Args:
        table: what `build_error_table` returns, with the reasons.
        groups: what `groups.group_errors` returns.
        overrepresented: what `find_overrepresented` returns.
        history: what `history.build_history` returns.
        by_run: what `history.count_by_run` returns, with the names of the runs.
        reviewed: whether "suspicious label" relies on a review of the labels, not on the scores.
        remarks: sentences on what could not be examined.
    """

    table: pd.DataFrame
    groups: Groups
    overrepresented: pd.DataFrame
    history: pd.DataFrame
    by_run: pd.DataFrame
    reviewed: bool
    remarks: tuple[str, ...]

    @property
    def wrong(self) -> pd.Series:
        """Whether the run calls each mail of the table wrongly, bool [n]; unsure mails are not."""
        return self.table["kind"].isin([FALSE_POSITIVE, FALSE_NEGATIVE])


def build_error_report(
    project: Project,
    run: Run,
    mail_reasons: pd.DataFrame | None = None,
    progress: Progress = ignore_progress,
) -> ErrorReport:
    """Analyse the errors that a usable run makes on the project's present mails.

    Args:
        mail_reasons: what `compute_mail_reasons` returned, if it was called already.
        progress: called now and then with a sentence and the share of the work that is done.

    Raises BadData for a run without a model, or one on other mails or another split.
    """
    settings = project.settings
    if not run.usable or not run.is_of(settings):
        raise BadData(
            f"a finished run on the present mails and split of {project.name!r} was expected, "
            f"received {run.name!r}, which is not; `spamlab runs` lists them, or train it again."
        )
    progress("Asking each mail for reasons", 0.0)
    mail_reasons = compute_mail_reasons(project) if mail_reasons is None else mail_reasons
    runs = list_comparable_runs(project, run)
    points = {r.id: read_operating_point(project, r) for r in runs}
    scored = {r.id: store.read_evaluation(r.id) for r in runs}
    evaluation, point = scored[run.id], points[run.id]
    frame = project.mails.reader().take(evaluation.ids, (*TEXTS, "label"))
    rivals = _list_rivals(run, runs)
    others = {r.name: (scored[r.id], points[r.id]) for r in rivals}
    values, untested, remarks = _compute_values(
        project, run, evaluation, point, frame, mail_reasons, others
    )
    errors = error_analysis.build_error_table(evaluation, point, frame, others, values=values)
    progress("Putting errors of one sort together", 0.4)
    suspicious = reasons.check_reasons(values)["suspicious label"]
    # judged by scores alone, a blind spot looks like a wrong label; groups must show blind spots
    left_out = [] if untested else list(suspicious.index[suspicious])
    error_groups = groups.group_errors(evaluation, point, frame, left_out)
    progress("Testing which reasons are more than luck", 0.8)
    over = overrepresented.find_overrepresented(
        evaluation, point, values, describe_validation(project), cluster_mails(project),
        untested=untested,
    )  # fmt: skip
    wrong = pd.DataFrame(
        {r.id: _find_wrong_calls(scored[r.id], points[r.id], evaluation.ids) for r in runs},
        index=pd.Index(evaluation.ids, name="id"),
    )
    by_run = history.count_by_run(wrong)
    by_run.insert(1, "name", [r.name for r in runs])
    progress("Done", 1.0)
    return ErrorReport(
        errors,
        error_groups,
        over,
        history.build_history(wrong, run.id),
        by_run,
        not untested,
        (*remarks, *error_groups.notes),
    )


GROUP, REASON, COURSE = "group", "reason", "course"


def select_mails(report: ErrorReport, sort: str, name: str) -> tuple[str, ...] | None:
    """Select mails of a report; returns their ids, or None if the report lacks that name.

    Args:
        sort: "group" (the errors in the group of that name), "reason" (the errors with that
            reason) or "course" (the mails with that pattern of `history.PATTERNS`).
    """
    if sort == GROUP:
        return next((group.ids for group in report.groups.groups if group.name == name), None)
    if sort == REASON and name in report.table and name in reasons.REASONS:
        table = report.table[report.wrong]
        return tuple(table["id"][reasons.check_reasons(table[[name]])[name]])
    if sort == COURSE and name in history.PATTERNS:
        return tuple(report.history["id"][report.history["pattern"] == name])
    return None


def tabulate_errors(
    project: Project,
    run: Run,
    point: OperatingPoint | None = None,
    others: Mapping[str, tuple[str, OperatingPoint]] | None = None,
    mail_reasons: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Build only the error table of a usable run, with all reasons.

    Args:
        point: None for the operating point in use.
        others: id and operating point of further runs, by name.
        mail_reasons: what `compute_mail_reasons` returned, if it was called already.
    """
    evaluation = store.read_evaluation(run.id)
    point = point or read_operating_point(project, run, evaluation)
    known = {name: (store.read_evaluation(i), at) for name, (i, at) in (others or {}).items()}
    frame = project.mails.reader().take(evaluation.ids, (*TEXTS, "label"))
    mail_reasons = compute_mail_reasons(project) if mail_reasons is None else mail_reasons
    values, _, _ = _compute_values(project, run, evaluation, point, frame, mail_reasons, known)
    return error_analysis.build_error_table(evaluation, point, frame, known, values=values)


def compute_mail_reasons(project: Project) -> pd.DataFrame:
    """Compute the reasons that depend on no run, one row a mail; see `reasons.compute_reasons`.

    Raises BadData before there is a split.
    """
    split, mails = project.split, project.mails.reader()
    if split is None:
        raise BadData("there is no split yet; divide the mails first.")
    heads = mails.heads
    train = heads["id"].isin(set(split.train)).to_numpy()
    alike = twins.find_contradicting_twins(
        find_visible_pairs(project), (heads["label"] == "spam").to_numpy(), train
    )
    frame = mails.take(split.validation, TEXTS)
    facts = MailFacts(
        frame,
        properties=describe_validation(project),
        train=mails.take(split.train, TEXTS),
        twins=pd.Series(alike, heads["id"].to_numpy()).loc[frame["id"]].to_numpy(),
    )
    return reasons.compute_reasons(facts).set_axis(pd.Index(frame["id"], name="id"))


def list_comparable_runs(project: Project, run: Run) -> list[Run]:
    """List the usable runs on the present mails and split that a run may be compared with.

    The oldest comes first, and the run itself is among them. A floor, which reads no mail, is left
    out unless it is the run itself: nothing in a mail explains its calls.
    """
    settings = project.settings
    runs = [
        r
        for r in store.list_runs(project.name)
        if r.usable and r.is_of(settings) and (MODELS.describe(r.kind).reads_mail or r.id == run.id)
    ]
    return sorted(runs, key=lambda r: (r.created, r.id))


def find_reading_limit(run: Run) -> int | None:
    """How many bytes or characters of a mail a run's features read; None if they read no text."""
    blocks = complete(run.spec.features).blocks
    read = [b.parameters["first"] for b in blocks if "first" in b.parameters]
    return max(read) if read else None


def _list_rivals(run: Run, runs: Sequence[Run]) -> list[Run]:
    """List the newest run of each other kind; if there is none, the newest of the same kind."""
    newest = {r.kind: r for r in runs if r.id != run.id}
    others = [r for kind, r in newest.items() if kind != run.kind]
    return others or list(newest.values())


def _compute_values(
    project: Project,
    run: Run,
    evaluation: Evaluation,
    point: OperatingPoint,
    frame: pd.DataFrame,
    mail_reasons: pd.DataFrame,
    others: dict[str, tuple[Evaluation, OperatingPoint]],
) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Compute the value of each reason.

    Returns the values (one row a mail), the reasons that are no surprise among errors and so are
    not tested, and remarks.
    """
    remarks, untested = [], []
    spam = evaluation.labels == 1
    listed = decisions.read_review(project)
    if listed is None:
        untested.append("suspicious label")
        remarks.append(
            "The labels were not reviewed yet, so “suspicious label” goes by the scores of this "
            "run alone. Look through them on the Labels page."
        )
        suspicion = suspects.estimate_suspicion(spam, evaluation.scores)
    else:
        suspicion = suspects.read_suspicion(listed, evaluation.ids)
    if not others:
        remarks.append("There is no other run on these mails that could disagree with this one.")
    facts = MailFacts(
        frame,
        spam=spam,
        scores=evaluation.scores,
        point=point,
        others=call_by_others(evaluation.ids, others),
        suspicion=suspicion,
        first=find_reading_limit(run),
    )
    own = reasons.compute_reasons(facts).set_axis(pd.Index(frame["id"], name="id"))
    both = pd.concat(
        [mail_reasons.loc[own.index], own.drop(columns=list(mail_reasons), errors="ignore")], axis=1
    )
    return both[[name for name in reasons.REASONS if name in both]], untested, remarks


def _find_wrong_calls(
    evaluation: Evaluation, point: OperatingPoint, ids: Sequence[str]
) -> np.ndarray:
    """Whether a run calls each mail wrongly, bool [n]; a mail it did not score counts as right."""
    wrong = point.is_wrong(evaluation.scores, evaluation.labels)
    aligned = pd.Series(wrong, index=list(evaluation.ids)).reindex(list(ids))
    return np.asarray(aligned.fillna(False).to_numpy(bool))
