"""Does a score of 0.8 mean that 8 in 10 such mails are spam? The reliability curve, with counts."""

import numpy as np
import pandas as pd

from pipeline.evaluation import Evaluation
from pipeline.evaluation.proportions import measure_share
from pipeline.evaluation.ranking import BINS
from pipeline.evaluation.resampling import Resamples
from pipeline.models.calibration import Calibration

FEWEST = 10
"""A bin needs 10 mails before its share of spam means anything."""


def compute_reliability_curve(
    evaluation: Evaluation, resamples: Resamples | None = None, bins: str | None = None
) -> pd.DataFrame:
    """Compute one row for each bin with mails: score, share_spam, low, high, mails, start, stop.

    `score` is the mean score of the bin's mails, `share_spam` the share of them that is spam, `low`
    and `high` its interval (Wilson's, or the rule of three), `start` and `stop` the ends of the
    bin.

    Args:
        resamples: over the mails of the evaluation, so that mails of one cluster widen the
            intervals; None to treat all mails as independent.
        bins: "width" for `BINS` bins of equal width, as the calibration error has them; "quantile"
            for bins of about as many mails each (tied scores stay together). None for width,
            unless fewer than three of those bins hold `FEWEST` mails.
    """
    scores, spam = evaluation.scores, evaluation.labels == 1
    if resamples is None:
        resamples = Resamples(np.arange(len(scores)))
    edges = np.linspace(0, 1, BINS + 1)
    place = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    if bins is None:
        filled = (np.bincount(place, minlength=BINS) >= FEWEST).sum()
        bins = "width" if filled >= 3 else "quantile"
    if bins == "quantile" and len(scores):
        inner = np.unique(np.quantile(scores, edges[1:-1], method="higher"))
        inner = inner[inner > scores.min()]
        place = np.searchsorted(inner, scores, "right")
        edges = np.concatenate([[scores.min()], inner, [scores.max()]])
    rows = []
    for k in np.unique(place):
        inside = place == k
        spam_share = measure_share(spam, inside, resamples)
        low, high = spam_share.ends()
        rows.append(
            {
                "score": float(scores[inside].mean()),
                "share_spam": spam_share.value,
                "low": low,
                "high": high,
                "mails": spam_share.whole,
                "start": float(edges[k]),
                "stop": float(edges[k + 1]),
            }
        )
    columns = ["score", "share_spam", "low", "high", "mails", "start", "stop"]
    return pd.DataFrame(rows, columns=columns)


def compare_calibration(
    evaluation: Evaluation, calibration: Calibration, resamples: Resamples
) -> dict[str, pd.DataFrame]:
    """Compute the reliability curves before and after calibration, by the name to show.

    A model whose calibration changes nothing has one curve, "scores as they are".
    """
    now = compute_reliability_curve(evaluation, resamples)
    if (calibration.slope, calibration.offset) == (1.0, 0.0):
        return {"scores as they are": now}
    return {
        "before calibration": compute_reliability_curve(
            undo_calibration(evaluation, calibration), resamples
        ),
        "after calibration": now,
    }


def undo_calibration(evaluation: Evaluation, calibration: Calibration) -> Evaluation:
    """Give the mails the scores that the model had before it was calibrated.

    Calibration is a line on the scale of log-odds, so the inverse line undoes it. A score that was
    rounded to 0 or 1 stays there.
    """
    with np.errstate(divide="ignore", over="ignore"):
        log_odds = np.log(evaluation.scores) - np.log1p(-evaluation.scores)
        raw = 1 / (1 + np.exp(-(log_odds - calibration.offset) / calibration.slope))
    return Evaluation(evaluation.part, evaluation.ids, evaluation.labels, raw)
