"""Words that give a class away with almost no exception, as a finding."""

import pandas as pd

from pipeline.quality import leaky_tokens
from pipeline.quality.finding import Finding, named

COMMON = 0.25
"""Share of its class that has the token, from which a model can lean on it: a warning."""
NAMED = 3


def on_tokens(frame: pd.DataFrame) -> list[Finding]:
    """Leaky tokens of subject and body, and of the headers of raw messages."""
    found = _finding(frame["subject"] + "\n" + frame["body"], frame["label"], "")
    if "headers" in frame:
        found += _finding(frame["headers"], frame["label"], " of the headers")
    return found


def _finding(texts: pd.Series, labels: pd.Series, where: str) -> list[Finding]:
    table = leaky_tokens.find(texts, labels)
    if table.empty:
        return []
    other = {"ham": "spam", "spam": "ham"}
    examples = ", ".join(
        f"{named(row.token)} ({row.mails:,} {row.label}, "
        f"{row.exceptions or 'no'} {other[str(row.label)]})"
        for row in table.head(NAMED).itertuples()
    )
    n = len(table)
    return [
        Finding(
            "leaky_tokens",
            "warning" if table["share"].iloc[0] >= COMMON else "info",
            f"{n:,} words or pairs of words{where} stand almost only in one class, first "
            f"{examples}. Good where the word is about the matter; where it is the name of a "
            "person, a list or a firm, a model that leans on it fails elsewhere.",
            table=table.round({"share": 3}),
        )
    ]
