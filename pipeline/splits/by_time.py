"""Train on the oldest mails, test on the newest: what a filter meets when it is put to use."""

import numpy as np
import pandas as pd

from pipeline.errors import BadData
from pipeline.specs import SplitSpec
from pipeline.wording import counted


def parts(frame: pd.DataFrame, spec: SplitSpec) -> np.ndarray:
    """The part of each mail by its date; mails of one moment stay together.

    Mails without a date go to train, where they can make no promise about a later time; the shares
    are those of the mails with one. Copies may be on two sides.
    """
    part = np.full(len(frame), "train", dtype=object)
    dated = frame["date"].dropna().sort_values(kind="stable")
    if dated.nunique() < 3:
        raise BadData(
            f"a split by time needs mails of at least three different dates; there are "
            f"{dated.nunique():,} among {counted(len(frame), 'mail')}. Choose another way to "
            "divide, or name the date column on the Data page."
        )
    moments = dated.to_numpy()
    test = cut(moments, round(len(dated) * (1 - spec.test)), 2)
    validation = cut(moments[:test], round(len(dated) * spec.train), 1)
    place = pd.Series(np.arange(len(frame)), index=frame.index)[dated.index].to_numpy()
    part[place[validation:test]] = "validation"
    part[place[test:]] = "test"
    return part


def undated(frame: pd.DataFrame) -> int:
    """How many mails have no date."""
    return int(frame["date"].isna().sum())


def cut(moments: np.ndarray, wish: int, before: int) -> int:
    """The place nearest to the wish where one moment ends and the next begins.

    Args:
        moments: ascending.
        before: how many different moments must lie before the place.
    """
    places = np.flatnonzero(moments[1:] != moments[:-1]) + 1
    places = places[before - 1 :]
    if not len(places):
        raise BadData(
            "the dates of the mails do not leave a place to cut, because too many are the same; "
            "choose another way to divide."
        )
    return int(places[np.argmin(np.abs(places - wish))])
