"""Scores for a file of mails that nobody has labelled, with a model file."""

import tempfile
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from pipeline import intake
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.export.bundle import Bundle
from pipeline.intake import columns
from pipeline.vault import memory

SEALED = "sealed"
"""The label of a mail in a sealed test part; its score is missing."""


def score_file(
    model: Path,
    file: Path,
    point: OperatingPoint | None = None,
    sealed: Collection[str] = (),
) -> pd.DataFrame:
    """Score every record of a file; returns id, score and label in the order of the file.

    Args:
        model: a ``.spamlab`` file.
        file: any file that `pipeline.intake` reads. Labels are not needed and are ignored. A mail
            in an archive has its path there as its id.
        point: replaces the operating point of the model.
        sealed: hashes (`vault.memory.hash_mails`) of the mails that get no score, because they
            belong to a sealed test part.

    Raises:
        BadModel: if the model cannot be read.
        BadFile: if the file cannot be read.
        BadData: if the file has no text column.
    """
    bundle = Bundle.load(model)
    point = point or bundle.point
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "table.parquet"
        table = intake.open_table([intake.MailFile(file)], into, keep_ragged=True)
        for mails in intake.iterate_mails(table, columns.guess_columns(table, labelled=False)):
            scores = bundle.score(mails)
            calls = point.call(scores)
            rows = pd.DataFrame({"id": mails["id"], "score": scores, "label": calls})
            if sealed:
                hidden = pd.Series(memory.hash_mails(mails)).isin(set(sealed) - {""})
                rows.loc[hidden, "score"] = float("nan")
                rows.loc[hidden, "label"] = SEALED
            parts.append(rows)
    return pd.concat(parts, ignore_index=True)


def score_mail(
    bundle: Bundle, subject: str, body: str, sealed: Collection[str] = ()
) -> float | None:
    """Compute P(spam) of one mail; None if it is among `sealed`, as in `score_file`.

    Args:
        subject: if it is blank, the subject in the headers of `body` is used.
        body: the text, or a whole message with headers.
    """
    texts = {"subject": [subject], "body": [body]}
    frame = pd.DataFrame(texts, dtype=object).map(_writable).astype("str")
    choice = columns.Columns("body", subject="subject" if subject.strip() else None)
    mail = intake.build_mails(intake.Table.of_frame(frame), choice)
    if memory.hash_mails(mail)[0] in set(sealed) - {""}:
        return None
    return float(bundle.score(mail)[0])


def _writable(text: str) -> str:
    """Replace unpaired surrogates, which a browser may send but no column of text accepts."""
    return text.encode(errors="replace").decode()
