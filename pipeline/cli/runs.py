"""List the runs of the workspace, the newest first."""

import argparse

from pipeline.cli.output import print_json, to_json_figures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--project", help="only those of this project")
    parser.add_argument("--json", action="store_true", help="print a JSON list")


def run(arguments: argparse.Namespace) -> None:
    """Print the runs, one per line."""
    from pipeline.runs import store

    runs = store.list_runs(arguments.project)
    if arguments.json:
        print_json(
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
                    "validation": to_json_figures(r.figures) if r.usable else {},
                }
                for r in runs
            ]
        )
        return
    if not runs:
        print("No runs yet; `spamlab train FILE` makes one.")
        return
    print(f"{'run':<34}{'project':<22}{'name':<14}{'status':<13}{'F1':>7}{'AP':>8}  note")
    for r in runs:
        f1, ap = (
            f"{r.figures[k]:.4f}" if k in r.figures else "" for k in ("f1", "average_precision")
        )
        print(f"{r.id:<34}{r.project:<22}{r.name:<14}{r.status:<13}{f1:>7}{ap:>8}  {r.note}")
