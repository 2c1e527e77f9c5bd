"""What every feature block is: parameters, `fit` on train, `transform`, and a state without pickle.

A block follows scikit-learn's transformer protocol by shape, not by inheritance: importing
`sklearn.base` costs about a second, which a process that only scores mail need not pay.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from pipeline.parameters import Parametrized, number, whole_number


class Places(NamedTuple):
    """Where in the text of a mail the columns of a block occur, one row an occurrence.

    The text is subject, a line break and body; `starts` and `ends` (one past the last) count its
    characters from 0. `read` is how many of them the block read: what stands behind is not in it.
    """

    columns: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    read: int


class Block(Parametrized):
    """The base of the blocks; a subclass is a dataclass whose fields are its parameters.

    Its class attributes describe it to whoever chooses blocks.
    """

    title: ClassVar[str]
    """What people call it: "Words"."""
    summary: ClassVar[str]
    """What it reads, in one sentence."""
    needs_headers: ClassVar[bool] = False
    """Whether it reads header fields only, and has no columns for mails without them."""

    def fit(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> Self:
        """Learn vocabulary and weights from train mails.

        Args:
            frame: columns subject, body, sender, date as in `pipeline.mail.dataset`, and headers,
                html and attachments when the mails were raw.
            labels: 1 for spam, 0 for ham, one a row; for blocks that are supervised.
        """
        raise NotImplementedError

    def fit_transform(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> csr_matrix:
        """`fit` and `transform` of the train mails; a block that can do both in one pass does."""
        return self.fit(frame, labels).transform(frame)

    def transform(self, frame: pd.DataFrame) -> csr_matrix:
        """Mails to a finite float32 CSR matrix of shape (mails, width), no value below 0."""
        raise NotImplementedError

    @property
    def width(self) -> int:
        """How many columns `transform` gives, after `fit`."""
        raise NotImplementedError

    def describe(self, columns: np.ndarray, frame: pd.DataFrame) -> list[str]:
        """What each of these columns stands for, in words a reader understands.

        Args:
            columns: numbers of columns, 0 to width - 1.
            frame: mails in which a block that hashes looks up what fell into its buckets.
        """
        raise NotImplementedError

    def places(self, mail: pd.DataFrame) -> Places | None:
        """Where the columns of one mail occur in its text; None for a block of something else.

        Args:
            mail: a frame of one row. Every column that `transform` gives it is there.
        """
        return None

    def state(self) -> dict[str, np.ndarray]:
        """What `fit` learnt, as plain arrays."""
        raise NotImplementedError

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        """The inverse of `state`."""
        raise NotImplementedError


def raw_texts(frame: pd.DataFrame, name: str) -> list[str | None]:
    """A column that only raw mails have (headers, html, attachments); None where there is none."""
    if name not in frame.columns:
        return [None] * len(frame)
    return [text if isinstance(text, str) else None for text in frame[name]]


def mail_texts(frame: pd.DataFrame, first: int) -> list[str]:
    """Subject, a line break and body, cut after `first` characters."""
    # both are cut before they are joined, so that a mail of 50 MB is not copied
    return [
        f"{subject[:first]}\n{body[:first]}"[:first]
        for subject, body in zip(frame["subject"], frame["body"], strict=True)
    ]


def declare_scale(default: float, help: str) -> Any:
    """The parameter `scale` of a block, a dataclass field: how much all its columns weigh."""
    return number(
        default, 0.001, 100, logarithmic=True, label="Scale of the whole block", help=help
    )


def declare_min_mails(what: str) -> Any:
    """The parameter `min_mails` of a block, a dataclass field.

    Args:
        what: the columns that it drops, in the plural.
    """
    return whole_number(
        2,
        1,
        1000,
        logarithmic=True,
        label="In at least this many train mails",
        help=f"Drops {what} that fewer train mails have.",
    )


def declare_first(default: int, unit: str) -> Any:
    """The parameter `first` of a block, a dataclass field: how much of a mail it reads."""
    return whole_number(
        default,
        100,
        10_000_000,
        step=1000,
        logarithmic=True,
        label=f"{unit.capitalize()} read of a mail",
        help=f"Reads only this many {unit} from the start of each mail, so that a huge mail takes "
        "no longer than a long one.",
    )


def unit_rows(matrix: csr_matrix, scale: float = 1.0) -> csr_matrix:
    """The same rows with Euclidean length `scale`; rows of zeros stay zeros."""
    squares = np.concatenate([[0.0], np.cumsum(matrix.data.astype(np.float64) ** 2)])
    lengths = np.sqrt(squares[matrix.indptr[1:]] - squares[matrix.indptr[:-1]])
    lengths[lengths == 0] = 1.0
    factors = (scale / lengths).astype(np.float32)
    values = matrix.data * np.repeat(factors, np.diff(matrix.indptr))
    return csr_matrix((values, matrix.indices, matrix.indptr), shape=matrix.shape)
