"""A model that ignores the mail and always answers with the share of spam: the floor.

>>> from scipy.sparse import csr_matrix
>>> X, y = csr_matrix((4, 1)), np.array([0, 0, 0, 1])
>>> Majority().fit((X, y), (X, y)).score(X).round(2).tolist()
[0.3, 0.3, 0.3, 0.3]
"""

import math
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_matrix

from pipeline.models.contributions import Contributions
from pipeline.models.model import Color, Model, Role, read_nonzero


@dataclass(eq=False)
class Majority(Model):
    """Gives every mail the share of spam among the train mails, as scikit-learn's DummyClassifier
    with strategy "prior" does.

    Half a mail is added to each class, so that the log-odds stay finite if one class is missing.

    Args:
        seed: has no effect; every model has one.
    """

    title: ClassVar[str] = "Majority"
    summary: ClassVar[str] = (
        "Gives every mail the share of spam: the floor that any model must clear."
    )
    role: ClassVar[Role] = "floor"
    reads_mail: ClassVar[bool] = False
    uses_seed: ClassVar[bool] = False
    color: ClassVar[Color] = "grey"

    seed: int = 0
    prior: float = field(default=0.5, init=False, repr=False)

    def _learn(self, X: csr_matrix, y: np.ndarray) -> None:
        self.prior = float((np.sum(y == 1) + 0.5) / (len(y) + 1))

    def log_odds(self, X: csr_matrix) -> np.ndarray:
        return np.full(X.shape[0], math.log(self.prior / (1 - self.prior)))

    def contributions(self, x: csr_matrix) -> Contributions:
        """Give every column a contribution of 0."""
        columns, values = read_nonzero(x)
        return self._decompose(x, columns, 0 * values)

    def _state(self) -> dict[str, np.ndarray]:
        return {"prior": np.array([self.prior])}

    def _restore(self, state: dict[str, np.ndarray]) -> None:
        self.prior = float(state["prior"][0])
