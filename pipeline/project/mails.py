"""The mails of a project on disk: all of them, and the visible ones."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.errors import BadData
from pipeline.mail.dataset import Dataset
from pipeline.mail.mails import Mails
from pipeline.project.settings import read_settings
from pipeline.splits import Split
from pipeline.vault import select_unsealed


@dataclass(frozen=True)
class ProjectMails:
    """The mails in a project's folder; the settings name the present ones."""

    folder: Path

    def path_of(self, fingerprint: str) -> Path:
        """Return the path of the mails of a dataset."""
        return self.folder / "datasets" / f"{fingerprint}.parquet"

    def complete(self) -> Dataset | None:
        """Read the complete dataset with its sealed test mails, or None before the first import.

        Only for what needs the test part: a split, a version, the opening. Whatever is shown,
        counted or learnt from comes from `visible`.
        """
        fingerprint = read_settings(self.folder).dataset
        if not fingerprint:
            return None
        return Dataset.load(self.folder.name, self.path_of(fingerprint))

    def visible(self) -> Dataset | None:
        """Read the visible mails: all before a split, train and validation after it.

        The fingerprint is that of these mails alone.
        """
        dataset, split = self.complete(), read_split(self.folder)
        if dataset is None or split is None:
            return dataset
        frame = select_unsealed(dataset.frame, split).reset_index(drop=True)
        return Dataset(self.folder.name, frame, dataset.parent, dataset.correction)

    def reader(self) -> Mails:
        """Return a reader of the visible mails, a few at a time; raises BadData without mails."""
        fingerprint, split = read_settings(self.folder).dataset, read_split(self.folder)
        if not fingerprint:
            raise BadData("there are no mails yet; import a file first.")
        return Mails(self.path_of(fingerprint), split.test if split else ())

    def left_out(self) -> pd.DataFrame:
        """Read the rows of the file that are not in the dataset: row, id, reason, excerpt."""
        fingerprint = read_settings(self.folder).dataset
        if not fingerprint:
            return pd.DataFrame(columns=["row", "id", "reason", "excerpt"])
        return pd.read_parquet(left_out_path(self.folder, fingerprint))

    @property
    def pairs_path(self) -> Path:
        """The path of the near-duplicates of the present mails, once a search has found them."""
        return self.folder / "datasets" / f"{read_settings(self.folder).dataset}.pairs.parquet"


def left_out_path(folder: Path, fingerprint: str) -> Path:
    """Return the path of the rows of the file that are not in a dataset."""
    return folder / "datasets" / f"{fingerprint}.left_out.parquet"


def split_path(folder: Path, fingerprint: str) -> Path:
    """Return the path of a split."""
    return folder / "splits" / f"{fingerprint}.json"


def read_split(folder: Path) -> Split | None:
    """Read the present split of a project, or None before there is one."""
    fingerprint = read_settings(folder).split
    return Split.load(split_path(folder, fingerprint)) if fingerprint else None
