"""The whole workflow as functions, for notebooks and scripts.

They work in the same workspace as the dashboard and the command line (`SPAMLAB_HOME`, by default
the folder `workspace`), so that a run trained here can be inspected there. Tables are pandas
DataFrames. Import them from `pipeline` itself, which loads this module when the first of them is
used. What you can mend in the data, the workspace or a setting raises a subclass of
`pipeline.errors.SpamlabError`, whose message says how.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import comparison
from pipeline.error_analysis import CORRECT, FALSE_NEGATIVE, FALSE_POSITIVE, UNSURE
from pipeline.errors import BadData, BadFile, Sealed, expect
from pipeline.evaluation.figures import FIGURES
from pipeline.evaluation.intervals import Interval, compute_intervals
from pipeline.evaluation.resampling import Resamples, align_clusters
from pipeline.explain.why import Why, explain_visible_mail
from pipeline.export.bundle import Bundle
from pipeline.export.scoring import score_file
from pipeline.intake import MailFile
from pipeline.project import (
    Project,
    cluster_mails,
    divide_mails,
    find_pairs,
    make_name,
    suggest_split,
    uploads,
)
from pipeline.project import choose_threshold as store_threshold
from pipeline.quality.project_quality import report_quality
from pipeline.reports import error_report, final_test, model_card, opening
from pipeline.runs import store
from pipeline.runs.operating_point import read_operating_point
from pipeline.runs.run import Run
from pipeline.specs import BlockSpec, FeatureSpec, ModelSpec, SplitSpec, ThresholdSpec
from pipeline.splits import Split
from pipeline.training import train
from pipeline.workspace import replacing

Files = str | Path | Sequence[str | Path]
MEANINGS = ("ham", "spam", "skip")
"""What a word of the label column can mean; mails with a skipped word are left out."""
KINDS = (FALSE_POSITIVE, FALSE_NEGATIVE, UNSURE)
"""The kinds of errors that can be listed alone."""


def import_mails(
    files: Files = (),
    *,
    ham: Files = (),
    spam: Files = (),
    project: str | None = None,
    labels: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
) -> Project:
    """Read files of labelled mail into a project of the workspace.

    Reading the same files again changes nothing; other files replace the project's mails.

    Args:
        files: tables, or raw mail that says which mail is spam; of the formats in
            `docs/reference/formats.md`.
        ham, spam: raw mail that is all of one class.
        project: its name; by default that of the first file.
        labels: the meaning ("ham", "spam" or "skip") of words of the label column that are not
            known; "skip" leaves their mails out.
        columns: the column for each role of `pipeline.intake.Columns` ("body", "label", …); by
            default they are guessed.

    Raises:
        BadFile: if a file is missing or cannot be read.
        BadData: if the mails cannot be used as they are, such as when a label is not known.
        BadSpec: for another meaning.

    Whatever it raises, the workspace is as it was before.
    """
    given = [MailFile(path) for path in _to_paths(files)]
    given += [MailFile(path, "ham") for path in _to_paths(ham)]
    given += [MailFile(path, "spam") for path in _to_paths(spam)]
    if not given:
        raise BadFile("at least one file of mails was expected, received none.")
    name = project or make_name(uploads.find_common_name([file.path.name for file in given]))
    for word, meaning in (labels or {}).items():
        expect(meaning in MEANINGS, f"labels[{word!r}]", f"one of {MEANINGS}", meaning)
    imported, reading = uploads.import_as_project(
        name, given, dict(columns or {}), dict(labels or {})
    )
    if reading.problem:
        raise BadData(_explain_problem(reading, reading.problem))
    return imported


def _explain_problem(reading: uploads.Reading, problem: str) -> str:
    """Name the argument that helps; the problem itself speaks of the form on the Data page."""
    if reading.columns and not reading.columns.get("label"):
        return (
            "a column that says whether a mail is ham or spam was expected, none was recognised; "
            "name it, such as columns={'body': 'text', 'label': 'class'}."
        )
    if reading.unknown:
        words = ", ".join(map(repr, reading.unknown[:5]))
        return (
            f"every label must be known to mean ham or spam, received {words}; say what they mean, "
            f"such as labels={{{reading.unknown[0]!r}: 'spam'}}, or 'skip' to leave them out."
        )
    return problem


def _to_paths(files: Files) -> list[Path]:
    paths = [Path(files)] if isinstance(files, str | Path) else [Path(file) for file in files]
    for path in paths:
        if not path.is_file():
            raise BadFile(f"{path}: a file was expected, but there is none; check the path.")
    return paths


def open_project(name: str) -> Project:
    """Open a project that exists; raises BadData if there is none of that name."""
    project = Project(name)
    if not project.exists:
        raise BadData(f"there is no project {name!r} in this workspace.")
    return project


def list_findings(project: Project) -> pd.DataFrame:
    """List what is wrong with the visible mails, the serious findings first.

    Columns: level ("serious", "warning" or "info"), sentence, mails (how many are concerned), ids.
    """
    find_pairs(project)
    findings = report_quality(project).findings
    rows = [(f.level, f.sentence, len(f.ids), list(f.ids)) for f in findings]
    return pd.DataFrame(rows, columns=["level", "sentence", "mails", "ids"])


def split_mails(project: Project, strategy: str | None = None, **values: Any) -> Split:
    """Divide the mails into train, validation and a test part that is sealed until `open_test`.

    The same arguments give the same split again.

    Args:
        strategy: as in `pipeline.specs.SplitSpec`; by default "grouped" if there are
            near-duplicates, else "stratified".
        values: other fields of `SplitSpec`, such as seed or train.
    """
    strategy = strategy or suggest_split(project)[0].strategy
    return divide_mails(project, SplitSpec(strategy=strategy, **values))


def train_model(
    project: Project,
    model: str = "logistic",
    *,
    seed: int = 0,
    blocks: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None,
    note: str = "",
    parent: Run | None = None,
    **parameters: Any,
) -> Run:
    """Train one model on train; validation chooses its best epoch and judges it.

    Args:
        model: a name in `pipeline.models.MODELS`, such as "logistic" or "mlp".
        seed: of everything random in the training.
        blocks: names in `pipeline.features.FEATURES`, each with its parameters if this is a
            mapping; None for the features chosen in the project.
        note: what was changed, and why.
        parent: the run that this one was changed from.
        parameters: of the model, such as hidden=(64,); `docs/reference/parameters.md` lists them.

    Raises:
        BadSpec: for an unknown or impossible parameter.
        BadData: if the mails were not divided.
    """
    features = None
    if blocks is not None:
        given = blocks if isinstance(blocks, Mapping) else {name: {} for name in blocks}
        features = FeatureSpec(tuple(BlockSpec(name, dict(given[name])) for name in given))
    run_id = train.create_run(
        project,
        ModelSpec(model, parameters, seed),
        feature_spec=features,
        note=note,
        parent=parent.id if parent else None,
    )
    train.train_run(run_id)
    return store.read_run(run_id)


def list_runs(project: Project) -> list[Run]:
    """List the runs of a project, the newest first; `Run.id` and `Run.name` tell them apart."""
    return store.list_runs(project.name)


def choose_threshold(
    project: Project, rule: str = "own", value: float | None = None, unsure: float | None = None
) -> None:
    """Choose how the threshold of every run of a project is found on validation.

    Args:
        rule, value, unsure: as in `pipeline.specs.ThresholdSpec`; for instance "budget" and 500
            for at most 1 lost ham in 500.
    """
    store_threshold(project, ThresholdSpec(rule, value, unsure))


def evaluate_run(run: Run) -> pd.DataFrame:
    """Compute every figure of a run on validation with its interval, at its operating point.

    Returns:
        One row a figure, indexed by its key in `pipeline.evaluation.figures.FIGURES`; columns
        title, value, low, high (a 95% interval) and note, which says why if there is no interval.
        A figure whose title has a % is a share here: 0.01 is 1%.
    """
    project, scores = Project(run.project), store.read_evaluation(run.id)
    point = read_operating_point(project, run, scores)
    resamples = Resamples(align_clusters(cluster_mails(project), scores.ids))
    return _tabulate(scores.summary(point), compute_intervals(scores, point, resamples))


def _tabulate(figures: Mapping[str, Any], intervals: Mapping[str, Interval]) -> pd.DataFrame:
    nowhere = Interval(float("nan"), float("nan"), "none")
    rows = {
        key: (figure.title, figures.get(key, float("nan")), known.low, known.high, known.note)
        for key, figure in FIGURES.items()
        for known in [intervals.get(key, nowhere)]
    }
    columns = ["title", "value", "low", "high", "note"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("figure")


def compare_runs(a: Run, b: Run) -> comparison.Comparison:
    """Compare run b with run a on the validation mails that both have scored.

    `Comparison.to_frame` gives the differences as a table; `fixed` and `broken` are ids of mails.

    Raises:
        BadData: if the runs are of two projects, or have no validation mail in common.
    """
    if a.project != b.project:
        raise BadData(
            f"two runs of one project were expected, received one of {a.project!r} and one of "
            f"{b.project!r}; import the mails into one project and train there."
        )
    project = Project(b.project)
    clusters = cluster_mails(project)
    scores = {run.id: store.read_evaluation(run.id) for run in (a, b)}
    shared = comparison.find_common_mails(scores, clusters.index)
    points = [[(run.id, read_operating_point(project, run, scores[run.id]))] for run in (a, b)]
    judged = comparison.judge_runs(shared.evaluations, points)
    (result,) = comparison.compare_runs(judged, align_clusters(clusters, shared.ids))
    return result


def list_errors(run: Run, kind: str | None = None) -> pd.DataFrame:
    """List the validation mails that a run calls wrongly or is unsure of, the most wrong first.

    Args:
        kind: the only kind to list, such as "false positive" (ham that is called spam); None for
            all.

    Returns:
        One row a mail with its id, label, score, kind and text, and a column for each reason why
        the mail may be hard.
    """
    expect(kind is None or kind in KINDS, "kind", f"one of {KINDS}", kind)
    table = error_report.build_error_report(Project(run.project), run).table
    kept = table["kind"].ne(CORRECT) if kind is None else table["kind"].eq(kind)
    return table[kept].reset_index(drop=True)


def explain_mail(run: Run, mail_id: str) -> Why:
    """Explain which words of a mail moved the score that a run gives it; see `Why.strongest`.

    Raises:
        Sealed: if the mail is in the sealed test part.
        BadData: if there is no such mail.
    """
    return explain_visible_mail(Project(run.project), _load_bundle(run), mail_id)


def open_test(run: Run, confirmation: str = "") -> pd.DataFrame:
    """Open the sealed test part, once and for ever, for this run; see `evaluate_run`.

    Args:
        confirmation: the words of `pipeline.reports.opening.CONFIRMATION`.

    Raises:
        Sealed: without the right words, or if these test mails were opened before.
    """
    if confirmation != opening.CONFIRMATION:
        raise Sealed(
            "the test part opens only once, and every later run is marked as trained after it; if "
            f'you are sure, pass confirmation="{opening.CONFIRMATION}".'
        )
    project = Project(run.project)
    opening.open_test(project, run.id, read_operating_point(project, run))
    report = final_test.build_report(project)
    return _tabulate(report.summaries["test"], report.intervals.get("test", {}))


def export_model(run: Run, path: str | Path) -> Path:
    """Write a run's model, at its operating point and with its card, to a ``.spamlab`` file.

    Returns:
        The absolute path of the file.
    """
    project, target = Project(run.project), Path(path).absolute()
    card = model_card.render_card(project, run.id)
    bundle = _load_bundle(run).with_about(card=card).at(read_operating_point(project, run))
    with replacing(target) as temporary:
        bundle.save(temporary)
    return target


def _load_bundle(run: Run) -> Bundle:
    return Bundle.load(store.locate_bundle(run.id))


def score_mails(model: str | Path, file: str | Path) -> pd.DataFrame:
    """Score mails that nobody has labelled with a ``.spamlab`` file.

    Returns:
        One row a mail with its id, score P(spam) and label, in the order of the file.
    """
    (path,) = _to_paths(file)
    return score_file(Path(model), path)
