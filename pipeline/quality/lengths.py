"""Checks how long the mails are and how well the length alone separates ham from spam."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.mail.dataset import LABELS
from pipeline.quality.finding import Finding

BINS = tuple(10 ** (k / 4) for k in range(29))
"""Edges of the length histogram: quarter decades from 1 to 10 million characters."""
REPORTED, STRONG = 0.7, 0.9
"""The length is reported if it orders 70% of all ham-spam pairs, and is a warning from 90% on."""


@dataclass(frozen=True)
class Lengths:
    """Characters of subject and body in one class; `histogram` counts the mails between `BINS`."""

    median: float
    p95: float
    longest: int
    histogram: tuple[int, ...]


def count_characters(frame: pd.DataFrame) -> pd.Series:
    """Count the characters of subject and body of each mail."""
    return frame["subject"].str.len() + frame["body"].str.len()


def summarize_lengths(length: pd.Series, label: pd.Series) -> dict[str, Lengths]:
    """Summarise the lengths of each class that has mails."""
    summaries = {}
    for word in LABELS:
        n = length[label == word].to_numpy(dtype=float)
        if len(n):
            histogram, _ = np.histogram(n.clip(BINS[0], BINS[-1]), BINS)
            median, p95 = np.quantile(n, [0.5, 0.95])
            counts = tuple(int(x) for x in histogram)
            summaries[word] = Lengths(float(median), float(p95), int(n.max()), counts)
    return summaries


def compute_auc(values: np.ndarray, spam: np.ndarray) -> float:
    """Compute the share of ham-spam pairs in which spam has the larger value; ties count half.

    This is the area under the ROC curve of the value as a score (Mann and Whitney's U divided by
    the number of pairs); 0.5 if the value is worthless.

    >>> compute_auc(np.array([1, 2, 3, 4]), np.array([False, True, False, True]))
    0.75
    """
    from scipy.stats import rankdata

    n_spam = int(spam.sum())
    pairs = n_spam * (len(spam) - n_spam)
    return float((rankdata(values)[spam].sum() - n_spam * (n_spam + 1) / 2) / pairs)


def check_lengths(
    length: pd.Series, label: pd.Series, lengths: dict[str, Lengths]
) -> list[Finding]:
    """Check whether the length alone separates the classes."""
    if len(lengths) < 2:
        return []
    auc = compute_auc(length.to_numpy(dtype=float), (label == "spam").to_numpy())
    longer, shorter = ("spam", "ham") if auc >= 0.5 else ("ham", "spam")
    auc = max(auc, 1 - auc)
    if auc < REPORTED:
        return []
    return [
        Finding(
            "length",
            "warning" if auc >= STRONG else "info",
            f"In {auc:.0%} of all ham-spam pairs {longer} is longer (50% would be chance): the "
            f"median {longer} has {lengths[longer].median:,.0f} characters, the median "
            f"{shorter} {lengths[shorter].median:,.0f}. Your mail may be like that; but if one "
            "class was cut short or comes from another source, a model learns the source.",
        )
    ]
