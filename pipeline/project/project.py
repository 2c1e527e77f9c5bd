"""A project of the workspace: made, listed, deleted."""

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
    """One project of the workspace: a value that only names its folder, and the parts in it.

    Whatever is asked is read anew, so that it is what another tab or process has written by then;
    who needs several settings that belong together reads them once. What is done with a project is
    in functions that take one.
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
        """What was chosen, and which mails and split are the present ones."""
        return read_settings(self.path)

    @property
    def mails(self) -> ProjectMails:
        """The mails, and those of them that may be looked at."""
        return ProjectMails(self.path)

    @property
    def split(self) -> Split | None:
        """How the mails are divided, or None before they are."""
        return read_split(self.path)

    @property
    def seal(self) -> ProjectSeal:
        """The test part out of sight, and the record of its opening."""
        return ProjectSeal(self.path)

    @property
    def versions(self) -> ProjectVersions:
        """The mails as they were taken in, and each correction of them."""
        return ProjectVersions(self.path)

    def change(self, **values: Any) -> None:
        """Set some of the settings, keeping the others, whoever else is changing them."""
        change_settings(self.path, **values)

    @classmethod
    def create(cls, name: str) -> Self:
        """Make the project's folder; does nothing when it exists."""
        project = cls(name)
        if not project.exists:
            project.change(created=datetime.now(UTC).isoformat(timespec="seconds"))
        return project

    def delete(self) -> None:
        """Remove the project's mails; the record of an opened test stays, and with it the name.

        What the workspace remembers of the opened mails stays as well.
        """
        ledger = self.seal.ledger
        opened = ledger.opening() is not None
        for path in self.path.glob("*"):
            if not (opened and path == ledger.path):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        if not opened:
            shutil.rmtree(self.path, ignore_errors=True)


def list_projects() -> list[Project]:
    """All projects, the one changed last first."""
    files = [p for p in home().glob(f"projects/*/{FILE}") if is_valid_name(p.parent.name)]
    files.sort(key=lambda p: p.stat().st_mtime, reverse=True)
    return [Project(p.parent.name) for p in files]
