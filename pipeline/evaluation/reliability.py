"""Does a score of 0.8 mean that 8 in 10 such mails are spam? The reliability curve, with counts."""

import numpy as np
import pandas as pd

from pipeline.evaluation import Evaluation
from pipeline.evaluation.proportions import share
from pipeline.evaluation.ranking import BINS
from pipeline.evaluation.resampling import Resamples
from pipeline.models.calibration import Calibration

FEWEST = 10
"""Mails from which the share of spam in a bin says something."""


def curve(
    evaluation: Evaluation, resamples: Resamples | None = None, bins: str | None = None
) -> pd.DataFrame:
    """One row a bin that holds mails: score, share_spam, low, high, mails, start, stop.

    `score` is the mean score of the bin's mails, `share_spam` what came true, `low` and `high` its
    interval (Wilson's, or the rule of three), `start` and `stop` the ends of the bin.

    Args:
        resamples: over the mails of the evaluation; mails of one cluster then count as less sure.
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
        found = share(spam, inside, resamples)
        low, high = found.ends()
        rows.append(
            {
                "score": float(scores[inside].mean()),
                "share_spam": found.value,
                "low": low,
                "high": high,
                "mails": found.whole,
                "start": float(edges[k]),
                "stop": float(edges[k + 1]),
            }
        )
    columns = ["score", "share_spam", "low", "high", "mails", "start", "stop"]
    return pd.DataFrame(rows, columns=columns)


def curves(
    evaluation: Evaluation, calibration: Calibration, resamples: Resamples
) -> dict[str, pd.DataFrame]:
    """`curve` of the scores before the model was calibrated and after, by what to call them.

    One curve, "scores as they are", for a model whose calibration changes nothing.
    """
    now = curve(evaluation, resamples)
    if (calibration.slope, calibration.offset) == (1.0, 0.0):
        return {"scores as they are": now}
    return {
        "before calibration": curve(before(evaluation, calibration), resamples),
        "after calibration": now,
    }


def before(evaluation: Evaluation, calibration: Calibration) -> Evaluation:
    """The same mails with the scores that the model gave before it was calibrated.

    The calibration is a line on the scale of log-odds, so it is undone by the inverse line; a
    score that was rounded to 0 or 1 stays there.
    """
    with np.errstate(divide="ignore", over="ignore"):
        log_odds = np.log(evaluation.scores) - np.log1p(-evaluation.scores)
        raw = 1 / (1 + np.exp(-(log_odds - calibration.offset) / calibration.slope))
    return Evaluation(evaluation.part, evaluation.ids, evaluation.labels, raw)
