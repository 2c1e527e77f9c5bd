"""What the blocks of a few measured numbers share: bringing every measure to about 0 to 1."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from pipeline.features.block import Block, declare_scale

USUAL = 99
"""The percentile of the train mails that becomes 1."""
MOST = 2.0
"""A mail may go beyond the usual by so much; a count of millions must not drown the rest."""


@dataclass(eq=False)
class Numeric(Block):
    """Named measures, each divided by the 99th percentile of train and cut at 2; 0 stays 0.

    A subclass names its measures and takes them in `measure`. Those that can be missing have a
    second column behind all measures that is 1 where they are.

    Args:
        scale: the unit, 0.001 to 100; by default 1: a row with every measure at 1 has this
            Euclidean length.
    """

    measures: ClassVar[dict[str, float]]
    """Name of each measure → the least that its 99th percentile is taken for, so that a measure
    that is nearly always 0 in train is not blown up."""
    can_miss: ClassVar[tuple[str, ...]] = ()
    counts: ClassVar[tuple[str, ...]] = ()
    """Measures that are ln(1 + count)."""
    yes_or_no: ClassVar[tuple[str, ...]] = ()
    """Measures that are 0 or 1; whatever is neither in here nor a count is a share."""

    scale: float = declare_scale(
        1.0, "A row with every measure at 1 has this Euclidean length; a larger one counts more."
    )
    usual: np.ndarray | None = field(default=None, init=False, repr=False)

    def measure(self, frame: pd.DataFrame) -> np.ndarray:
        """Float64 of shape (mails, measures), none below 0; NaN where a measure is missing."""
        raise NotImplementedError

    def fit(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> Self:
        self._learn(self.measure(frame))
        return self

    def fit_transform(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> csr_matrix:
        """`fit` and `transform` with the mails measured once instead of twice."""
        values = self.measure(frame)
        self._learn(values)
        return self._weigh(values)

    def transform(self, frame: pd.DataFrame) -> csr_matrix:
        assert self.usual is not None, "fit or restore comes first"
        return self._weigh(self.measure(frame))

    @property
    def width(self) -> int:
        return len(self.measures) + len(self.can_miss)

    def describe(self, columns: np.ndarray, frame: pd.DataFrame) -> list[str]:
        """The name of the measure."""
        names = [*self.measures, *(f"not known: {name}" for name in self.can_miss)]
        return [names[i] for i in columns]

    def measured(self, columns: np.ndarray, values: np.ndarray) -> np.ndarray:
        """What the columns of a mail, as `transform` gives them, say in the unit of the measure.

        Counts as counts, shares from 0 to 1, yes as 1; at most twice what is usual in train.

        Args:
            columns: numbers of columns, 0 to width - 1.
            values: what they hold, of shape (…, columns).
        """
        assert self.usual is not None, "fit or restore comes first"
        names = list(self.measures)
        usual = np.concatenate([self.usual, np.ones(len(self.can_miss))])[columns]
        counted = np.array([i < len(names) and names[i] in self.counts for i in columns], bool)
        found = values / (self.scale / np.sqrt(len(names))) * usual
        return np.where(counted, np.expm1(np.where(counted, found, 0)), found)

    def written(self, column: int, measured: float) -> str:
        """One measure as a reader wants it: "3", "12%", "yes"."""
        if self.is_yes_or_no(column):
            return "yes" if measured >= 0.5 else "no"
        if list(self.measures)[column] in self.counts:
            whole = measured >= 10 or abs(measured - round(measured)) < 0.05
            return f"{measured:,.0f}" if whole else f"{measured:.1f}"
        return f"{measured:.{0 if measured >= 0.1 or measured < 0.0005 else 1}%}"

    def is_yes_or_no(self, column: int) -> bool:
        """Whether a column is 0 or 1."""
        return column >= len(self.measures) or list(self.measures)[column] in self.yes_or_no

    def state(self) -> dict[str, np.ndarray]:
        assert self.usual is not None
        return {"usual": self.usual}

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        self.usual = state["usual"]
        return self

    def _learn(self, values: np.ndarray) -> None:
        least = list(self.measures.values())
        known = [column[~np.isnan(column)] for column in values.T]
        usual = [np.percentile(c, USUAL) if len(c) else 0.0 for c in known]
        self.usual = np.maximum(usual, least)

    def _weigh(self, values: np.ndarray) -> csr_matrix:
        assert self.usual is not None
        names = list(self.measures)
        missing = np.isnan(values[:, [names.index(name) for name in self.can_miss]])
        shares = np.clip(np.nan_to_num(values) / self.usual, 0, MOST)
        unit = self.scale / np.sqrt(len(names))
        return csr_matrix((np.hstack([shares, missing]) * unit).astype(np.float32))
