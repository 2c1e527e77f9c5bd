"""The workspace folder: one folder a project, holding everything that took work."""

import contextlib
import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from pipeline import crossing, features, remedies
from pipeline.dataset import LABELS, Dataset
from pipeline.errors import BadData, BadSpec, BadWorkspace
from pipeline.intake.wording import counted
from pipeline.mails import Mails
from pipeline.quality import Quality, report
from pipeline.remedies import Remedy
from pipeline.specs import PARTS, FeatureSpec, SplitSpec
from pipeline.splits import Split, carry, make
from pipeline.vault import memory, seal, unsealed
from pipeline.vault.ledger import Ledger

if TYPE_CHECKING:
    from pipeline.near_duplicates import Pairs

NAME = re.compile(r"[^\W_][\w .-]{0,59}")
"""Project names: letters, digits, space, dot, dash, underscore; up to 60; no path can be one."""


def home() -> Path:
    """The workspace: the folder named by SPAMLAB_HOME, by default ``workspace``."""
    return Path(os.environ.get("SPAMLAB_HOME") or "workspace").absolute()


def _is_name(name: str) -> bool:
    return bool(NAME.fullmatch(name)) and ".." not in name and not name.endswith((" ", "."))


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadWorkspace(
            f"could not write {path.name!r} in the workspace {home()}: {error.strerror}. Nothing "
            "that was there is lost; make room or make the folder writable, then try again."
        ) from error


def write_text(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old text or the new one, never a part."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path that takes the place of `path` when the block ends well.

    Raises BadWorkspace when the folder cannot be written or the disk is full; what stood at
    `path` is then still there.
    """
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@dataclass(frozen=True)
class Project:
    """One project of the workspace; a value that only names its folder."""

    name: str

    def __post_init__(self) -> None:
        if not _is_name(self.name):
            raise BadSpec(
                "project name: expected up to 60 letters, digits, spaces, dots, dashes or "
                f"underscores, starting with a letter or digit, received {self.name!r}."
            )

    @property
    def path(self) -> Path:
        return home() / "projects" / self.name

    @property
    def exists(self) -> bool:
        return (self.path / "project.json").exists()

    @classmethod
    def create(cls, name: str) -> Self:
        """Make the project's folder; does nothing when it exists."""
        project = cls(name)
        if not project.exists:
            project.change(created=datetime.now(UTC).isoformat(timespec="seconds"))
        return project

    def settings(self) -> dict[str, Any]:
        """What is known of the project; empty for one that does not exist."""
        try:
            return json.loads((self.path / "project.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise BadWorkspace(
                f"could not read the project in the workspace {home()}: {error.strerror}. Make the "
                "folder readable or name another one in SPAMLAB_HOME."
            ) from error

    def change(self, **values: Any) -> None:
        """Set some of the settings, keeping the others, whoever else is changing them."""
        with _writing(self.path / "project.json"):
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / ".lock").open("a")
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            text = json.dumps({**self.settings(), **values}, indent=1)
            write_text(self.path / "project.json", text)

    # the data

    @property
    def upload_folder(self) -> Path:
        return self.path / "upload"

    def set_dataset(self, dataset: Dataset, left_out: pd.DataFrame, **settings: Any) -> None:
        """Make a dataset the project's; the split of an other one is let go."""
        with replacing(self.dataset_path(dataset.fingerprint)) as path:
            dataset.save(path)
        self.adopt(dataset.fingerprint, dataset.counts, left_out, **settings)

    def dataset_path(self, fingerprint: str) -> Path:
        """Where the mails of a dataset lie."""
        return self.path / "datasets" / f"{fingerprint}.parquet"

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

    def dataset(self) -> Dataset | None:
        """The complete dataset with its sealed test mails, or None before the first import.

        Only for what needs the test part: making a split, a version, the opening. Whatever is
        shown, counted or learnt from comes from `visible`.
        """
        fingerprint = self.settings().get("dataset")
        return fingerprint and self._load(fingerprint)

    def _load(self, fingerprint: str) -> Dataset:
        return Dataset.load(self.name, self.dataset_path(fingerprint))

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
        from pipeline.near_duplicates import Pairs, find, text_of

        if not self.pairs_path.exists():
            dataset = self.dataset()
            if dataset is None:
                raise BadData("there are no mails yet; import a file first.")
            found = find(text_of(dataset.frame).tolist(), report)
            with replacing(self.pairs_path) as path:
                found.to_frame().to_parquet(path, index=False)
        return Pairs.from_frame(pd.read_parquet(self.pairs_path))

    def visible_pairs(self) -> "Pairs":
        """`pairs` among the mails that may be looked at, by their place in `visible`."""
        return self.pairs().among(self.mails().heads.index.to_numpy())

    # the versions of the data

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
        made.require_enough()
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

        A version from before the split has the present one carried over: mails that were dropped
        since go to train. Raises BadData for a version that is not there.
        """
        versions = self._versions()
        entry = next((v for v in versions if v["fingerprint"] == fingerprint), None)
        if entry is None:
            raise BadData(f"there is no version {fingerprint!r} of these mails.")
        if fingerprint == self.settings()["dataset"]:
            return
        dataset, split = self._load(fingerprint), self.split()
        if split is not None:
            kept = entry.get("split")
            same = kept and Split.from_dict(self._read_split(kept))
            if same and same.test == split.test:
                split = Split(SplitSpec.from_dict(entry["spec"]), same.train, same.validation,
                              same.test)  # fmt: skip
            else:
                split = carry(split, dataset.frame["id"])
                known = {*split.train, *split.validation, *split.test}
                back = tuple(i for i in dataset.frame["id"] if i not in known)
                split = Split(
                    split.spec, tuple(sorted(split.train + back)), split.validation, split.test
                )
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
            threshold=before.get("threshold") if before.get("split") == mine else None,
        )

    # the split

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

    def split(self) -> Split | None:
        """The project's split, or None before there is one."""
        fingerprint = self.settings().get("split")
        return Split.from_dict(self._read_split(fingerprint)) if fingerprint else None

    def _read_split(self, fingerprint: str) -> dict[str, Any]:
        path = self.path / "splits" / f"{fingerprint}.json"
        return json.loads(path.read_text(encoding="utf-8"))

    def _write_split(self, dataset: Dataset, split: Split) -> None:
        path = self._vault(split)
        before = path.read_text(encoding="utf-8") if path.exists() else None
        write_text(path, seal.write(dataset, split, before))
        write_text(self.path / "splits" / f"{split.fingerprint}.json", json.dumps(split.to_dict()))

    def part_counts(self) -> pd.DataFrame:
        """Index train, validation, test; columns ham, spam (missing while sealed) and mails."""
        visible, split = self.visible(), self.split()
        if visible is None or split is None:
            raise BadData("there is no split yet; divide the mails first.")
        dataset = self.dataset() if self.opened() else visible
        assert dataset is not None
        labels = dataset.frame.set_index("id")["label"]
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
        from pipeline.near_duplicates import DEFAULT

        near = int((self.pairs().similarity >= DEFAULT).sum())
        if near:
            return SplitSpec(strategy="grouped"), (
                f"Suggested: grouped, because {counted(near, 'link')} between near-duplicates were "
                "found among the mails; on two sides of a split they would be known by heart."
            )
        return SplitSpec(), "Suggested: stratified; there are no near-duplicates among the mails."

    def crossings(self) -> "crossing.Crossings":
        """How many copies and near-duplicates the present split has on two sides.

        Raises BadData before there is a split.
        """
        dataset, split = self.dataset(), self.split()
        if dataset is None or split is None:
            raise BadData("there is no split yet; divide the mails first.")
        ids = dataset.frame["id"].tolist()
        return crossing.count(split, ids, self.pairs(), split.spec.similarity)

    # the features

    def feature_spec(self) -> FeatureSpec:
        """What the next training reads, every parameter written out; at first the default.

        Raises BadSpec when another version of Spamlab stored blocks that this one does not have.
        """
        stored = self.settings().get("features")
        return features.complete(FeatureSpec.from_dict(stored) if stored else FeatureSpec())

    def set_features(self, spec: FeatureSpec | None) -> None:
        """Choose what the next training reads, None for the default; runs keep what they had.

        Raises BadSpec, and changes nothing, for an unknown block or an impossible parameter.
        """
        self.change(features=spec and features.complete(spec).to_dict())

    # the threshold

    def threshold_of(self, own: float) -> float:
        """The threshold that counts for a run: the one set for all runs, or else its own."""
        common = self.settings().get("threshold")
        return own if common is None else float(common)

    # the seal

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.path / "ledger.jsonl")

    def _vault(self, split: Split) -> Path:
        return self.path / "vault" / f"{split.fingerprint}.json"

    def verify_seal(self) -> None:
        """Raise Sealed when the test mails are not those that were sealed."""
        dataset, split = self.dataset(), self.split()
        if dataset is not None and split is not None:
            seal.verify(self._vault(split), dataset, split)

    @property
    def version(self) -> int:
        """1, and one more for each time that the test part was exchanged after its opening."""
        return int(self.settings().get("project_version", 1))

    def opened(self) -> bool:
        """True while the test part that was opened is still the project's test part."""
        opening, split = self.ledger.opening(), self.split()
        same = opening is not None and split is not None and opening.test == split.test_key
        return same and self.version == 1

    def after_test(self) -> bool:
        """True when whatever is trained now was trained by somebody who may know test mails."""
        ledger = self.ledger
        return ledger.opening() is not None or not ledger.intact or bool(self.opened_before())

    def opened_before(self) -> list[memory.Overlap]:
        """Where mails of the present test part were opened before, in this workspace."""
        split = self.split()
        if split is None or not self._vault(split).exists():
            return []
        vault = json.loads(self._vault(split).read_text(encoding="utf-8"))
        own = (self.name, split.test_key if self.opened() else "")
        return memory.overlaps(home() / "openings", vault["texts"], own)

    def record_opening(self, run: str, threshold: float, figures: dict[str, Any]) -> None:
        """Write the one opening down, here and in the workspace; raises Sealed for a second."""
        dataset, split = self.settings().get("dataset"), self.split()
        if dataset is None or split is None:
            raise BadData("there is no test part to open; divide the mails first.")
        self.ledger.record(run, dataset, split, threshold, figures)
        opening = self.ledger.opening()
        assert opening is not None
        texts = json.loads(self._vault(split).read_text(encoding="utf-8"))["texts"]
        name = f"{opening.time[:10]}-{split.fingerprint}-{run[:8]}.json"
        record = memory.record(opening.time, self.name, split.test_key, texts)
        write_text(home() / "openings" / name, record)

    def _go_on(self, why: str, dataset: str) -> None:
        """After the opening another test part makes the project another one; the ledger says so."""
        if self.ledger.opening() is not None:
            version = self.version + 1
            self.ledger.record_change(version, dataset, why)
            self.change(project_version=version)

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


def projects() -> list[Project]:
    """All projects, the one changed last first."""
    files = [p for p in home().glob("projects/*/project.json") if _is_name(p.parent.name)]
    files.sort(key=lambda p: p.stat().st_mtime, reverse=True)
    return [Project(p.parent.name) for p in files]


def name_from(wanted: str) -> str:
    """A valid project name close to the wanted one (a file's name, say)."""
    name = re.sub(r"[^\w .-]+|\.{2,}", "-", wanted).strip(" .-_")[:50].strip(" .-_")
    return name or "project"


def free_name(wanted: str) -> str:
    """A valid project name close to the wanted one that is not taken."""
    name = candidate = name_from(wanted)
    taken = {path.name for path in home().glob("projects/*")}
    number = 2
    while candidate in taken:
        candidate, number = f"{name} {number}", number + 1
    return candidate
