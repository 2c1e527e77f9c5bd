"""The output of a command: JSON for programs, text to a file or to standard output."""

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any


def add_out(parser: argparse.ArgumentParser, metavar: str = "FILE") -> None:
    """Declare the argument for a file that replaces standard output."""
    parser.add_argument("--out", metavar=metavar, help="write here, not to standard output")


@contextlib.contextmanager
def open_output(out: str | None) -> Iterator[IO[str]]:
    """Open the file `out`, which is replaced whole at the end, or standard output if it is None.

    Raises BadWorkspace if the file cannot be written.
    """
    from pipeline.workspace import replacing

    if out is None:
        yield sys.stdout
        return
    with replacing(Path(out).absolute()) as path, path.open("w", encoding="utf-8") as file:
        yield file


def print_json(value: Any) -> None:
    """Print one JSON value; raises ValueError for a number that JSON does not have."""
    print(json.dumps(value, ensure_ascii=False, allow_nan=False))


def to_json_figures(figures: dict[str, float]) -> dict[str, Any]:
    """Convert figures for JSON; None for one that these mails do not have (TCR without errors)."""
    from pipeline.evaluation.figures import FIGURES, keep_finite

    known = keep_finite(figures)
    counts = {k: int(v) for k, v in known.items() if k not in FIGURES and k != "threshold"}
    return {**known, **counts, **{name: known.get(name) for name in FIGURES}}
