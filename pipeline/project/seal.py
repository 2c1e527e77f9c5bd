"""The sealed test part of a project: its vault, its ledger, and its one opening."""

import json
from pathlib import Path
from typing import Any

from pipeline.errors import BadData, Sealed
from pipeline.project.data import WithData
from pipeline.splits import Split
from pipeline.vault import memory, seal
from pipeline.vault.ledger import CHANGED, Ledger
from pipeline.workspace.folder import home, write_text


class WithSeal(WithData):
    """A project's test part, which opens once."""

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.path / "ledger.jsonl")

    @property
    def ledger_intact(self) -> bool:
        """False when the ledger was edited, or knows of no opening that the workspace remembers."""
        ledger = self.ledger
        known = ledger.opening() is not None or not memory.names(self._openings, self.name)
        return ledger.intact and known

    @property
    def _openings(self) -> Path:
        return home() / "openings"

    def _vault(self, split: Split) -> Path:
        return self.path / "vault" / f"{split.fingerprint}.json"

    def verify_seal(self) -> None:
        """Raise Sealed when the test mails are not those that were sealed."""
        dataset, split = self.dataset(), self.split()
        if dataset is not None and split is not None:
            seal.verify(self._vault(split), dataset, split)

    @property
    def version(self) -> int:
        """1, and one more for each time that the test part was exchanged after its opening."""
        return int(self.settings().get("project_version", 1))

    def opened(self) -> bool:
        """True while the test part that was opened is still the project's test part."""
        opening, split = self.ledger.opening(), self.split()
        same = opening is not None and split is not None and opening.test == split.test_key
        return same and self.version == 1

    def after_test(self) -> bool:
        """True when whatever is trained now was trained by somebody who may know test mails."""
        split = self.split()
        no_vault = split is not None and not self._vault(split).exists()
        opened = self.ledger.opening() is not None
        return opened or no_vault or not self.ledger_intact or bool(self.opened_before())

    def opened_before(self) -> list[memory.Overlap]:
        """Where mails of the present test part were opened before, in this workspace."""
        split = self.split()
        if split is None or not self._vault(split).exists():
            return []
        vault = json.loads(self._vault(split).read_text(encoding="utf-8"))
        own = (self.name, split.test_key if self.opened() else "")
        return memory.overlaps(self._openings, vault["texts"], own)

    def sealed_texts(self) -> frozenset[str]:
        """Hashes (`vault.memory.hashes`) of the mails that nobody may score yet."""
        split = self.split()
        if split is None or self.opened() or not self._vault(split).exists():
            return frozenset()
        return frozenset(json.loads(self._vault(split).read_text(encoding="utf-8"))["texts"])

    def require_sealed(self) -> None:
        """Raise Sealed when the present test part may not be opened: something was opened here
        already, the ledger was edited or taken away, or too many of the mails were opened before.
        """
        self.ledger.require_sealed()
        if not self.ledger_intact:
            raise Sealed(CHANGED)
        split = self.split()
        if split is not None and self._vault(split).exists():
            vault = json.loads(self._vault(split).read_text(encoding="utf-8"))
            memory.require_new(self._openings, vault["texts"])

    def record_opening(self, run: str, threshold: float, figures: dict[str, Any]) -> None:
        """Write the one opening down, here and in the workspace; see `require_sealed`."""
        dataset, split = self.settings().get("dataset"), self.split()
        if dataset is None or split is None:
            raise BadData("there is no test part to open; divide the mails first.")
        self.require_sealed()
        self.ledger.record(run, dataset, split, threshold, figures)
        opening = self.ledger.opening()
        assert opening is not None
        texts = json.loads(self._vault(split).read_text(encoding="utf-8"))["texts"]
        name = f"{opening.time[:10]}-{split.fingerprint}-{run[:8]}.json"
        record = memory.record(opening.time, self.name, split.test_key, texts)
        write_text(self._openings / name, record)

    def _go_on(self, why: str, dataset: str) -> None:
        """After the opening another test part makes the project another one; the ledger says so."""
        if self.ledger.opening() is not None:
            version = self.version + 1
            self.ledger.record_change(version, dataset, why)
            self.change(project_version=version)
