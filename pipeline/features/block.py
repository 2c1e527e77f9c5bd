"""What every feature block is: parameters, `fit` on train, `transform`, and a state without pickle.

A block follows scikit-learn's transformer protocol by shape, not by inheritance: importing
`sklearn.base` costs about a second, which a process that only scores mail need not pay.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix


class Block:
    """The base of the blocks; a subclass is a dataclass whose fields are its parameters."""

    def parameters(self) -> dict[str, Any]:
        """The parameters as JSON values."""
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        values = {f.name: getattr(self, f.name) for f in fields if f.init}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}

    def fit(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> Self:
        """Learn vocabulary and weights from train mails.

        Args:
            frame: columns subject, body, sender, date as in `pipeline.dataset`.
            labels: 1 for spam, 0 for ham, one a row; for blocks that are supervised.
        """
        raise NotImplementedError

    def transform(self, frame: pd.DataFrame) -> csr_matrix:
        """Mails to a finite float32 CSR matrix of shape (mails, columns seen in `fit`)."""
        raise NotImplementedError

    def state(self) -> dict[str, np.ndarray]:
        """What `fit` learnt, as plain arrays."""
        raise NotImplementedError

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        """The inverse of `state`."""
        raise NotImplementedError
