"""The versions of a project's mails: taking them in, correcting them, returning to older ones."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from pipeline.errors import BadData
from pipeline.mail.dataset import LABELS, Dataset
from pipeline.project.seal import WithSeal
from pipeline.quality import remedies
from pipeline.quality.remedies import Remedy
from pipeline.specs import PARTS, SplitSpec
from pipeline.splits import Split, carry
from pipeline.vault import seal, unsealed
from pipeline.workspace.folder import replacing, write_text


@dataclass(frozen=True)
class Version:
    """One version of a project's mails: what it corrects, what was done, and what may be seen.

    `counts` are the mails by label without those of the present test part.
    """

    fingerprint: str
    parent: str | None
    done: str
    time: str
    counts: dict[str, int]
    present: bool


def _version(
    fingerprint: str, parent: str | None = None, done: str = "", split: Split | None = None
) -> dict[str, Any]:
    return {
        "fingerprint": fingerprint,
        "parent": parent,
        "done": done,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "split": split and split.fingerprint,
        "spec": split and split.spec.to_dict(),
    }


class WithVersions(WithSeal):
    """A project's mails as they were taken in, and each correction of them."""

    def set_dataset(self, dataset: Dataset, left_out: pd.DataFrame, **settings: Any) -> None:
        """Make a dataset the project's; the split of an other one is let go."""
        with replacing(self.dataset_path(dataset.fingerprint)) as path:
            dataset.save(path)
        self.adopt(dataset.fingerprint, dataset.counts, left_out, **settings)

    def adopt(
        self, fingerprint: str, counts: dict[str, int], left_out: pd.DataFrame, **settings: Any
    ) -> None:
        """`set_dataset` for one whose file is in its place already (`dataset_path`)."""
        left_out_path = self.path / "datasets" / f"{fingerprint}.left_out.parquet"
        with replacing(left_out_path) as path:
            left_out.to_parquet(path, index=False)
        before = self.settings()
        if before.get("dataset") == fingerprint:
            self.change(**settings)
            return
        if before.get("dataset"):
            self._go_on("other mails were taken in", fingerprint)
        self.change(
            dataset=fingerprint,
            counts=counts,
            split=None,
            sizes=None,
            threshold=None,
            versions=[_version(fingerprint)],
            **settings,
        )

    def revise(self, dataset: Dataset) -> None:
        """Make a corrected version of the mails the project's; the older one stays and can be
        returned to.

        The sealed test mails are carried over untouched. A split is carried over too: the same
        test part, train and validation less the mails that were dropped.

        Args:
            dataset: `visible` after the correction, with `parent` the present fingerprint and
                `done` a sentence on what was done.

        Raises BadData when it corrects another version, when it brings in mails that were not to
        be seen, or when `done` is empty; Sealed when the test mails are not those of the seal.
        """
        whole, split = self.dataset(), self.split()
        if whole is None:
            raise BadData("there are no mails to correct yet; import a file first.")
        present = unsealed(whole.frame, split)
        if dataset.parent != whole.fingerprint:
            raise BadData(
                f"this correction was made of version {dataset.parent}, but the mails are at "
                f"version {whole.fingerprint} by now; make it again."
            )
        if not dataset.done:
            raise BadData("a correction needs a sentence that says what was done.")
        if strange := set(dataset.frame["id"]) - set(present["id"]):
            raise BadData(
                "a correction may change or drop mails that can be looked at, and bring no others; "
                f"{len(strange):,} of its mails are not among those."
            )
        frame = dataset.frame
        if split is not None:
            seal.verify(self._vault(split), whole, split)
            sealed = whole.frame[whole.frame["id"].isin(set(split.test))]
            frame = pd.concat([frame, sealed.reindex(columns=frame.columns)])
            place = pd.Series(range(len(whole.frame)), index=whole.frame["id"])
            frame = frame.iloc[place[frame["id"]].to_numpy().argsort()].reset_index(drop=True)
            frame = frame.astype(dataset.frame.dtypes.to_dict())
        made = Dataset(self.name, frame, whole.fingerprint, dataset.done)
        if made.fingerprint == whole.fingerprint:
            return
        dataset.require_enough_mails()  # of all mails it would tell how many are sealed
        with replacing(self.path / "datasets" / f"{made.fingerprint}.parquet") as path:
            made.save(path)
        left_out = self.left_out()
        with replacing(self.path / "datasets" / f"{made.fingerprint}.left_out.parquet") as path:
            left_out.to_parquet(path, index=False)
        carried = split and carry(split, made.frame["id"])
        others = [v for v in self._versions() if v["fingerprint"] != made.fingerprint]
        entry = _version(made.fingerprint, made.parent, made.done, carried)
        self._take(made, carried, [*others, entry])

    def remedy(self, remedy: Remedy) -> None:
        """Make the version of the visible mails that a remedy gives; see `revise`."""
        visible = self.visible()
        if visible is None:
            raise BadData("there are no mails to correct yet; import a file first.")
        mended = remedies.apply(visible, remedy)
        self.revise(replace(mended, parent=self.settings()["dataset"]))

    @property
    def done(self) -> str:
        """What was done to make the present version of the mails; "" for the first."""
        present = self.settings().get("dataset")
        return next((v["done"] for v in self._versions() if v["fingerprint"] == present), "")

    def versions(self) -> "list[Version]":
        """The versions of the mails, the first one first; one of them is the present one."""
        split = self.split()
        sealed = set(split.test) if split else set()
        found = []
        for entry in self._versions():
            path = self.path / "datasets" / f"{entry['fingerprint']}.parquet"
            mails = pd.read_parquet(path, columns=["id", "label"])
            seen = mails[~mails["id"].isin(sealed)]["label"].value_counts()
            found.append(
                Version(
                    entry["fingerprint"],
                    entry["parent"],
                    entry["done"],
                    entry["time"],
                    {label: int(seen.get(label, 0)) for label in LABELS},
                    entry["fingerprint"] == self.settings()["dataset"],
                )
            )
        return found

    def _versions(self) -> list[dict[str, Any]]:
        settings = self.settings()
        first = [_version(settings["dataset"])] if settings.get("dataset") else []
        return settings.get("versions") or first

    def return_to(self, fingerprint: str) -> None:
        """Make an older version of the mails the present one again, with the split it had.

        A version from before the split has the present one carried over. When it has mails that
        were dropped before the split, there is no split any more: a mail that comes back may be a
        copy of a sealed one. When the test mails have other labels or texts there, or are let go,
        and were opened, the project goes on as another version. Raises BadData for a version that
        is not there.
        """
        versions = self._versions()
        entry = next((v for v in versions if v["fingerprint"] == fingerprint), None)
        if entry is None:
            raise BadData(f"there is no version {fingerprint!r} of these mails.")
        if fingerprint == self.settings()["dataset"]:
            return
        dataset, split, whole = self._load(fingerprint), self.split(), self.dataset()
        if split is not None:
            kept = entry.get("split")
            same = kept and Split.from_dict(self._read_split(kept))
            if same and same.test == split.test:
                split = Split(SplitSpec.from_dict(entry["spec"]), same.train, same.validation,
                              same.test)  # fmt: skip
            else:
                known = {*split.train, *split.validation, *split.test}
                divided = set(dataset.frame["id"]) <= known
                split = carry(split, dataset.frame["id"]) if divided else None
            if split is None:
                self._go_on("mails came back that were never divided", fingerprint)
            elif whole is not None and not seal.same(whole, dataset, split):
                self._go_on("its test mails have other labels or texts", fingerprint)
        self._take(dataset, split, versions)

    def _take(self, dataset: Dataset, split: Split | None, versions: list[dict[str, Any]]) -> None:
        """Make a dataset and a split the present ones."""
        seen = dataset.counts
        if split is not None:
            self._write_split(dataset, split)
            shown = unsealed(dataset.frame, split)["label"].value_counts()
            seen = {label: int(shown.get(label, 0)) for label in LABELS}
        sizes = split and {part: len(split.ids(part)) for part in PARTS}
        before, mine = self.settings(), split and split.fingerprint
        # what was set by hand was set on other validation mails
        same, rule = before.get("split") == mine, before.get("threshold_rule")
        reading = before.get("reading")
        if split is not None and reading:
            # how often each word of the label column is in the file, and so which is the commoner:
            # less what is visible, that would be the labels of the test part
            words, labels = sorted(reading["words"]), sorted(reading["labels"].items())
            reading = {**reading, "words": dict.fromkeys(words, 0), "labels": dict(labels)}
        for entry in versions:
            if entry["fingerprint"] == dataset.fingerprint:
                entry |= {"split": mine, "spec": split and split.spec.to_dict()}
        self.change(
            dataset=dataset.fingerprint,
            counts=seen,
            split=mine,
            sizes=sizes,
            versions=versions,
            reading=reading,
            threshold=before.get("threshold") if same else None,
            threshold_rule=rule if same or not rule or rule["rule"] != "hand" else None,
        )

    def _write_split(self, dataset: Dataset, split: Split) -> None:
        path = self._vault(split)
        before = path.read_text(encoding="utf-8") if path.exists() else None
        write_text(path, seal.write(dataset, split, before))
        write_text(self.path / "splits" / f"{split.fingerprint}.json", json.dumps(split.to_dict()))
