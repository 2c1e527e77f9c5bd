"""What the whole workspace remembers of opened test mails: the same file uploaded as a new
project is no way round the seal.

A file an opening, with 8 bytes of BLAKE2b for each text, whatever its case and spacing; the mails
cannot be read from it, and it outlives the project.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import Sealed


@dataclass(frozen=True)
class Overlap:
    """So many test mails of a project were opened before: when, and in which project."""

    time: str
    project: str
    mails: int


def hashes(frame: pd.DataFrame) -> list[str]:
    """16 hex digits a mail, "" for one without text."""
    texts = (frame["subject"].fillna("") + " " + frame["body"].fillna("")).str.lower().str.split()
    return [
        hashlib.blake2b(" ".join(words).encode(errors="replace"), digest_size=8).hexdigest()
        if words
        else ""
        for words in texts
    ]


def record(time: str, project: str, test: str, texts: Iterable[str]) -> str:
    """The text of the file that remembers an opening."""
    return json.dumps(
        {"time": time, "project": project, "test": test, "texts": sorted({*texts} - {""})}
    )


def _records(folder: Path) -> Iterator[dict[str, Any]]:
    for path in folder.glob("*.json"):
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            yield {name: kept[name] for name in ("time", "project", "test", "texts")}
        except (ValueError, KeyError, TypeError):
            continue  # a record that somebody broke is as good as one that he deleted


def names(folder: Path, project: str) -> bool:
    """True when an opening in a project of this name is remembered."""
    return any(kept["project"] == project for kept in _records(folder))


def overlaps(folder: Path, texts: Iterable[str], but: tuple[str, str]) -> list[Overlap]:
    """The openings in which some of these texts were seen, the oldest first.

    Args:
        texts: what `hashes` gave for the test mails of a project.
        but: project and test part (`Split.test_key`) whose own opening does not count.
    """
    mine = [text for text in texts if text]
    found = []
    for kept in _records(folder):
        if (kept["project"], kept["test"]) == but:
            continue
        seen = set(kept["texts"])
        if n := sum(text in seen for text in mine):
            found.append(Overlap(kept["time"], kept["project"], n))
    return sorted(found, key=lambda overlap: overlap.time)


def require_new(folder: Path, texts: Iterable[str]) -> None:
    """Raise Sealed when half of these test mails or more were opened before, in any project.

    Mails without text count on neither side.
    """
    mine = [text for text in texts if text]
    seen = {text for kept in _records(folder) for text in kept["texts"]}
    known = sum(text in seen for text in mine)
    if known and 2 * known >= len(mine):
        most = max(overlaps(folder, mine, ("", "")), key=lambda overlap: overlap.mails)
        raise Sealed(
            f"{known:,} of the {len(mine):,} test mails were opened before (on {most.time[:10]} in "
            f"project {most.project}), so they cannot say any more how good a filter is on mails "
            "that nobody has looked at; they stay closed. Start a new project with new mails to "
            "measure again."
        )
