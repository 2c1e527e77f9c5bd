"""How far a command is: one line on stderr, drawn over itself; nothing where no one watches."""

import sys

WIDTH = 30
"""Characters of a full bar."""


class ProgressBar:
    """One line on stderr that is drawn over itself; on something else than a terminal, silent."""

    def __init__(self) -> None:
        self.is_terminal = sys.stderr.isatty()

    def draw(self, text: str, share: float, seconds_left: float | None = None, /) -> None:
        """Draw what is being done and the share done (0 to 1): a `Progress`."""
        filled = round(WIDTH * share)
        rest = f", at most {seconds_left:.0f} s left" if seconds_left is not None else ""
        self.draw_text(f"[{'#' * filled}{'.' * (WIDTH - filled)}] {text}{rest}")

    def draw_text(self, text: str) -> None:
        """Draw a sentence."""
        if self.is_terminal:
            sys.stderr.write(f"\r\x1b[2K{text}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Leave an empty line behind."""
        self.draw_text("")
