"""The ledger of a project: its one opening, and what was changed after it, for ever.

One JSON object a line. Each carries the hash of the line before and a hash of itself, so that a
line that was edited, taken out or put in between is noticed.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.errors import Sealed
from pipeline.specs import canonical_json
from pipeline.splits import Split
from pipeline.workspace.locks import locked

OPENED, REOPENED = "opened", "reopened project"
START = "0" * 64
CHANGED = (
    "the ledger of this project was changed by another hand, so nobody can say whether its test "
    "part was opened before; it stays closed. Start a new project with new mails to measure."
)


@dataclass(frozen=True)
class Opening:
    """The opening: when, for which run, on which mails, with which figures.

    `test` is the key of the test part (`Split.test_key`), which stays when others are corrected.
    `threshold` and `unsure_from` are those of the operating point; before there were bands, and
    without one, `unsure_from` is None.
    """

    time: str
    run: str
    dataset: str
    split: str
    threshold: float
    figures: dict[str, Any]
    test: str = ""
    unsure_from: float | None = None


class Ledger:
    """The append-only file of one project; it never holds more than one opening."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def lines(self) -> list[dict[str, Any]]:
        """What is written there, without lines that cannot be read."""
        found = []
        for text in self._texts():
            try:
                found.append(json.loads(text))
            except json.JSONDecodeError:
                continue
        return [line for line in found if isinstance(line, dict)]

    def _texts(self) -> list[str]:
        if not self.path.exists():
            return []
        return self.path.read_text(encoding="utf-8", errors="replace").splitlines()

    @property
    def intact(self) -> bool:
        """False when a line was changed, taken out or put in by another hand."""
        lines, before = self.lines(), START
        if len(lines) != len(self._texts()):
            return False
        for line in lines:
            said = line.pop("hash", None)
            if line.get("before") != before or said != _hash(line):
                return False
            before = said
        return True

    def opening(self) -> Opening | None:
        """The opening, or None while the test part is sealed."""
        for line in self.lines():
            if line.get("what") == OPENED and isinstance(line.get("figures"), dict):
                return Opening(**{name: line.get(name) for name in Opening.__annotations__})  # type: ignore[arg-type]
        return None

    def require_sealed(self) -> None:
        """Raise Sealed when the test part has been opened already, or the ledger was edited."""
        done = self.opening()
        if done is not None:
            raise Sealed(
                f"the test part of this project was opened on {done.time[:10]} for run {done.run}; "
                "it opens once. Start a new project with new mails to measure again."
            )
        if not self.intact:
            raise Sealed(CHANGED)

    def record(
        self,
        run: str,
        dataset: str,
        split: Split,
        threshold: float,
        figures: dict[str, Any],
        unsure_from: float | None = None,
    ) -> None:
        """Write the opening down; raises Sealed when there is one already."""
        self._append(
            OPENED,
            {
                "run": run,
                "dataset": dataset,
                "split": split.fingerprint,
                "test": split.test_key,
                "threshold": threshold,
                "unsure_from": unsure_from,
                "figures": figures,
            },
        )

    def record_change(self, version: int, dataset: str, why: str) -> None:
        """Write down that the project went on with other test mails after the opening."""
        self._append(REOPENED, {"version": version, "dataset": dataset, "why": why})

    def _append(self, what: str, values: dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with locked(self.path) as file:  # two tabs that open at once: one of them is refused
            if what == OPENED:
                self.require_sealed()
            lines = self.lines()
            line = {
                "what": what,
                "time": datetime.now(UTC).isoformat(timespec="seconds"),
                **values,
                "before": lines[-1].get("hash", START) if lines else START,
            }
            file.write(json.dumps({**line, "hash": _hash(line)}) + "\n")


def _hash(line: dict[str, Any]) -> str:
    # through JSON and back, as a reader will see it
    return hashlib.sha256(canonical_json(json.loads(json.dumps(line))).encode()).hexdigest()
