"""The versions of a project's mails, each of which corrects the one that it names as its parent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.mail.dataset import LABELS
from pipeline.project.mails import ProjectMails, read_split
from pipeline.project.settings import read_settings
from pipeline.splits import Split


@dataclass(frozen=True)
class Version:
    """One version of a project's mails: what it corrects, what was done, and what may be seen.

    `counts` are the mails by label without those of the present test part.
    """

    fingerprint: str
    parent: str | None
    correction: str
    time: str
    counts: dict[str, int]
    present: bool


@dataclass(frozen=True)
class ProjectVersions:
    """The versions of the mails in a project's folder."""

    folder: Path

    def all(self) -> list[Version]:
        """The versions, the first one first; one of them is the present one."""
        split, present = read_split(self.folder), read_settings(self.folder).dataset
        sealed = set(split.test) if split else set()
        versions = []
        for entry in self.entries():
            path = ProjectMails(self.folder).path_of(entry["fingerprint"])
            mails = pd.read_parquet(path, columns=["id", "label"])
            seen = mails[~mails["id"].isin(sealed)]["label"].value_counts()
            versions.append(
                Version(
                    entry["fingerprint"],
                    entry["parent"],
                    entry["done"],
                    entry["time"],
                    {label: int(seen.get(label, 0)) for label in LABELS},
                    entry["fingerprint"] == present,
                )
            )
        return versions

    @property
    def correction(self) -> str:
        """What was done to make the present version of the mails; "" for the first."""
        present = read_settings(self.folder).dataset
        return next((v["done"] for v in self.entries() if v["fingerprint"] == present), "")

    def entries(self) -> list[Mapping[str, Any]]:
        """The versions as the settings have them (`new_entry`), the first one first.

        `split` and `spec` are those that the version had when it was last the present one.
        """
        settings = read_settings(self.folder)
        if settings.versions or not settings.dataset:
            return list(settings.versions)
        return [new_entry(settings.dataset)]


def new_entry(
    fingerprint: str, parent: str | None = None, correction: str = "", split: Split | None = None
) -> dict[str, Any]:
    """What the settings keep of a version that is made now."""
    return {
        "fingerprint": fingerprint,
        "parent": parent,
        "done": correction,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "split": split and split.fingerprint,
        "spec": split and split.spec.to_dict(),
    }
