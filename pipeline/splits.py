"""Dividing mails into train, validation and test: disjoint, seeded, the same on every machine."""

import hashlib
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd

from pipeline.dataset import LABELS, Dataset
from pipeline.errors import BadData
from pipeline.specs import PARTS, SplitSpec

PART_WORDS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}


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

    def to_dict(self) -> dict[str, Any]:
        return {"spec": self.spec.to_dict(), **{part: list(self.ids(part)) for part in PARTS}}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        spec = SplitSpec.from_dict(values["spec"])
        return cls(spec, *(tuple(values[part]) for part in PARTS))


def make(dataset: Dataset, spec: SplitSpec) -> Split:
    """Divide a dataset.

    Raises BadData when a part would be left without a class, or the column is missing or holds
    other words than train, validation and test.
    """
    frame = dataset.frame
    parts = _by_column(frame, spec) if spec.strategy == "column" else _stratified(frame, spec)
    for part in PARTS:
        labels = frame["label"][parts == part]
        for label in LABELS:
            if part == "test" and spec.strategy == "column" and not len(labels):
                continue  # a file may keep its test mails elsewhere
            if not (labels == label).any():
                raise BadData(
                    f"the {part} part would hold no {label} mail at all; "
                    "give it a larger share or add mails."
                )
    ids = frame["id"]
    return Split(spec, *(tuple(sorted(ids[parts == part])) for part in PARTS))


def _stratified(frame: pd.DataFrame, spec: SplitSpec) -> np.ndarray:
    """Within each class the mails are ordered by a keyed hash of their id, then cut by share.

    A hash instead of a random generator: the order of the rows in the file cannot matter, and no
    library version can change who is sealed away in the test part.
    """
    parts = np.full(len(frame), "train", dtype=object)
    ids = frame["id"].to_numpy(dtype=object)
    labels = frame["label"].to_numpy(dtype=object)
    for label in LABELS:
        rows = np.flatnonzero(labels == label)
        keys = [_order(spec.seed, ids[r]) for r in rows]
        rows = rows[np.argsort(np.array(keys, dtype=object), kind="stable")]
        validation = max(1, round(len(rows) * spec.validation))
        test = max(1, round(len(rows) * spec.test))
        parts[rows[:test]] = "test"
        parts[rows[test : test + validation]] = "validation"
    return parts


def _order(seed: int, mail_id: str) -> bytes:
    return hashlib.blake2b(f"{seed}\x1f{mail_id}".encode(errors="replace"), digest_size=8).digest()


def _by_column(frame: pd.DataFrame, spec: SplitSpec) -> np.ndarray:
    name = f"file:{spec.column}"
    if name not in frame:
        spare = [c.removeprefix("file:") for c in frame if c.startswith("file:")]
        raise BadData(
            f"the split column {spec.column!r} is not in the file; "
            f"its spare columns are {', '.join(spare) or 'none'}."
        )
    words = frame[name].fillna("").str.strip().str.lower()
    parts = words.map(PART_WORDS)
    unknown = words[parts.isna()]
    if len(unknown):
        raise BadData(
            f"the split column {spec.column!r} must hold only the words train, validation and "
            f"test; {len(unknown):,} mails hold others, such as {unknown.iloc[0]!r}."
        )
    return parts.to_numpy(dtype=object)
