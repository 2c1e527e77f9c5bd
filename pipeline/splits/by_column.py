"""Divides by a column of the file that names the part of each mail."""

import numpy as np
import pandas as pd

from pipeline.errors import BadData
from pipeline.specs import SplitSpec
from pipeline.wording import format_count

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


def assign_parts(frame: pd.DataFrame, spec: SplitSpec) -> np.ndarray:
    """Assign to each mail the part that its column names, object [mails].

    Raises:
        BadData: if the column is missing or contains a word that is not in `PART_WORDS`.
    """
    name = f"file:{spec.column}"
    if name not in frame:
        spare = [c.removeprefix("file:") for c in frame if c.startswith("file:")]
        raise BadData(
            f"the split column {spec.column!r} is not in the file; "
            f"its additional columns are {', '.join(spare) or 'none'}."
        )
    words = frame[name].fillna("").str.strip().str.lower()
    parts = words.map(PART_WORDS)
    unknown = words[parts.isna()]
    if len(unknown):
        raise BadData(
            f"the split column {spec.column!r} must contain only the words train, validation and "
            f"test; in {format_count(len(unknown), 'mail')} it contains another, such as "
            f"{unknown.iloc[0]!r}."
        )
    return np.asarray(parts, dtype=object)


def find_part_columns(frame: pd.DataFrame) -> list[str]:
    """Find the additional columns of the file that contain nothing but words for parts.

    >>> find_part_columns(pd.DataFrame({"file:set": ["train", "dev"], "file:list": ["a", "b"]}))
    ['set']
    """
    return [
        c.removeprefix("file:")
        for c in frame
        if c.startswith("file:")
        and set(frame[c].fillna("").str.strip().str.lower().unique()) <= set(PART_WORDS)
    ]
