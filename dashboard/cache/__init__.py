"""Every st.cache_*; each a short call into pipeline.

What never changes is cached by its fingerprint or id; the list of runs, which does, is cached
for no time at all: reading it takes milliseconds.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pipeline import comparison, explain, quality
from pipeline.comparison import Common, Comparison, Judged
from pipeline.evaluation import Evaluation, thresholds
from pipeline.evaluation import along as at_all
from pipeline.evaluation import intervals as certainty
from pipeline.evaluation.intervals import Interval
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.resampling import Resamples, align_clusters
from pipeline.explain import neighbours as nearest_train
from pipeline.explain.neighbours import Neighbours
from pipeline.explain.what_if import Change, Cut
from pipeline.explain.why import Why
from pipeline.export import scoring
from pipeline.export.bundle import Bundle
from pipeline.mail.mails import Mails
from pipeline.project import (
    Project,
    cluster_mails,
    count_crossings,
    count_parts,
    find_visible_pairs,
    suggest_split,
    uploads,
)
from pipeline.project import marks as written
from pipeline.project.marks import Mark
from pipeline.quality import decisions
from pipeline.quality.project_quality import report_quality
from pipeline.reports import error_report, final_test, model_card
from pipeline.reports.error_report import ErrorReport
from pipeline.runs import store
from pipeline.runs.operating_point import read_operating_point
from pipeline.runs.store import Run
from pipeline.runtime.jobs import Jobs
from pipeline.similarity.near_duplicates import Pairs
from pipeline.slices.properties import describe_validation
from pipeline.specs import FeatureSpec, SplitSpec, ThresholdSpec
from pipeline.splits import Split
from pipeline.splits.crossing import Crossings
from pipeline.training import learning_curve
from pipeline.vault.ledger import Opening

ENTRIES = 4
"""Datasets kept in memory; a fifth project in another tab pushes the oldest out."""

SMALL = 2000
"""Validation mails up to which their slices take less than the 0.2 s that a worker may cost."""


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The cluster, started once for all sessions of this server."""
    return Jobs()


def split(project: Project) -> Split | None:
    """The project's split."""
    fingerprint = project.settings.split
    return _split(project, fingerprint) if fingerprint else None


@st.cache_resource(show_spinner=False, max_entries=ENTRIES)
def _split(project: Project, fingerprint: str | None) -> Split | None:
    return project.split


def mails(project: Project) -> Mails:
    """The mails that may be looked at: the test part is left out as soon as there is one."""
    settings = project.settings
    return _mails(project, settings.dataset, settings.split)


@st.cache_resource(show_spinner=False, max_entries=ENTRIES)
def _mails(project: Project, fingerprint: str | None, split_key: str | None) -> Mails:
    return project.mails.reader()


def found(
    project: Project, words: str, label: str | None = None, pattern: bool = False
) -> list[str]:
    """The ids of the mails that may be looked at and hold the words; see `Mails.find`."""
    settings = project.settings
    return _found(project, settings.dataset, settings.split, words, label, pattern)


@st.cache_resource(show_spinner="Looking for the words …", max_entries=16)
def _found(
    project: Project,
    fingerprint: str | None,
    split_key: str | None,
    words: str,
    label: str | None,
    pattern: bool,
) -> list[str]:
    return mails(project).find_ids(words, label, pattern)


def marks(project: Project) -> dict[str, Mark]:
    """What is written at the mails that may be looked at; see `marks.all_of`."""
    settings = project.settings
    stamp = _stamp(project.path / written.FILE)
    return _marks(project, settings.dataset, settings.split, stamp)


@st.cache_resource(show_spinner=False, max_entries=ENTRIES)
def _marks(
    project: Project, fingerprint: str | None, split_key: str | None, stamp: tuple[int, int]
) -> dict[str, Mark]:
    return written.all_of(project, mails(project).heads["id"])


def decided(project: Project) -> dict[str, str]:
    """What is decided about labels; see `decisions.read_decisions`."""
    settings = project.settings
    stamp = _stamp(project.path / decisions.FILE)
    return _decided(project, settings.dataset, settings.split, stamp)


@st.cache_resource(show_spinner=False, max_entries=ENTRIES)
def _decided(
    project: Project, fingerprint: str | None, split_key: str | None, stamp: tuple[int, int]
) -> dict[str, str]:
    return decisions.read_decisions(project)


def _stamp(path: Path) -> tuple[int, int]:
    """What tells one state of a file that is only ever replaced from the next."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return 0, 0
    return state.st_mtime_ns, state.st_ino


def spare_columns(project: Project) -> pd.DataFrame:
    """The date and the further columns of the file, of the mails that may be looked at."""
    settings = project.settings
    return _spare_columns(project, settings.dataset, settings.split)


@st.cache_resource(show_spinner=False, max_entries=ENTRIES)
def _spare_columns(
    project: Project, fingerprint: str | None, split_key: str | None
) -> pd.DataFrame:
    there = mails(project)
    return there.read(["date", *(c for c in there.columns if c.startswith("file:"))])


def suggested_split(project: Project) -> tuple[SplitSpec, str]:
    """How the mails are best divided, and why."""
    return _suggested_split(project, project.settings.dataset)


@st.cache_data(show_spinner="Looking for near-duplicates …", max_entries=16)
def _suggested_split(project: Project, fingerprint: str | None) -> tuple[SplitSpec, str]:
    return jobs().call(suggest_split, project)


def crossings(project: Project) -> Crossings:
    """How many copies and near-duplicates the present split has on two sides."""
    settings = project.settings
    return _crossings(project, settings.dataset, settings.split)


@st.cache_resource(show_spinner="Looking for mails on two sides …", max_entries=16)
def _crossings(project: Project, fingerprint: str | None, split_key: str | None) -> Crossings:
    return jobs().call(count_crossings, project)


def part_counts(project: Project) -> pd.DataFrame:
    """Ham and spam by part; the test part has its size only while it is sealed."""
    settings = project.settings
    return _part_counts(project, settings.dataset, settings.split, project.seal.is_opened())


@st.cache_data(show_spinner=False, max_entries=16)
def _part_counts(
    project: Project, fingerprint: str | None, split_key: str | None, opened: bool
) -> pd.DataFrame:
    return count_parts(project)


def quality_report(project: Project) -> quality.Quality:
    """What is wrong with the mails that may be looked at."""
    settings = project.settings
    return _quality(project, settings.dataset, settings.split, project.mails.pairs_path.exists())


@st.cache_resource(show_spinner="Looking through the mails …", max_entries=ENTRIES)
def _quality(
    project: Project, fingerprint: str | None, split_key: str | None, with_pairs: bool
) -> quality.Quality:
    return jobs().call(report_quality, project)


def pairs(project: Project) -> Pairs:
    """The near-duplicates among the mails that may be looked at, once they were looked for."""
    settings = project.settings
    return _pairs(project, settings.dataset, settings.split)


@st.cache_resource(show_spinner=False, max_entries=ENTRIES)
def _pairs(project: Project, fingerprint: str | None, split_key: str | None) -> Pairs:
    return find_visible_pairs(project)


def runs(project: Project) -> list[Run]:
    """All runs of a project, the newest first."""
    return store.runs(project.name)


def usable_runs(project: Project) -> list[Run]:
    """The runs with a model, on the project's present mails and split."""
    settings = project.settings
    return [r for r in runs(project) if r.usable and r.is_of(settings)]


@st.cache_resource(show_spinner="Reading the scores …", max_entries=32)
def evaluation(run_id: str) -> Evaluation:
    """The validation scores of a usable run."""
    return store.evaluation(run_id)


def clusters(project: Project) -> pd.Series:
    """A number for each mail that may be looked at, by its id; near-duplicates share it."""
    settings = project.settings
    return _clusters(project, settings.dataset, settings.split)


@st.cache_resource(show_spinner="Looking for near-duplicates …", max_entries=ENTRIES)
def _clusters(project: Project, fingerprint: str | None, split_key: str | None) -> pd.Series:
    return jobs().call(cluster_mails, project)


def near_duplicates(project: Project, mail_id: str) -> list[str]:
    """The ids of the mails of one cluster, the mail's own among them; none for an unknown mail."""
    numbers = clusters(project)
    if mail_id not in numbers.index:
        return []
    return list(numbers.index[numbers == numbers[mail_id]])


def text_of(project: Project, mail_id: str) -> str:
    """What names the text of a mail that may be looked at; see `marks.text_of`."""
    return written.text_of(mails(project).take([mail_id], ["subject", "body"]).iloc[0])


def compared(
    project: Project, runs: tuple[tuple[tuple[str, OperatingPoint], ...], ...]
) -> tuple[Common, list[Comparison]]:
    """Every run against the first on the mails that all have and that may be looked at.

    Args:
        runs: of each the id and the operating point of every seed.

    Raises BadData when there is no such mail or a label differs; see `comparison.common`.
    """
    settings = project.settings
    return _compared(project, settings.dataset, settings.split, project.seal.is_opened(), runs)


@st.cache_resource(show_spinner="Comparing the runs …", max_entries=8)
def _compared(
    project: Project,
    fingerprint: str | None,
    split_key: str | None,
    opened: bool,
    runs: tuple[tuple[tuple[str, OperatingPoint], ...], ...],
) -> tuple[Common, list[Comparison]]:
    ids = [run_id for members in runs for run_id, _ in members]
    shared = comparison.common({i: evaluation(i) for i in ids}, clusters(project).index)
    judged = [[Judged(shared.evaluations[i], at) for i, at in members] for members in runs]
    numbers = align_clusters(clusters(project), shared.ids)
    return shared, jobs().call(comparison.compare, judged, numbers)


def resamples(project: Project, run_id: str) -> Resamples:
    """Resamples of whole clusters of the validation mails of a usable run, in its order.

    Runs on the same mails share them, so that their figures can be compared draw by draw.
    """
    return _resamples(align_clusters(clusters(project), evaluation(run_id).ids))


@st.cache_resource(show_spinner=False, max_entries=ENTRIES)
def _resamples(numbers: np.ndarray) -> Resamples:
    return Resamples(numbers)


@st.cache_resource(show_spinner="Computing how sure the figures are …", max_entries=16)
def _ranking_replicates(project: Project, run_id: str) -> dict[str, np.ndarray]:
    return jobs().call(certainty.ranking_replicates, evaluation(run_id), resamples(project, run_id))


@st.cache_data(show_spinner=False, max_entries=64)
def intervals(project: Project, run_id: str, point: OperatingPoint) -> dict[str, Interval]:
    """How sure each figure of a usable run is at an operating point, by the figure's key."""
    drawn = _ranking_replicates(project, run_id)
    return certainty.intervals(evaluation(run_id), point, resamples(project, run_id), drawn)


def operating_point(project: Project, run: Run) -> OperatingPoint:
    """What every number of a usable run obeys; see `read_operating_point`."""
    settings = project.settings
    spec = settings.threshold_spec(run.id)
    return _operating_point(project, run.id, spec, settings.dataset, settings.split, run)


@st.cache_data(
    show_spinner=False, max_entries=64, hash_funcs={ThresholdSpec: lambda spec: spec.key}
)
def _operating_point(
    project: Project,
    run_id: str,
    spec: ThresholdSpec,
    fingerprint: str | None,
    split_key: str | None,
    _run: Run,
) -> OperatingPoint:
    return read_operating_point(project, _run, evaluation(run_id), clusters)


def witnesses(project: Project, run_id: str) -> int:
    """How many ham of a run's validation count for a budget: those of one cluster once."""
    scored = evaluation(run_id)
    return thresholds.witnesses(scored, align_clusters(clusters(project), scored.ids))


def curves(run: Run) -> pd.DataFrame:
    """The curves of a run; those of one that is over never change."""
    return store.curves(run.id) if run.active else _curves(run.id)


@st.cache_data(show_spinner=False, max_entries=64)
def _curves(run_id: str) -> pd.DataFrame:
    return store.curves(run_id)


@st.cache_data(show_spinner=False, max_entries=128)
def curve(run_id: str, name: str) -> pd.DataFrame:
    """One of `curves.CURVES` of a usable run, along all thresholds."""
    from pipeline.evaluation.curves import CURVES

    return CURVES[name](evaluation(run_id))


def bands(project: Project, run_id: str) -> dict[str, pd.DataFrame]:
    """How sure each curve of a usable run is; see `curves.bands`."""
    settings = project.settings
    return _bands(project, run_id, settings.dataset, settings.split)


AT_ONCE = 5000
"""Mails whose bands take less than 0.1 s, which is not worth the way to a worker."""


@st.cache_data(show_spinner="Computing how sure the curves are …", max_entries=32)
def _bands(
    project: Project, run_id: str, fingerprint: str | None, split_key: str | None
) -> dict[str, pd.DataFrame]:
    from pipeline.evaluation.curves import DRAWS, bands

    found = evaluation(run_id)
    # not those of `resamples`, whose draws weigh five times as much on their way to the worker
    drawn = Resamples(align_clusters(clusters(project), found.ids), DRAWS)
    if len(found.ids) <= AT_ONCE:
        return bands(found, drawn)
    return jobs().call(bands, found, drawn)


def reliability(project: Project, run_id: str) -> dict[str, pd.DataFrame]:
    """How often the scores of a usable run come true; before calibration, too, if it has one."""
    settings = project.settings
    return _reliability(project, run_id, settings.dataset, settings.split)


@st.cache_data(show_spinner="Counting how often the scores come true …", max_entries=32)
def _reliability(
    project: Project, run_id: str, fingerprint: str | None, split_key: str | None
) -> dict[str, pd.DataFrame]:
    from pipeline.evaluation.reliability import before, curve

    found, calibration = evaluation(run_id), bundle(run_id).model.calibration
    drawn = resamples(project, run_id)
    now = curve(found, drawn)
    if (calibration.slope, calibration.offset) == (1.0, 0.0):
        return {"scores as they are": now}
    return {
        "before calibration": curve(before(found, calibration), drawn),
        "after calibration": now,
    }


@st.cache_data(show_spinner=False, max_entries=32)
def along(run_id: str) -> pd.DataFrame:
    """Precision, recall, hm and sm along all thresholds, as many rows as a chart can show."""
    return at_all.along(evaluation(run_id))


@st.cache_data(show_spinner=False, max_entries=32)
def score_counts(run_id: str) -> pd.DataFrame:
    """How many ham and spam have which score."""
    return at_all.score_counts(evaluation(run_id))


def errors(
    project: Project, run: Run, point: OperatingPoint, others: dict[str, tuple[str, OperatingPoint]]
) -> pd.DataFrame:
    """The ErrorTable of a usable run; `others` names further runs by id and operating point."""
    settings = project.settings
    asked = _mail_reasons(project, settings.dataset, settings.split)
    reviewed = decisions.has_review(project)
    return _errors(project, run.id, point, others, reviewed, run, asked)


# 50,000 rows are handed out as they are: a copy for each caller takes 0.1 s
@st.cache_resource(show_spinner="Collecting the errors …", max_entries=8)
def _errors(
    project: Project,
    run_id: str,
    point: OperatingPoint,
    others: dict[str, tuple[str, OperatingPoint]],
    reviewed: bool,
    _run: Run,
    _asked: pd.DataFrame,
) -> pd.DataFrame:
    return jobs().call(error_report.table, project, _run, point, others, _asked)


def errors_report(project: Project, run: Run) -> ErrorReport:
    """Groups, reasons and course of the errors of a usable run; see `error_report.of`."""
    settings = project.settings
    rules = tuple((r.id, project.settings.threshold_spec(r.id).key) for r in usable_runs(project))
    asked = _mail_reasons(project, settings.dataset, settings.split)
    return _errors_report(project, run.id, rules, decisions.has_review(project), run, asked)


@st.cache_resource(show_spinner="Grouping the errors …", max_entries=8)
def _errors_report(
    project: Project,
    run_id: str,
    rules: tuple[tuple[str, str], ...],
    reviewed: bool,
    _run: Run,
    _asked: pd.DataFrame,
) -> ErrorReport:
    return jobs().call(error_report.of, project, _run, _asked)


@st.cache_resource(show_spinner="Asking each mail for reasons …", max_entries=ENTRIES)
def _mail_reasons(project: Project, fingerprint: str | None, split_key: str | None) -> pd.DataFrame:
    return jobs().call(error_report.mail_reasons, project)


def properties(project: Project) -> pd.DataFrame:
    """What each validation mail is like, by its id; see `slices.properties`."""
    settings = project.settings
    return _properties(project, settings.dataset, settings.split)


@st.cache_resource(show_spinner="Looking what the mails are like …", max_entries=ENTRIES)
def _properties(project: Project, fingerprint: str | None, split_key: str | None) -> pd.DataFrame:
    return jobs().call(describe_validation, project)


@st.cache_data(show_spinner="Comparing slices …", max_entries=32)
def slices(project: Project, run_id: str, point: OperatingPoint) -> pd.DataFrame:
    """Where a usable run errs more than on the rest; see `slices.table`."""
    from pipeline.slices.table import table

    asked = evaluation(run_id), point, properties(project), clusters(project)
    return table(*asked) if len(asked[0].ids) <= SMALL else jobs().call(table, *asked)


def learning_curve_of(project: Project, run_id: str) -> pd.DataFrame:
    """Every figure of a run by the number of its train mails, as far as it was measured."""
    shares = learning_curve.measured(project, run_id)
    return _learning_curve_of(project, run_id, shares, project.settings.threshold_spec(run_id).key)


@st.cache_data(show_spinner="Reading the learning curve …", max_entries=16)
def _learning_curve_of(
    project: Project, run_id: str, shares: tuple[float, ...], rule: str
) -> pd.DataFrame:
    return jobs().call(learning_curve.figures, project, run_id)


def final_report(project: Project, opening: Opening) -> final_test.Report:
    """The figures of the opened test part beside validation; see `final_test.report`."""
    return _final_report(project, opening.time, project.seal.is_opened())


@st.cache_resource(show_spinner="Comparing test and validation …", max_entries=8)
def _final_report(project: Project, time: str, opened: bool) -> final_test.Report:
    return jobs().call(final_test.report, project)


@st.cache_data(show_spinner="Collecting the errors …", max_entries=4)
def final_errors(project: Project, time: str) -> pd.DataFrame:
    """The misclassified mails of the opened test part; `time` is that of the opening."""
    return jobs().call(final_test.errors, project)


@st.cache_resource(show_spinner=False, max_entries=4)
def opened_mails(project: Project, time: str) -> Mails:
    """All mails, the opened test mails among them; `time` is that of the opening."""
    return final_test.mails(project)


def model_card_text(project: Project, run_id: str, name: str) -> str:
    """The card of a usable run, made now: `name` is one of `model_card.FILES`."""
    return jobs().call(model_card.text, project, run_id, name)


def features_of_mail(project: Project, spec: FeatureSpec, mail_id: str) -> pd.DataFrame:
    """What each block made of a train or validation mail; see `explain.of_mail`."""
    settings = project.settings
    return _features_of_mail(project, settings.dataset, settings.split, spec, mail_id)


@st.cache_data(show_spinner="Computing the features …", max_entries=64)
def _features_of_mail(
    project: Project,
    fingerprint: str | None,
    split_key: str | None,
    spec: FeatureSpec,
    mail_id: str,
) -> pd.DataFrame:
    return jobs().call(explain.of_mail, project, spec, mail_id)


@st.cache_data(show_spinner="Looking up the strongest features …", max_entries=16)
def strongest(project: Project, run_id: str) -> pd.DataFrame:
    """The strongest features of a usable linear run; see `explain.strongest`."""
    return jobs().call(explain.strongest, project, bundle_path(run_id))


def why(project: Project, run_id: str, mail_id: str) -> Why:
    """Which part of a mail moved its score; see `explain.why.of_visible`."""
    settings = project.settings
    return _why(project, settings.dataset, settings.split, run_id, mail_id)


@st.cache_resource(show_spinner="Taking the score apart …", max_entries=16)
def _why(
    project: Project,
    fingerprint: str | None,
    split_key: str | None,
    run_id: str,
    mail_id: str,
) -> Why:
    return explain.why.of_visible(project, bundle(run_id), mail_id)


def one_mail(project: Project, mail_id: str) -> pd.DataFrame:
    """A frame of one row: a mail that may be looked at; raises Sealed for others."""
    settings = project.settings
    parts = settings.dataset, settings.split
    return _one_mail(project, *parts, project.seal.is_opened(), mail_id)


@st.cache_resource(show_spinner=False, max_entries=16)
def _one_mail(
    project: Project,
    fingerprint: str | None,
    split_key: str | None,
    opened: bool,
    mail_id: str,
) -> pd.DataFrame:
    return explain.visible.one_mail(project, mail_id)


def change(project: Project, run_id: str, mail_id: str, subject: str, body: str) -> Change:
    """What a usable run says of a mail with another text; see `what_if.rescore`."""
    mail, before = one_mail(project, mail_id), why(project, run_id, mail_id)
    return explain.what_if.rescore(bundle(run_id), mail, subject, body, before)


def cut(
    project: Project, run_id: str, point: OperatingPoint, mail_id: str, subject: str, body: str
) -> Cut:
    """The fewest words that decide about a mail with this text; see `what_if.smallest_cut`."""
    settings = project.settings
    parts = settings.dataset, settings.split, project.seal.is_opened()
    return _cut(project, *parts, run_id, point, mail_id, subject, body)


@st.cache_resource(show_spinner="Looking for the words that decide …", max_entries=16)
def _cut(
    project: Project,
    fingerprint: str | None,
    split_key: str | None,
    opened: bool,
    run_id: str,
    point: OperatingPoint,
    mail_id: str,
    subject: str,
    body: str,
) -> Cut:
    mail = explain.what_if.edited(one_mail(project, mail_id), [(subject, body)])
    return explain.what_if.smallest_cut(bundle(run_id), mail, point)


def neighbours(project: Project, run_id: str, mail_id: str) -> Neighbours:
    """The train mails that are most like a mail; see `neighbours.of_mail`."""
    settings = project.settings
    parts = settings.dataset, settings.split, project.seal.is_opened()
    return _neighbours(project, *parts, run_id, mail_id)


@st.cache_data(show_spinner="Looking for mails like this one …", max_entries=64)
def _neighbours(
    project: Project,
    fingerprint: str | None,
    split_key: str | None,
    opened: bool,
    run_id: str,
    mail_id: str,
) -> Neighbours:
    return jobs().call(nearest_train.of_mail, project, bundle_path(run_id), mail_id)


@st.cache_data(show_spinner="Looking up what is usual …", max_entries=16)
def usual(project: Project, run_id: str) -> pd.DataFrame:
    """What the measured features of a usable run usually are; see `explain.usual.usual`."""
    return jobs().call(explain.usual.of_train, project, bundle_path(run_id))


@st.cache_resource(show_spinner="Loading the model …", max_entries=4)
def bundle(run_id: str) -> Bundle:
    """The model of a usable run, ready to score."""
    return Bundle.load(bundle_path(run_id))


def exported(project: Project, run_id: str, model: Bundle) -> bytes:
    """A model as the file that goes home: its card, made now, is in it."""
    return model.with_about(card=model_card_text(project, run_id, "card.md")).to_bytes()


def bundle_path(run_id: str) -> Path:
    """Where the model file of a usable run lies."""
    return store.bundle(run_id)


@st.cache_data(show_spinner=False, max_entries=4)
def scores(
    project: Project,
    run_id: str,
    point: OperatingPoint,
    opened: bool,
    file_id: str,
    _file: UploadedFile,
) -> pd.DataFrame:
    """id, score, label of an uploaded file's mails, once for each upload, run and point.

    `opened` tells whether the test part is; until then its mails have no score.
    """
    name = uploads.keep_file(project, f"score-{Path(_file.name).name}", _file.getbuffer())
    path = project.upload_folder / name
    try:
        return jobs().call(
            scoring.score_file,
            bundle_path(run_id),
            path,
            point,
            project.seal.sealed_texts(),
        )
    finally:
        path.unlink(missing_ok=True)
