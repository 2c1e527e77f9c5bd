"""Import files into a project, split the mails, train a model and print its validation figures."""

import argparse
import signal
from typing import TYPE_CHECKING, Any

from pipeline.cli.mail_files import add_labelled_files, read_file_arguments
from pipeline.cli.output import print_json, to_json_figures
from pipeline.cli.progress_bar import ProgressBar
from pipeline.errors import BadData
from pipeline.models import MODELS
from pipeline.specs import ModelSpec

if TYPE_CHECKING:
    from pipeline.evaluation.operating_point import OperatingPoint
    from pipeline.project import Project
    from pipeline.runs.run import Run
    from pipeline.specs import SplitSpec, ThresholdSpec
    from pipeline.splits import Split


PRINTED = (
    ("precision", "precision"),
    ("recall", "recall"),
    ("f1", "F1"),
    ("mcc", "MCC"),
    ("accuracy", "accuracy"),
    ("roc_auc", "ROC-AUC"),
    ("average_precision", "average precision"),
    ("log_loss", "log loss"),
    ("hm", "hm% (ham called spam)"),
    ("sm", "sm% (spam let through)"),
    ("lam", "lam%"),
    ("one_minus_auc", "(1-ROCA)%"),
)
"""The printed figures with their titles; those with % in the title are in percent."""

RULES = (
    ("budget", "--ham-budget", "N", "lose at most 1 in N ham"),
    ("cost", "--ham-cost", "K", "a lost ham costs as much as K spams read"),
    ("f_beta", "--f-beta", "B", "the highest F with beta = B"),
)
"""The rules for the threshold: name in `ThresholdSpec`, option, its value, its help."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_labelled_files(parser)
    parser.add_argument("--project", help="the name of the project; by default that of the file")
    parser.add_argument(
        "--model", choices=list(MODELS), default=ModelSpec.kind, help="the model to train"
    )
    parser.add_argument("--seed", type=int, default=0, help="the seed of the split and the model")
    parser.add_argument(
        "--split",
        choices=("stratified", "grouped", "time"),
        help="by default grouped if there are near-duplicates, otherwise stratified",
    )
    parser.add_argument(
        "--split-column", metavar="COL", help="a column with the words train, validation, test"
    )
    rules = parser.add_mutually_exclusive_group()
    for _, option, metavar, text in RULES:
        rules.add_argument(option, metavar=metavar, type=float, help=f"set the threshold: {text}")
    parser.add_argument(
        "--unsure",
        metavar="SHARE",
        type=float,
        help="start a band of unsure mails with at most this share of the spam (0 to 1) below it",
    )
    parser.add_argument("--note", default="", help="what changed, and why")
    parser.add_argument("--export", metavar="PATH", help="write the model to this .spamlab file")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> None:
    """Train: from files to figures."""
    from pipeline.project import (
        choose_threshold,
        divide_mails,
        find_pairs,
        make_name,
        uploads,
    )
    from pipeline.runs import store
    from pipeline.runs.operating_point import read_operating_point
    from pipeline.specs import ThresholdSpec
    from pipeline.training import train as training
    from pipeline.workflow import export_model

    files, threshold_spec = read_file_arguments(arguments), _read_threshold_spec(arguments)
    file_names = [file.path.name for file in files]
    name = arguments.project or make_name(uploads.find_common_name(file_names))
    bar = ProgressBar()
    project, reading = uploads.import_as_project(
        name, files, progress=bar.draw, leave_out_unknown=True
    )
    if reading.problem:
        raise BadData(reading.problem)
    find_pairs(project, bar.draw)
    split = divide_mails(project, _choose_split_spec(arguments, project))
    if threshold_spec.rule == "budget":  # refuse it now, not after a training
        _require_budget(project, split, threshold_spec.value or 1)
    run_id = training.create_run(
        project, ModelSpec(arguments.model, seed=arguments.seed), note=arguments.note
    )
    # Ctrl-C once stops and keeps the best epoch; twice exits at once, and the run is interrupted
    previous = signal.signal(signal.SIGINT, lambda *_: _stop(run_id, previous))
    try:
        training.train_run(run_id, bar.draw)
    finally:
        signal.signal(signal.SIGINT, previous)
        bar.clear()
    finished = store.read_run(run_id)
    if threshold_spec != ThresholdSpec():
        choose_threshold(project, threshold_spec)
    point = read_operating_point(project, finished)
    exported = str(export_model(finished, arguments.export)) if arguments.export else None
    figures = to_json_figures(store.read_evaluation(run_id).summary(point))
    if arguments.json:
        print_json(_to_json(finished, split, point, figures, exported))
    else:
        _print_table(finished, split, point, figures, exported)


def _to_json(
    run: "Run",
    split: "Split",
    point: "OperatingPoint",
    figures: dict[str, Any],
    exported: str | None,
) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "name": run.name,
        "project": run.project,
        "model": run.kind,
        "split": split.spec.to_dict(),
        "status": run.status,
        "threshold": point.threshold,
        "unsure_from": point.unsure_from,
        "why": point.why,
        "best_epoch": run.best_epoch,
        "epochs": run.epochs,
        "seconds": run.seconds,
        "after_test": run.after_test,
        "validation": figures,
        "diagnosis": run.diagnosis,
        "export": exported,
    }


def _print_table(
    run: "Run",
    split: "Split",
    point: "OperatingPoint",
    figures: dict[str, Any],
    exported: str | None,
) -> None:
    print(f"{run.name} of project {run.project} (run {run.id})")
    print(
        f"{figures['n_ham']:,} ham and {figures['n_spam']:,} spam in validation "
        f"({split.spec.strategy} split); threshold {point.threshold:.4f}"
        + (f", unsure from {point.unsure_from:.4f}" if point.has_band else "")
    )
    print(point.why)
    for key, title in PRINTED:
        value = figures[key]
        number = "–" if value is None else f"{value * (100 if '%' in title else 1):.5f}"
        print(f"  {title:<24}{number:>10}")
    for verdict in run.diagnosis:
        print(f"{verdict['verdict']}: {verdict['evidence']}")
    if exported:
        print(f"model written to {exported}")


def _stop(run_id: str, previous: Any) -> None:
    from pipeline.workspace import live

    live.request_stop(run_id)
    signal.signal(signal.SIGINT, previous)


def _choose_split_spec(arguments: argparse.Namespace, project: "Project") -> "SplitSpec":
    from pipeline.project import suggest_split
    from pipeline.specs import SplitSpec

    if arguments.split_column:
        return SplitSpec(strategy="column", column=arguments.split_column)
    strategy = arguments.split or suggest_split(project)[0].strategy
    return SplitSpec(strategy=strategy, seed=arguments.seed)


def _read_threshold_spec(arguments: argparse.Namespace) -> "ThresholdSpec":
    from pipeline.specs import ThresholdSpec

    for rule, option, *_ in RULES:
        value = getattr(arguments, option.removeprefix("--").replace("-", "_"))
        if value is not None:
            return ThresholdSpec(rule, value, arguments.unsure)
    return ThresholdSpec(unsure=arguments.unsure)


def _require_budget(project: "Project", split: "Split", budget: float) -> None:
    from pipeline.evaluation.thresholds import require_budget
    from pipeline.project import cluster_mails

    heads = project.mails.reader().heads.set_index("id").loc[list(split.validation)]
    ham = heads.index[heads["label"] == "ham"]
    require_budget(cluster_mails(project)[ham].nunique(), budget)
