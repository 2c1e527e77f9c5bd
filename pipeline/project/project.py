"""A project of the workspace: made, listed, deleted."""

import shutil
from datetime import UTC, datetime
from typing import Self

from pipeline.project.division import WithSplit
from pipeline.project.names import is_name
from pipeline.workspace.folder import home


class Project(WithSplit):
    """One project of the workspace; a value that only names its folder.

    What it can do is in the files beside this one, each resting on the one before: settings, data,
    seal, versions, division.
    """

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
        opened = self.ledger.opening() is not None
        for path in self.path.glob("*"):
            if not (opened and path == self.ledger.path):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        if not opened:
            shutil.rmtree(self.path, ignore_errors=True)


def list_projects() -> list[Project]:
    """All projects, the one changed last first."""
    files = [p for p in home().glob("projects/*/project.json") if is_name(p.parent.name)]
    files.sort(key=lambda p: p.stat().st_mtime, reverse=True)
    return [Project(p.parent.name) for p in files]
