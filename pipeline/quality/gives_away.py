"""What beside the words gives the label away: spare columns, ids, order, senders, headers.

Each is judged by what it tells of the label (`pipeline.quality.telling`).
"""

import re

import numpy as np
import pandas as pd

from pipeline.quality import telling
from pipeline.quality.finding import Finding, named
from pipeline.quality.remedies import drop_columns
from pipeline.quality.telling import Telling
from pipeline.wording import shorten

TELLS, TELLS_MUCH = 0.1, 0.5
"""Part of the uncertainty about the label removed, from which it is said, and is a warning."""
SLICES = 50
"""Slices of equal size into which an order of the mails is cut, to see what the place tells."""
TABLE_ROWS = 20
DOMAIN = re.compile(r"@([^\s<>@\"'(),;:\[\]]{1,255})")
HEADER = re.compile(r"^[!-9;-~]{1,80}(?=:)", re.MULTILINE)
WORD = re.compile(r"[a-z]{2,40}")
SOURCE = "file:source"
"""Of raw mail: the folder or file that it was found in, which is what gave it its label."""
HEADS = 20_000
"""Characters of the headers in which their names are looked for."""


def on_columns(frame: pd.DataFrame, spam: np.ndarray) -> list[Finding]:
    """Spare columns of the user's file."""
    findings = []
    for column in frame.columns:
        if not column.startswith("file:") or (column == SOURCE and "headers" in frame):
            continue
        found = telling.of_values(frame[column], spam)
        if found.told < TELLS:
            continue
        name = column.removeprefix("file:")
        findings.append(
            Finding(
                "gives_away",
                "warning" if found.told >= TELLS_MUCH else "info",
                f"The column {named(name)} gives the label away: its value alone "
                f"{_right(found)}. No feature here reads it; but if it was known only after the "
                "label, it must not reach a model anywhere.",
                remedies=(drop_columns([column]),),
                table=_values(frame[column], spam, name),
            )
        )
    return findings


def on_senders(frame: pd.DataFrame, spam: np.ndarray) -> list[Finding]:
    """The domain of the sender."""
    domain = frame["sender"].str.extract(DOMAIN, expand=False).str.lower()
    if domain.isna().all():
        return []
    found = telling.of_values(domain, spam)
    if found.told < TELLS_MUCH:
        return []
    return [
        Finding(
            "gives_away",
            "warning",
            f"The domain of the sender alone {_right(found)}. A model with the sender's reputation "
            "learns who wrote here; judge it on mail of later months, where others write.",
            table=_values(domain, spam, "domain"),
        )
    ]


def on_raw(frame: pd.DataFrame, spam: np.ndarray) -> list[Finding]:
    """HTML, attachments and the names of headers, for mails that were raw messages."""
    if "headers" not in frame:
        return []
    findings = []
    for column, what in (("html", "HTML"), ("attachments", "attachments")):
        there = (frame[column] != "").to_numpy()
        found = telling.of_values(pd.Series(there), spam)
        if found.told >= TELLS:
            in_ham, in_spam = there[~spam].mean(), there[spam].mean()
            findings.append(
                Finding(
                    "gives_away",
                    "info",
                    f"{in_ham:.0%} of ham and {in_spam:.0%} of spam have {what}; that alone "
                    f"{_right(found)}. True of much real mail; mind it if ham and spam passed "
                    "through different programs before they came here.",
                )
            )
    heads = frame["headers"].str[:HEADS].str.lower()
    table = telling.of_presence(heads, HEADER, spam, least=_least(frame))
    if len(table) and table["told"][0] >= TELLS:
        best = table.iloc[0]
        n = int((table["told"] >= TELLS).sum())
        findings.append(
            Finding(
                "gives_away",
                "warning" if best["told"] >= TELLS_MUCH else "info",
                f"The header {named(best['word'])} is in {best['ham'] / (~spam).sum():.0%} of ham "
                f"and {best['spam'] / spam.sum():.0%} of spam; it alone puts "
                f"{best['right']:.0%} of the mails into the right class"
                + (f", and {n - 1} other headers tell much too" if n > 1 else "")
                + ". Headers show where mails were collected; compare a model with and without "
                "the headers block.",
                table=_words(table, "header"),
            )
        )
    return findings


def on_ids(frame: pd.DataFrame, spam: np.ndarray) -> list[Finding]:
    """Words in the ids, and an order of the mails that is one by label."""
    findings = []
    table = telling.of_presence(frame["id"].str.lower(), WORD, spam, least=_least(frame))
    if len(table) and table["told"][0] >= TELLS:
        best = table.iloc[0]
        findings.append(
            Finding(
                "gives_away",
                "info",
                f"The ids give the label away: {named(best['word'])} is in "
                f"{best['ham'] / (~spam).sum():.0%} of ham ids and "
                f"{best['spam'] / spam.sum():.0%} of spam ids. Ids are never a feature here; keep "
                "them out of what you train elsewhere.",
                table=_words(table, "in the id"),
            )
        )
    if SOURCE in frame:  # from a file of ham and one of spam, of course sorted
        return findings
    by_row = _of_order(np.arange(len(frame)), spam)
    by_id = _of_order(_natural_rank(frame["id"]), spam)
    found, order = max((by_row, "file"), (by_id, "ids"), key=lambda x: x[0].told)
    if found.told >= TELLS_MUCH:
        where = "in the file" if order == "file" else "in the order of their ids"
        findings.append(
            Finding(
                "sorted",
                "info",
                f"The mails are sorted by label {where}: the place alone {_right(found)}. No harm "
                "here, the split draws by chance; a program that takes the last mails for testing "
                "would test on one class.",
            )
        )
    return findings


def _least(frame: pd.DataFrame) -> int:
    """Mails that a word must be in to be told of: 1 %."""
    return max(2, len(frame) // 100)


def _words(table: pd.DataFrame, title: str) -> pd.DataFrame:
    """The most telling words, for people."""
    shown = table.head(TABLE_ROWS).round({"told": 3, "right": 3})
    names = {"word": title, "told": "tells (0 to 1)", "right": "right alone"}
    return shown.rename(columns=names)


def _right(found: Telling) -> str:
    return (
        f"puts {found.right:.0%} of the mails into the right class ({found.guess:.0%} without it)"
    )


def _values(column: pd.Series, spam: np.ndarray, name: str) -> pd.DataFrame:
    """The most frequent values of a column with their mails by class."""
    words = column.fillna("(nothing)").map(shorten).rename(name)
    table = pd.DataFrame({name: words, "ham": ~spam, "spam": spam}).groupby(name).sum()
    order = (table["ham"] + table["spam"]).sort_values(ascending=False, kind="stable").index
    return table.loc[order[:TABLE_ROWS]].reset_index()


def _of_order(rank: np.ndarray, spam: np.ndarray) -> Telling:
    slices = rank * min(SLICES, max(1, len(rank) // 20)) // max(1, len(rank))
    return telling.of_counts(np.bincount(slices), np.bincount(slices, weights=spam))


def _natural_rank(ids: pd.Series) -> np.ndarray:
    """The place of each id when numbers in them count as numbers ("m2" before "m10")."""
    padded = ids.str.replace(r"\d+", lambda found: found[0].rjust(20, "0"), regex=True)
    return padded.rank(method="first").to_numpy().astype(int) - 1
