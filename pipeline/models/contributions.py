"""How much each column of one mail contributes to its score.

>>> import numpy as np
>>> columns, values = np.array([3, 8]), np.array([2.5, -0.5])
>>> parts = Contributions(-1.0, columns, values, residual=0.0)
>>> parts.log_odds
1.0
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Contributions:
    """The calibrated log-odds of one mail as a sum: base + sum of values + residual."""

    base: float
    """The log-odds of a mail in which every column is 0."""
    columns: np.ndarray
    """The columns of the mail that are not 0, ascending."""
    values: np.ndarray
    """What each of these columns adds, in log-odds; above 0 it speaks for spam."""
    residual: float
    """What no column accounts for: rounding in a linear model, the error of the integral in a
    network."""

    @property
    def log_odds(self) -> float:
        """ln P(spam) / P(ham) of the mail; its sigmoid is the score."""
        return self.base + float(self.values.sum()) + self.residual
