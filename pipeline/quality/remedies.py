"""What can be done about a finding: a correction that makes a new version of the dataset.

A remedy holds the very mails or columns that it takes out, so what the page announces is what
happens; it never changes a text or a label.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipeline.errors import BadData
from pipeline.mail.dataset import CANONICAL, Dataset
from pipeline.wording import counted


@dataclass(frozen=True)
class Remedy:
    """A correction that is offered for a finding.

    `kind` is a stable word (drop_copies, drop_all, ...), `title` what a button says, `what` names
    the mails or columns that go in the sentence that the new version keeps. Either `ids` (of the
    mails that go) or `columns` (of the frame) holds something.
    """

    kind: str
    title: str
    what: str
    ids: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @property
    def size(self) -> str:
        """How much goes: "403 mails" or "1 column"."""
        if self.columns:
            return counted(len(self.columns), "column")
        return counted(len(self.ids), "mail")


def drop_mails(kind: str, title: str, what: str, ids: Iterable[str]) -> Remedy:
    """A remedy that takes mails out."""
    return Remedy(kind, title, what, ids=tuple(map(str, ids)))


def drop_columns(columns: Iterable[str]) -> Remedy:
    """A remedy that takes spare columns ("file:…") of the user's file out."""
    chosen = tuple(columns)
    names = ", ".join(f'"{c.removeprefix("file:")}"' for c in chosen)
    plural = "s" * (len(chosen) != 1)
    return Remedy("drop_columns", f"Drop the column{plural}", f"column{plural} {names}", (), chosen)


def apply(dataset: Dataset, remedy: Remedy) -> Dataset:
    """The next version of a dataset: it names its parent and says what was done.

    Mails that the remedy does not name keep their place and every cell. Raises BadData when
    nothing would change, when a column is one that every dataset has, or when too few mails of a
    class would be left (`Dataset.require_enough`).
    """
    frame = dataset.frame
    if fixed := [c for c in remedy.columns if c in CANONICAL]:
        raise BadData(f"the column {fixed[0]!r} is part of every dataset; it cannot be dropped.")
    gone = frame["id"].isin(set(remedy.ids))
    columns = [c for c in remedy.columns if c in frame.columns]
    if not gone.any() and not columns:
        raise BadData(
            "there is nothing to take out: the mails or columns that this remedy names are not in "
            "the dataset. Look at its findings again; they may be of an earlier version."
        )
    kept = frame[~gone].drop(columns=columns).reset_index(drop=True)
    if columns:
        done = f"Dropped the {remedy.what}; all {len(kept):,} mails stay."
    else:
        by_label = frame["label"][gone].value_counts()
        each = " and ".join(f"{by_label[word]:,} {word}" for word in sorted(by_label.index))
        done = (
            f"Dropped {counted(int(gone.sum()), 'mail')} ({each}): {remedy.what}. "
            f"{len(kept):,} of {len(frame):,} mails stay."
        )
    made = replace(dataset, frame=kept, parent=dataset.fingerprint, done=done)
    if gone.any():
        try:
            made.require_enough_mails()
        except BadData as error:
            raise BadData(f"this would take too much away: {error}") from error
    return made
