"""The workspace folder: one folder a project, holding everything that took work."""

import contextlib
import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import pandas as pd

from pipeline import features
from pipeline.dataset import Dataset
from pipeline.errors import BadData, BadSpec, BadWorkspace
from pipeline.mails import Mails
from pipeline.quality import Quality, report
from pipeline.specs import PARTS, FeatureSpec, SplitSpec
from pipeline.splits import Split, make
from pipeline.vault import Ledger, unsealed

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
        self.require_changeable(fingerprint)
        left_out_path = self.path / "datasets" / f"{fingerprint}.left_out.parquet"
        with replacing(left_out_path) as path:
            left_out.to_parquet(path, index=False)
        same = self.settings().get("dataset") == fingerprint
        split = {} if same else {"split": None, "sizes": None, "threshold": None}
        self.change(dataset=fingerprint, counts=counts, **split, **settings)

    def dataset(self) -> Dataset | None:
        """The project's dataset, or None before the first import."""
        fingerprint = self.settings().get("dataset")
        return fingerprint and Dataset.load(self.name, self.dataset_path(fingerprint))

    def mails(self) -> Mails:
        """The mails that may be looked at, a few at a time; raises BadData without any."""
        fingerprint, split = self.settings().get("dataset"), self.split()
        if not fingerprint:
            raise BadData("there are no mails yet; import a file first.")
        return Mails(self.dataset_path(fingerprint), split.test if split else ())

    def left_out(self) -> pd.DataFrame:
        """The rows of the file that are not in the dataset: row, id, reason, excerpt."""
        fingerprint = self.settings().get("dataset")
        if not fingerprint:
            return pd.DataFrame(columns=["row", "id", "reason", "excerpt"])
        return pd.read_parquet(self.path / "datasets" / f"{fingerprint}.left_out.parquet")

    def quality(self) -> Quality:
        """What is wrong with the mails that may be looked at; raises BadData without any."""
        dataset = self.dataset()
        if dataset is None:
            raise BadData("there are no mails yet; import a file first.")
        return report(Dataset(self.name, unsealed(dataset.frame, self.split())))

    # the split

    def set_split(self, spec: SplitSpec) -> Split:
        """Divide the dataset and seal its test part; the same spec gives the same split again."""
        dataset = self.dataset()
        if dataset is None:
            raise BadData("a split needs mails; import a file first.")
        split = make(dataset, spec)
        if split.fingerprint != self.settings().get("split"):
            self.ledger.require_sealed()
            write_text(
                self.path / "splits" / f"{split.fingerprint}.json", json.dumps(split.to_dict())
            )
            sizes = {part: len(split.ids(part)) for part in PARTS}
            self.change(split=split.fingerprint, sizes=sizes, threshold=None)
        return split

    def split(self) -> Split | None:
        """The project's split, or None before there is one."""
        fingerprint = self.settings().get("split")
        if not fingerprint:
            return None
        path = self.path / "splits" / f"{fingerprint}.json"
        return Split.from_dict(json.loads(path.read_text(encoding="utf-8")))

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

    def require_changeable(self, fingerprint: str) -> None:
        """Raise Sealed when other mails came in after the test part was opened."""
        if self.settings().get("dataset") not in (None, fingerprint):
            self.ledger.require_sealed()

    def delete(self) -> None:
        """Remove the project's mails; the record of an opened test stays, and with it the name."""
        opened = self.ledger.opening() is not None
        for path in self.path.glob("*"):
            if not (opened and path == self.ledger.path):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        if not opened:
            shutil.rmtree(self.path, ignore_errors=True)


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
