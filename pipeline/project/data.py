"""The mails of a project: all of them, those that may be looked at, and what is wrong with them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.errors import BadData
from pipeline.mail.dataset import Dataset
from pipeline.mail.mails import Mails
from pipeline.project.settings import WithSettings
from pipeline.quality import Quality, report
from pipeline.splits import Split
from pipeline.vault import unsealed
from pipeline.workspace.folder import replacing

if TYPE_CHECKING:
    from pipeline.similarity.near_duplicates import Pairs


class WithData(WithSettings):
    """A project's mails, and its split, which says what of them may be looked at."""

    @property
    def upload_folder(self) -> Path:
        return self.path / "upload"

    def dataset_path(self, fingerprint: str) -> Path:
        """Where the mails of a dataset lie."""
        return self.path / "datasets" / f"{fingerprint}.parquet"

    def dataset(self) -> Dataset | None:
        """The complete dataset with its sealed test mails, or None before the first import.

        Only for what needs the test part: making a split, a version, the opening. Whatever is
        shown, counted or learnt from comes from `visible`.
        """
        fingerprint = self.settings().get("dataset")
        return fingerprint and self._load(fingerprint)

    def _load(self, fingerprint: str) -> Dataset:
        return Dataset.load(self.name, self.dataset_path(fingerprint))

    def split(self) -> Split | None:
        """The project's split, or None before there is one."""
        fingerprint = self.settings().get("split")
        return Split.from_dict(self._read_split(fingerprint)) if fingerprint else None

    def _read_split(self, fingerprint: str) -> dict[str, Any]:
        path = self.path / "splits" / f"{fingerprint}.json"
        return json.loads(path.read_text(encoding="utf-8"))

    def mails(self) -> Mails:
        """The mails that may be looked at, a few at a time; raises BadData without any."""
        fingerprint, split = self.settings().get("dataset"), self.split()
        if not fingerprint:
            raise BadData("there are no mails yet; import a file first.")
        return Mails(self.dataset_path(fingerprint), split.test if split else ())

    def visible(self) -> Dataset | None:
        """The mails that may be looked at: all before a split, train and validation after it.

        Its fingerprint is that of these mails alone.
        """
        dataset, split = self.dataset(), self.split()
        if dataset is None or split is None:
            return dataset
        frame = unsealed(dataset.frame, split).reset_index(drop=True)
        return Dataset(self.name, frame, dataset.parent, dataset.done)

    def left_out(self) -> pd.DataFrame:
        """The rows of the file that are not in the dataset: row, id, reason, excerpt."""
        fingerprint = self.settings().get("dataset")
        if not fingerprint:
            return pd.DataFrame(columns=["row", "id", "reason", "excerpt"])
        return pd.read_parquet(self.path / "datasets" / f"{fingerprint}.left_out.parquet")

    def quality(self) -> Quality:
        """What is wrong with the mails that may be looked at; raises BadData without any."""
        visible = self.visible()
        if visible is None:
            raise BadData("there are no mails yet; import a file first.")
        return report(visible, self.visible_pairs() if self.pairs_path.exists() else None)

    @property
    def pairs_path(self) -> Path:
        """Where the near-duplicates of the present mails lie, once they were looked for."""
        return self.path / "datasets" / f"{self.settings().get('dataset')}.pairs.parquet"

    def pairs(self, report: Callable[[float], None] | None = None) -> "Pairs":
        """Near-duplicates among the mails of `dataset`, by their place in its frame.

        Computed once (30 s for 75,000 mails) and kept beside the dataset. Raises BadData without
        mails.

        Args:
            report: told the share done (0 to 1) now and then.
        """
        from pipeline.similarity.near_duplicates import Pairs, find, text_of

        # both asked now: the search takes a while, and other mails may be the present ones by then
        path, dataset = self.pairs_path, None if self.pairs_path.exists() else self.dataset()
        if not path.exists():
            if dataset is None:
                raise BadData("there are no mails yet; import a file first.")
            path = path.with_name(f"{dataset.fingerprint}.pairs.parquet")
            found = find(text_of(dataset.frame).tolist(), report)
            with replacing(path) as target:
                found.to_frame().to_parquet(target, index=False)
        return Pairs.from_frame(pd.read_parquet(path))

    def visible_pairs(self) -> "Pairs":
        """`pairs` among the mails that may be looked at, by their place in `visible`."""
        return self.pairs().among(self.mails().heads.index.to_numpy())

    def clusters(self) -> pd.Series:
        """A number for each mail that may be looked at, by its id; near-duplicates have the same.

        As alike as the split asks for, or `near_duplicates.DEFAULT`. Mails of one cluster fare
        alike, so what is resampled (`pipeline.evaluation.resampling`) are clusters.
        """
        from pipeline.similarity.near_duplicates import DEFAULT, clusters

        ids, split = self.mails().heads["id"], self.split()
        threshold = split.spec.similarity if split else DEFAULT
        numbers = clusters(len(ids), self.visible_pairs(), threshold)
        return pd.Series(numbers, index=pd.Index(ids.to_numpy(), name="id"), name="cluster")
