"""The same work without a browser, one command a file.

Exit codes: 0 for success, 2 for a mistake of the user (one sentence on stderr), 1 for an error in
Spamlab. The docstring of a command's module is its help; `add_arguments` declares its arguments and
`run` does the work. `run` imports what it needs, so that scoring starts without TensorFlow and
MLflow.
"""

import argparse
import sys
import traceback
from types import ModuleType

from pipeline.cli import app, card, check, errors, runs, score, train
from pipeline.errors import SpamlabError

COMMANDS: dict[str, ModuleType] = {
    "check": check,
    "train": train,
    "score": score,
    "runs": runs,
    "errors": errors,
    "card": card,
    "app": app,
}


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        "spamlab", description="Build a spam classifier and know, honestly, how good it is."
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=command.__doc__, description=command.__doc__)
        subparser.set_defaults(run=command.run)
        command.add_arguments(subparser)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parsed = build_parser().parse_args(arguments)
    try:
        return parsed.run(parsed) or 0
    except SpamlabError as error:
        print(f"spamlab: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("spamlab: interrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stdout = None  # the reader has closed the pipe, as `head` does
        return 0
    except Exception:
        traceback.print_exc()
        print("spamlab: this is an error in Spamlab itself; please report it.", file=sys.stderr)
        return 1
