"""Remembers opened test mails across projects: uploading the same file again does not get round
the seal.

One file per opening, with an 8-byte BLAKE2b hash of each text, ignoring case and spacing. The mails
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
    """The test mails that were opened before: when, in which project, and how many."""

    time: str
    project: str
    mails: int


def hash_mails(frame: pd.DataFrame) -> list[str]:
    """Hash the text of each mail to 16 hex digits; "" for a mail without text.

    >>> mails = pd.DataFrame({"subject": ["Hello", "hello  ", ""], "body": ["World", "world", ""]})
    >>> hash_mails(mails)
    ['878633aa32a3b150', '878633aa32a3b150', '']
    """
    texts = (frame["subject"].fillna("") + " " + frame["body"].fillna("")).str.lower().str.split()
    return [
        hashlib.blake2b(" ".join(words).encode(errors="replace"), digest_size=8).hexdigest()
        if words
        else ""
        for words in texts
    ]


def format_record(time: str, project: str, test: str, texts: Iterable[str]) -> str:
    """Format the content of the file that remembers an opening.

    Args:
        time: of the opening, ISO 8601.
        test: the key of the test part (`Split.test_key`).
        texts: the hashes of its mails (`hash_mails`).
    """
    return json.dumps(
        {"time": time, "project": project, "test": test, "texts": sorted({*texts} - {""})}
    )


def _read_records(folder: Path) -> Iterator[dict[str, Any]]:
    for path in folder.glob("*.json"):
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            yield {name: values[name] for name in ("time", "project", "test", "texts")}
        except (ValueError, KeyError, TypeError):
            continue  # whoever can damage a record could have deleted it as well


def remembers_project(folder: Path, project: str) -> bool:
    """Whether an opening in a project of this name is remembered."""
    return any(record["project"] == project for record in _read_records(folder))


def find_overlaps(folder: Path, texts: Iterable[str], except_for: tuple[str, str]) -> list[Overlap]:
    """Find the openings that showed some of these texts, the oldest first.

    Args:
        texts: the hashes of a project's test mails (`hash_mails`).
        except_for: the project and test part (`Split.test_key`) whose own opening does not count.
    """
    texts = [text for text in texts if text]
    overlaps = []
    for record in _read_records(folder):
        if (record["project"], record["test"]) == except_for:
            continue
        seen = set(record["texts"])
        if n := sum(text in seen for text in texts):
            overlaps.append(Overlap(record["time"], record["project"], n))
    return sorted(overlaps, key=lambda overlap: overlap.time)


def require_unseen_mails(folder: Path, texts: Iterable[str]) -> None:
    """Raise Sealed if at least half of these test mails were opened before, in any project.

    Args:
        texts: the hashes of the test mails (`hash_mails`); mails without text do not count.
    """
    texts = [text for text in texts if text]
    seen = {text for record in _read_records(folder) for text in record["texts"]}
    known = sum(text in seen for text in texts)
    if known and 2 * known >= len(texts):
        largest = max(find_overlaps(folder, texts, ("", "")), key=lambda overlap: overlap.mails)
        raise Sealed(
            f"{known:,} of the {len(texts):,} test mails were opened before (on "
            f"{largest.time[:10]} in project {largest.project}), so they can no longer show how "
            "well a filter does on mails that nobody has seen. The test part stays sealed; start a "
            "new project with new mails to measure again."
        )
