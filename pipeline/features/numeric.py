"""The base of blocks of a few measured numbers: it brings every measure to about 0 to 1.

>>> @dataclass(eq=False)
... class Length(Numeric):
...     title, summary = "Length", "How long the body is."
...     measures = {"length": log1p(100)}
...     counts = ("length",)
...
...     def measure(self, frame):
...         return np.log1p(frame["body"].str.len().to_numpy(np.float64))[:, None]
>>> frame = pd.DataFrame({"body": ["", "a" * 9, "b" * 999]})
>>> block = Length().fit(frame)
>>> row = block.transform(frame[1:2]).toarray()[0]
>>> (measured,) = block.convert_to_units(np.array([0]), row)
>>> block.format_measure(0, measured)
'9'
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log1p
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from pipeline.features.block import Block, require_fitted
from pipeline.features.shared_parameters import declare_scale

PERCENTILE = 99
"""The 99th percentile of a measure on train becomes 1: a rare extreme leaves the rest its scale."""
MOST_SHARE = 2.0
"""A measure is cut at twice its 99th percentile, so that a count of millions drowns nothing."""
ONE = log1p(1)
"""The measure ln(1 + count) of a count of 1, which is the least divisor of most counts."""


@dataclass(eq=False)
class Numeric(Block):
    """Divides each measure by its 99th percentile on train and cuts it at 2; 0 stays 0.

    A subclass has `title`, `summary`, `measures` and `measure`; all else has defaults. A column for
    each measure comes first, then one for each of `can_miss`, which is 1 where it is missing.

    Args:
        scale: the unit, 0.001 to 100; by default 1: a row with every measure at 1 has this
            Euclidean length.
    """

    measures: ClassVar[dict[str, float]]
    """The measures by name, each with the least value of its divisor, so that a measure which is
    nearly always 0 on train is not blown up."""
    can_miss: ClassVar[tuple[str, ...]] = ()
    """The measures that are not known of every mail."""
    counts: ClassVar[tuple[str, ...]] = ()
    """The measures that are ln(1 + count)."""
    yes_or_no: ClassVar[tuple[str, ...]] = ()
    """The measures that are 0 or 1. All that are neither here nor in `counts` are shares."""

    scale: float = declare_scale(
        1.0, "A row with every measure at 1 has this Euclidean length; a larger one counts more."
    )
    divisors: np.ndarray | None = field(default=None, init=False, repr=False)

    def measure(self, frame: pd.DataFrame) -> np.ndarray:
        """Measure mails: float64 of shape (mails, measures), none below 0, NaN where missing."""
        raise NotImplementedError

    def fit(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> Self:
        self._learn(self.measure(frame))
        return self

    def fit_transform(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> csr_matrix:
        """Do both while measuring the mails once."""
        values = self.measure(frame)
        self._learn(values)
        return self._weigh(values)

    def transform(self, frame: pd.DataFrame) -> csr_matrix:
        require_fitted(self.divisors)  # before the mails are measured
        return self._weigh(self.measure(frame))

    @property
    def width(self) -> int:
        return len(self.measures) + len(self.can_miss)

    def describe(self, columns: np.ndarray, frame: pd.DataFrame) -> list[str]:
        """Name the measure, or the measure that is missing."""
        names = [*self.measures, *(f"not known: {name}" for name in self.can_miss)]
        return [names[i] for i in columns]

    def convert_to_units(self, columns: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Convert values of `transform` back to measures: counts, shares from 0 to 1, yes as 1.

        A measure that was cut comes back as twice its 99th percentile.

        Args:
            columns: numbers of columns, 0 to width - 1.
            values: the values in these columns, of shape (…, columns).
        """
        names = list(self.measures)
        divisors = require_fitted(self.divisors)
        divisors = np.concatenate([divisors, np.ones(len(self.can_miss))])[columns]
        is_count = np.array([i < len(names) and names[i] in self.counts for i in columns], bool)
        measured = values / (self.scale / np.sqrt(len(names))) * divisors
        return np.where(is_count, np.expm1(np.where(is_count, measured, 0)), measured)

    def format_measure(self, column: int, measured: float) -> str:
        """Format one measure for a reader: "3", "12%", "yes"."""
        if self.is_yes_or_no(column):
            return "yes" if measured >= 0.5 else "no"
        if list(self.measures)[column] in self.counts:
            whole = measured >= 10 or abs(measured - round(measured)) < 0.05
            return f"{measured:,.0f}" if whole else f"{measured:.1f}"
        return f"{measured:.{0 if measured >= 0.1 or measured < 0.0005 else 1}%}"

    def is_yes_or_no(self, column: int) -> bool:
        """Return whether a column is 0 or 1."""
        return column >= len(self.measures) or list(self.measures)[column] in self.yes_or_no

    def state(self) -> dict[str, np.ndarray]:
        return {"usual": require_fitted(self.divisors)}

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        self.divisors = state["usual"]
        return self

    def _learn(self, values: np.ndarray) -> None:
        least = list(self.measures.values())
        known = [column[~np.isnan(column)] for column in values.T]
        percentiles = [np.percentile(c, PERCENTILE) if len(c) else 0.0 for c in known]
        self.divisors = np.maximum(percentiles, least)

    def _weigh(self, values: np.ndarray) -> csr_matrix:
        names = list(self.measures)
        missing = np.isnan(values[:, [names.index(name) for name in self.can_miss]])
        shares = np.clip(np.nan_to_num(values) / require_fitted(self.divisors), 0, MOST_SHARE)
        unit = self.scale / np.sqrt(len(names))
        return csr_matrix((np.hstack([shares, missing]) * unit).astype(np.float32))
