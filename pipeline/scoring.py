"""Scores for a file of mails that nobody has labelled, with a model file."""

import tempfile
from pathlib import Path

import pandas as pd

from pipeline import intake
from pipeline.bundle import Bundle
from pipeline.intake import columns


def score_file(model: Path, file: Path, threshold: float | None = None) -> pd.DataFrame:
    """id, score and label for every record of a file, in its order.

    Args:
        model: a ``.spamlab`` file.
        file: of any kind that `pipeline.intake` reads; a label is not needed and not looked at.
            Mails of an archive are named by their path in it.
        threshold: instead of the model's own.

    Raises BadModel, BadFile, or BadData when the file has no text column.
    """
    bundle = Bundle.load(model)
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "table.parquet"
        table = intake.open_table([intake.MailFile(file)], into, keep_ragged=True)
        for mails in intake.mails(table, columns.guess(table, labelled=False)):
            scores = bundle.score(mails)
            label = bundle.label(scores, threshold)
            parts.append(pd.DataFrame({"id": mails["id"], "score": scores, "label": label}))
    return pd.concat(parts, ignore_index=True)


def score_mail(bundle: Bundle, subject: str, body: str) -> float:
    """P(spam) of one mail; `body` may be a whole message with headers.

    The subject in the headers counts where `subject` is blank.
    """
    texts = {"subject": [subject], "body": [body]}
    frame = pd.DataFrame(texts, dtype=object).map(_writable).astype("str")
    one = columns.Columns("body", subject="subject" if subject.strip() else None)
    table = intake.Table.of_frame(frame)
    return float(bundle.score(intake.to_mails(table, one))[0])


def _writable(text: str) -> str:
    """Without halves of characters, which a browser may send but no column of text takes."""
    return text.encode(errors="replace").decode()
