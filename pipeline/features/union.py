"""Feature blocks side by side: the transformer that a `FeatureSpec` builds.

>>> from pipeline.features import build
>>> from pipeline.specs import BlockSpec, FeatureSpec
>>> train = pd.DataFrame({"subject": ["Hi"] * 2, "body": ["See you", "Win!"]})
>>> features = build(FeatureSpec((BlockSpec("words"), BlockSpec("links")))).fit(train)
>>> [(block.kind, block.end - block.start) for block in features.list_column_ranges()]
[('words', 1), ('links', 8)]
>>> features.describe([0, 1], train)
['“hi”', 'links']
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, hstack

from pipeline.features.block import Block


class ColumnRange(NamedTuple):
    """The columns of one block among those of all blocks."""

    position: int
    """Which block it is, from 0."""
    kind: str
    """The name of the block in `FEATURES`."""
    start: int
    """Its first column."""
    end: int
    """One past its last column."""


class Features:
    """Blocks whose columns stand side by side, in order.

    Scikit-learn accepts it as a transformer (`make_pipeline`, `clone`), yet it does not import
    scikit-learn: the protocol is `fit`, `transform`, `get_params`, `set_params` and the tags.

    Args:
        blocks: the name in `FEATURES` and the block, in the order of their columns.
    """

    def __init__(self, blocks: list[tuple[str, Block]]) -> None:
        self.blocks = blocks

    def fit(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> Self:
        """Fit every block to these mails, which must be train mails only; see `Block.fit`."""
        for _, block in self.blocks:
            block.fit(frame, labels)
        return self

    def fit_transform(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> csr_matrix:
        """Fit every block, and transform the train mails; see `Block.fit_transform`."""
        return _join_columns([block.fit_transform(frame, labels) for _, block in self.blocks])

    def transform(self, frame: pd.DataFrame) -> csr_matrix:
        """Turn mails into a float32 CSR matrix of shape (mails, width)."""
        return _join_columns([block.transform(frame) for _, block in self.blocks])

    @property
    def width(self) -> int:
        """How many columns `transform` gives, after `fit`."""
        return sum(block.width for _, block in self.blocks)

    def list_column_ranges(self) -> list[ColumnRange]:
        """List the columns of each block, in order."""
        ends = np.cumsum([0, *(block.width for _, block in self.blocks)]).tolist()
        return [
            ColumnRange(i, kind, ends[i], ends[i + 1]) for i, (kind, _) in enumerate(self.blocks)
        ]

    def describe(self, columns: np.ndarray, frame: pd.DataFrame) -> list[str]:
        """Describe each of these columns in the words of its block; see `Block.describe`."""
        columns = np.asarray(columns, np.int64)
        names = [""] * len(columns)
        for position, _, start, end in self.list_column_ranges():
            places = np.flatnonzero((columns >= start) & (columns < end))
            if len(places):
                described = self.blocks[position][1].describe(columns[places] - start, frame)
                for place, name in zip(places.tolist(), described, strict=True):
                    names[place] = name
        return names

    def state(self) -> dict[str, np.ndarray]:
        """Return what `fit` learnt, as arrays named ``position.block.array``."""
        return {
            f"{i}.{kind}.{name}": array
            for i, (kind, block) in enumerate(self.blocks)
            for name, array in block.state().items()
        }

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        """Take over a `state`; raises KeyError if an array is missing."""
        for i, (kind, block) in enumerate(self.blocks):
            prefix = f"{i}.{kind}."
            arrays = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
            block.restore(arrays)
        return self

    def __sklearn_clone__(self) -> Self:
        return type(self)([(kind, type(b)(**b.parameters())) for kind, b in self.blocks])

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the blocks, as scikit-learn's protocol has it."""
        return {"blocks": self.blocks}

    def set_params(self, **params: Any) -> Self:
        """Replace the blocks, as scikit-learn's protocol has it."""
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


def _join_columns(parts: list[csr_matrix]) -> csr_matrix:
    parts = [part for part in parts if part.shape[1]] or parts[:1]
    return parts[0] if len(parts) == 1 else hstack(parts, format="csr", dtype=np.float32)
