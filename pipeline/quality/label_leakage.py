"""Checks what gives the label away besides words: columns, ids, order, senders, headers.

Each is judged by its association with the label (`pipeline.quality.association`).
"""

import re

import numpy as np
import pandas as pd

from pipeline.quality import association
from pipeline.quality.association import Association
from pipeline.quality.finding import Finding, quote_name
from pipeline.quality.remedies import drop_columns
from pipeline.wording import format_count, shorten

REPORTED, STRONG = 0.1, 0.5
"""A source is reported if it removes 10% of the uncertainty about the label, and is a warning if it
removes 50%."""
SLICES = 50
"""To measure what the position of a mail reveals, the mails are cut into up to 50 slices of equal
size."""
TABLE_ROWS = 20
"""A table lists at most this many values, the most frequent or most revealing first."""
DOMAIN = re.compile(r"@([^\s<>@\"'(),;:\[\]]{1,255})")
HEADER = re.compile(r"^[!-9;-~]{1,80}(?=:)", re.MULTILINE)
WORD = re.compile(r"[a-z]{2,40}")
SOURCE = "file:source"
"""Of raw mail: the folder or file in which a mail was found, from which its label was derived."""
HEADS = 20_000
"""Header names are searched for in the first 20,000 characters of the headers."""


def check_columns(frame: pd.DataFrame, spam: np.ndarray) -> list[Finding]:
    """Check the additional columns of the user's file."""
    findings = []
    for column in frame.columns:
        if not column.startswith("file:") or (column == SOURCE and "headers" in frame):
            continue
        measured = association.measure_values(frame[column], spam)
        if measured.information < REPORTED:
            continue
        name = column.removeprefix("file:")
        findings.append(
            Finding(
                "gives_away",
                "warning" if measured.information >= STRONG else "info",
                f"The column {quote_name(name)} gives the label away: its value alone "
                f"{_describe(measured)}. No feature in Spamlab reads it; but if it was known only "
                "after the label, keep it out of every model.",
                remedies=(drop_columns([column]),),
                table=_tabulate_values(frame[column], spam, name),
            )
        )
    return findings


def check_senders(frame: pd.DataFrame, spam: np.ndarray) -> list[Finding]:
    """Check the domain of the sender."""
    domain = frame["sender"].str.extract(DOMAIN, expand=False).str.lower()
    if domain.isna().all():
        return []
    measured = association.measure_values(domain, spam)
    if measured.information < STRONG:
        return []
    return [
        Finding(
            "gives_away",
            "warning",
            f"The domain of the sender alone {_describe(measured)}. A model that reads the "
            "sender's reputation learns who wrote these mails; test it on mail of later months, "
            "which others write.",
            table=_tabulate_values(domain, spam, "domain"),
        )
    ]


def check_raw_messages(frame: pd.DataFrame, spam: np.ndarray) -> list[Finding]:
    """Check the HTML, the attachments and the header names of raw messages."""
    if "headers" not in frame:
        return []
    findings = []
    for column, noun in (("html", "HTML"), ("attachments", "attachments")):
        present = (frame[column] != "").to_numpy()
        measured = association.measure_values(pd.Series(present), spam)
        if measured.information >= REPORTED:
            in_ham, in_spam = present[~spam].mean(), present[spam].mean()
            findings.append(
                Finding(
                    "gives_away",
                    "info",
                    f"{in_ham:.0%} of ham and {in_spam:.0%} of spam have {noun}; that alone "
                    f"{_describe(measured)}. This is normal in real mail, but a problem if "
                    "different programs have processed ham and spam before.",
                )
            )
    heads = frame["headers"].str[:HEADS].str.lower()
    table = association.measure_presence(heads, HEADER, spam, least=_least(frame))
    if len(table) and table["information"][0] >= REPORTED:
        best = table.iloc[0]
        n = int((table["information"] >= REPORTED).sum())
        findings.append(
            Finding(
                "gives_away",
                "warning" if best["information"] >= STRONG else "info",
                f"The header {quote_name(best['word'])} is in "
                f"{best['ham'] / (~spam).sum():.0%} of ham and {best['spam'] / spam.sum():.0%} of "
                f"spam; it alone puts {best['accuracy']:.0%} of the mails into the right class"
                + (f", and {format_count(n - 1, 'other header')} also reveal it" if n > 1 else "")
                + ". Headers show where mails were collected; compare a model with and without "
                "the headers block.",
                table=_tabulate_words(table, "header"),
            )
        )
    return findings


def check_ids(frame: pd.DataFrame, spam: np.ndarray) -> list[Finding]:
    """Check the words in the ids, and whether the mails are sorted by label."""
    findings = []
    table = association.measure_presence(frame["id"].str.lower(), WORD, spam, least=_least(frame))
    if len(table) and table["information"][0] >= REPORTED:
        best = table.iloc[0]
        findings.append(
            Finding(
                "gives_away",
                "info",
                f"The ids give the label away: {quote_name(best['word'])} is in "
                f"{best['ham'] / (~spam).sum():.0%} of ham ids and "
                f"{best['spam'] / spam.sum():.0%} of spam ids. Spamlab never uses ids as "
                "features; keep them out of models that you train elsewhere.",
                table=_tabulate_words(table, "in the id"),
            )
        )
    if SOURCE in frame:  # read from a file of ham and one of spam: sorted of course
        return findings
    by_row = _measure_order(np.arange(len(frame)), spam)
    by_id = _measure_order(_rank_naturally(frame["id"]), spam)
    measured = max(by_row, by_id, key=lambda measured: measured.information)
    if measured.information >= STRONG:
        where = "in the file" if measured is by_row else "in the order of their ids"
        findings.append(
            Finding(
                "sorted",
                "info",
                f"The mails are sorted by label {where}: the position alone "
                f"{_describe(measured)}. Spamlab splits at random, so this does no harm here; a "
                "program that tests on the last mails would test on one class.",
            )
        )
    return findings


def _least(frame: pd.DataFrame) -> int:
    """The fewest mails in which a word must occur to be reported: 1%, but at least 2."""
    return max(2, len(frame) // 100)


def _tabulate_words(table: pd.DataFrame, title: str) -> pd.DataFrame:
    """The most revealing words, with column titles for people."""
    shown = table.head(TABLE_ROWS).round({"information": 3, "accuracy": 3})
    names = {"word": title, "information": "association (0 to 1)", "accuracy": "accuracy alone"}
    return shown.rename(columns=names)


def _describe(measured: Association) -> str:
    return (
        f"puts {measured.accuracy:.0%} of the mails into the right class "
        f"({measured.base_rate:.0%} without it)"
    )


def _tabulate_values(column: pd.Series, spam: np.ndarray, name: str) -> pd.DataFrame:
    """The most frequent values of a column and their mails by class."""
    words = column.fillna("(nothing)").map(shorten).rename(name)
    table = pd.DataFrame({name: words, "ham": ~spam, "spam": spam}).groupby(name).sum()
    order = (table["ham"] + table["spam"]).sort_values(ascending=False, kind="stable").index
    return table.loc[order[:TABLE_ROWS]].reset_index()


def _measure_order(rank: np.ndarray, spam: np.ndarray) -> Association:
    slices = rank * min(SLICES, max(1, len(rank) // 20)) // max(1, len(rank))
    return association.measure_counts(np.bincount(slices), np.bincount(slices, weights=spam))


def _rank_naturally(ids: pd.Series) -> np.ndarray:
    """Rank the ids from 0, with numbers in them as numbers: "m2" comes before "m10"."""
    padded = ids.str.replace(r"\d+", lambda match: match[0].rjust(20, "0"), regex=True)
    return np.asarray(padded.rank(method="first").to_numpy().astype(int) - 1)
