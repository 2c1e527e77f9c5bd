"""Divides by date: train on the oldest mails, test on the newest, as a filter in use has to."""

import numpy as np
import pandas as pd

from pipeline.errors import BadData
from pipeline.specs import SplitSpec
from pipeline.wording import format_count


def assign_parts(frame: pd.DataFrame, spec: SplitSpec) -> np.ndarray:
    """Assign a part to each mail by its date, object [mails]; mails of one moment stay together.

    Mails without a date go to train, because they cannot show how the filter does later; the
    shares refer to the dated mails. Copies may end up in two parts.

    Raises:
        BadData: if there are too few different dates.
    """
    part = np.full(len(frame), "train", dtype=object)
    dated = frame["date"].dropna().sort_values(kind="stable")
    if dated.nunique() < 3:
        raise BadData(
            f"a split by time needs mails of at least three different dates; there are "
            f"{dated.nunique():,} among {format_count(len(frame), 'mail')}. Choose another "
            "strategy, or name the date column on the Data page."
        )
    moments = dated.to_numpy()
    test = find_cut(moments, round(len(dated) * (1 - spec.test)), 2)
    validation = find_cut(moments[:test], round(len(dated) * spec.train), 1)
    rows = pd.Series(np.arange(len(frame)), index=frame.index)[dated.index].to_numpy()
    part[rows[validation:test]] = "validation"
    part[rows[test:]] = "test"
    return part


def count_undated(frame: pd.DataFrame) -> int:
    """Count the mails without a date."""
    return int(frame["date"].isna().sum())


def find_cut(moments: np.ndarray, position: int, before: int) -> int:
    """Find the position, nearest to the given one, where one moment ends and the next begins.

    Args:
        moments: in ascending order.
        before: how many different moments must come before the cut.

    Raises:
        BadData: if there is no such position.

    >>> find_cut(np.array([1, 1, 2, 3, 3, 3, 4]), 4, 1)
    3
    """
    positions = np.flatnonzero(moments[1:] != moments[:-1]) + 1
    positions = positions[before - 1 :]
    if not len(positions):
        raise BadData(
            "the mails cannot be divided by date, because too many have the same date; choose "
            "another strategy."
        )
    return int(positions[np.argmin(np.abs(positions - position))])
