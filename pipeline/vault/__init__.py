"""The sealed test part: what is hidden, the seal on it, its one opening, and who remembers it."""

import pandas as pd

from pipeline.splits import Split


def unsealed(frame: pd.DataFrame, split: Split | None) -> pd.DataFrame:
    """The mails that may be looked at: all before a split, train and validation after it."""
    return frame if split is None else frame[~frame["id"].isin(set(split.test))]
