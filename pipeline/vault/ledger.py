"""The ledger of a project: a permanent record of its one opening and of the changes after it.

One JSON object per line. Each contains the hash of the line before and its own hash, so that an
edited, removed or inserted line is noticed.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.errors import Sealed
from pipeline.specs import format_canonical_json
from pipeline.splits import Split
from pipeline.workspace.locks import locked

OPENED, REOPENED = "opened", "reopened project"
START = "0" * 64
CHANGED = (
    "the ledger of this project was modified outside Spamlab, so it cannot show whether the test "
    "part was opened before. The test part stays sealed; start a new project with new mails to "
    "measure."
)


@dataclass(frozen=True)
class Opening:
    """The opening of a test part.

    Attributes:
        time: in UTC, ISO 8601.
        run: the id of the run that was tested.
        dataset, split: the fingerprints of the mails and of the split.
        threshold: the score from which on a mail was called spam.
        unsure_from: where the band of unsure mails began; None without a band, and in ledgers that
            are older than bands.
        figures: what was measured.
        test: the key of the test part (`Split.test_key`), which stays the same when mails of the
            other parts are corrected.
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
    """The append-only file of one project; it never contains more than one opening."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read_lines(self) -> list[dict[str, Any]]:
        """Read the lines, without those that cannot be parsed."""
        lines = []
        for text in self._read_texts():
            try:
                lines.append(json.loads(text))
            except json.JSONDecodeError:
                continue
        return [line for line in lines if isinstance(line, dict)]

    def _read_texts(self) -> list[str]:
        if not self.path.exists():
            return []
        return self.path.read_text(encoding="utf-8", errors="replace").splitlines()

    @property
    def is_intact(self) -> bool:
        """False if a line was edited, removed or inserted outside Spamlab."""
        lines, before = self.read_lines(), START
        if len(lines) != len(self._read_texts()):
            return False
        for line in lines:
            recorded = line.pop("hash", None)
            if line.get("before") != before or recorded != _hash(line):
                return False
            before = recorded
        return True

    def opening(self) -> Opening | None:
        """Return the opening, or None while the test part is sealed."""
        for line in self.read_lines():
            if line.get("what") == OPENED and isinstance(line.get("figures"), dict):
                return Opening(**{name: line.get(name) for name in Opening.__annotations__})  # type: ignore[arg-type]
        return None

    def require_sealed(self) -> None:
        """Raise Sealed if the test part has been opened already or the ledger was edited."""
        opening = self.opening()
        if opening is not None:
            raise Sealed(
                f"the test part of this project was opened on {opening.time[:10]} for run "
                f"{opening.run}; it can be opened only once. Start a new project with new mails to "
                "measure again."
            )
        if not self.is_intact:
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
        """Record the opening; raises Sealed if there is one already."""
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
        """Record that the project continued with different test mails after the opening."""
        self._append(REOPENED, {"version": version, "dataset": dataset, "why": why})

    def _append(self, event: str, values: dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with locked(self.path) as file:  # of two tabs that open at once, one is refused
            if event == OPENED:
                self.require_sealed()
            lines = self.read_lines()
            line = {
                "what": event,
                "time": datetime.now(UTC).isoformat(timespec="seconds"),
                **values,
                "before": lines[-1].get("hash", START) if lines else START,
            }
            file.write(json.dumps({**line, "hash": _hash(line)}) + "\n")


def _hash(line: dict[str, Any]) -> str:
    # through JSON and back, because a reader hashes what it parsed
    return hashlib.sha256(format_canonical_json(json.loads(json.dumps(line))).encode()).hexdigest()
