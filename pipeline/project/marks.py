"""The user's tags and notes on mails.

One file of the project keeps them by the id of the mail; a new version of the mails, a new run and
a new split leave them as they are. The marks of a mail that is now a test mail are kept but hidden.
"""

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.errors import BadData, expect
from pipeline.project import Project
from pipeline.project.settings import LOCK
from pipeline.workspace import write_text
from pipeline.workspace.locks import locked

FILE = "marks.json"
SUGGESTED = (
    "newsletter", "very short", "phishing", "quoted spam", "wrong label", "other language",
)  # fmt: skip
"""Tags that are offered before the user has any."""
MOST_TAGS = 20
"""A mail has at most 20 tags."""
LONGEST_TAG, LONGEST_NOTE = 60, 4000
"""A tag has at most 60 characters, a note at most 4,000."""
BETWEEN = "; "
"""Separates the tags of a mail in one cell; so no tag contains a semicolon."""

# control characters and those that change the direction of text: a tag is one plain line
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True)
class Mark:
    """The tags and the note of a mail; `text` is the hash of its text then (`hash_text`)."""

    tags: tuple[str, ...] = ()
    note: str = ""
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.tags or self.note)


def clean_tag(words: str) -> str:
    """Clean a tag: one line, single spaces, no semicolon; "" if nothing is left.

    Raises BadSpec for more than `LONGEST_TAG` characters.

    >>> clean_tag("  quoted   spam; ")
    'quoted spam'
    """
    plain = unicodedata.normalize("NFC", _UNSEEN.sub(" ", words)).replace(";", " ")
    tag = " ".join(plain.split())
    expect(len(tag) <= LONGEST_TAG, "tag", f"at most {LONGEST_TAG} characters", len(tag))
    return tag


def hash_text(mail: Mapping[str, Any] | pd.Series) -> str:
    """Hash the subject and the body of a mail to 16 hex digits of SHA-256."""
    whole = f"{mail['subject'] or ''}\0{mail['body'] or ''}"
    return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()[:16]


def read_marks(project: Project, ids: Iterable[str] | None = None) -> dict[str, Mark]:
    """Read the marks of the visible mails by id; mails without a mark are missing.

    Args:
        ids: the ids of the visible mails, if the caller knows them.
    """
    written = _read(project)
    if not written:
        return {}
    visible = set(_heads(project)["id"] if ids is None else ids)
    return {
        mail_id: Mark(tuple(kept["tags"]), kept["note"], kept["text"])
        for mail_id, kept in written.items()
        if mail_id in visible
    }


def list_tags(marks: Mapping[str, Mark]) -> list[str]:
    """List the tags in use, the most frequent first."""
    counts = Counter(tag for mark in marks.values() for tag in mark.tags)
    return sorted(counts, key=lambda tag: (-counts[tag], tag))


def tabulate_marks(marks: Mapping[str, Mark], ids: Iterable[str]) -> pd.DataFrame:
    """Tabulate tags and note of mails, in the order of `ids`; "" for a mail without."""
    there = [marks.get(mail_id, Mark()) for mail_id in ids]
    return pd.DataFrame(
        {"tags": [BETWEEN.join(m.tags) for m in there], "note": [m.note for m in there]},
        dtype="str",
    )


def change_tags(
    project: Project, mail_id: str, add: Iterable[str] = (), remove: Iterable[str] = ()
) -> None:
    """Add tags to a mail and remove others; those that another tab added meanwhile stay.

    Raises:
        BadSpec: if a tag is too long or the mail has too many.
        BadData: if the mail is not visible.
    """
    new = [tag for words in add if (tag := clean_tag(words))]
    gone = set(remove)

    def change(kept: dict[str, Any]) -> None:
        tags = [t for t in kept["tags"] if t not in gone]
        tags += [t for t in dict.fromkeys(new) if t not in tags]
        expect(len(tags) <= MOST_TAGS, "tags of a mail", f"at most {MOST_TAGS}", len(tags))
        kept["tags"] = tags

    _write(project, mail_id, change)


def write_note(project: Project, mail_id: str, words: str) -> None:
    """Replace the note on a mail; "" removes it.

    Raises:
        BadSpec: if the note has more than `LONGEST_NOTE` characters.
        BadData: if the mail is not visible.
    """
    words = words.strip()
    expect(len(words) <= LONGEST_NOTE, "note", f"at most {LONGEST_NOTE:,} characters", len(words))
    _write(project, mail_id, lambda kept: kept.update(note=words))


def _write(project: Project, mail_id: str, change: Any) -> None:
    mail = project.mails.reader().take([mail_id], ["subject", "body"])
    if mail.empty:
        raise BadData(f"no mail {mail_id!r} among those of train and validation.")
    text = hash_text(mail.iloc[0])
    with locked(project.path / LOCK):  # two tabs may write at once
        written = _read(project)
        kept = written.pop(mail_id, {"tags": [], "note": ""}) | {"text": text}
        change(kept)
        if kept["tags"] or kept["note"]:
            written[mail_id] = kept
        write_text(project.path / FILE, json.dumps(written, ensure_ascii=False))


def _heads(project: Project) -> pd.DataFrame:
    return project.mails.reader().heads


def _read(project: Project) -> dict[str, dict[str, Any]]:
    path = project.path / FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
