"""Words that give a class away with almost no exception, as a finding."""

import pandas as pd

from pipeline import leaky_tokens
from pipeline.intake.wording import counted, shorten
from pipeline.quality.finding import Finding

COMMON = 0.25
"""Share of its class that has the token, from which a model can lean on it: a warning."""
NAMED = 3


def on_tokens(frame: pd.DataFrame) -> list[Finding]:
    """Leaky tokens of subject and body, and of the headers of raw messages."""
    found = _finding(frame["subject"] + "\n" + frame["body"], frame["label"], "Words")
    if "headers" in frame:
        found += _finding(frame["headers"], frame["label"], "Words of the headers")
    return found


def _finding(texts: pd.Series, labels: pd.Series, what: str) -> list[Finding]:
    table = leaky_tokens.find(texts, labels)
    if table.empty:
        return []
    named = ", ".join(
        f'"{shorten(row.token, 40)}" ({row.mails:,} {row.label}, '
        f"{counted(row.exceptions, 'exception')})"
        for row in table.head(NAMED).itertuples()
    )
    n = len(table)
    return [
        Finding(
            "leaky_tokens",
            "warning" if table["share"].iloc[0] >= COMMON else "info",
            f"{what} that nearly only one class has: {counted(n, 'token')}, first {named}. A good "
            'sign where the word is about the matter ("viagra"); where it is a name, a list or '
            "the place the mails were collected, a model that leans on it fails elsewhere.",
            table=table.round({"share": 3}),
        )
    ]
