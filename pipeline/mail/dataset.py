"""Labelled mails: one frame with canonical columns, and the fingerprint of its content.

>>> import pandas as pd
>>> frame = pd.DataFrame({
...     "id": ["1", "2"], "label": ["ham", "spam"], "subject": ["Lunch", "Win!"],
...     "body": ["See you at noon", "Claim your prize"], "sender": None,
...     "date": pd.to_datetime([None, None], utc=True), "group": None,
... })
>>> dataset = Dataset("tiny", frame)
>>> dataset.counts
{'ham': 1, 'spam': 1}
>>> dataset.fingerprint == Dataset("other name", dataset.frame[::-1]).fingerprint
True
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import BadData

CANONICAL = ("id", "label", "subject", "body", "sender", "date", "group")
RAW = ("headers", "html", "attachments", "reading")
"""Further columns of raw messages (`pipeline.intake.message`); a frame has all of them or none.
``headers``: one unfolded ``Name: value`` per line. ``html``: the HTML as it came, or "".
``attachments``: one ``type/subtype name`` per line. ``reading``: how the message was read, one
remark per line."""
LABELS = ("ham", "spam")
MISSING = "\x18"
"""Stands for a missing value in a fingerprint: a control character that every reader removes, so
that no real value equals it."""

FINGERPRINT = re.compile(r"[0-9a-f]{16}")
MINIMUM_PER_CLASS = 20
"""The fewest mails of each class that are worth dividing into three parts."""


@dataclass(frozen=True)
class Dataset:
    """Labelled mails; immutable, so that a fingerprint always names the same mails.

    Attributes:
        name: what the user calls it; not part of the fingerprint.
        frame: one row per mail. The columns of `CANONICAL` come first: id (unique text), label
            ("ham" or "spam"), subject and body (text, "" when missing), sender (text or missing),
            date (UTC or NaT), group (text or missing; mails with the same group belong together).
            Raw messages have the text columns of `RAW` as well. All other columns of the user's
            file follow as text, each under its own name with the prefix ``file:``.
        parent: the fingerprint of the dataset that this one corrects; None for mails as they were
            read from a file.
        correction: one sentence that says what was corrected; "" without a parent.

    Raises:
        BadData: if a canonical column is missing, an id occurs twice or a label is neither "ham"
            nor "spam".
    """

    name: str
    frame: pd.DataFrame = field(repr=False)
    parent: str | None = None
    correction: str = ""

    def __post_init__(self) -> None:
        missing = [c for c in CANONICAL if c not in self.frame.columns]
        if missing:
            raise BadData(f"the dataset lacks the column {missing[0]!r}.")
        if not self.frame["id"].is_unique:
            raise BadData("mail ids must be unique; at least one of them occurs twice.")
        if not self.frame["label"].isin(LABELS).all():
            raise BadData('every label must be "ham" or "spam"; at least one is another word.')

    @cached_property
    def fingerprint(self) -> str:
        """The first 16 hex digits of SHA-256 over all columns, whatever the order of the rows."""
        content = Fingerprint()
        content.add(self.frame)
        return content.hexdigest()

    @cached_property
    def counts(self) -> dict[str, int]:
        """Number of mails per label; both labels are always present."""
        rows = self.frame["label"].value_counts()
        return {label: int(rows.get(label, 0)) for label in LABELS}

    def require_enough_mails(self) -> None:
        """Raise BadData unless there are at least `MINIMUM_PER_CLASS` mails of each class."""
        require_enough_mails(self.counts)

    def save(self, path: Path) -> None:
        """Write the frame as Parquet."""
        with DatasetWriter(path, self.parent, self.correction) as writer:
            writer.add(self.frame, self.fingerprint)

    @classmethod
    def load(cls, name: str, path: Path) -> Self:
        """Read a file that `save` or a `DatasetWriter` wrote."""
        file = pq.ParquetFile(path)
        facts = {k.decode(): v.decode() for k, v in (file.metadata.metadata or {}).items()}
        dataset = cls(
            name, pd.read_parquet(path), facts.get("parent") or None, facts.get("done", "")
        )
        # Computing the fingerprint takes 1 s for 75,000 mails, and every job reads them. Older
        # versions of Spamlab kept it only in the file's name.
        known = facts.get("fingerprint") or (path.stem if FINGERPRINT.fullmatch(path.stem) else "")
        if known:
            dataset.__dict__["fingerprint"] = known
        return dataset


def require_enough_mails(counts: dict[str, int]) -> None:
    """Raise BadData unless there are at least `MINIMUM_PER_CLASS` mails of each class.

    Args:
        counts: the number of mails per label.

    >>> require_enough_mails({"ham": 500, "spam": 19})
    Traceback (most recent call last):
    pipeline.errors.BadData: at least 20 mails of each class are needed to train, validate and \
test; found 19 spam. Add more spam mails.
    """
    for label, n in counts.items():
        if n == 0:
            opposite = "spam" if label == "ham" else "ham"
            raise BadData(
                f"a classifier needs mails of both classes; all {sum(counts.values()):,} mails "
                f"here are {opposite}. Add {label} mails or check which words of the label column "
                f"mean {label}."
            )
        if n < MINIMUM_PER_CLASS:
            raise BadData(
                f"at least {MINIMUM_PER_CLASS} mails of each class are needed to train, "
                f"validate and test; found {n} {label}. Add more {label} mails."
            )


class Fingerprint:
    """Computes the fingerprint of mails that come in batches; their order does not matter."""

    def __init__(self) -> None:
        self._columns: list[str] = []
        self._rows: list[bytes] = []

    def add(self, frame: pd.DataFrame) -> None:
        """Add a batch of mails; every batch must have the same columns."""
        self._columns = [str(name) for name in frame.columns]
        cells = []
        for name in frame.columns:
            column = frame[name]
            if name == "date":  # a file may change the unit of a timestamp
                column = column.dt.strftime("%Y-%m-%dT%H:%M:%S")
            cells.append(column.astype(object).where(column.notna(), MISSING))
        self._rows += [
            hashlib.sha256("\x1e".join(map(str, row)).encode(errors="replace")).digest()
            for row in zip(*cells, strict=True)
        ]

    def hexdigest(self) -> str:
        """The fingerprint of all mails added so far: 16 hex digits."""
        state = hashlib.sha256("\x1e".join(self._columns).encode(errors="replace"))
        for row in sorted(self._rows):
            state.update(row)
        return state.hexdigest()[:16]


class DatasetWriter:
    """Writes the Parquet file of a Dataset batch by batch; a context manager."""

    GROUP = 500
    """Mails per row group. A page reads only the groups that it shows, and reading 14 MB of mail
    back takes 55 MB at its peak instead of 83."""

    def __init__(self, path: Path, parent: str | None = None, correction: str = "") -> None:
        self.path, self.parent, self.correction = path, parent, correction
        self.content = Fingerprint()
        self._writer: pq.ParquetWriter | None = None
        self._fingerprint: str | None = None

    def __enter__(self) -> Self:
        return self

    def add(self, frame: pd.DataFrame, fingerprint: str | None = None) -> None:
        """Append mails.

        Args:
            fingerprint: the fingerprint of the whole dataset, if it is known already; it is then
                not computed.
        """
        if fingerprint is None:
            self.content.add(frame)
        self._fingerprint = fingerprint
        table = pa.Table.from_pandas(frame, preserve_index=False)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.path, table.schema, use_dictionary=False)
        self._writer.write_table(table.cast(self._writer.schema), row_group_size=self.GROUP)

    @cached_property
    def fingerprint(self) -> str:
        """The fingerprint of all mails added; read it after the last batch."""
        return self._fingerprint or self.content.hexdigest()

    def __exit__(self, kind: Any, *_: Any) -> None:
        if self._writer is not None:
            if kind is None:
                facts = {"fingerprint": self.fingerprint, "parent": self.parent or ""}
                self._writer.add_key_value_metadata({**facts, "done": self.correction})
            self._writer.close()


def encode_labels(labels: Sequence[str] | pd.Series) -> np.ndarray:
    """Turn the words "ham" and "spam" into 0 and 1, int8 [n].

    >>> encode_labels(["ham", "spam", "ham"]).tolist()
    [0, 1, 0]
    """
    return np.asarray((np.asarray(labels, dtype=object) == "spam").astype(np.int8))
