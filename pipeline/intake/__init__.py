"""Turns files into a Dataset, in three steps that can be taken one by one.

`open_table` reads files of any format to a Table, `guess_columns` and `labels.guess_labels` guess
the roles of its columns and the meaning of its labels, and `build_dataset` builds the Dataset.
`read_dataset` takes all three steps; `inspect_table` only guesses.

>>> import tempfile
>>> folder = tempfile.TemporaryDirectory()
>>> path = Path(folder.name) / "mails.csv"
>>> lines = [f"Mail {i},Hello {i},{('ham', 'junk')[i % 2]}" for i in range(60)]
>>> _ = path.write_text("\\n".join(["subject,text,label", *lines]))
>>> inspection = inspect_table(open_table([MailFile(path)]))
>>> inspection.columns.body, inspection.labels
('text', {'ham': 'ham', 'junk': 'spam'})
>>> read_dataset(path).dataset.counts
{'ham': 30, 'spam': 30}
>>> folder.cleanup()
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import BadData
from pipeline.intake import labels as label_words
from pipeline.intake.canonical import (
    Intake,
    StoredDataset,
    build_dataset,
    build_mails,
    iterate_mails,
    write_dataset,
)
from pipeline.intake.columns import Columns, guess_columns
from pipeline.intake.csv import read_table, write_csv
from pipeline.intake.sources import MailFile, open_table
from pipeline.intake.table import Table

__all__ = [
    "Columns",
    "Inspection",
    "Intake",
    "MailFile",
    "StoredDataset",
    "Table",
    "build_dataset",
    "build_mails",
    "guess_columns",
    "inspect_table",
    "iterate_mails",
    "open_table",
    "read_dataset",
    "read_table",
    "strip_endings",
    "write_csv",
    "write_dataset",
]


@dataclass(frozen=True)
class Inspection:
    """The guesses about a table.

    Attributes:
        columns: the roles of the columns; None if they cannot be guessed.
        labels: "ham" or "spam" for each word of the label column that is known.
        unknown: the other words of that column, the most frequent first.
        problem: a sentence that says why there is no guess, or None.
    """

    columns: Columns | None
    labels: dict[str, str]
    unknown: list[str]
    problem: str | None = None


def inspect_table(table: Table) -> Inspection:
    """Guess the columns and labels of a table; reports problems instead of raising them."""
    try:
        columns = guess_columns(table)
    except BadData as problem:
        return Inspection(None, {}, [], str(problem))
    assert columns.label is not None
    labels, unknown = label_words.guess_labels(table.column(columns.label))
    return Inspection(columns, labels, unknown)


def read_dataset(
    files: Path | Sequence[MailFile],
    columns: Columns | None = None,
    labels: dict[str, str] | None = None,
    name: str | None = None,
) -> Intake:
    """Read labelled mails into memory and guess what is not given.

    Mails with an unknown label are left out as long as both classes have mails.

    Args:
        files: the path of one file, or several files.
        columns: the roles of the columns.
        labels: "ham" or "spam" for each word of the label column.
        name: the dataset's name; by default that of the first file.

    Raises:
        BadFile: as `open_table`.
        BadData: as `guess_columns` and `build_dataset`.
    """
    files = [MailFile(Path(files))] if isinstance(files, str | Path) else files
    table = open_table(files)
    columns = columns or guess_columns(table)
    if labels is None and columns.label in table.names:
        labels, _ = label_words.guess_labels(table.column(columns.label))
    return build_dataset(table, columns, labels or {}, name or strip_endings(files[0].path))


def strip_endings(path: Path) -> str:
    """The name of a file without its endings.

    >>> strip_endings(Path("data/mails.csv.gz"))
    'mails'
    """
    return Path(path).name.removesuffix(".gz").rsplit(".", 1)[0]
