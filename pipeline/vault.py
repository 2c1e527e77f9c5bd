"""The sealed test part, and the ledger that records its one opening for ever."""

import fcntl
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import Sealed
from pipeline.splits import Split


@dataclass(frozen=True)
class Opening:
    """One line of the ledger: when, for which run, on which mails, with which figures."""

    time: str
    run: str
    dataset: str
    split: str
    threshold: float
    figures: dict[str, Any]


def unsealed(frame: pd.DataFrame, split: Split | None) -> pd.DataFrame:
    """The mails that may be looked at: all before a split, train and validation after it."""
    return frame if split is None else frame[~frame["id"].isin(set(split.test))]


class Ledger:
    """The append-only file of openings of one project; it never holds more than one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def opening(self) -> Opening | None:
        """The opening, or None while the test part is sealed."""
        if not self.path.exists():
            return None
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return Opening(**json.loads(lines[0])) if lines else None

    def require_sealed(self) -> None:
        """Raise Sealed when the test part has been opened already."""
        done = self.opening()
        if done is not None:
            raise Sealed(
                f"the test part of this project was opened on {done.time[:10]} for run {done.run}; "
                "it opens once. Start a new project with new mails to measure again."
            )

    def record(self, run: str, dataset: str, split: Split, threshold: float, figures: dict) -> None:
        """Write the opening down; raises Sealed when there is one already."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        line = {
            "time": now,
            "run": run,
            "dataset": dataset,
            "split": split.fingerprint,
            "threshold": threshold,
            "figures": figures,
        }
        with self.path.open("a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # two tabs that open at once: one of them is refused
            self.require_sealed()
            file.write(json.dumps(line) + "\n")
