"""Chance that falls the same way on every machine and every Python version."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws that depend on the seed words alone.

    Python promises that `Random(seed).random()` never changes between versions; it does not promise
    it for `choice`, `sample` or `shuffle`. So every draw here is made from `random()` only.

    >>> Dice(1, "ham").between(1, 6) == Dice(1, "ham").between(1, 6)
    True
    """

    def __init__(self, *seed: object) -> None:
        self._random = Random("/".join(str(word) for word in seed)).random

    def chance(self, probability: float) -> bool:
        return self._random() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self._random() * (high - low + 1))

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self._random() * len(options))]

    def weighted(self, options: Sequence[T], weights: Sequence[float]) -> T:
        mark = self._random() * sum(weights)
        for option, weight in zip(options, weights, strict=True):
            mark -= weight
            if mark < 0:
                return option
        return options[-1]

    def several(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different options (or all, when there are fewer), in random order."""
        rest = list(options)
        return [rest.pop(int(self._random() * len(rest))) for _ in range(min(count, len(rest)))]
