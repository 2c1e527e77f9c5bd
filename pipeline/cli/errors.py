"""List the mails that a run called wrongly, with the reasons, the most wrong first."""

import argparse

from pipeline.cli.output import add_out, open_output
from pipeline.cli.progress_bar import ProgressBar

KINDS = {"fp": "false positive", "fn": "false negative", "unsure": "unsure"}
"""The choices of --kind, and the kind of error that each names."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("run_id", metavar="run", help="its id, as `spamlab runs` lists it")
    parser.add_argument("--kind", choices=KINDS, help="all of these by default")
    parser.add_argument("--csv", action="store_true", help="print CSV, one column per reason")
    add_out(parser)


def run(arguments: argparse.Namespace) -> None:
    """Print the errors as text or CSV."""
    from pipeline.error_analysis import CORRECT, text
    from pipeline.intake import write_csv
    from pipeline.project import Project
    from pipeline.reports import error_report
    from pipeline.runs import store

    run = store.read_run(arguments.run_id)
    bar = ProgressBar()
    report = error_report.build_error_report(Project(run.project), run, progress=bar.draw)
    bar.clear()
    kind = KINDS.get(arguments.kind)
    table = report.table
    table = table[table["kind"].ne(CORRECT) if kind is None else table["kind"].eq(kind)]
    with open_output(arguments.out) as output:
        if arguments.csv:
            write_csv(table, output)
        else:
            groups = [g for g in report.groups.groups if kind in (None, g.kind)]
            output.write(text.format_errors(table, groups, report.remarks))
