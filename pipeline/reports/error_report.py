"""All that is known of the errors of a run: table, groups, reasons, and the course through runs.

This gathers what `pipeline.error_analysis` asks for from project, runs and decisions.
"""

from collections.abc import Callable, Mapping, Sequence
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
from pipeline.models import describe
from pipeline.project import Project, cluster_mails, find_visible_pairs
from pipeline.quality import decisions
from pipeline.runs import store
from pipeline.runs.operating_point import read_operating_point
from pipeline.runs.store import Run
from pipeline.slices.properties import describe_validation

TEXTS = ("subject", "body", "sender", "date")


@dataclass(frozen=True)
class ErrorReport:
    """The errors of a run at its operating point.

    Args:
        table: `build_error_table`, with the reasons.
        groups: `groups.group_errors`.
        overrepresented: `find_overrepresented`.
        history: `build_history`; by_run: `count_by_run`, with the names of the runs.
        reviewed: whether "suspicious label" goes by a review of the labels, not by the scores.
        remarks: sentences on what could not be asked.
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
        """For each row of the table whether the mail is called by the other label."""
        return self.table["kind"].isin([FALSE_POSITIVE, FALSE_NEGATIVE])


def of(
    project: Project,
    run: Run,
    asked: pd.DataFrame | None = None,
    report: Callable[[str, float], None] | None = None,
) -> ErrorReport:
    """The errors of a usable run on the project's present mails.

    Args:
        asked: what `mail_reasons` gave, when it is known already.
        report: told what is being done and the share that is done, 0 to 1.

    Raises BadData for a run without a model, or one on other mails or another split.
    """
    tell = report or (lambda text, share: None)
    settings = project.settings
    if not run.usable or not run.is_of(settings):
        raise BadData(
            f"a finished run on the present mails and split of {project.name!r} was expected, "
            f"received {run.name!r}, which is not; `spamlab runs` lists them, or train it again."
        )
    tell("Asking each mail for reasons", 0.0)
    asked = mail_reasons(project) if asked is None else asked
    runs = comparable(project, run)
    points = {r.id: read_operating_point(project, r) for r in runs}
    scored = {r.id: store.evaluation(r.id) for r in runs}
    evaluation, point = scored[run.id], points[run.id]
    frame = project.mails.reader().take(evaluation.ids, (*TEXTS, "label"))
    rivals = _rivals(run, runs)
    others = {r.name: (scored[r.id], points[r.id]) for r in rivals}
    values, untested, remarks = _values(project, run, evaluation, point, frame, asked, others)
    errors = error_analysis.build_error_table(evaluation, point, frame, others, values=values)
    tell("Putting errors of one sort together", 0.4)
    suspicious = reasons.check_reasons(values)["suspicious label"]
    # by the scores alone a blind spot looks the same, and is what groups are for
    left_out = [] if untested else list(suspicious.index[suspicious])
    found = groups.group_errors(evaluation, point, frame, left_out)
    tell("Testing which reasons are more than luck", 0.8)
    over = overrepresented.find_overrepresented(
        evaluation, point, values, describe_validation(project), cluster_mails(project),
        untested=untested,
    )  # fmt: skip
    wrong = pd.DataFrame(
        {r.id: _wrong(scored[r.id], points[r.id], evaluation.ids) for r in runs},
        index=pd.Index(evaluation.ids, name="id"),
    )
    by_run = history.count_by_run(wrong)
    by_run.insert(1, "name", [r.name for r in runs])
    tell("Done", 1.0)
    return ErrorReport(
        errors,
        found,
        over,
        history.build_history(wrong, run.id),
        by_run,
        not untested,
        (*remarks, *found.notes),
    )


GROUP, REASON, COURSE = "group", "reason", "course"


def chosen(found: ErrorReport, what: str, name: str) -> tuple[str, ...] | None:
    """The ids of some mails of a report, or None when it has nothing of that name.

    Args:
        what: "group" (the errors of the group of that name), "reason" (the errors with that
            reason) or "course" (the mails with that pattern of `history.PATTERNS`).
    """
    if what == GROUP:
        return next((group.ids for group in found.groups.groups if group.name == name), None)
    if what == REASON and name in found.table and name in reasons.REASONS:
        table = found.table[found.wrong]
        return tuple(table["id"][reasons.check_reasons(table[[name]])[name]])
    if what == COURSE and name in history.PATTERNS:
        return tuple(found.history["id"][found.history["pattern"] == name])
    return None


def table(
    project: Project,
    run: Run,
    point: OperatingPoint | None = None,
    others: Mapping[str, tuple[str, OperatingPoint]] | None = None,
    asked: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The ErrorTable of a usable run with all its reasons, and nothing else of the report.

    Args:
        point: None for the one in use.
        others: further runs by name: id and operating point.
        asked: what `mail_reasons` gave, when it is known already.
    """
    evaluation = store.evaluation(run.id)
    point = point or read_operating_point(project, run, evaluation)
    known = {name: (store.evaluation(i), at) for name, (i, at) in (others or {}).items()}
    frame = project.mails.reader().take(evaluation.ids, (*TEXTS, "label"))
    asked = mail_reasons(project) if asked is None else asked
    values, _, _ = _values(project, run, evaluation, point, frame, asked, known)
    return error_analysis.build_error_table(evaluation, point, frame, known, values=values)


def mail_reasons(project: Project) -> pd.DataFrame:
    """The reasons that do not depend on a run, by id; see `reasons.compute_reasons`.

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


def comparable(project: Project, run: Run) -> list[Run]:
    """The usable runs on the present mails and split whose calls are worth comparing with a run's.

    The oldest first. A run that reads no mail is right or wrong for no reason of the mail's; it is
    only among them when it is the one asked about.
    """
    settings = project.settings
    found = [
        r
        for r in store.runs(project.name)
        if r.usable and r.is_of(settings) and (describe(r.kind).reads_mail or r.id == run.id)
    ]
    return sorted(found, key=lambda r: (r.created, r.id))


def first_read(run: Run) -> int | None:
    """Bytes or characters of a mail that a run's features read; None when they read no text."""
    blocks = complete(run.spec.features).blocks
    read = [b.parameters["first"] for b in blocks if "first" in b.parameters]
    return max(read) if read else None


def _rivals(run: Run, runs: Sequence[Run]) -> list[Run]:
    """The newest run of each other kind; of the same kind, when there is no other."""
    newest = {r.kind: r for r in runs if r.id != run.id}
    others = [r for kind, r in newest.items() if kind != run.kind]
    return others or list(newest.values())


def _values(
    project: Project,
    run: Run,
    evaluation: Evaluation,
    point: OperatingPoint,
    frame: pd.DataFrame,
    asked: pd.DataFrame,
    others: dict[str, tuple[Evaluation, OperatingPoint]],
) -> tuple[pd.DataFrame, list[str], list[str]]:
    """The value of each reason, those that are no surprise among errors, and remarks."""
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
        first=first_read(run),
    )
    own = reasons.compute_reasons(facts).set_axis(pd.Index(frame["id"], name="id"))
    both = pd.concat([asked.loc[own.index], own.drop(columns=list(asked), errors="ignore")], axis=1)
    return both[[name for name in reasons.REASONS if name in both]], untested, remarks


def _wrong(evaluation: Evaluation, point: OperatingPoint, ids: Sequence[str]) -> np.ndarray:
    """Whether a run calls each mail wrongly; one that it did not score counts as right."""
    wrong = point.is_wrong(evaluation.scores, evaluation.labels)
    found = pd.Series(wrong, index=list(evaluation.ids)).reindex(list(ids))
    return found.fillna(False).to_numpy(bool)
