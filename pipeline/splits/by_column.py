"""The file itself says which mail belongs to which part."""

import numpy as np
import pandas as pd

from pipeline.errors import BadData
from pipeline.specs import SplitSpec

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


def parts(frame: pd.DataFrame, spec: SplitSpec) -> np.ndarray:
    """The part of each mail; raises BadData for a missing column and for unknown words."""
    name = f"file:{spec.column}"
    if name not in frame:
        spare = [c.removeprefix("file:") for c in frame if c.startswith("file:")]
        raise BadData(
            f"the split column {spec.column!r} is not in the file; "
            f"its spare columns are {', '.join(spare) or 'none'}."
        )
    words = frame[name].fillna("").str.strip().str.lower()
    found = words.map(PART_WORDS)
    unknown = words[found.isna()]
    if len(unknown):
        raise BadData(
            f"the split column {spec.column!r} must hold only the words train, validation and "
            f"test; {len(unknown):,} mails hold others, such as {unknown.iloc[0]!r}."
        )
    return found.to_numpy(dtype=object)


def columns(frame: pd.DataFrame) -> list[str]:
    """The spare columns that hold nothing but words for parts."""
    return [
        c.removeprefix("file:")
        for c in frame
        if c.startswith("file:")
        and set(frame[c].fillna("").str.strip().str.lower().unique()) <= set(PART_WORDS)
    ]
