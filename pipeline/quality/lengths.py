"""How long the mails are, and how far that alone tells ham from spam."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.mail.dataset import LABELS
from pipeline.quality.finding import Finding

BINS = tuple(10 ** (k / 4) for k in range(29))
"""Edges of the length histogram: quarter decades from 1 to 10 million characters."""
TELLS, TELLS_MUCH = 0.7, 0.9
"""Share of ham-spam pairs told apart by length alone, from which it is said, and is a warning."""


@dataclass(frozen=True)
class Lengths:
    """Characters of subject and body of one class; `histogram` counts mails between `BINS`."""

    median: float
    p95: float
    longest: int
    histogram: tuple[int, ...]


def characters(frame: pd.DataFrame) -> pd.Series:
    """Characters of subject and body, a number a mail."""
    return frame["subject"].str.len() + frame["body"].str.len()


def by_class(length: pd.Series, label: pd.Series) -> dict[str, Lengths]:
    """The lengths of each class that has a mail."""
    found = {}
    for word in LABELS:
        n = length[label == word].to_numpy(dtype=float)
        if len(n):
            histogram, _ = np.histogram(n.clip(BINS[0], BINS[-1]), BINS)
            median, p95 = np.quantile(n, [0.5, 0.95])
            counts = tuple(int(x) for x in histogram)
            found[word] = Lengths(float(median), float(p95), int(n.max()), counts)
    return found


def told_apart(values: np.ndarray, spam: np.ndarray) -> float:
    """The share of ham-spam pairs in which the spam has the larger value, ties half.

    The area under the ROC curve of the value as a score (Mann and Whitney's U over the number of
    pairs); 0.5 when it tells nothing.
    """
    from scipy.stats import rankdata

    n_spam = int(spam.sum())
    pairs = n_spam * (len(spam) - n_spam)
    return float((rankdata(values)[spam].sum() - n_spam * (n_spam + 1) / 2) / pairs)


def on_lengths(length: pd.Series, label: pd.Series, lengths: dict[str, Lengths]) -> list[Finding]:
    """Whether the length alone tells the classes apart."""
    if len(lengths) < 2:
        return []
    apart = told_apart(length.to_numpy(dtype=float), (label == "spam").to_numpy())
    longer, shorter = ("spam", "ham") if apart >= 0.5 else ("ham", "spam")
    apart = max(apart, 1 - apart)
    if apart < TELLS:
        return []
    return [
        Finding(
            "length",
            "warning" if apart >= TELLS_MUCH else "info",
            f"The length alone tells {apart:.0%} of ham-spam pairs apart (half would be luck): "
            f"the median {longer} has {lengths[longer].median:,.0f} characters, the median "
            f"{shorter} {lengths[shorter].median:,.0f}. That may be how your mail is; if one class "
            "was cut short or came from elsewhere, a model learns where it came from.",
        )
    ]
