"""What is wrong with a dataset, told before anything is trained on it.

Cheap by design (exact comparisons only); near-duplicates belong to `pipeline.splits`, labels that
look wrong to `pipeline.label_review`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from pipeline.dataset import LABELS, Dataset
from pipeline.intake.wording import counted

Level = Literal["info", "warning", "serious"]

BINS = tuple(10 ** (k / 4) for k in range(29))
"""Edges of the length histogram: quarter decades from 1 to 10 million characters."""
FEW = 100
"""Mails of a class below which one mail of a 15 % test part moves a rate by over 6 points."""


@dataclass(frozen=True)
class Finding:
    """One thing to know: how bad, a sentence with its number and what to do, and the mails."""

    level: Level
    sentence: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lengths:
    """Characters of subject and body of one class; `histogram` counts mails between `BINS`."""

    median: float
    p95: float
    longest: int
    histogram: tuple[int, ...]


@dataclass(frozen=True)
class Quality:
    """The figures of a dataset; dicts by class have both classes unless a class has no mail.

    `repeats` counts mails whose subject and body an earlier mail has; `contradictions` the mails
    of such groups that carry both labels. `dates` is the first and last date by class, without
    the classes that have none.
    """

    counts: dict[str, int]
    spam_share: float
    missing: dict[str, int]
    repeats: int
    contradictions: int
    lengths: dict[str, Lengths]
    dates: dict[str, tuple[pd.Timestamp, pd.Timestamp]]
    findings: tuple[Finding, ...]


def report(dataset: Dataset) -> Quality:
    """All figures and findings, the serious ones first; 0.1 s on 5,000 mails.

    The dataset needs at least one mail.
    """
    frame = dataset.frame
    repeated = frame[frame.duplicated(["subject", "body"])]
    contradictory = _contradictory(frame)
    blank = _blank(frame)
    dates = _dates(frame)
    findings = [
        *_on_size(dataset.counts),
        *_on_repeats(len(frame), repeated, contradictory),
        *_on_missing(frame, blank),
        *_on_dates(dates),
    ]
    order = ("serious", "warning", "info")
    return Quality(
        counts=dataset.counts,
        spam_share=dataset.counts["spam"] / len(frame),
        missing={name: int(n) for name, n in blank.sum().items()},
        repeats=len(repeated),
        contradictions=len(contradictory),
        lengths=_lengths(frame),
        dates=dates,
        findings=tuple(sorted(findings, key=lambda f: order.index(f.level))),
    )


def _blank(frame: pd.DataFrame) -> pd.DataFrame:
    """True where a cell of a column that a user fills is missing or white space.

    A message without HTML or attachments lacks nothing.
    """
    columns = [c for c in frame.columns if c not in ("id", "label", "group", "html", "attachments")]
    return pd.DataFrame(
        {
            c: frame[c].isna() if c == "date" else frame[c].fillna("").str.strip() == ""
            for c in columns
        }
    )


def _contradictory(frame: pd.DataFrame) -> pd.DataFrame:
    """The mails that are there word for word under the other label too."""
    copies = frame[frame.duplicated(["subject", "body"], keep=False)]
    labels = copies.groupby(["subject", "body"])["label"].transform("nunique")
    return copies[labels > 1]


def _lengths(frame: pd.DataFrame) -> dict[str, Lengths]:
    length = frame["subject"].str.len() + frame["body"].str.len()
    found = {}
    for label in LABELS:
        n = length[frame["label"] == label].to_numpy(dtype=float)
        if len(n):
            histogram, _ = np.histogram(n.clip(BINS[0], BINS[-1]), BINS)
            median, p95 = np.quantile(n, [0.5, 0.95])
            counts = tuple(int(x) for x in histogram)
            found[label] = Lengths(float(median), float(p95), int(n.max()), counts)
    return found


def _dates(frame: pd.DataFrame) -> dict[str, tuple[pd.Timestamp, pd.Timestamp]]:
    dated = frame[frame["date"].notna()].groupby("label")["date"]
    return {str(label): (dates.min(), dates.max()) for label, dates in dated}


def _on_size(counts: dict[str, int]) -> list[Finding]:
    total = sum(counts.values())
    rare = min(counts, key=lambda label: counts[label])
    n, share = counts[rare], counts[rare] / total
    findings = []
    if n < FEW:
        findings.append(
            Finding(
                "warning",
                f"Only {counted(n, rare + ' mail')}; a test part of 15 % holds {0.15 * n:.0f} of "
                f"them, so every rate on {rare} will have a wide interval. Add {rare} mails.",
            )
        )
    if share < 0.1:
        findings.append(
            Finding(
                "warning",
                f"{share:.1%} of the mails are {rare}; a filter that never says {rare} is right "
                f"on {1 - share:.1%}. Judge by precision and recall, not by accuracy.",
            )
        )
    return findings


def _on_repeats(total: int, repeated: pd.DataFrame, both: pd.DataFrame) -> list[Finding]:
    findings = []
    if len(both):
        findings.append(
            Finding(
                "serious",
                f"{len(both):,} mails carry both labels: the same subject and text is once ham and "
                "once spam. Decide which label is right, or remove them.",
                tuple(both["id"]),
            )
        )
    if len(repeated):
        share = len(repeated) / total
        findings.append(
            Finding(
                "warning" if share > 0.01 else "info",
                f"{counted(len(repeated), 'mail')} ({share:.1%}) that an earlier one has word for "
                "word; on two sides of a split they would be known by heart. The split keeps "
                "copies together.",
                tuple(repeated["id"]),
            )
        )
    return findings


def _on_missing(frame: pd.DataFrame, blank: pd.DataFrame) -> list[Finding]:
    """Texts that are missing, and columns whose absence gives the label away."""
    findings = []
    no_body = frame["id"][blank["body"]]
    if len(no_body):
        findings.append(
            Finding(
                "info",
                f"{counted(len(no_body), 'mail')} with a subject but no text; the subject alone "
                "decides there. Check whether the text was lost in the export.",
                tuple(no_body),
            )
        )
    shares = blank.groupby(frame["label"]).mean().T
    if set(LABELS) <= set(shares.columns):
        for name, share in shares[(shares["ham"] - shares["spam"]).abs() > 0.3].iterrows():
            findings.append(
                Finding(
                    "warning",
                    f'"{name}" is missing in {share["ham"]:.0%} of ham and {share["spam"]:.0%} of '
                    "spam; a model can read the label from that gap. Leave the column out of the "
                    "features, or collect it alike for both.",
                )
            )
    return findings


def _on_dates(dates: dict[str, tuple[pd.Timestamp, pd.Timestamp]]) -> list[Finding]:
    if len(dates) < 2:
        return []
    (ham_first, ham_last), (spam_first, spam_last) = dates["ham"], dates["spam"]
    if ham_first <= spam_last and spam_first <= ham_last:
        return []
    return [
        Finding(
            "warning",
            f"Ham is from {ham_first:%Y-%m-%d} to {ham_last:%Y-%m-%d} and spam from "
            f"{spam_first:%Y-%m-%d} to {spam_last:%Y-%m-%d}, with no day in common; a model can "
            "tell the times apart instead of the mails. Collect both over the same time.",
        )
    ]
