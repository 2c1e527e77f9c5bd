"""The sealed test part: its seal, the ledger of its one opening, and the memory of openings."""

import pandas as pd

from pipeline.splits import Split


def select_unsealed(frame: pd.DataFrame, split: Split | None) -> pd.DataFrame:
    """Select the mails that may be shown: all before a split, train and validation after it.

    >>> from pipeline.specs import SplitSpec
    >>> split = Split(SplitSpec(), train=("a",), validation=("b",), test=("c",))
    >>> select_unsealed(pd.DataFrame({"id": ["a", "b", "c"]}), split)["id"].tolist()
    ['a', 'b']
    """
    return frame if split is None else frame[~frame["id"].isin(set(split.test))]
