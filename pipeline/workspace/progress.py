"""How a long work says how far it is."""

import time
from dataclasses import dataclass
from typing import Protocol


class Progress(Protocol):
    """What a long work calls now and then, several times a second or once a minute."""

    def __call__(self, text: str, share: float, seconds_left: float | None = None, /) -> None:
        """Say how far it is.

        Args:
            text: what is being done, as a sentence without its full stop.
            share: how much is done, 0 to 1.
            seconds_left: None unless the work knows better than the pace so far.
        """


def ignore_progress(text: str, share: float, seconds_left: float | None = None, /) -> None:
    """A `Progress` for where nobody watches."""


def stage(progress: Progress, start: float, stop: float, text: str | None = None) -> Progress:
    """The `Progress` of one stage of a work, which takes its share from `start` to `stop`.

    Args:
        text: what the whole work says in this stage; None for what the stage itself says.

    >>> half = stage(lambda text, share, left=None: print(text, share), 0.5, 1)
    >>> half("Sorting", 0.5)
    Sorting 0.75
    """

    def report(own: str, share: float, seconds_left: float | None = None, /) -> None:
        progress(text or own, start * (1 - share) + stop * share)

    return report


@dataclass(frozen=True)
class WorkState:
    """Where a work stands: a sentence, the share done (0 to 1), seconds left if known."""

    text: str
    share: float
    seconds_left: float | None = None


class Pace:
    """Seconds left, from the share done so far; None until there is something to go by."""

    def __init__(self) -> None:
        self.start = time.monotonic()

    def left(self, share: float) -> float | None:
        """Seconds left when `share` (0 to 1) is done."""
        if share <= 0:
            return None
        return (time.monotonic() - self.start) * (1 - share) / share
