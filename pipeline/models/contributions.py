"""What each column of one mail did to its score."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Contributions:
    """The calibrated log-odds of one mail, taken apart: base + sum of values + residual.

    `base` is what the model says of a mail in which no column is above 0. `columns` are those of
    the mail that are above 0, ascending; `values` their parts in log-odds of spam, above 0 where
    they speak for spam. `residual` is what no column is given: rounding for a linear model, what
    the integral misses for a network.
    """

    base: float
    columns: np.ndarray
    values: np.ndarray
    residual: float

    @property
    def log_odds(self) -> float:
        """ln P(spam) / P(ham) of the mail, as the score tells it."""
        return self.base + float(self.values.sum()) + self.residual
