"""A project of the workspace."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from pipeline.errors import BadSpec
from pipeline.project.mails import ProjectMails, read_split
from pipeline.project.names import is_valid_name
from pipeline.project.seal import ProjectSeal
from pipeline.project.settings import FILE, Settings, change_settings, read_settings
from pipeline.project.versions import ProjectVersions
from pipeline.splits import Split
from pipeline.workspace.folder import home


@dataclass(frozen=True)
class Project:
    """One project of the workspace: a value that names a folder and gives access to its parts.

    Every property reads the disk again, because another tab or process may have written meanwhile.
    Code that needs several settings that belong together reads `settings` once.
    """

    name: str

    def __post_init__(self) -> None:
        if not is_valid_name(self.name):
            raise BadSpec(
                "project name: expected up to 60 letters, digits, spaces, dots, dashes or "
                f"underscores, starting with a letter or digit, received {self.name!r}."
            )

    @property
    def path(self) -> Path:
        return home() / "projects" / self.name

    @property
    def exists(self) -> bool:
        return (self.path / FILE).exists()

    @property
    def upload_folder(self) -> Path:
        return self.path / "upload"

    @property
    def settings(self) -> Settings:
        """The user's choices, and which mails and split are the present ones."""
        return read_settings(self.path)

    @property
    def mails(self) -> ProjectMails:
        """The mails: all of them, and the visible ones."""
        return ProjectMails(self.path)

    @property
    def split(self) -> Split | None:
        """How the mails are divided, or None before they are."""
        return read_split(self.path)

    @property
    def seal(self) -> ProjectSeal:
        """The seal on the test part, and the record of its opening."""
        return ProjectSeal(self.path)

    @property
    def versions(self) -> ProjectVersions:
        """The mails as they were imported, and each correction of them."""
        return ProjectVersions(self.path)

    def change(self, **values: Any) -> None:
        """Change some settings and keep the others, even if another process changes those now."""
        change_settings(self.path, **values)

    @classmethod
    def create(cls, name: str) -> Self:
        """Create the project's folder if it does not exist."""
        project = cls(name)
        if not project.exists:
            project.change(created=datetime.now(UTC).isoformat(timespec="seconds"))
        return project

    def delete(self) -> None:
        """Delete the project; if its test part was opened, the ledger stays and keeps the name.

        The workspace's memory of the opened mails stays as well.
        """
        ledger = self.seal.ledger
        opened = ledger.opening() is not None
        for path in self.path.glob("*"):
            if not (opened and path == ledger.path):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        if not opened:
            shutil.rmtree(self.path, ignore_errors=True)


def list_projects() -> list[Project]:
    """List all projects, the last changed first."""
    files = [p for p in home().glob(f"projects/*/{FILE}") if is_valid_name(p.parent.name)]
    files.sort(key=lambda p: p.stat().st_mtime, reverse=True)
    return [Project(p.parent.name) for p in files]
