"""How a project's mails are divided into train, validation and test."""

import pandas as pd

from pipeline.errors import BadData
from pipeline.mail.dataset import LABELS
from pipeline.mail.mails import Mails
from pipeline.project.versions import WithVersions
from pipeline.specs import PARTS, SplitSpec
from pipeline.splits import Split, crossing, make


class WithSplit(WithVersions):
    """A project's split: made, counted, and checked for mails that are on two sides."""

    def set_split(self, spec: SplitSpec) -> Split:
        """Divide the dataset and seal its test part; the same spec gives the same split again."""
        dataset = self.dataset()
        if dataset is None:
            raise BadData("a split needs mails; import a file first.")
        present = self.split()
        if present is not None and present.spec == spec and self._vault(present).exists():
            return present
        split = make(dataset, spec, self.pairs() if spec.strategy == "grouped" else None)
        if present is not None and present.fingerprint != split.fingerprint:
            self._go_on("the mails were divided anew", dataset.fingerprint)
        self._take(dataset, split, self._versions())
        return split

    def part_counts(self) -> pd.DataFrame:
        """Index train, validation, test; columns ham, spam (missing while sealed) and mails."""
        fingerprint, split = self.settings().get("dataset"), self.split()
        if fingerprint is None or split is None:
            raise BadData("there is no split yet; divide the mails first.")
        # ids and labels only: a page asks for this
        mails = Mails(self.dataset_path(fingerprint), () if self.opened() else split.test)
        labels = mails.heads.set_index("id")["label"]
        rows = {
            part: labels.reindex(list(split.ids(part))).value_counts().reindex(LABELS)
            for part in PARTS
        }
        counts = pd.DataFrame(rows).T
        known = ["train", "validation", *(["test"] if self.opened() else [])]
        counts.loc[known] = counts.loc[known].fillna(0)
        return counts.assign(mails=[len(split.ids(part)) for part in PARTS]).astype("Int64")

    def expected_counts(self) -> dict[str, int]:
        """About how many mails of each class there are, going by those that may be looked at."""
        settings = self.settings()
        counts, sizes = settings["counts"], settings.get("sizes")
        seen = sum(counts.values())
        whole = seen + (sizes["test"] if sizes else 0)
        return {label: round(n * whole / seen) for label, n in counts.items()}

    def suggested_split(self) -> tuple[SplitSpec, str]:
        """How these mails are best divided, and why, in a sentence."""
        from pipeline.similarity.near_duplicates import DEFAULT

        pairs = self.pairs()
        near = pairs.similarity >= DEFAULT
        if near.any():
            twins = len({*pairs.first[near], *pairs.second[near]})
            return SplitSpec(strategy="grouped"), (
                f"Suggested: grouped, because {twins:,} mails are a copy of another or nearly one; "
                "on two sides of a split they would be known by heart."
            )
        return SplitSpec(), "Suggested: stratified; there are no near-duplicates among the mails."

    def properties(self) -> pd.DataFrame:
        """What each validation mail is like, as `pipeline.slices.properties.of` tells it.

        Raises BadData before there is a split.
        """
        from pipeline.slices import properties

        mails, split = self.mails(), self.split()
        if split is None:
            raise BadData("there is no split yet; divide the mails first.")
        return properties.of(mails.take(split.validation, properties.needed(mails.columns)))

    def crossings(self) -> "crossing.Crossings":
        """How many copies and near-duplicates the present split has on two sides.

        Raises BadData before there is a split.
        """
        dataset, split = self.dataset(), self.split()
        if dataset is None or split is None:
            raise BadData("there is no split yet; divide the mails first.")
        ids = dataset.frame["id"].tolist()
        return crossing.count(split, ids, self.pairs(), split.spec.similarity)
