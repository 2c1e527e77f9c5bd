"""The figures of a filter at every threshold, and the histogram of its scores, ready for charts."""

import numpy as np
import pandas as pd

from pipeline.evaluation import Evaluation
from pipeline.evaluation.figures import compute_counted_figures
from pipeline.evaluation.thresholds import find_gaps

MOST = 1000
"""Rows of the frame, at most: about as many as a chart is wide in pixels."""
EXACT = 20
"""Counts up to 20 are never thinned, because the first ham lost decide on a threshold."""


def trace_thresholds(evaluation: Evaluation, most: int = MOST) -> pd.DataFrame:
    """Trace the figures along all thresholds: threshold (rising), precision, recall, hm, sm.

    The figures of a row hold for every threshold above that of the row before, up to its own
    (plotly's line shape "vh"). If there are too many rows, only those stay where a count of ham
    lost, spam caught or spam missed is small or has changed by a few percent. Both sides of each
    such step stay, so that no corner of the line moves.

    Args:
        most: rows at most; every different score is kept if there are fewer.
    """
    gaps = find_gaps(evaluation)
    distinct = np.unique(evaluation.scores)
    ends = distinct if len(distinct) == len(gaps.thresholds) else np.append(distinct, 1.0)
    counts = (gaps.ham_lost, evaluation.n_spam - gaps.spam_missed, gaps.spam_missed)
    kept = np.arange(len(ends))
    for ratio in (1.01, 1.02, 1.05, 1.1, 1.2, 1.5):
        if len(kept) <= most:
            break
        levels = np.stack([_coarsen_counts(n, ratio) for n in counts])
        step = np.flatnonzero((np.diff(levels, axis=1) != 0).any(axis=0))
        kept = np.unique([0, *step, *(step + 1), len(ends) - 1])
    hits, missed, lost = counts[1][kept], counts[2][kept], counts[0][kept]
    figures = compute_counted_figures(hits, lost, evaluation.n_ham - lost, missed)
    names = ("precision", "recall", "hm", "sm")
    return pd.DataFrame({"threshold": ends[kept], **{name: figures[name] for name in names}})


def _coarsen_counts(counts: np.ndarray, ratio: float) -> np.ndarray:
    """Keep small counts as they are and give larger counts that are close the same number."""
    beyond = np.floor(np.log(np.maximum(counts, EXACT) / EXACT) / np.log(ratio))
    return np.asarray(np.minimum(counts, EXACT) + beyond)


def count_scores(evaluation: Evaluation, bins: int = 50) -> pd.DataFrame:
    """Count the mails by score: low, high (the edges of a bin), ham, spam (mails in it)."""
    edges = np.linspace(0, 1, bins + 1)
    counts = {
        label: np.histogram(evaluation.scores[evaluation.labels == number], edges)[0]
        for number, label in enumerate(("ham", "spam"))
    }
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], **counts})
