"""What a filter does at every threshold, and where the scores lie, as a chart can show it."""

import numpy as np
import pandas as pd

from pipeline.evaluation import Evaluation
from pipeline.evaluation.figures import compute_counted_figures
from pipeline.evaluation.thresholds import gaps

MOST = 1000
"""Rows of the frame, at most."""
EXACT = 20
"""Counts up to this are never thinned: the first ham lost are what a threshold is about."""


def along(evaluation: Evaluation, most: int = MOST) -> pd.DataFrame:
    """The figures along all thresholds: threshold, precision, recall, hm, sm, rising.

    The figures of a row hold for all thresholds up to its own, from that of the row before on
    (plotly's line shape "vh"). Of many rows only those are kept where a count of ham lost, spam
    caught or spam missed is small or has changed by a few percent; both sides of each such step
    are kept, so that the corners are where they were.

    Args:
        most: rows at most; of fewer different scores every one is kept.
    """
    found = gaps(evaluation)
    distinct = np.unique(evaluation.scores)
    ends = distinct if len(distinct) == len(found.thresholds) else np.append(distinct, 1.0)
    counts = (found.ham_lost, evaluation.n_spam - found.spam_missed, found.spam_missed)
    kept = np.arange(len(ends))
    for ratio in (1.01, 1.02, 1.05, 1.1, 1.2, 1.5):
        if len(kept) <= most:
            break
        levels = np.stack([_level(n, ratio) for n in counts])
        step = np.flatnonzero((np.diff(levels, axis=1) != 0).any(axis=0))
        kept = np.unique([0, *step, *(step + 1), len(ends) - 1])
    hits, missed, lost = counts[1][kept], counts[2][kept], counts[0][kept]
    figures = compute_counted_figures(hits, lost, evaluation.n_ham - lost, missed)
    names = ("precision", "recall", "hm", "sm")
    return pd.DataFrame({"threshold": ends[kept], **{name: figures[name] for name in names}})


def _level(counts: np.ndarray, ratio: float) -> np.ndarray:
    """Small counts themselves, of larger ones the same number for those that are alike."""
    beyond = np.floor(np.log(np.maximum(counts, EXACT) / EXACT) / np.log(ratio))
    return np.minimum(counts, EXACT) + beyond


def score_counts(evaluation: Evaluation, bins: int = 50) -> pd.DataFrame:
    """How many mails have which score: low, high (the bin's edges), ham, spam (counts)."""
    edges = np.linspace(0, 1, bins + 1)
    counts = {
        label: np.histogram(evaluation.scores[evaluation.labels == number], edges)[0]
        for number, label in enumerate(("ham", "spam"))
    }
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], **counts})
