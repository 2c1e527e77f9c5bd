"""A set of labelled mails: one canonical frame and the fingerprint of its content."""

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
"""Columns that raw messages have besides (`pipeline.intake.message`), all of them or none: headers
is one unfolded ``Name: value`` a line, html the HTML as it came or "", attachments one
``type/subtype name`` a line, reading how the message was read, one remark a line."""
LABELS = ("ham", "spam")
MISSING = "\x18"
"""What stands for a missing value in a fingerprint; a control character no reader lets through."""

FINGERPRINT = re.compile(r"[0-9a-f]{16}")
MINIMUM_PER_CLASS = 20
"""Fewer mails of a class than this cannot fill three parts that mean anything."""


@dataclass(frozen=True)
class Dataset:
    """Labelled mails; immutable, so that a fingerprint names the same mails for ever.

    `frame` has the columns of `CANONICAL` first: id (unique text), label ("ham" or "spam"),
    subject, body (text, "" when missing), sender (text or missing), date (UTC or NaT), group (text
    or missing: mails that belong together). Raw messages have the text columns of `RAW` as well.
    Any further column of the user's file follows under its own name with the prefix ``file:``, as
    text.

    `parent` is the fingerprint of the dataset that this one corrects and `done` says in a sentence
    what was done to it; None and "" for mails as they were read from a file.
    """

    name: str
    frame: pd.DataFrame = field(repr=False)
    parent: str | None = None
    done: str = ""

    def __post_init__(self) -> None:
        missing = [c for c in CANONICAL if c not in self.frame.columns]
        if missing:
            raise BadData(f"a dataset needs the column {missing[0]!r}; it has none.")
        if not self.frame["id"].is_unique:
            raise BadData("the ids of the mails must be unique; at least one is there twice.")
        if not self.frame["label"].isin(LABELS).all():
            raise BadData('every label must be "ham" or "spam"; another word was found.')

    @cached_property
    def fingerprint(self) -> str:
        """16 hex digits of SHA-256 over all columns; the order of the rows does not count."""
        content = Fingerprint()
        content.add(self.frame)
        return content.hexdigest()

    @cached_property
    def counts(self) -> dict[str, int]:
        """Number of mails by label, both labels always present."""
        found = self.frame["label"].value_counts()
        return {label: int(found.get(label, 0)) for label in LABELS}

    def require_enough(self) -> None:
        """Raise BadData unless there are at least `MINIMUM_PER_CLASS` mails of each class."""
        require_enough(self.counts)

    def save(self, path: Path) -> None:
        """Write the frame as Parquet."""
        with Writer(path, self.parent, self.done) as writer:
            writer.add(self.frame, self.fingerprint)

    @classmethod
    def load(cls, name: str, path: Path) -> Self:
        """Read what `save` or a `Writer` wrote."""
        file = pq.ParquetFile(path)
        said = {k.decode(): v.decode() for k, v in (file.metadata.metadata or {}).items()}
        found = cls(name, pd.read_parquet(path), said.get("parent") or None, said.get("done", ""))
        # 1 s for 75,000 mails, each time a job reads them; an older Spamlab named only the file so
        known = said.get("fingerprint") or (path.stem if FINGERPRINT.fullmatch(path.stem) else "")
        if known:
            found.__dict__["fingerprint"] = known
        return found


def require_enough(counts: dict[str, int]) -> None:
    """Raise BadData unless there are at least `MINIMUM_PER_CLASS` mails of each class."""
    for label, n in counts.items():
        if n == 0:
            other = "spam" if label == "ham" else "ham"
            raise BadData(
                f"a classifier needs mails of both classes; all {sum(counts.values()):,} mails "
                f"here are {other}. Add {label} mails or check which words of the label column "
                f"mean {label}."
            )
        if n < MINIMUM_PER_CLASS:
            raise BadData(
                f"at least {MINIMUM_PER_CLASS} mails of each class are needed to train, "
                f"validate and test; found {n} {label}. Add more {label} mails."
            )


class Fingerprint:
    """The fingerprint of mails that come in batches; the order of mails does not count."""

    def __init__(self) -> None:
        self._columns: list[str] = []
        self._rows: list[bytes] = []

    def add(self, frame: pd.DataFrame) -> None:
        """Take in some mails; every batch has the same columns."""
        self._columns = [str(name) for name in frame.columns]
        cells = []
        for name in frame.columns:
            column = frame[name]
            if name == "date":  # the unit of a timestamp may change on its way through a file
                column = column.dt.strftime("%Y-%m-%dT%H:%M:%S")
            cells.append(column.astype(object).where(column.notna(), MISSING))
        self._rows += [
            hashlib.sha256("\x1e".join(map(str, row)).encode(errors="replace")).digest()
            for row in zip(*cells, strict=True)
        ]

    def hexdigest(self) -> str:
        """16 hex digits."""
        state = hashlib.sha256("\x1e".join(self._columns).encode(errors="replace"))
        for row in sorted(self._rows):
            state.update(row)
        return state.hexdigest()[:16]


class Writer:
    """Writes the Parquet file of a Dataset batch by batch.

    In groups of 500 mails: a page then reads only the groups that it shows, and reading 14 MB of
    mail back takes 55 MB at its peak, not 83.
    """

    GROUP = 500

    def __init__(self, path: Path, parent: str | None = None, done: str = "") -> None:
        self.path, self.parent, self.done = path, parent, done
        self.content = Fingerprint()
        self._writer: pq.ParquetWriter | None = None
        self._fingerprint: str | None = None

    def __enter__(self) -> Self:
        return self

    def add(self, frame: pd.DataFrame, fingerprint: str | None = None) -> None:
        """Append mails; with `fingerprint`, that of all of them, which is then not computed."""
        if fingerprint is None:
            self.content.add(frame)
        self._fingerprint = fingerprint
        table = pa.Table.from_pandas(frame, preserve_index=False)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.path, table.schema, use_dictionary=False)
        self._writer.write_table(table.cast(self._writer.schema), row_group_size=self.GROUP)

    @cached_property
    def fingerprint(self) -> str:
        """That of all mails added; ask when the last one is in."""
        return self._fingerprint or self.content.hexdigest()

    def __exit__(self, kind: Any, *_: Any) -> None:
        if self._writer is not None:
            if kind is None:
                said = {"fingerprint": self.fingerprint, "parent": self.parent or ""}
                self._writer.add_key_value_metadata({**said, "done": self.done})
            self._writer.close()


def as_numbers(labels: Sequence[str] | pd.Series) -> np.ndarray:
    """ "ham"/"spam" to 0/1 as int8."""
    return (np.asarray(labels, dtype=object) == "spam").astype(np.int8)
