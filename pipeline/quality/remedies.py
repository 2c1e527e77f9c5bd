"""Remedies: corrections that a finding offers, each of which makes a new version of the dataset.

A remedy names exactly the mails or columns that it drops, so what the page announces is what
happens. It never changes a text or a label.

>>> import pandas as pd
>>> frame = pd.DataFrame({
...     "id": [f"{i:02}" for i in range(50)], "label": ["ham", "spam"] * 25, "subject": "",
...     "body": "", "sender": None, "date": pd.to_datetime([None] * 50, utc=True), "group": None,
... })
>>> dataset = Dataset("tiny", frame)
>>> remedy = drop_mails("drop_empty", "Drop them", "no text", ["00", "01", "02"])
>>> remedy.size
'3 mails'
>>> new = apply_remedy(dataset, remedy)
>>> new.correction
'Dropped 3 mails (2 ham and 1 spam): no text. 47 of 50 mails stay.'
>>> new.parent == dataset.fingerprint
True
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipeline.errors import BadData
from pipeline.mail.dataset import CANONICAL, Dataset
from pipeline.wording import format_count


@dataclass(frozen=True)
class Remedy:
    """A correction that a finding offers; it drops either mails or columns.

    Attributes:
        kind: a stable word for programs, such as "drop_copies".
        title: the text of its button.
        subject: names the dropped mails or columns in the sentence that the new version keeps.
        ids: the mails that it drops.
        columns: the columns of the frame that it drops.
    """

    kind: str
    title: str
    subject: str
    ids: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @property
    def size(self) -> str:
        """How much it drops, such as "403 mails" or "1 column"."""
        if self.columns:
            return format_count(len(self.columns), "column")
        return format_count(len(self.ids), "mail")


def drop_mails(kind: str, title: str, subject: str, ids: Iterable[str]) -> Remedy:
    """Build a remedy that drops mails.

    Args:
        subject: names these mails, such as "copies of earlier mails".
    """
    return Remedy(kind, title, subject, ids=tuple(map(str, ids)))


def drop_columns(columns: Iterable[str]) -> Remedy:
    """Build a remedy that drops additional columns ("file:…") of the user's file."""
    columns = tuple(columns)
    names = ", ".join(f'"{c.removeprefix("file:")}"' for c in columns)
    noun = "column" + "s" * (len(columns) != 1)
    return Remedy("drop_columns", f"Drop the {noun}", f"{noun} {names}", (), columns)


def apply_remedy(dataset: Dataset, remedy: Remedy) -> Dataset:
    """Build the next version of a dataset, which names its parent and says what was done.

    Mails that the remedy does not name keep their position and every cell.

    Raises:
        BadData: if nothing would change, if a column is one that every dataset has, or if too few
            mails of a class would remain (`Dataset.require_enough_mails`).
    """
    frame = dataset.frame
    if fixed := [c for c in remedy.columns if c in CANONICAL]:
        raise BadData(f"the column {fixed[0]!r} is part of every dataset; it cannot be dropped.")
    gone = frame["id"].isin(set(remedy.ids))
    columns = [c for c in remedy.columns if c in frame.columns]
    if not gone.any() and not columns:
        raise BadData(
            "there is nothing to drop: the mails or columns that this remedy names are not in the "
            "dataset. Look at its findings again; these may be from an earlier version."
        )
    kept = frame[~gone].drop(columns=columns).reset_index(drop=True)
    if columns:
        correction = f"Dropped the {remedy.subject}; all {len(kept):,} mails stay."
    else:
        by_label = frame["label"][gone].value_counts()
        counts = " and ".join(f"{by_label[word]:,} {word}" for word in sorted(by_label.index))
        correction = (
            f"Dropped {format_count(int(gone.sum()), 'mail')} ({counts}): {remedy.subject}. "
            f"{len(kept):,} of {len(frame):,} mails stay."
        )
    new = replace(dataset, frame=kept, parent=dataset.fingerprint, correction=correction)
    if gone.any():
        try:
            new.require_enough_mails()
        except BadData as error:
            raise BadData(f"this would drop too many mails: {error}") from error
    return new
