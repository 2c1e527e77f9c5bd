"""Scores of imaginary mails that come in clusters, of which the true figures are known."""

import functools

import numpy as np

from pipeline.evaluation import Evaluation
from pipeline.evaluation.figures import compute_counted_figures
from pipeline.evaluation.operating_point import HALF
from pipeline.evaluation.ranking import compute_ranking_figures

POINT = HALF


def draw(clusters: int, apart: float, seed: int) -> tuple[Evaluation, np.ndarray]:
    """Mails and their clusters; a third of the clusters is spam, campaigns of two mails on average.

    One ham cluster in ten is a series of letters. More than half of the variance of the scores is
    between clusters; the scores are P(spam), all but calibrated.

    Args:
        apart: half the distance of ham and spam in log-odds, in standard deviations or so.
    """
    random = np.random.default_rng(seed)
    spam = random.random(clusters) < 0.35
    letters = np.where(random.random(clusters) < 0.9, 1, random.geometric(0.4, clusters))
    cluster = np.repeat(
        np.arange(clusters), np.where(spam, random.geometric(0.5, clusters), letters)
    )
    labels = spam[cluster].astype(np.int8)
    between, within = 1.2, 0.8
    z = apart * (2 * labels - 1) + between * random.standard_normal(clusters)[cluster]
    z += within * random.standard_normal(len(cluster))
    scores = 1 / (1 + np.exp(-2 * apart * z / (between**2 + within**2)))
    ids = tuple(map(str, range(len(cluster))))
    return Evaluation("validation", ids, labels, scores), cluster


@functools.cache
def truth(apart: float) -> dict[str, float]:
    """The figures of so many such mails that nothing is left to chance."""
    found, _ = draw(400_000, apart, seed=123_456)
    called, spam = POINT.is_spam(found.scores), found.labels == 1
    counts = [(a & b).sum() for a, b in ((called, spam), (called, ~spam), (~called, ~spam))]
    figures = compute_counted_figures(*counts, (~called & spam).sum())
    ranking = compute_ranking_figures(found.labels, found.scores, np.ones((1, len(spam))))
    return {name: float(v) for name, v in figures.items()} | {
        name: float(v[0]) for name, v in ranking.items()
    }
