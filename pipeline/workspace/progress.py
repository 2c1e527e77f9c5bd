"""How a long job reports its progress."""

import time
from dataclasses import dataclass
from typing import Protocol


class Progress(Protocol):
    """What a long job calls to report, from several times a second to once a minute."""

    def __call__(self, text: str, share: float, seconds_left: float | None = None, /) -> None:
        """Report the progress.

        Args:
            text: what the job is doing, as a sentence without its full stop.
            share: how much is done, 0 to 1.
            seconds_left: None unless the job knows better than its pace so far.
        """


def ignore_progress(text: str, share: float, seconds_left: float | None = None, /) -> None:
    """A `Progress` that does nothing, for a job that nobody watches."""


def stage(progress: Progress, start: float, stop: float, text: str | None = None) -> Progress:
    """Return the `Progress` of one stage, whose shares run from `start` to `stop` of the job.

    Args:
        text: what the job reports during the stage; None for the stage's own texts.

    >>> half = stage(lambda text, share, left=None: print(text, share), 0.5, 1)
    >>> half("Sorting", 0.5)
    Sorting 0.75
    """

    def report(own: str, share: float, seconds_left: float | None = None, /) -> None:
        progress(text or own, start * (1 - share) + stop * share)

    return report


@dataclass(frozen=True)
class WorkState:
    """The state of a job: a sentence, the share done (0 to 1), seconds left if known."""

    text: str
    share: float
    seconds_left: float | None = None


class Pace:
    """Estimates the seconds left from the share that is done."""

    def __init__(self) -> None:
        self.start = time.monotonic()

    def left(self, share: float) -> float | None:
        """Estimate the seconds left when `share` (0 to 1) is done; None for a share of 0."""
        if share <= 0:
            return None
        return (time.monotonic() - self.start) * (1 - share) / share
