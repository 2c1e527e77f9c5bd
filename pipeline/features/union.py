"""Feature blocks side by side: the transformer that a `FeatureSpec` builds."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, hstack

from pipeline.features.block import Block


class Features:
    """Named blocks whose columns stand side by side, in order.

    Works wherever scikit-learn wants a transformer (`make_pipeline`, `clone`) without importing
    it: the protocol is `fit`, `transform`, `get_params`, `set_params` and the tags.
    """

    def __init__(self, blocks: list[tuple[str, Block]]) -> None:
        self.blocks = blocks

    def fit(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> Self:
        """Fit every block on these mails, which must be train mails only."""
        for _, block in self.blocks:
            block.fit(frame, labels)
        return self

    def fit_transform(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> csr_matrix:
        """`fit` and `transform`; blocks that can do both in one pass do."""
        return _beside([block.fit_transform(frame, labels) for _, block in self.blocks])

    def transform(self, frame: pd.DataFrame) -> csr_matrix:
        """Mails to a float32 CSR matrix of shape (mails, columns of all blocks)."""
        return _beside([block.transform(frame) for _, block in self.blocks])

    @property
    def width(self) -> int:
        """How many columns `transform` gives, after `fit`."""
        return sum(block.width for _, block in self.blocks)

    def spans(self) -> list[tuple[int, str, int, int]]:
        """(position, kind, first column, one past the last column) of each block, in order."""
        ends = np.cumsum([0, *(block.width for _, block in self.blocks)]).tolist()
        return [(i, kind, ends[i], ends[i + 1]) for i, (kind, _) in enumerate(self.blocks)]

    def describe(self, columns: np.ndarray, frame: pd.DataFrame) -> list[str]:
        """What each of these columns stands for, in the words of its block.

        Args:
            columns: numbers of columns, 0 to width - 1, in any order.
            frame: mails in which a block that hashes looks up what fell into its buckets.
        """
        columns = np.asarray(columns, np.int64)
        names = [""] * len(columns)
        for position, _, start, end in self.spans():
            mine = np.flatnonzero((columns >= start) & (columns < end))
            if len(mine):
                found = self.blocks[position][1].describe(columns[mine] - start, frame)
                for at, name in zip(mine.tolist(), found, strict=True):
                    names[at] = name
        return names

    def state(self) -> dict[str, np.ndarray]:
        """All that `fit` learnt, as arrays named ``position.block.array``."""
        return {
            f"{i}.{kind}.{name}": array
            for i, (kind, block) in enumerate(self.blocks)
            for name, array in block.state().items()
        }

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        """The inverse of `state`; a missing array raises KeyError."""
        for i, (kind, block) in enumerate(self.blocks):
            prefix = f"{i}.{kind}."
            mine = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
            block.restore(mine)
        return self

    def __sklearn_clone__(self) -> Self:
        return type(self)([(kind, type(b)(**b.parameters())) for kind, b in self.blocks])

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """scikit-learn's protocol."""
        return {"blocks": self.blocks}

    def set_params(self, **params: Any) -> Self:
        """scikit-learn's protocol."""
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=[]),
        )


def _beside(parts: list[csr_matrix]) -> csr_matrix:
    some = [part for part in parts if part.shape[1]] or parts[:1]
    return some[0] if len(some) == 1 else hstack(some, format="csr", dtype=np.float32)
