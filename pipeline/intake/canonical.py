"""Builds a Dataset from a table and the roles of its columns, or mails that are to be scored."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from pipeline.errors import BadData
from pipeline.intake import labels as label_words
from pipeline.intake.columns import Columns
from pipeline.intake.conversion import CONTROL, Conversion, has_text, remove_characters
from pipeline.intake.table import Table
from pipeline.mail.dataset import (
    LABELS,
    Dataset,
    DatasetWriter,
    require_enough_mails,
)
from pipeline.wording import format_count, shorten
from pipeline.workspace.progress import Progress, ignore_progress


@dataclass(frozen=True)
class Intake:
    """A Dataset, the records left out of it (row, id, reason, excerpt), and notes for the user."""

    dataset: Dataset
    left_out: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class StoredDataset:
    """A Dataset that was written to a file: its fingerprint and mails per label; see `Intake`."""

    fingerprint: str
    counts: dict[str, int]
    left_out: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...] = ()


def build_dataset(table: Table, columns: Columns, labels: dict[str, str], name: str) -> Intake:
    """Build a Dataset; records without a known label or without any text are left out.

    Args:
        columns: must name a label column.
        labels: "ham" or "spam" for each stripped word of that column.
        name: the dataset's name.

    Raises:
        BadData: if a column is missing, a label maps to a word other than ham and spam, or too few
            records of a class have a known label.
    """
    labelled = _Labelled(table, columns, labels)
    dataset = Dataset(name, pd.concat(list(labelled.batches()), ignore_index=True))
    dataset.require_enough_mails()
    return Intake(dataset, labelled.left_out(), labelled.notes())


def write_dataset(
    table: Table,
    columns: Columns,
    labels: dict[str, str],
    path: Path,
    progress: Progress = ignore_progress,
) -> StoredDataset:
    """Build a Dataset in a Parquet file, with one batch in memory at a time; see `build_dataset`.

    Args:
        path: the file to write; removed again if BadData is raised.
        progress: receives the share done, now and then.
    """
    labelled = _Labelled(table, columns, labels)
    counts = dict.fromkeys(LABELS, 0)
    done = 0
    with DatasetWriter(path) as writer:
        for frame in labelled.batches():
            writer.add(frame)
            for label, n in frame["label"].value_counts().items():
                counts[str(label)] += int(n)
            done += 1
            progress("Sorting out the mails", done / table.groups)
    try:
        require_enough_mails(counts)
    except BadData:
        path.unlink()
        raise
    return StoredDataset(writer.fingerprint, counts, labelled.left_out(), labelled.notes())


def iterate_mails(table: Table, columns: Columns) -> Iterator[pd.DataFrame]:
    """Yield all records in the order of the file, batch by batch, as mails without labels.

    Raises:
        BadData: if a column is missing.
    """
    conversion = Conversion(table, columns)
    ids, _ = _ids(table, columns, None)
    for batch in table.batches():
        frame = conversion.convert(batch)
        frame.insert(0, "id", ids.loc[batch.index])
        yield frame.reset_index(drop=True)


def build_mails(table: Table, columns: Columns) -> pd.DataFrame:
    """Build one frame of all mails; see `iterate_mails`."""
    return pd.concat(list(iterate_mails(table, columns)), ignore_index=True)


class _Labelled:
    """Divides the records into the mails of a Dataset, batch by batch, and those left out."""

    def __init__(self, table: Table, columns: Columns, labels: dict[str, str]) -> None:
        if columns.label is None:
            raise BadData("expected a label column, received none. Choose it yourself.")
        self.conversion = Conversion(table, columns)
        if wrong := set(labels.values()) - set(LABELS):
            raise BadData(
                f"labels must map to ham or spam, received {min(wrong)!r}. Choose one of the two."
            )
        self.table = table
        self.meanings = {word.strip(): meaning for word, meaning in labels.items()}
        self.words = table.column(columns.label).str.strip()
        self.label = self.words.map(self.meanings).astype("str")
        unknown = self.label.isna()
        kept = ~unknown & _have_text(table, columns)
        _require_known(table, columns.label, self.words[unknown], self.label[kept])
        self.ids, self.id_notes = _ids(table, columns, kept)
        self._out: list[pd.DataFrame] = []
        self._used: set[str] = set()

    def batches(self) -> Iterator[pd.DataFrame]:
        """Yield canonical frames; `left_out` lists the other records afterwards."""
        for batch in self.table.batches():
            frame = self.conversion.convert(batch)
            words, label = self.words.loc[batch.index], self.label.loc[batch.index]
            frame.insert(0, "label", label)
            frame.insert(0, "id", self.ids.loc[batch.index])
            reason = pd.Series("", index=words.index, dtype="str")
            empty = ~(has_text(frame["subject"]) | has_text(frame["body"]))
            reason = reason.mask(empty, "has neither a subject nor a text")
            unknown = 'the label "' + words.str.slice(0, 40) + '" means neither ham nor spam'
            reason = reason.mask(label.isna(), unknown)
            reason = reason.mask(words == "", "has no label")
            self._leave_out(frame[reason != ""], reason[reason != ""])
            self._used |= set(words[reason == ""])
            yield frame[reason == ""].reset_index(drop=True)

    def left_out(self) -> pd.DataFrame:
        """The row, id, reason and excerpt of each record left out, in the order of the file."""
        tables = [t for t in (self.table.left_out, *self._out) if len(t)]
        records = pd.concat(tables) if tables else self.table.left_out
        return records.sort_values("row", kind="stable").reset_index(drop=True)

    def notes(self) -> tuple[str, ...]:
        """Notes for the user, complete after the last batch."""
        used = {word: self.meanings[word] for word in sorted(self._used)}
        explained = label_words.explain_labels(used)
        notes = [*self.table.notes, explained, *self.conversion.notes(), *self.id_notes]
        return tuple(note for note in notes if note)

    def _leave_out(self, out: pd.DataFrame, reason: pd.Series) -> None:
        text = (out["subject"] + " " + out["body"]).str.strip()
        self._out.append(
            pd.DataFrame(
                {
                    "row": out.index,
                    "id": out["id"].to_list(),
                    "reason": reason.to_list(),
                    "excerpt": [shorten(t) for t in text],
                }
            )
        )


def _have_text(table: Table, columns: Columns) -> pd.Series:
    """Whether each record has a subject or a text."""
    names = [name for name in (columns.subject, columns.body) if name is not None]
    parts = []
    for batch in table.batches(names):
        filled = pd.Series(False, index=batch.index)
        for name in names:
            filled |= has_text(remove_characters(batch[name], CONTROL))
        parts.append(filled)
    return pd.concat(parts)


def _ids(table: Table, columns: Columns, kept: pd.Series | None) -> tuple[pd.Series, list[str]]:
    """The file's ids if those of the kept mails (None: all) are unique, or record numbers."""
    if columns.id is None:
        return _record_numbers(table.column(table.names[0]) if kept is None else kept), []
    given = table.column(columns.id)
    ids = remove_characters(given, CONTROL).str.strip()
    kept = pd.Series(True, index=ids.index) if kept is None else kept
    empty, repeats = (ids[kept] == "").sum(), ids[kept & (ids != "")].duplicated()
    if not empty and not repeats.any():
        return ids, []
    problems = [f"{empty:,} {'is' if empty == 1 else 'are'} empty"] if empty else []
    if n := int(repeats.sum()):
        first = shorten(repeats.index[repeats].map(ids)[0], 40)
        verb = "repeats" if n == 1 else "repeat"
        problems.append(f'{n:,} {verb} an earlier one (the first is "{first}")')
    return _record_numbers(ids), [
        f'The ids in the column "{columns.id}" are not unique: {", ".join(problems)}. '
        "The mails are identified by their record numbers instead."
    ]


def _record_numbers(like: pd.Series) -> pd.Series:
    return pd.Series(like.index.astype("str"), index=like.index, dtype="str")


def _require_known(table: Table, column: str, unknown: pd.Series, kept: pd.Series) -> None:
    """Raise BadData if a class has no mails, and unknown words are the likely reason."""
    words = unknown[unknown != ""].value_counts().index
    if not len(words) or kept.nunique() == 2:
        return
    listed = ", ".join(f'"{shorten(w, 30)}"' for w in words[:5]) + ", …" * (len(words) > 5)
    if table.messages:
        raise BadData(
            f"the mails are in {listed}, which is not known to mean ham or spam; expected folders "
            "or files with such names, or Gmail's labels. Say for each what it means."
        )
    raise BadData(
        f'the column "{column}" has {format_count(len(words), "word")} not known to mean ham or '
        f"spam: {listed}. Say for each what it means, or choose another label column."
    )
