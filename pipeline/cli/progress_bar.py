"""The progress bar of a command."""

import sys

WIDTH = 30
"""A full bar has 30 characters."""


class ProgressBar:
    """One line on stderr that overwrites itself; writes nothing if stderr is not a terminal."""

    def __init__(self) -> None:
        self.is_terminal = sys.stderr.isatty()

    def draw(self, text: str, share: float, seconds_left: float | None = None, /) -> None:
        """Draw the current step and the share done (0 to 1): a `Progress`."""
        filled = round(WIDTH * share)
        rest = f", at most {seconds_left:.0f} s left" if seconds_left is not None else ""
        self.draw_text(f"[{'#' * filled}{'.' * (WIDTH - filled)}] {text}{rest}")

    def draw_text(self, text: str) -> None:
        """Draw a sentence."""
        if self.is_terminal:
            sys.stderr.write(f"\r\x1b[2K{text}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Clear the line."""
        self.draw_text("")
