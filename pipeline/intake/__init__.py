"""From files to a Dataset, in three steps that can each be taken by hand.

`sources.open_table` reads files of any kind to a Table, `columns` and `labels` guess what is what,
`canonical` builds the Dataset. `read` takes all three; `inspect` looks without building.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import BadData
from pipeline.intake import labels as label_words
from pipeline.intake.canonical import Intake, Stored, mails, to_dataset, to_mails, write_dataset
from pipeline.intake.columns import Columns, guess
from pipeline.intake.csv import read_table, write_csv
from pipeline.intake.sources import MailFile, open_table
from pipeline.intake.table import Table

__all__ = [
    "Columns",
    "Inspection",
    "Intake",
    "MailFile",
    "Stored",
    "Table",
    "guess",
    "inspect",
    "mails",
    "open_table",
    "read",
    "read_table",
    "to_dataset",
    "to_mails",
    "write_csv",
    "write_dataset",
]


@dataclass(frozen=True)
class Inspection:
    """The guesses about a table; `problem` says why a guess is missing."""

    columns: Columns | None
    labels: dict[str, str]
    unknown: list[str]
    problem: str | None = None


def inspect(table: Table) -> Inspection:
    """Guess the columns and labels; problems with the data are told in `problem`."""
    try:
        columns = guess(table)
    except BadData as problem:
        return Inspection(None, {}, [], str(problem))
    assert columns.label is not None
    labels, unknown = label_words.guess(table.column(columns.label))
    return Inspection(columns, labels, unknown)


def read(
    files: Path | Sequence[MailFile],
    columns: Columns | None = None,
    labels: dict[str, str] | None = None,
    name: str | None = None,
) -> Intake:
    """Read labelled mails into memory, guessing what is not given; named as the file by default.

    Mails whose label is not known are left out as long as both classes have mails.

    Raises:
        BadFile: as `open_table`.
        BadData: as `columns.guess` and `to_dataset`.
    """
    files = [MailFile(Path(files))] if isinstance(files, str | Path) else files
    table = open_table(files)
    columns = columns or guess(table)
    if labels is None and columns.label in table.names:
        labels, _ = label_words.guess(table.column(columns.label))
    return to_dataset(table, columns, labels or {}, name or stem(files[0].path))


def stem(path: Path) -> str:
    """A file's name without its endings."""
    return Path(path).name.removesuffix(".gz").rsplit(".", 1)[0]
