"""The operating point: the one place where a score becomes a call.

A filter makes three calls: *ham*, *spam*, and *unsure* for a mail that a person should look at. A
mail is wrong if it is called by the other label, so an unsure mail is neither right nor wrong. But
it stays in the inbox, so the figures about mails called spam (precision, recall, hm, sm and all
that follow from them) count it with the ham, whatever the band.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import expect

CALLS = ("ham", "unsure", "spam")
"""The calls that a filter makes, by rising score."""


@dataclass(frozen=True)
class OperatingPoint:
    """From which score on a mail is called spam, and from which on it is unsure.

    Two points are equal if they call every mail alike, even if different rules chose them.

    Args:
        threshold: a score of at least this is called spam; 0 to 1.
        unsure_from: a score of at least this, and less than the threshold, is unsure; None for no
            band, which is also what an empty band becomes.
        why: a sentence for the user on how the point was chosen.

    >>> point = OperatingPoint(0.8, 0.3)
    >>> point.call([0.1, 0.3, 0.8]).tolist()
    ['ham', 'unsure', 'spam']
    >>> point.is_wrong([0.1, 0.3, 0.8], [1, 1, 0]).tolist()
    [True, False, True]

    Raises BadSpec unless 0 <= unsure_from <= threshold <= 1.
    """

    threshold: float
    unsure_from: float | None = None
    why: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        threshold, start = self.threshold, self.unsure_from
        expect(0 <= threshold <= 1, "threshold", "a number from 0 to 1", threshold)
        if start is not None:
            expect(0 <= start <= threshold, "unsure from", f"0 to the threshold {threshold}", start)
            start = float(start) if start < threshold else None
        object.__setattr__(self, "threshold", float(threshold))
        object.__setattr__(self, "unsure_from", start)

    @property
    def has_band(self) -> bool:
        return self.unsure_from is not None

    @property
    def ham_below(self) -> float:
        """The score below which a mail is called ham."""
        return self.threshold if self.unsure_from is None else self.unsure_from

    def call(self, scores: ArrayLike) -> np.ndarray:
        """ "ham", "unsure" or "spam" for each score."""
        return np.where(
            self.is_spam(scores), "spam", np.where(self.is_unsure(scores), "unsure", "ham")
        )

    def is_spam(self, scores: ArrayLike) -> np.ndarray:
        """Whether each mail is called spam."""
        return np.asarray(scores) >= self.threshold

    def is_unsure(self, scores: ArrayLike) -> np.ndarray:
        """Whether each mail lies in the band."""
        return np.asarray((np.asarray(scores) >= self.ham_below) & ~self.is_spam(scores))

    def is_right(self, scores: ArrayLike, spam: ArrayLike) -> np.ndarray:
        """Whether each mail is called by its label; True or 1 in `spam` for each spam mail."""
        return np.where(spam, self.is_spam(scores), np.asarray(scores) < self.ham_below)

    def is_wrong(self, scores: ArrayLike, spam: ArrayLike) -> np.ndarray:
        """Whether each mail is called by the other label; True or 1 in `spam` for each spam."""
        return np.where(spam, np.asarray(scores) < self.ham_below, self.is_spam(scores))

    def distance_to_right(self, scores: ArrayLike, spam: ArrayLike) -> np.ndarray:
        """How far each score is from where the mail would be called by its label.

        Above 0 for wrong and unsure mails; of those that are right, the nearer to 0 the closer.
        """
        scores = np.asarray(scores)
        return np.where(spam, self.threshold - scores, scores - self.ham_below)

    def to_dict(self) -> dict[str, float | None]:
        """Threshold and band, as model files and ledgers hold them."""
        return {"threshold": self.threshold, "unsure_from": self.unsure_from}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`; files older than the band have none."""
        start = values.get("unsure_from")
        return cls(float(values["threshold"]), None if start is None else float(start))


HALF = OperatingPoint(0.5)
"""The point of even odds, for figures that are computed before a run has a point of its own."""
