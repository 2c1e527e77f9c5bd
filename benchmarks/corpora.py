"""The research corpora as frames, from the folder that SPAMLAB_CORPORA names."""

import gzip
import os
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.intake import message

FOLDER = Path(os.environ.get("SPAMLAB_CORPORA", "corpora"))
NAMES = ("sms", "lingspam", "enron1", "enron3", "spamassassin2")


def load(name: str) -> pd.DataFrame:
    """One corpus in the order of its file: id, label, subject, body, sender, date, y, raw.

    `raw` is the mail as bytes, as a filter is given it; y is 1 for spam. SpamAssassin 2 has the
    columns headers, html and attachments as well, Ling-Spam has part.
    """
    if name == "spamassassin2":
        return _messages()
    file = pd.read_csv(FOLDER / f"{name}.csv.gz", dtype=str, keep_default_na=False)
    frame = file[["id", "label", "subject"]].assign(body=file["text"], sender=None, date=pd.NaT)
    texts = zip(frame["subject"], frame["body"], strict=True)
    frame["raw"] = [f"Subject: {s}\n\n{b}\n".encode() for s, b in texts]
    if "part" in file:
        frame["part"] = file["part"].astype(int)
    return frame.assign(y=(frame["label"] == "spam").astype(np.int8))


def _messages() -> pd.DataFrame:
    rows = []
    for label in ("ham", "spam"):
        data = gzip.decompress((FOLDER / f"spamassassin2-{label}.mbox.gz").read_bytes())
        for i, raw in enumerate(re.split(rb"(?:\A|\n)From [^\n]*\n", data)[1:]):
            rows.append(
                {"id": f"{label}{i}", "label": label, "raw": raw, **message.parse_message(raw)}
            )
    frame = pd.DataFrame(rows)
    return frame.assign(y=(frame["label"] == "spam").astype(np.int8))


def hold_out(y: np.ndarray, share: float = 0.3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows for training and rows held out: `share` of each class, by chance."""
    dice, held = np.random.default_rng(seed), np.zeros(len(y), bool)
    for label in (0, 1):
        rows = dice.permutation(np.flatnonzero(y == label))
        held[rows[: round(share * len(rows))]] = True
    return np.flatnonzero(~held), np.flatnonzero(held)
