"""Divides mails into train, validation and test: disjoint, seeded, the same on every machine.

One strategy per file; each takes the frame of a dataset and assigns a part to every mail.

>>> import pandas as pd
>>> frame = pd.DataFrame({
...     "id": [f"{i:02}" for i in range(40)], "label": ["ham", "spam"] * 20,
...     "subject": [f"Mail {i}" for i in range(40)], "body": "", "sender": None,
...     "date": pd.to_datetime([None] * 40, utc=True), "group": None,
... })
>>> split = make_split(Dataset("tiny", frame), SplitSpec(strategy="stratified", seed=7))
>>> [len(split.ids(part)) for part in PARTS]
[28, 6, 6]
>>> split.test
('00', '08', '12', '19', '27', '37')
"""

import hashlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from pipeline.errors import BadData
from pipeline.mail.dataset import LABELS, Dataset
from pipeline.specs import PARTS, SplitSpec, hash_value
from pipeline.splits import by_column, by_time, grouped, stratified
from pipeline.wording import format_count

if TYPE_CHECKING:
    from pipeline.similarity.near_duplicates import Pairs


@dataclass(frozen=True)
class Split:
    """The ids of the mails in each part, sorted; the parts are disjoint."""

    spec: SplitSpec
    train: tuple[str, ...] = field(repr=False)
    validation: tuple[str, ...] = field(repr=False)
    test: tuple[str, ...] = field(repr=False)

    def ids(self, part: str) -> tuple[str, ...]:
        """The ids of one part, "train", "validation" or "test"; sorted."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[part]

    @property
    def fingerprint(self) -> str:
        """16 hex digits of SHA-256 over the ids of the three parts."""
        text = "\x1d".join("\x1e".join(self.ids(part)) for part in PARTS)
        return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]

    @property
    def test_key(self) -> str:
        """16 hex digits of SHA-256 over the ids of the test part."""
        return hash_value(list(self.test))

    def to_dict(self) -> dict[str, Any]:
        return {"spec": self.spec.to_dict(), **{part: list(self.ids(part)) for part in PARTS}}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        spec = SplitSpec.from_dict(values["spec"])
        return cls(spec, *(tuple(values[part]) for part in PARTS))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the JSON of `to_dict` from a file."""
        return cls.from_dict(json.loads(path.read_text(encoding="utf-8")))


def make_split(dataset: Dataset, spec: SplitSpec, pairs: "Pairs | None" = None) -> Split:
    """Divide a dataset into train, validation and test.

    Args:
        pairs: the near-duplicates among the mails, in the order of the frame. Only the grouped
            strategy needs them; it computes them if they are not given.

    Raises:
        BadData: if a part would lack a class, if the column is missing or contains words other
            than those for the parts, or if too few mails have different dates.
    """
    if spec.inherited:
        raise BadData(
            "this split was carried over from an earlier version of the mails, so its settings "
            "alone cannot reproduce it; choose how to divide the mails."
        )
    frame, hint = dataset.frame, "give it a larger share or add mails."
    if spec.strategy == "column":
        parts = by_column.assign_parts(frame, spec)
    elif spec.strategy == "time":
        parts = by_time.assign_parts(frame, spec)
        hint = "ham and spam are from different times; choose other shares or another strategy."
    elif spec.strategy == "grouped":
        clusters = grouped.assign_clusters(frame, spec, pairs)
        parts = grouped.assign_parts(frame, spec, clusters)
        largest = int(np.bincount(clusters).max())
        if 2 * largest > len(frame):
            hint = (
                f"the largest group of mails that must stay together contains {largest:,} of "
                f"{format_count(len(frame), 'mail')}. Require a higher similarity, or choose the "
                "stratified strategy, which keeps only exact copies together."
            )
    else:
        parts = stratified.assign_parts(frame, spec)
    for part in PARTS:
        labels = frame["label"][parts == part]
        for label in LABELS:
            if part == "test" and spec.strategy == "column" and not len(labels):
                continue  # the test mails may be in another file
            if not (labels == label).any():
                raise BadData(f"the {part} part would contain no {label} mail at all; {hint}")
    ids = frame["id"]
    return Split(spec, *(tuple(sorted(ids[parts == part])) for part in PARTS))


def carry_split(split: Split, ids: "pd.Series") -> Split:
    """Carry a split over to a corrected dataset, without the mails that the correction dropped.

    The new spec names the split that it inherits, so that equal spec and data still mean equal
    split.

    Args:
        ids: the ids of all mails of the corrected dataset, including the test mails.

    Raises:
        BadData: if a sealed mail is missing, or if train or validation would be empty.
    """
    kept = set(ids)
    if not kept.issuperset(split.test):
        raise BadData("a correction must not drop mails from the sealed test part.")
    train, validation = (
        tuple(i for i in split.ids(part) if i in kept) for part in ("train", "validation")
    )
    if not (train and validation):
        raise BadData("the correction would leave train or validation without mails.")
    spec = replace(split.spec, inherited=split.fingerprint)
    return Split(spec, train, validation, split.test)
