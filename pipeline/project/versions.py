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
    """One version of a project's mails.

    Attributes:
        parent: the fingerprint of the version that it corrects; None for the first.
        correction: a sentence that says what was corrected; "" for the first.
        counts: the number of mails by label, without those of the present test part.
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
        """Read the versions, the first one first; one of them is the present one."""
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
        """The sentence that says what the present version corrects; "" for the first."""
        present = read_settings(self.folder).dataset
        return next((v["done"] for v in self.entries() if v["fingerprint"] == present), "")

    def entries(self) -> list[Mapping[str, Any]]:
        """Return the versions as the settings store them (`new_entry`), the first one first.

        `split` and `spec` are those of the time when the version was last the present one.
        """
        settings = read_settings(self.folder)
        if settings.versions or not settings.dataset:
            return list(settings.versions)
        return [new_entry(settings.dataset)]


def new_entry(
    fingerprint: str, parent: str | None = None, correction: str = "", split: Split | None = None
) -> dict[str, Any]:
    """Make the entry that the settings store for a version that is made now."""
    return {
        "fingerprint": fingerprint,
        "parent": parent,
        "done": correction,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "split": split and split.fingerprint,
        "spec": split and split.spec.to_dict(),
    }
