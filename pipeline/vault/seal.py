"""The seal on a test part: a file with the ids, the labels and a hash of its mails."""

import json
from pathlib import Path

import pandas as pd

from pipeline.errors import Sealed
from pipeline.mail.dataset import Dataset, Fingerprint
from pipeline.splits import Split
from pipeline.vault.memory import hash_mails


def hash_test_mails(dataset: Dataset, split: Split) -> str:
    """Hash the complete rows of the test mails to 16 hex digits of SHA-256."""
    content = Fingerprint()
    content.add(_rows(dataset, split))
    return content.hexdigest()


def build_seal(dataset: Dataset, split: Split, before: str | None = None) -> str:
    """Build the content of a split's vault file.

    Args:
        before: its former content, whose hashes of other versions of the mails are kept.
    """
    rows = _rows(dataset, split)
    known = json.loads(before)["content"] if before else {}
    return json.dumps(
        {
            "split": split.fingerprint,
            "ids": rows["id"].tolist(),
            "labels": rows["label"].tolist(),
            "texts": hash_mails(rows),
            "content": {**known, dataset.fingerprint: hash_test_mails(dataset, split)},
        }
    )


def verify_seal(path: Path, dataset: Dataset, split: Split) -> None:
    """Raise Sealed unless the test mails are exactly those that were sealed."""
    sealed = None
    if path.exists():
        vault = json.loads(path.read_text(encoding="utf-8"))
        rows = _rows(dataset, split)
        recorded = vault["ids"], vault["labels"], vault["texts"]
        if recorded == (rows["id"].tolist(), rows["label"].tolist(), hash_mails(rows)):
            sealed = vault["content"].get(dataset.fingerprint)
    if sealed is None or sealed != hash_test_mails(dataset, split):
        raise Sealed(
            "the test mails are not the ones that were sealed when the mails were divided: a mail, "
            "its label or the vault was modified outside Spamlab. The test part stays sealed; "
            "divide the mails again."
        )


def has_same_test_mails(first: Dataset, second: Dataset, split: Split) -> bool:
    """Whether the test mails have the same labels and texts in two versions of the mails."""
    a, b = _rows(first, split), _rows(second, split)
    same_labels = a["label"].tolist() == b["label"].tolist()
    return same_labels and hash_mails(a) == hash_mails(b)


def _rows(dataset: Dataset, split: Split) -> pd.DataFrame:
    frame = dataset.frame.set_index("id", drop=False)
    kept = [mail_id for mail_id in split.test if mail_id in frame.index]
    return frame.loc[kept]
