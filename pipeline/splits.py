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
    """Mails of one text or one group stay together; within each class they are cut by share.

    The order in which they are cut is that of a keyed hash of their first id. A hash instead of a
    random generator: the order of the rows in the file cannot matter, and no library version can
    change who is sealed away in the test part.
    """
    mails = pd.DataFrame(
        {"id": frame["id"], "spam": frame["label"] == "spam", "cluster": _clusters(frame)}
    )
    by_cluster = mails.groupby("cluster").agg(
        first=("id", "min"), spam=("spam", "mean"), size=("id", "size")
    )
    by_cluster["order"] = [_order(spec.seed, str(mail_id)) for mail_id in by_cluster["first"]]
    by_cluster["part"] = "train"
    for is_spam in (False, True):
        mine = by_cluster[(by_cluster["spam"] >= 0.5) == is_spam].sort_values("order")
        before = mine["size"].cumsum() - mine["size"]
        test = max(1, round(mine["size"].sum() * spec.test))
        validation = max(1, round(mine["size"].sum() * spec.validation))
        by_cluster.loc[mine.index[before < test], "part"] = "test"
        second = (before >= test) & (before < test + validation)
        by_cluster.loc[mine.index[second], "part"] = "validation"
    return mails["cluster"].map(by_cluster["part"]).to_numpy(dtype=object)


def _clusters(frame: pd.DataFrame) -> np.ndarray:
    """A number a mail; equal for mails with the same subject and body, or of the same group."""
    same_text = frame.groupby(["subject", "body"], sort=False).ngroup().to_numpy()
    grouped = frame["group"].notna().to_numpy()
    if not grouped.any():
        return same_text
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    # mails, texts and groups as nodes: whatever hangs together must stay together
    n = len(frame)
    groups = frame["group"].astype("category").cat.codes.to_numpy().astype(int)  # codes are int8
    start = np.concatenate([np.arange(n), np.flatnonzero(grouped)])
    end = np.concatenate([n + same_text, 2 * n + groups[grouped]])
    graph = coo_matrix((np.ones(len(start)), (start, end)), shape=(3 * n, 3 * n))
    return connected_components(graph, directed=False)[1][:n]


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
