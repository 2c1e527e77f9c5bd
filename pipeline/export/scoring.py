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
"""What stands for the label of a mail of a sealed test part, whose score is missing."""


def score_file(
    model: Path,
    file: Path,
    point: OperatingPoint | None = None,
    sealed: Collection[str] = (),
) -> pd.DataFrame:
    """id, score and label for every record of a file, in its order.

    Args:
        model: a ``.spamlab`` file.
        file: of any kind that `pipeline.intake` reads; a label is not needed and not looked at.
            Mails of an archive are named by their path in it.
        point: in place of the model's own.
        sealed: hashes (`vault.memory.hash_mails`) of mails that get no score, as long as they are
            the test part that a project has sealed away.

    Raises BadModel, BadFile, or BadData when the file has no text column.
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
    """P(spam) of one mail; `body` may be a whole message with headers.

    The subject in the headers counts where `subject` is blank. None for a mail among `sealed`, as
    for `score_file`.
    """
    texts = {"subject": [subject], "body": [body]}
    frame = pd.DataFrame(texts, dtype=object).map(_writable).astype("str")
    choice = columns.Columns("body", subject="subject" if subject.strip() else None)
    mail = intake.build_mails(intake.Table.of_frame(frame), choice)
    if memory.hash_mails(mail)[0] in set(sealed) - {""}:
        return None
    return float(bundle.score(mail)[0])


def _writable(text: str) -> str:
    """Without halves of characters, which a browser may send but no column of text takes."""
    return text.encode(errors="replace").decode()
