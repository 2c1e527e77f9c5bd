"""Write id, score and label for every row of a file."""

import argparse
from pathlib import Path

from pipeline.cli.mail_files import require_file
from pipeline.cli.output import add_out, open_output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("model", help="a .spamlab file, as `spamlab train --export` writes it")
    parser.add_argument("file", help="a file of mails in any format; labels are not needed")
    add_out(parser, "CSV")
    parser.add_argument(
        "--threshold", metavar="T", type=float, help="replaces the threshold of the model"
    )


def run(arguments: argparse.Namespace) -> None:
    """Score, and write CSV."""
    from pipeline.evaluation.operating_point import OperatingPoint
    from pipeline.export.scoring import score_file
    from pipeline.intake import write_csv

    threshold = arguments.threshold
    point = None if threshold is None else OperatingPoint(threshold)
    scores = score_file(Path(arguments.model), require_file(arguments.file), point)
    with open_output(arguments.out) as output:
        write_csv(scores, output)
