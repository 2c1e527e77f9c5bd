"""The curves of an evaluation as frames, ready to be drawn, and how sure they are.

A frame has at most `POINTS` rows, each of them a point of the full curve. With one class only, or
without mails, a frame is empty: there is nothing to trade.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from pipeline.evaluation import Evaluation
from pipeline.evaluation.proportions import LEVEL
from pipeline.evaluation.resampling import Resamples

POINTS = 1000
DRAWS = 400
"""Resamples of a band: a tenth of a pixel of its edge, and a fifth of the time of all 2,000."""


def precision_recall(evaluation: Evaluation) -> pd.DataFrame:
    """threshold, recall (falling), precision: scikit-learn's curve.

    Between two points the precision is that of the larger recall, as average precision counts it.
    """
    if _one_class(evaluation):
        return _empty("threshold", "recall", "precision")
    found = evaluation.precision_recall()[["threshold", "recall", "precision"]]
    return _thin(found, "recall", "precision")


def roc(evaluation: Evaluation) -> pd.DataFrame:
    """threshold (falling), false_positive_rate, recall: scikit-learn's curve."""
    if _one_class(evaluation):
        return _empty("threshold", "false_positive_rate", "recall")
    found = evaluation.roc()
    # the corner of little ham is what matters: points are thinned by the logarithm
    ham = evaluation.n_ham
    return _thin(
        found, "false_positive_rate", "recall", lambda x: np.log10(np.maximum(x, 0.5 / ham))
    )


def det(evaluation: Evaluation) -> pd.DataFrame:
    """threshold (falling), false_positive_rate, false_negative_rate: scikit-learn's det_curve."""
    found = roc(evaluation)
    found["false_negative_rate"] = 1 - found.pop("recall")
    return found


def gain(evaluation: Evaluation) -> pd.DataFrame:
    """threshold (falling), called, recall: of all mails and of the spam, the share at or above it.

    Cumulative gain: sort the mails by score, look at the first x % of them, and find y % of the
    spam.
    """
    if _one_class(evaluation):
        return _empty("threshold", "called", "recall")
    found = evaluation.roc()
    spam = evaluation.n_spam / len(evaluation.ids)
    found["called"] = (1 - spam) * found.pop("false_positive_rate") + spam * found["recall"]
    return _thin(found[["threshold", "called", "recall"]], "called", "recall")


CURVES: dict[str, Callable[[Evaluation], pd.DataFrame]] = {
    "precision_recall": precision_recall,
    "roc": roc,
    "det": det,
    "gain": gain,
}
"""The curves along all thresholds, by name."""


def bands(evaluation: Evaluation, resamples: Resamples) -> dict[str, pd.DataFrame]:
    """By the names of `CURVES`: x, low, high, between which 95 % of the resampled curves pass.

    Vertical averaging (Fawcett, Pattern Recognition Letters 2006, section 9.1), with quantiles in
    place of means: at fixed x, the best y that a threshold of the resample reaches there.

    Args:
        resamples: over the mails of the evaluation, in their order; the first `DRAWS` are used.
    """
    if _one_class(evaluation):
        return {name: _empty("x", "low", "high") for name in CURVES}
    ham, share = evaluation.n_ham, np.linspace(0.005, 1, 200)
    few = np.arange(min(20, ham) + 1) / ham
    rates = np.unique(np.concatenate([few, np.geomspace(1 / ham, 1, 80)]))
    order = np.argsort(-evaluation.scores, kind="stable")
    scores, spam = evaluation.scores[order], evaluation.labels[order] == 1
    ends = np.append(np.flatnonzero(scores[1:] != scores[:-1]), len(scores) - 1)
    draws = min(DRAWS, resamples.resamples)
    found: dict[str, list[np.ndarray]] = {"roc": [], "precision_recall": [], "gain": []}
    for start in range(0, draws, 50):
        weights = resamples.weights(start, min(start + 50, draws))[:, order]
        hits = np.cumsum(weights * spam, axis=1)[:, ends]
        calls = np.cumsum(weights, axis=1)[:, ends]
        for hit, called in zip(hits, calls, strict=True):
            positives, total = hit[-1], called[-1]
            if positives in (0, total):
                continue  # a draw of one class has no curve
            recall = np.append(0.0, hit / positives)
            lost = np.append(0.0, (called - hit) / (total - positives))
            precision = hit / np.maximum(1, called)
            last = np.searchsorted(lost, rates + 1e-12, side="right") - 1
            found["roc"].append(recall[last])
            first = np.searchsorted(recall[1:], share - 1e-12, side="left")
            found["precision_recall"].append(precision[np.minimum(first, len(precision) - 1)])
            found["gain"].append(np.interp(share, np.append(0.0, called / total), recall))
    at = {"roc": rates, "precision_recall": share, "gain": share}
    drawn = {name: _band(at[name], rows) for name, rows in found.items()}
    upside_down = pd.DataFrame(
        {"x": drawn["roc"]["x"], "low": 1 - drawn["roc"]["high"], "high": 1 - drawn["roc"]["low"]}
    )
    return {**drawn, "det": upside_down}


def bands_of_clusters(evaluation: Evaluation, clusters: np.ndarray) -> dict[str, pd.DataFrame]:
    """`bands` by resamples of its own, as few as a band needs.

    Args:
        clusters: a number for each mail; those of one number are near-duplicates.
    """
    return bands(evaluation, Resamples(clusters, DRAWS))


def _one_class(evaluation: Evaluation) -> bool:
    return evaluation.n_ham == 0 or evaluation.n_spam == 0


def _empty(*columns: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=np.float64) for name in columns})


def _band(x: np.ndarray, rows: list[np.ndarray]) -> pd.DataFrame:
    if not rows:
        return _empty("x", "low", "high")
    low, high = np.quantile(np.array(rows), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return pd.DataFrame({"x": x, "low": low, "high": high})


def _thin(
    frame: pd.DataFrame,
    x: str,
    y: str,
    scale: Callable[[np.ndarray], np.ndarray] = lambda x: x,
) -> pd.DataFrame:
    """At most `POINTS` rows, whose line has the same pixels as that of all rows.

    Of each strip of x the first, the last, the lowest and the highest point stay (M4: Jugel and
    others, PVLDB 2014).

    Args:
        scale: how the axis of x is drawn.
    """
    if len(frame) <= POINTS:
        return frame
    place = scale(frame[x].to_numpy())
    strips = POINTS // 4
    strip = ((place - place.min()) / np.ptp(place) * (strips - 1)).astype(np.int64)
    found = frame.reset_index(drop=True).groupby(strip, sort=False)
    numbers = pd.Series(range(len(frame))).groupby(strip, sort=False)
    kept = [numbers.first(), numbers.last(), found[y].idxmin(), found[y].idxmax()]
    return frame.iloc[np.unique(np.concatenate(kept))].reset_index(drop=True)
