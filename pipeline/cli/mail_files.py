"""The arguments that name files of mail, and the files that they name."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import BadFile

if TYPE_CHECKING:
    from pipeline.intake import MailFile


def add_labelled_files(parser: argparse.ArgumentParser) -> None:
    """Take files of labelled mail, and raw mail that is all ham or all spam."""
    # `formats.list_titles` written out, as a test checks: importing it here takes pandas and 2 s
    parser.add_argument("file", nargs="*", help="CSV, JSON lines, Parquet, .eml, mbox, zip, tar")
    for label in ("ham", "spam"):
        help_text = f"raw mail that is all {label}; may be given more than once"
        parser.add_argument(
            f"--{label}", metavar="FILE", action="append", default=[], help=help_text
        )


def read_file_arguments(arguments: argparse.Namespace) -> list["MailFile"]:
    """The files that `add_labelled_files` took; raises BadFile when one is missing, or all."""
    from pipeline.intake import MailFile

    files = [MailFile(require_file(text)) for text in arguments.file]
    for label in ("ham", "spam"):
        files += [MailFile(require_file(text), label) for text in getattr(arguments, label)]
    if not files:
        raise BadFile("a file of mails was expected, none came; name one or give --ham and --spam.")
    return files


def require_file(text: str) -> Path:
    """The path of a file that is there; raises BadFile for any other."""
    path = Path(text)
    if not path.is_file():
        raise BadFile(f"{text}: a file was expected, but there is none; check the path.")
    return path
