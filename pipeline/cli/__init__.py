"""The same work without a browser: ``spamlab check | train | score | runs | errors | card | app``.

Exit codes: 0 done, 2 the user's mistake (one sentence on stderr), 1 ours. Each command imports
what it needs inside its function, so that scoring starts without TensorFlow and MLflow.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import BadData, BadFile, SpamlabError

if TYPE_CHECKING:
    from pipeline.evaluation.thresholds import OperatingPoint
    from pipeline.intake import MailFile
    from pipeline.mail.dataset import Dataset
    from pipeline.project import Project
    from pipeline.similarity.near_duplicates import Pairs
    from pipeline.specs import SplitSpec, ThresholdSpec
    from pipeline.splits import Split
    from pipeline.workspace.live import Progress

MODELS = ("majority", "naive_bayes", "logistic", "mlp")
"""The names in `pipeline.models.MODELS`, which is not imported only to print the help."""

LABELS_SHOWN = 20
"""Labels that look wrong and are printed; --json has all."""

VALIDATION = (
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
"""The figures that `train` prints, with the words beside them; those with % in percent."""


def check(arguments: argparse.Namespace) -> None:
    """How a file would be read, what is in it and what is wrong with it."""
    from pipeline import intake, quality
    from pipeline.similarity import near_duplicates

    files = _files(arguments)
    bar = Bar(sys.stderr)
    bar.show_text("Reading the mails")
    taken = intake.read(files)
    frame = taken.dataset.frame
    pairs = near_duplicates.find(
        near_duplicates.text_of(frame).to_list(),
        report=lambda share: bar.show_share("Looking for near-duplicates", share),
    )
    bar.show_text("Looking through the mails")
    report = quality.report(taken.dataset, pairs)
    wrong = _suspicious(taken.dataset, pairs, bar) if arguments.labels else []
    bar.clear()
    if arguments.json:
        _print_json(
            {
                "files": [file.path.name for file in files],
                "dataset": taken.dataset.fingerprint,
                "left_out": len(taken.left_out),
                "notes": list(taken.notes),
                **report.to_dict(),
                **({"labels": wrong} if arguments.labels else {}),
            }
        )
        return
    ham, spam = report.counts["ham"], report.counts["spam"]
    names = ", ".join(file.path.name for file in files)
    print(f"{names}: {ham + spam:,} mails, {ham:,} ham and {spam:,} spam.")
    for note in taken.notes:
        print(f"  {note}")
    for reason, number in taken.left_out["reason"].value_counts().items():
        print(f"  {number:,} rows left out: {reason}")
    for finding in report.findings:
        print(f"  {finding.level}: {finding.sentence}")
        if finding.remedies:
            offers = (f"{r.title} ({r.size})" for r in finding.remedies)
            print(f"    What can be done: {'; '.join(offers)}.")
    if arguments.labels:
        print(f"  {len(wrong):,} labels look wrong, the most suspicious first:")
    for mail in wrong[:LABELS_SHOWN]:
        print(f"    {mail['id']}: {mail['label']}, {mail['confidence']:.0%} {mail['suggested']}")
    if len(wrong) > LABELS_SHOWN:
        print(f"    and {len(wrong) - LABELS_SHOWN:,} more, which --json lists.")


def _suspicious(dataset: "Dataset", pairs: "Pairs", bar: "Bar") -> list[dict[str, Any]]:
    """id, label, suggested, confidence of the mails whose label looks wrong, the worst first."""
    from pipeline.quality import label_review
    from pipeline.similarity import near_duplicates

    found = label_review.review(
        dataset,
        None,
        clusters=near_duplicates.clusters(len(dataset.frame), pairs),
        report=lambda share: bar.show_share("Scoring each mail by a model new to it", share),
    )
    columns = ["id", "label", "suggested", "confidence"]
    return found.loc[found["suspicious"], columns].to_dict("records")


def train(arguments: argparse.Namespace) -> None:
    """Import a file into a project, split it, train one model and print its validation figures."""
    from pipeline.project import Project, name_from, uploads
    from pipeline.runs import operating_point, store
    from pipeline.specs import ModelSpec, ThresholdSpec
    from pipeline.training import train as training

    files, asked = _files(arguments), _threshold_spec(arguments)
    name = arguments.project or name_from(uploads.name_of([file.path.name for file in files]))
    project = Project.create(name)
    bar = Bar(sys.stderr)
    reading = uploads.take_in(project, files, labels={}, report=bar.show_share)
    if reading.problem:
        raise BadData(reading.problem)
    project.pairs(lambda share: bar.show_share("Looking for near-duplicates", share))
    split = project.set_split(_split_spec(arguments, project))
    if asked.rule == "budget":  # refused now, not after a training
        _require_budget(project, split, asked.value or 1)
    run_id = training.new_run(
        project, ModelSpec(arguments.model, seed=arguments.seed), note=arguments.note
    )
    # Ctrl-C once: stop and keep the best epoch; twice: leave at once, the run reads interrupted
    previous = signal.signal(signal.SIGINT, lambda *_: _stop(run_id, previous))
    try:
        training.run(run_id, report=bar.show)
    finally:
        signal.signal(signal.SIGINT, previous)
        bar.clear()
    run = store.get(run_id)
    if asked != ThresholdSpec():
        project.set_threshold(asked)
    point = operating_point.of(project, run)
    exported = _export(project, run_id, point, arguments.export) if arguments.export else None
    figures = _figures(store.evaluation(run_id).summary(point.threshold))
    if arguments.json:
        _print_json(
            {
                "run_id": run.id,
                "name": run.name,
                "project": project.name,
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
        )
        return
    print(f"{run.name} of project {project.name} (run {run.id})")
    print(
        f"{figures['n_ham']:,} ham and {figures['n_spam']:,} spam in validation "
        f"({split.spec.strategy} split); threshold {point.threshold:.4f}"
        + ("" if point.unsure_from is None else f", unsure from {point.unsure_from:.4f}")
    )
    print(point.why)
    for key, title in VALIDATION:
        value = figures[key]
        told = "–" if value is None else f"{value * (100 if '%' in title else 1):.5f}"
        print(f"  {title:<24}{told:>10}")
    for found in run.diagnosis:
        print(f"{found['verdict']}: {found['evidence']}")
    if exported:
        print(f"model written to {exported}")


def score(arguments: argparse.Namespace) -> None:
    """Write id, score and label for every row of a file."""
    from pipeline.export.scoring import score_file
    from pipeline.intake import write_csv

    scored = score_file(Path(arguments.model), _file(arguments.file), arguments.threshold)
    if arguments.out:
        from pipeline.workspace import replacing

        with replacing(Path(arguments.out).absolute()) as path:
            write_csv(scored, path)
    else:
        write_csv(scored, sys.stdout)


def runs(arguments: argparse.Namespace) -> None:
    """List the runs of the workspace, the newest first."""
    from pipeline.runs import store

    found = store.runs(arguments.project)
    if arguments.json:
        _print_json(
            [
                {
                    "run_id": r.id,
                    "name": r.name,
                    "project": r.project,
                    "model": r.kind,
                    "status": r.status,
                    "note": r.note,
                    "after_test": r.after_test,
                    "threshold": r.threshold,
                    "best_epoch": r.best_epoch,
                    "epochs": r.epochs,
                    "created": r.created.isoformat(timespec="seconds"),
                    "validation": _figures(r.figures) if r.usable else {},
                }
                for r in found
            ]
        )
        return
    if not found:
        print("No runs yet; `spamlab train FILE` makes one.")
        return
    print(f"{'run':<34}{'project':<22}{'name':<14}{'status':<13}{'F1':>7}{'AP':>8}  note")
    for r in found:
        f1, ap = (f"{r.figures[k]:.4f}" if k in r.figures else "" for k in _SHOWN)
        print(f"{r.id:<34}{r.project:<22}{r.name:<14}{r.status:<13}{f1:>7}{ap:>8}  {r.note}")


_SHOWN = ("f1", "average_precision")


ERROR_KINDS = {"fp": "false positive", "fn": "false negative", "unsure": "unsure"}


def errors(arguments: argparse.Namespace) -> None:
    """List the mails that a run called wrongly, with the reasons, the most wrong first."""
    import io

    from pipeline.error_analysis import CORRECT, text
    from pipeline.intake import write_csv
    from pipeline.project import Project
    from pipeline.reports import error_report
    from pipeline.runs import store
    from pipeline.workspace import replacing

    run = store.get(arguments.run)
    bar = Bar(sys.stderr)
    found = error_report.of(Project(run.project), run, report=bar.show_share)
    bar.clear()
    kind = ERROR_KINDS.get(arguments.kind)
    table = found.table[found.table["kind"].ne(CORRECT)] if kind is None else found.table
    table = table if kind is None else table[table["kind"] == kind]
    target = io.StringIO()
    if arguments.csv:
        write_csv(table, target)
    else:
        groups = [g for g in found.groups.groups if kind in (None, g.kind)]
        target.write(text.of(table, groups, found.remarks))
    if arguments.out:
        with replacing(Path(arguments.out).absolute()) as path:
            path.write_text(target.getvalue(), encoding="utf-8")
    else:
        sys.stdout.write(target.getvalue())


def card(arguments: argparse.Namespace) -> None:
    """Write the model card of a run: what it is, how good, and what that cannot show."""
    from pipeline.project import Project
    from pipeline.reports import model_card
    from pipeline.runs import store
    from pipeline.workspace import replacing

    run = store.get(arguments.run)
    name = "card.html" if arguments.html else "card.md"
    text = model_card.text(Project(run.project), run.id, name)
    if arguments.out:
        with replacing(Path(arguments.out).absolute()) as path:
            path.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


def app(arguments: argparse.Namespace) -> int:
    """Start the dashboard, with the workspace of this folder."""
    from pipeline.workspace import home

    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "streamlit", "run", str(root / "dashboard" / "app.py")]
    if arguments.port:
        command += ["--server.port", str(arguments.port)]
    # Streamlit reads its configuration from the folder it is started in
    environment = {**os.environ, "SPAMLAB_HOME": str(home())}
    return subprocess.call(command, cwd=root, env=environment)


class Bar:
    """One line on stderr that is drawn over itself; on something else than a terminal, silent."""

    WIDTH = 30

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.lively = stream.isatty()

    def show(self, progress: "Progress") -> None:
        """Draw where a run stands."""
        done = round(self.WIDTH * progress.share)
        left = progress.seconds_left
        rest = f", at most {left:.0f} s left" if left is not None else ""
        self.show_text(f"[{'#' * done}{'.' * (self.WIDTH - done)}] {progress.text}{rest}")

    def show_share(self, text: str, share: float) -> None:
        """Draw how far another work is."""
        done = round(self.WIDTH * share)
        self.show_text(f"[{'#' * done}{'.' * (self.WIDTH - done)}] {text}")

    def show_text(self, text: str) -> None:
        """Draw any sentence."""
        if self.lively:
            self.stream.write(f"\r\x1b[2K{text}")
            self.stream.flush()

    def clear(self) -> None:
        """Leave an empty line behind."""
        self.show_text("")


def _figures(figures: dict[str, float]) -> dict[str, Any]:
    """All figures, None for one that these mails do not give (a TCR without an error)."""
    from pipeline.evaluation.figures import FIGURES, only_finite

    known = only_finite(figures)
    counts = {k: int(v) for k, v in known.items() if k not in FIGURES and k != "threshold"}
    return {**known, **counts, **{name: known.get(name) for name in FIGURES}}


def _stop(run_id: str, previous: Any) -> None:
    from pipeline.workspace import live

    live.request_stop(run_id)
    signal.signal(signal.SIGINT, previous)


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise BadFile(f"{text}: a file was expected, but there is none; check the path.")
    return path


def _split_spec(arguments: argparse.Namespace, project: "Project") -> "SplitSpec":
    from pipeline.specs import SplitSpec

    if arguments.split_column:
        return SplitSpec(strategy="column", column=arguments.split_column)
    strategy = arguments.split or project.suggested_split()[0].strategy
    return SplitSpec(strategy=strategy, seed=arguments.seed)


def _threshold_spec(arguments: argparse.Namespace) -> "ThresholdSpec":
    from pipeline.specs import ThresholdSpec

    asked = {"budget": arguments.ham_budget, "cost": arguments.ham_cost, "f_beta": arguments.f_beta}
    rule, value = next(((r, v) for r, v in asked.items() if v is not None), ("own", None))
    return ThresholdSpec(rule, value, arguments.unsure)


def _require_budget(project: "Project", split: "Split", budget: float) -> None:
    from pipeline.evaluation.thresholds import require_budget

    heads = project.mails().heads.set_index("id").loc[list(split.validation)]
    ham = heads.index[heads["label"] == "ham"]
    require_budget(project.clusters()[ham].nunique(), budget)


def _files(arguments: argparse.Namespace) -> list["MailFile"]:
    from pipeline.intake import MailFile

    files = [MailFile(_file(text)) for text in arguments.file]
    for label in ("ham", "spam"):
        files += [MailFile(_file(text), label) for text in getattr(arguments, label)]
    if not files:
        raise BadFile("a file of mails was expected, none came; name one or give --ham and --spam.")
    return files


def _export(project: "Project", run_id: str, point: "OperatingPoint", target: str) -> str:
    """Write the model with its card to a file; the absolute path."""
    from pipeline.export.bundle import Bundle
    from pipeline.reports import model_card
    from pipeline.runs import store
    from pipeline.workspace import replacing

    path = Path(target).absolute()
    bundle = Bundle.load(store.bundle(run_id)).with_about(card=model_card.text(project, run_id))
    with replacing(path) as temporary:
        bundle.at(point.threshold, point.unsure_from).save(temporary)
    return str(path)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, allow_nan=False))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "spamlab", description="Build a spam classifier and know, honestly, how good it is."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(function: Any, *names: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            function.__name__, help=function.__doc__, description=function.__doc__
        )
        sub.set_defaults(function=function)
        for name in names:
            sub.add_argument(name)
        return sub

    def labelled(function: Any) -> argparse.ArgumentParser:
        sub = command(function)
        sub.add_argument("file", nargs="*", help="CSV, JSON lines, Parquet, mbox, eml, zip, tar")
        for label in ("ham", "spam"):
            help_text = f"raw mail that is all {label}; may be given more than once"
            sub.add_argument(
                f"--{label}", metavar="FILE", action="append", default=[], help=help_text
            )
        return sub

    sub = labelled(check)
    sub.add_argument("--labels", action="store_true", help="rank labels that look wrong as well")
    sub.add_argument("--json", action="store_true", help="print one JSON object")
    sub = labelled(train)
    sub.add_argument("--project", help="a name in the workspace; by default the file's")
    sub.add_argument("--model", choices=MODELS, default="logistic")
    sub.add_argument("--seed", type=int, default=0, help="of the split and the model")
    sub.add_argument(
        "--split",
        choices=("stratified", "grouped", "time"),
        help="by default grouped where there are near-duplicates, else stratified",
    )
    sub.add_argument(
        "--split-column", metavar="COL", help="a column with the words train, validation, test"
    )
    rules = sub.add_mutually_exclusive_group()
    for option, metavar, text in (
        ("--ham-budget", "N", "lose at most 1 in N ham"),
        ("--ham-cost", "K", "a lost ham costs as much as K spams read"),
        ("--f-beta", "B", "the highest F with beta = B"),
    ):
        rules.add_argument(option, metavar=metavar, type=float, help=f"set the threshold: {text}")
    sub.add_argument(
        "--unsure",
        metavar="SHARE",
        type=float,
        help="call mails unsure from where on at most this share of the spam (0 to 1) lies below",
    )
    sub.add_argument("--note", default="", help="what changed, and why")
    sub.add_argument("--export", metavar="PATH", help="write the model to this .spamlab file")
    sub.add_argument("--json", action="store_true", help="print one JSON object")
    sub = command(score, "model", "file")
    sub.add_argument("--out", metavar="CSV", help="write here instead of standard output")
    sub.add_argument(
        "--threshold", metavar="T", type=float, help="call spam from this score on, not the model's"
    )
    sub = command(runs)
    sub.add_argument("--project", help="only those of this project")
    sub.add_argument("--json", action="store_true", help="print a JSON list")
    sub = command(errors, "run")
    sub.add_argument("--kind", choices=ERROR_KINDS, help="by default all of these")
    sub.add_argument("--csv", action="store_true", help="print CSV, with a column a reason")
    sub.add_argument("--out", metavar="FILE", help="write here instead of standard output")
    sub = command(card, "run")
    sub.add_argument("--html", action="store_true", help="one HTML file instead of Markdown")
    sub.add_argument("--out", metavar="FILE", help="write here instead of standard output")
    sub = command(app)
    sub.add_argument("--port", type=int, help="8501 by default")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        return chosen.function(chosen) or 0
    except SpamlabError as error:
        print(f"spamlab: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("spamlab: interrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stdout = None  # type: ignore[assignment]  # the reader has left, as `head` does
        return 0
    except Exception:
        traceback.print_exc()
        print("spamlab: this is an error in Spamlab itself; please report it.", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
