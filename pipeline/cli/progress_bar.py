"""How far a command is: one line on stderr, drawn over itself; nothing where no one watches."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.workspace.live import Progress

WIDTH = 30
"""Characters of a full bar."""


class ProgressBar:
    """One line on stderr that is drawn over itself; on something else than a terminal, silent."""

    def __init__(self) -> None:
        self.is_terminal = sys.stderr.isatty()

    def show_run(self, progress: "Progress") -> None:
        """Draw where a training stands."""
        left = progress.seconds_left
        rest = f", at most {left:.0f} s left" if left is not None else ""
        self.show_share(f"{progress.text}{rest}", progress.share)

    def show_share(self, text: str, share: float) -> None:
        """Draw what is being done and the share done (0 to 1)."""
        done = round(WIDTH * share)
        self.show_text(f"[{'#' * done}{'.' * (WIDTH - done)}] {text}")

    def show_text(self, text: str) -> None:
        """Draw a sentence."""
        if self.is_terminal:
            sys.stderr.write(f"\r\x1b[2K{text}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Leave an empty line behind."""
        self.show_text("")
