"""The sealed test part of a project: its vault, its ledger, and earlier openings of its mails."""

import json
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import Sealed
from pipeline.project.mails import ProjectMails, read_split
from pipeline.project.settings import read_settings
from pipeline.splits import Split
from pipeline.vault import memory, seal
from pipeline.vault.ledger import CHANGED, Ledger
from pipeline.workspace.folder import home


@dataclass(frozen=True)
class ProjectSeal:
    """The seal on the test part in a project's folder; it opens once."""

    folder: Path

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.folder / "ledger.jsonl")

    def is_intact(self) -> bool:
        """False if the ledger was edited, or lacks an opening that the workspace remembers."""
        ledger = self.ledger
        remembered = memory.remembers_project(openings_folder(), self.folder.name)
        return ledger.is_intact and (ledger.opening() is not None or not remembered)

    def verify(self) -> None:
        """Raise Sealed unless the test mails are those that were sealed."""
        dataset, split = ProjectMails(self.folder).complete(), read_split(self.folder)
        if dataset is not None and split is not None:
            seal.verify_seal(self._vault(split), dataset, split)

    def is_opened(self) -> bool:
        """Whether the project's test part was opened and is still the same."""
        opening, split = self.ledger.opening(), read_split(self.folder)
        same = opening is not None and split is not None and opening.test == split.test_key
        return same and read_settings(self.folder).project_version == 1

    def may_be_known(self) -> bool:
        """Whether somebody who trains a model now may know mails of the test part."""
        split = read_split(self.folder)
        no_vault = split is not None and not self._vault(split).exists()
        opened = self.ledger.opening() is not None
        return opened or no_vault or not self.is_intact() or bool(self.earlier_openings())

    def earlier_openings(self) -> list[memory.Overlap]:
        """List earlier openings in this workspace of mails that are in the present test part."""
        split = read_split(self.folder)
        if split is None or not self._vault(split).exists():
            return []
        own = (self.folder.name, split.test_key if self.is_opened() else "")
        return memory.find_overlaps(openings_folder(), self._texts(split), own)

    def sealed_texts(self) -> frozenset[str]:
        """Return hashes (`vault.memory.hash_mails`) of the mails that nobody may score yet."""
        split = read_split(self.folder)
        if split is None or self.is_opened() or not self._vault(split).exists():
            return frozenset()
        return frozenset(self._texts(split))

    def require_sealed(self) -> None:
        """Raise Sealed if the present test part may not be opened: the project has had its opening,
        the ledger was edited or removed, or too many of the mails were opened before.
        """
        self.ledger.require_sealed()
        if not self.is_intact():
            raise Sealed(CHANGED)
        split = read_split(self.folder)
        if split is not None and self._vault(split).exists():
            memory.require_unseen_mails(openings_folder(), self._texts(split))

    def _vault(self, split: Split) -> Path:
        return self.folder / "vault" / f"{split.fingerprint}.json"

    def _texts(self, split: Split) -> list[str]:
        return list(json.loads(self._vault(split).read_text(encoding="utf-8"))["texts"])


def openings_folder() -> Path:
    """Return the folder in which the workspace remembers the openings of all projects."""
    return home() / "openings"
