"""The arguments that name files of mail."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import BadFile

if TYPE_CHECKING:
    from pipeline.intake import MailFile


def add_labelled_files(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments for files of labelled mail and for raw mail of one label."""
    # a test compares this help with `formats.list_titles`, whose import takes 2 s for pandas
    parser.add_argument("file", nargs="*", help="CSV, JSON lines, Parquet, .eml, mbox, zip, tar")
    for label in ("ham", "spam"):
        help_text = f"raw mail that is all {label}; may be repeated"
        parser.add_argument(
            f"--{label}", metavar="FILE", action="append", default=[], help=help_text
        )


def read_file_arguments(arguments: argparse.Namespace) -> list["MailFile"]:
    """Return the files that the arguments name; raises BadFile for none, or for a missing one."""
    from pipeline.intake import MailFile

    files = [MailFile(require_file(text)) for text in arguments.file]
    for label in ("ham", "spam"):
        files += [MailFile(require_file(text), label) for text in getattr(arguments, label)]
    if not files:
        raise BadFile("expected a file of mails, received none; name one or use --ham and --spam.")
    return files


def require_file(text: str) -> Path:
    """Return the path of a file that exists; raises BadFile if there is none."""
    path = Path(text)
    if not path.is_file():
        raise BadFile(f"{text}: expected a file, but there is none; check the path.")
    return path
