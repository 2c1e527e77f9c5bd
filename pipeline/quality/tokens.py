"""Checks for words that occur almost only in one class (`leaky_tokens`)."""

import pandas as pd

from pipeline.quality import leaky_tokens
from pipeline.quality.finding import Finding, quote_name
from pipeline.wording import format_count

COMMON = 0.25
"""It is a warning if at least 25% of a class contain the token, so that a model can rely on it."""
NAMED = 3
"""The sentence names at most this many tokens."""


def check_tokens(frame: pd.DataFrame) -> list[Finding]:
    """Check for leaky tokens in subject and body, and in the headers of raw messages."""
    findings = _check_texts(frame["subject"] + "\n" + frame["body"], frame["label"], "")
    if "headers" in frame:
        findings += _check_texts(frame["headers"], frame["label"], " of the headers")
    return findings


def _check_texts(texts: pd.Series, labels: pd.Series, where: str) -> list[Finding]:
    table = leaky_tokens.find_leaky_tokens(texts, labels)
    if table.empty:
        return []
    opposite = {"ham": "spam", "spam": "ham"}
    examples = ", ".join(
        f"{quote_name(row.token)} ({row.mails:,} {row.label}, "
        f"{row.exceptions or 'no'} {opposite[str(row.label)]})"
        for row in table.head(NAMED).itertuples()
    )
    n = len(table)
    return [
        Finding(
            "leaky_tokens",
            "warning" if table["share"].iloc[0] >= COMMON else "info",
            f"{format_count(n, 'word')} or {'pair' if n == 1 else 'pairs'} of words{where} "
            f"{'occurs' if n == 1 else 'occur'} almost only in one class, such as {examples}. Fine "
            "if the word reflects the content; if it is the name of a person, a mailing list or a "
            "company, a model that relies on it fails elsewhere.",
            table=table.round({"share": 3}),
        )
    ]
