"""The seal on a test part: its ids, its labels and a hash of its mails, in a file of their own."""

import json
from pathlib import Path

import pandas as pd

from pipeline.errors import Sealed
from pipeline.mail.dataset import Dataset, Fingerprint
from pipeline.splits import Split
from pipeline.vault.memory import hashes


def content_of(dataset: Dataset, split: Split) -> str:
    """16 hex digits of SHA-256 over the complete rows of the test mails."""
    content = Fingerprint()
    content.add(_rows(dataset, split))
    return content.hexdigest()


def write(dataset: Dataset, split: Split, before: str | None = None) -> str:
    """The text of the vault file of a split.

    Args:
        before: the text that was there; the hashes of other versions of the mails stay.
    """
    rows = _rows(dataset, split)
    known = json.loads(before)["content"] if before else {}
    return json.dumps(
        {
            "split": split.fingerprint,
            "ids": rows["id"].tolist(),
            "labels": rows["label"].tolist(),
            "texts": hashes(rows),
            "content": {**known, dataset.fingerprint: content_of(dataset, split)},
        }
    )


def verify(path: Path, dataset: Dataset, split: Split) -> None:
    """Raise Sealed unless the test mails are those that were sealed, to the letter."""
    found = None
    if path.exists():
        vault = json.loads(path.read_text(encoding="utf-8"))
        rows = _rows(dataset, split)
        said = vault["ids"], vault["labels"], vault["texts"]
        if said == (rows["id"].tolist(), rows["label"].tolist(), hashes(rows)):
            found = vault["content"].get(dataset.fingerprint)
    if found is None or found != content_of(dataset, split):
        raise Sealed(
            "the test mails are not those that were sealed when the mails were divided: one of "
            "them, its label or the vault was changed by another hand. They stay closed; divide "
            "the mails again."
        )


def same(one: Dataset, other: Dataset, split: Split) -> bool:
    """True when the test mails have the same labels and texts in two versions of the mails."""
    first, second = _rows(one, split), _rows(other, split)
    labels = first["label"].tolist() == second["label"].tolist()
    return labels and hashes(first) == hashes(second)


def _rows(dataset: Dataset, split: Split) -> pd.DataFrame:
    frame = dataset.frame.set_index("id", drop=False)
    kept = [mail_id for mail_id in split.test if mail_id in frame.index]
    return frame.loc[kept]
