"""Write docs/reference/formats.md from the list of formats and from what Spamlab writes.

``python -m scripts.formats`` rewrites the page; a test says when it is out of date. What is written
is looked at: a small model is fitted and exported, and its file is taken apart.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline import features, models
from pipeline.error_analysis import build_error_table
from pipeline.error_analysis.reasons import REASONS
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import HALF
from pipeline.export import bundle, scoring
from pipeline.intake import archive, columns, labels, message
from pipeline.intake.csv import MAX_COLUMNS
from pipeline.intake.formats import COMPRESSIONS, FORMATS
from pipeline.intake.textfile import MAX_BYTES
from pipeline.mail.dataset import RAW
from pipeline.specs import FeatureSpec, ModelSpec

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "formats.md"
HEADER = """# File formats

What Spamlab reads and writes. Written by `python -m scripts.formats` from
`pipeline/intake/formats.py` and from files that Spamlab has just written; change the code, not this
page. How to prepare a file: [your own CSV](../guides/your-own-csv.md),
[raw mail](../guides/raw-mail.md).

## What is read

A file is what its content says, whatever its name.
"""
ROLES = {
    "body": ("the text of the mail", columns.BODY),
    "label": ("ham or spam", columns.LABEL),
    "subject": ("the subject", columns.SUBJECT),
    "sender": ("who sent it", columns.SENDER),
    "date": ("when it was sent", columns.DATE),
    "id": ("a name of its own", columns.ID),
}
"""The roles of a table's columns: what each holds, and the words that it is known by."""
ABOUT_HEADER = {
    "format": "the version of the format",
    "features": "the feature blocks with their parameters",
    "model": "the model with its parameters and its seed",
    "threshold": "from which score on a mail is called spam",
    "unsure_from": "from which score on it is called unsure; null without a band",
    "labels": "what 0 and 1 mean",
    "about": "run, data, figures, and the model card in Markdown",
}
"""What the keys of a model file's header hold; a key that is missing here is a KeyError."""


def render() -> str:
    """The page as Markdown."""
    return "\n".join([HEADER, *_read(), *_written()])


def _read() -> Iterator[str]:
    rows = [
        (f"`{f.kind}`", f.title, "a table of mails" if f.is_table else "raw mail",
         ", ".join(f"`{ending}`" for ending in f.endings) or "any")
        for f in FORMATS
    ]  # fmt: skip
    yield _table(("format", "title", "what it holds", "usual endings"), rows)
    compressions = ", ".join(COMPRESSIONS.values())
    yield (
        "A table other than Parquet, an mbox or a message may be gzipped; a tar may be compressed "
        f"({compressions}).\n"
    )
    yield "### Columns of a table\n"
    yield (
        "Columns are found by their names first and by their content between candidates. A label "
        "and a text are needed. Every other column is kept, and can divide the mails.\n"
    )
    yield _table(
        ("role", "what it holds", "names by which it is known"),
        [(f"`{role}`", what, ", ".join(words)) for role, (what, words) in ROLES.items()],
    )
    yield "### Words of a label\n"
    yield (
        "Case, spaces, hyphens and plurals do not count, nor do words such as *email*. In a column "
        "whose name asks for ham (`is_ham`), yes and no change places. Unknown words are asked "
        "about.\n"
    )
    yield _table(
        ("meaning", "words"),
        [
            ("ham", _list(labels.HAM)),
            ("spam", f"{_list(labels.SPAM)}, every whole number from 1 on"),
        ],
    )
    yield "### Raw mail\n"
    yield (
        "The folder of a mail (`ham/`, `.Junk/`, `easy_ham_2/`), its Gmail label or the name of "
        "its file says whether it is ham or spam; or you say it. Of each message, these columns "
        f"are kept beside subject, text, sender and date: {', '.join(f'`{c}`' for c in RAW)}.\n"
    )
    yield "### Limits\n"
    yield _table(
        ("what", "at most"),
        [
            ("text in a table, unzipped", _size(MAX_BYTES)),
            ("columns of a table", f"{MAX_COLUMNS:,}"),
            ("one message", _size(message.MOST_BYTES)),
            ("files in an archive", f"{archive.MOST_MEMBERS:,}"),
            ("all files of an archive, unpacked", _size(archive.MOST_UNPACKED)),
        ],
    )


def _written() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        model, mails = Path(folder) / "small.spamlab", Path(folder) / "mails.csv"
        frame = _mails()
        _export(frame, model)
        frame[["id", "subject", "body"]].to_csv(mails, index=False)
        scores = scoring.score_file(model, mails)
        header, arrays = bundle._open(model.read_bytes(), model.name)
        wrong = build_error_table(_evaluation(frame), HALF, frame)
    yield "## What is written\n"
    yield "### Scores\n"
    yield (
        "`spamlab score` and the Score page write CSV, a row for each record of the file, in its "
        "order. In every CSV, cells that a spreadsheet would run are defused.\n"
    )
    about = {
        "id": "the mail's id, else the number of its row; of an archive, its path in it",
        "score": "P(spam), 0 to 1",
        "label": "`ham`, `spam` or `unsure`; `sealed` without a score for a sealed test mail",
    }
    yield _table(("column", "what it holds"), [(f"`{c}`", about[c]) for c in scores.columns])
    yield "### Errors\n"
    listed = [c for c in wrong.columns if c not in REASONS]
    yield (
        "`spamlab errors RUN --csv` writes a row for each mail that is called wrongly or unsure. "
        "Columns: "
        f"{', '.join(f'`{c}`' for c in listed)}; `score of …` for each other run; and one for each "
        f"reason that a mail may be hard: {', '.join(f'`{reason}`' for reason in REASONS)}.\n"
    )
    yield "### A model (`.spamlab`)\n"
    yield (
        "A safetensors file: arrays, and a header of JSON under the key `spamlab` of its metadata. "
        "It holds no code and no pickle, and nothing in it is run when it is read.\n"
    )
    yield _table(
        ("key of the header", "what it holds"), [(f"`{k}`", ABOUT_HEADER[k]) for k in header]
    )
    yield "The arrays of a small model of grams and naive Bayes, for example:\n"
    yield _table(
        ("array", "type", "dimensions"),
        [(f"`{name}`", f"`{a.dtype}`", a.ndim) for name, a in sorted(arrays.items())],
    )
    json.dumps(header)  # what is described as JSON is


def _mails() -> pd.DataFrame:
    """Sixteen mails, enough to fit the smallest model."""
    spam = [n % 2 == 1 for n in range(16)]
    return pd.DataFrame(
        {
            "id": [f"m{n}" for n in range(16)],
            "label": ["spam" if s else "ham" for s in spam],
            "subject": ["Win a prize" if s else "Lunch" for s in spam],
            "body": ["Claim your prize now" if s else "See you at noon" for s in spam],
            "sender": None,
            "date": pd.NaT,
        }
    )


def _export(frame: pd.DataFrame, path: Path) -> None:
    feature_spec, model_spec = FeatureSpec(), ModelSpec("naive_bayes")
    y = np.array(frame["label"] == "spam", int)
    fitted = features.build(feature_spec)
    X = fitted.fit_transform(frame, list(y))
    model = models.build(model_spec).fit((X, y), (X, y))
    bundle.Bundle(fitted, model, feature_spec, model_spec, HALF).save(path)


def _evaluation(frame: pd.DataFrame) -> Evaluation:
    labels_ = np.array(frame["label"] == "spam", int)
    return Evaluation("", tuple(frame["id"]), labels_, np.full(len(frame), 0.5))


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def _list(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


def _size(count: int) -> str:
    return f"{count >> 30:,} GB" if count >= 1 << 30 else f"{count // 10**6:,} MB"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(render(), encoding="utf-8")
