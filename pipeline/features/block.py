"""The base of every feature block: what a block must provide, what it may, and what it promises.

A block is one file with a dataclass below `Block`, and its name in `FEATURES`. A block of a few
measured numbers goes below `numeric.Numeric`, which does most of this:

>>> from dataclasses import dataclass
>>> from pipeline.features.shared_parameters import declare_scale
>>> @dataclass(eq=False)
... class Shouting(Block):
...     title = "Shouting"
...     summary = "Counts exclamation marks, in units of the loudest train mail."
...     scale: float = declare_scale(1.0, "Value of the loudest train mail.")
...     loudest: np.ndarray | None = None
...
...     def fit(self, frame, labels=None):
...         self.loudest = np.array([frame["body"].str.count("!").max()])
...         return self
...
...     def transform(self, frame):
...         counts = frame["body"].str.count("!").to_numpy(np.float32)
...         return csr_matrix(self.scale * counts[:, None] / require_fitted(self.loudest))
...
...     width = 1
...
...     def describe(self, columns, frame):
...         return ["exclamation marks"] * len(columns)
...
...     def state(self):
...         return {"loudest": require_fitted(self.loudest)}
...
...     def restore(self, state):
...         self.loudest = state["loudest"]
...         return self
>>> frame = pd.DataFrame({"body": ["Hello", "Win!!!!", "Now!"]})
>>> Shouting().fit_transform(frame).toarray()[:, 0].tolist()
[0.0, 1.0, 0.25]

A block follows scikit-learn's transformer protocol without inheriting from it: importing
`sklearn.base` takes about a second, which a process that only scores mail does not have.
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple, Self, TypeVar

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from pipeline.parameters import Parametrized


class Occurrences(NamedTuple):
    """Where the columns of a block occur in the text of a mail.

    The text is subject, a line break and body; characters count from 0.
    """

    columns: np.ndarray
    """The column of each occurrence; a column that occurs twice is here twice."""
    starts: np.ndarray
    """The first character of each occurrence."""
    ends: np.ndarray
    """One past the last character of each occurrence."""
    characters_read: int
    """How many characters the block reads; it ignores those that follow."""


class Block(Parametrized):
    """The base of the blocks. A subclass is a dataclass whose declared fields are its parameters.

    A subclass must have `title`, `summary`, `fit`, `transform`, `width`, `describe`, `state`,
    `restore`, and a parameter `scale` (`shared_parameters.declare_scale`) by which all its values
    are multiplied. `fit_transform`, `locate` and `needs_headers` have defaults.

    Whatever is shown of a block comes from its class attributes and its declared parameters.
    `tests/pipeline/features/test_contract.py` checks what every block in `FEATURES` promises: it
    learns from the mails given to `fit` and no others, treats each mail by itself, forgets an
    earlier `fit`, reads only a bounded part of a huge mail, and gives finite numbers for any text.
    """

    title: ClassVar[str]
    """What people call it: "Words"."""
    summary: ClassVar[str]
    """One sentence that says what it reads."""
    needs_headers: ClassVar[bool] = False
    """Whether it reads header fields only; it then has no columns if the train mails have none."""

    def fit(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> Self:
        """Learn vocabulary and weights from train mails.

        Args:
            frame: columns subject, body, sender, date as in `pipeline.mail.dataset`; also headers,
                html and attachments if the mails are raw. It may have no rows.
            labels: 1 for spam, 0 for ham, in the order of the rows; for blocks that learn from
                labels.
        """
        raise NotImplementedError

    def transform(self, frame: pd.DataFrame) -> csr_matrix:
        """Turn mails into a finite float32 CSR matrix of shape (mails, width), none below 0.

        Args:
            frame: as for `fit`, also if its mails are raw and those of `fit` were not, or the other
                way round.

        Raises AssertionError before `fit` or `restore`.
        """
        raise NotImplementedError

    def fit_transform(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> csr_matrix:
        """Call `fit`, then `transform` the same mails.

        A block overrides this if one pass can do both, or if train mails need other values than
        new ones, as in `sender`.
        """
        return self.fit(frame, labels).transform(frame)

    @property
    def width(self) -> int:
        """How many columns `transform` gives, after `fit` or `restore`."""
        raise NotImplementedError

    def describe(self, columns: np.ndarray, frame: pd.DataFrame) -> list[str]:
        """Describe each of these columns in words that a reader understands.

        Args:
            columns: numbers of columns, 0 to width - 1, in any order.
            frame: mails in which a block that hashes looks up what fell into its buckets.
        """
        raise NotImplementedError

    def locate(self, mail: pd.DataFrame) -> Occurrences | None:
        """Find where the columns of one mail occur in its text.

        The default returns None: the columns are not of the text, and an explanation lists them
        beside it. Otherwise every column that `transform` gives this mail must occur.

        Args:
            mail: a frame of one row.
        """
        return None

    def state(self) -> dict[str, np.ndarray]:
        """Return what `fit` learnt, as arrays of numbers by name; `vocabulary` packs words.

        The names and types are those of stored models: keep them.
        """
        raise NotImplementedError

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        """Take over a `state`; raises KeyError if an array is missing."""
        raise NotImplementedError


class UnknownBlock(Block):
    """Stands for a block that only another version knows, in a run of that version."""

    summary = "This version does not know it."


T = TypeVar("T")


def require_fitted(learnt: T | None) -> T:
    """Return what `fit` or `restore` has set; raises AssertionError before either."""
    assert learnt is not None, "fit or restore comes first"
    return learnt
