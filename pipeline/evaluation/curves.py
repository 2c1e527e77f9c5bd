"""The curves of an evaluation as frames, ready to draw, and their bands of uncertainty.

A frame has at most `POINTS` rows, each of them a point of the full curve. With only one class, or
without mails, a frame is empty.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from pipeline.evaluation import Evaluation
from pipeline.evaluation.proportions import LEVEL
from pipeline.evaluation.resampling import Resamples

POINTS = 1000
DRAWS = 400
"""400 resamples place the edge of a band to a tenth of a pixel in a fifth of the time of 2,000."""


def compute_precision_recall(evaluation: Evaluation) -> pd.DataFrame:
    """Compute threshold, recall (falling), precision: scikit-learn's curve.

    Between two points the precision is that of the larger recall, as average precision counts it.
    """
    if _has_one_class(evaluation):
        return _build_empty_frame("threshold", "recall", "precision")
    curve = evaluation.precision_recall()[["threshold", "recall", "precision"]]
    return _thin_points(curve, "recall", "precision")


def compute_roc(evaluation: Evaluation) -> pd.DataFrame:
    """Compute threshold (falling), false_positive_rate, recall: scikit-learn's curve."""
    if _has_one_class(evaluation):
        return _build_empty_frame("threshold", "false_positive_rate", "recall")
    curve = evaluation.roc()
    # thinned on a logarithmic scale, because the corner with little ham lost matters most
    ham = evaluation.n_ham
    return _thin_points(
        curve, "false_positive_rate", "recall", lambda x: np.log10(np.maximum(x, 0.5 / ham))
    )


def compute_det(evaluation: Evaluation) -> pd.DataFrame:
    """Compute threshold (falling), false_positive_rate, false_negative_rate, as det_curve does."""
    curve = compute_roc(evaluation)
    curve["false_negative_rate"] = 1 - curve.pop("recall")
    return curve


def compute_gain(evaluation: Evaluation) -> pd.DataFrame:
    """Compute threshold (falling), and the share of all mails (called) and of spam (recall) above.

    This is cumulative gain: sort the mails by score, look at the first x % of them, and find y % of
    the spam. A mail at the threshold counts as above it.
    """
    if _has_one_class(evaluation):
        return _build_empty_frame("threshold", "called", "recall")
    curve = evaluation.roc()
    spam = evaluation.n_spam / len(evaluation.ids)
    curve["called"] = (1 - spam) * curve.pop("false_positive_rate") + spam * curve["recall"]
    return _thin_points(curve[["threshold", "called", "recall"]], "called", "recall")


CURVES: dict[str, Callable[[Evaluation], pd.DataFrame]] = {
    "precision_recall": compute_precision_recall,
    "roc": compute_roc,
    "det": compute_det,
    "gain": compute_gain,
}
"""The curves along all thresholds, by name."""


def compute_bands(evaluation: Evaluation, resamples: Resamples) -> dict[str, pd.DataFrame]:
    """Compute the band (x, low, high) that holds 95 % of the resampled curves, by name of `CURVES`.

    This is vertical averaging (Fawcett, Pattern Recognition Letters 2006, section 9.1), with
    quantiles in place of means: at fixed x, the best y that a threshold of the resample reaches.

    Args:
        resamples: over the mails of the evaluation, in their order; the first `DRAWS` are used.
    """
    if _has_one_class(evaluation):
        return {name: _build_empty_frame("x", "low", "high") for name in CURVES}
    ham, share = evaluation.n_ham, np.linspace(0.005, 1, 200)
    few = np.arange(min(20, ham) + 1) / ham
    rates = np.unique(np.concatenate([few, np.geomspace(1 / ham, 1, 80)]))
    order = np.argsort(-evaluation.scores, kind="stable")
    scores, spam = evaluation.scores[order], evaluation.labels[order] == 1
    ends = np.append(np.flatnonzero(scores[1:] != scores[:-1]), len(scores) - 1)
    draws = min(DRAWS, resamples.resamples)
    resampled: dict[str, list[np.ndarray]] = {"roc": [], "precision_recall": [], "gain": []}
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
            resampled["roc"].append(recall[last])
            first = np.searchsorted(recall[1:], share - 1e-12, side="left")
            resampled["precision_recall"].append(precision[np.minimum(first, len(precision) - 1)])
            resampled["gain"].append(np.interp(share, np.append(0.0, called / total), recall))
    at = {"roc": rates, "precision_recall": share, "gain": share}
    drawn = {name: _build_band(at[name], rows) for name, rows in resampled.items()}
    upside_down = pd.DataFrame(
        {"x": drawn["roc"]["x"], "low": 1 - drawn["roc"]["high"], "high": 1 - drawn["roc"]["low"]}
    )
    return {**drawn, "det": upside_down}


def compute_cluster_bands(evaluation: Evaluation, clusters: np.ndarray) -> dict[str, pd.DataFrame]:
    """Compute the bands from as few resamples as a band needs (`DRAWS`).

    Args:
        clusters: a number for each mail, [n]; near-duplicates share a number.
    """
    return compute_bands(evaluation, Resamples(clusters, DRAWS))


def _has_one_class(evaluation: Evaluation) -> bool:
    return evaluation.n_ham == 0 or evaluation.n_spam == 0


def _build_empty_frame(*columns: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=np.float64) for name in columns})


def _build_band(x: np.ndarray, rows: list[np.ndarray]) -> pd.DataFrame:
    if not rows:
        return _build_empty_frame("x", "low", "high")
    low, high = np.quantile(np.array(rows), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return pd.DataFrame({"x": x, "low": low, "high": high})


def _thin_points(
    frame: pd.DataFrame,
    x: str,
    y: str,
    scale: Callable[[np.ndarray], np.ndarray] = lambda x: x,
) -> pd.DataFrame:
    """Thin a curve to at most `POINTS` rows whose line covers the same pixels.

    The first, last, lowest and highest point of each strip of x stay (M4: Jugel and others, PVLDB
    2014).

    Args:
        scale: maps x to its position on the axis.
    """
    if len(frame) <= POINTS:
        return frame
    place = scale(frame[x].to_numpy())
    strips = POINTS // 4
    strip = ((place - place.min()) / np.ptp(place) * (strips - 1)).astype(np.int64)
    groups = frame.reset_index(drop=True).groupby(strip, sort=False)
    numbers = pd.Series(range(len(frame))).groupby(strip, sort=False)
    kept = [numbers.first(), numbers.last(), groups[y].idxmin(), groups[y].idxmax()]
    return frame.iloc[np.unique(np.concatenate(kept))].reset_index(drop=True)
