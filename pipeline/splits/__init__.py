"""Dividing mails into train, validation and test: disjoint, seeded, the same on every machine.

One strategy a file; each takes the frame of a dataset and gives the part of every mail.
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
from pipeline.specs import PARTS, SplitSpec, digest
from pipeline.splits import by_column, by_time, grouped, stratified
from pipeline.wording import counted

if TYPE_CHECKING:
    from pipeline.similarity.near_duplicates import Pairs


@dataclass(frozen=True)
class Split:
    """The ids of each part; their content as a key that names this very division."""

    spec: SplitSpec
    train: tuple[str, ...] = field(repr=False)
    validation: tuple[str, ...] = field(repr=False)
    test: tuple[str, ...] = field(repr=False)

    def ids(self, part: str) -> tuple[str, ...]:
        """The ids of "train", "validation" or "test", sorted."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[part]

    @property
    def fingerprint(self) -> str:
        """16 hex digits of SHA-256 over the ids of the three parts."""
        text = "\x1d".join("\x1e".join(self.ids(part)) for part in PARTS)
        return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]

    @property
    def test_key(self) -> str:
        """16 hex digits of SHA-256 over the ids of the test part."""
        return digest(list(self.test))

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


def make(dataset: Dataset, spec: SplitSpec, pairs: "Pairs | None" = None) -> Split:
    """Divide a dataset.

    Args:
        pairs: what `near_duplicates.find` found among the mails in the order of the frame; needed
            only for the grouped strategy, and computed when it is not given.

    Raises BadData when a part would be left without a class, the column is missing or holds other
    words than train, validation and test, or the dates cannot be told apart.
    """
    if spec.inherited:
        raise BadData(
            "this split was carried over from an earlier version of the mails and cannot be made "
            "again from its settings; choose how to divide the mails."
        )
    frame, hint = dataset.frame, "give it a larger share or add mails."
    if spec.strategy == "column":
        parts = by_column.parts(frame, spec)
    elif spec.strategy == "time":
        parts = by_time.parts(frame, spec)
        hint = "ham and spam are from other times; choose other shares or another way to divide."
    elif spec.strategy == "grouped":
        clusters = grouped.clusters(frame, spec, pairs)
        parts = grouped.parts(frame, spec, clusters)
        largest = int(np.bincount(clusters).max())
        if 2 * largest > len(frame):
            hint = (
                f"the largest group of mails that must stay together holds {largest:,} of "
                f"{counted(len(frame), 'mail')}. Ask for a higher similarity, or choose the "
                "stratified way, which keeps only exact copies together."
            )
    else:
        parts = stratified.parts(frame, spec)
    for part in PARTS:
        labels = frame["label"][parts == part]
        for label in LABELS:
            if part == "test" and spec.strategy == "column" and not len(labels):
                continue  # a file may keep its test mails elsewhere
            if not (labels == label).any():
                raise BadData(f"the {part} part would hold no {label} mail at all; {hint}")
    ids = frame["id"]
    return Split(spec, *(tuple(sorted(ids[parts == part])) for part in PARTS))


def carry(split: Split, ids: "pd.Series") -> Split:
    """The same split for a corrected dataset, less the train and validation mails that it dropped.

    Its spec names the split that it comes from, so that equal spec and data still mean equal split.

    Args:
        ids: of all mails of the corrected dataset, the test mails among them.

    Raises BadData when a sealed mail is missing, or train or validation is left empty.
    """
    kept = set(ids)
    if not kept.issuperset(split.test):
        raise BadData("a correction may not drop mails of the sealed test part.")
    train, validation = (
        tuple(i for i in split.ids(part) if i in kept) for part in ("train", "validation")
    )
    if not (train and validation):
        raise BadData("the correction would leave no mail to train on or none to validate with.")
    spec = replace(split.spec, inherited=split.fingerprint)
    return Split(spec, train, validation, split.test)
