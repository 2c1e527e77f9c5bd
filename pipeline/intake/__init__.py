"""From a file to a Dataset, in three steps that can each be taken by hand.

`csv` reads a table of text, `columns` and `labels` guess what is what, `canonical` builds the
Dataset. `read` takes all three; `inspect` stops before the last, for a page with pickers.
"""

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import BadData
from pipeline.intake import labels as label_words
from pipeline.intake.canonical import Intake, to_dataset, to_mails
from pipeline.intake.columns import Columns, guess
from pipeline.intake.csv import read_table, write_csv
from pipeline.intake.table import Table

__all__ = [
    "Columns",
    "Inspection",
    "Intake",
    "Table",
    "inspect",
    "read",
    "read_table",
    "to_dataset",
    "to_mails",
    "write_csv",
]


@dataclass(frozen=True)
class Inspection:
    """A table and the guesses about it; `problem` says why a guess is missing."""

    table: Table = field(repr=False)
    columns: Columns | None
    labels: dict[str, str]
    unknown: list[str]
    problem: str | None = None


def inspect(path: Path) -> Inspection:
    """Read a file and guess its columns and labels.

    Raises:
        BadFile: as `read_table`; problems with the data are told in `problem` instead.
    """
    table = read_table(path)
    try:
        columns = guess(table)
    except BadData as problem:
        return Inspection(table, None, {}, [], str(problem))
    assert columns.label is not None
    labels, unknown = label_words.guess(table.column(columns.label))
    return Inspection(table, columns, labels, unknown)


def read(
    path: Path,
    columns: Columns | None = None,
    labels: dict[str, str] | None = None,
    name: str | None = None,
) -> Intake:
    """Read a labelled file, guessing what is not given; the name is the file's by default.

    Mails whose label is not known are left out as long as both classes have mails.

    Raises:
        BadFile: as `read_table`.
        BadData: as `columns.guess` and `to_dataset`.
    """
    table = read_table(path)
    columns = columns or guess(table)
    if labels is None and columns.label in table.names:
        labels, _ = label_words.guess(table.column(columns.label))
    stem = Path(path).name.removesuffix(".gz").rsplit(".", 1)[0]
    return to_dataset(table, columns, labels or {}, name or stem)
