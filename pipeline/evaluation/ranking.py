"""Figures that need no threshold, computed for many weightings of the same mails at once."""

import numpy as np

BINS = 10
"""Bins of equal width of the calibration error."""
HAM_BUDGET = 0.001
"""hm at which `sm_at_hm` is read: TREC 2005's hm% = 0.1."""


def compute_ranking_figures(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray
) -> dict[str, np.ndarray]:
    """roc_auc, one_minus_auc, average_precision, sm_at_hm, log_loss, brier, ece: float64 [b] each.

    With weights of 1 these are scikit-learn's roc_auc_score, average_precision_score, log_loss
    (nats) and brier_score_loss; with others they are what these give for `sample_weight`.
    one_minus_auc and sm_at_hm are Cormack and Lynam's (TREC 2005 spam track): 1 - AUC, and the
    least share of spam below a threshold at which at most `HAM_BUDGET` of the ham lies at or above
    it. `ece` is the mean over `BINS` bins of equal width of |mean score - share of spam|, weighted
    by the mails in the bin (Naeini and others, 2015); a bin holds its lower end, the last bin both.
    All lie in [0, 1] but log_loss, at least 0. NaN where a class has no weight.

    Args:
        labels: 1 for spam, 0 for ham [n].
        scores: P(spam) [n].
        weights: how often each mail counts, at least 0 [b, n].
    """
    ranked = Ranked(labels, scores)
    return ranked.figures(np.asarray(weights, dtype=np.float64)[:, ranked.order])


class Ranked:
    """The mails of an evaluation in the order in which `figures` expects their weights.

    Spam comes first, then ham, each with the highest score first, so that running totals of spam
    and of ham are one pass each; only the spam is looked at after that. `order` [n] holds the
    places of the mails.
    """

    def __init__(self, labels: np.ndarray, scores: np.ndarray) -> None:
        scores, spam = np.asarray(scores, np.float64), np.asarray(labels) == 1
        self.order = np.lexsort((-scores, ~spam))
        self.n_spam = int(spam.sum())
        scores, spam = scores[self.order], spam[self.order]
        up = -scores[: self.n_spam], -scores[self.n_spam :]  # ascending
        # of each spam: how many spam score at least as high, and how many ham at least or higher
        self._spam_there = np.searchsorted(up[0], up[0], "right")
        self._ham_there = np.searchsorted(up[1], up[0], "right")
        self._ham_above = np.searchsorted(up[1], up[0], "left")
        self._tied = len(np.unique(up[0])) < len(up[0])
        self._shared = not np.array_equal(self._ham_there, self._ham_above)
        p = np.clip(scores, np.finfo(np.float64).eps, 1 - np.finfo(np.float64).eps)
        self._losses = np.where(spam, -np.log(p), -np.log1p(-p))
        self._squares = (scores - spam) ** 2
        self._distances = scores - spam
        # the mails of a bin lie side by side, once among the spam and once among the ham
        bins = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
        ends = np.flatnonzero((np.diff(bins) != 0) | np.diff(spam))
        self._bin_starts = np.append(0, ends + 1)[: len(bins)]
        self._bins = bins[self._bin_starts]

    def figures(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """See `compute_ranking_figures`; the weights stand in `order`: float64 [b, n]."""
        of_spam = weights[:, : self.n_spam]
        tp = np.cumsum(of_spam, axis=1)
        fp = np.zeros((len(weights), weights.shape[1] - self.n_spam + 1))
        np.cumsum(weights[:, self.n_spam :], axis=1, out=fp[:, 1:])
        positives, negatives = weights[:, : self.n_spam].sum(axis=1), fp[:, -1].copy()
        total = positives + negatives
        if self._tied:
            tp = tp[:, self._spam_there - 1]
        lost = fp[:, self._ham_there]
        ranked_wrong = lost if not self._shared else (lost + fp[:, self._ham_above]) / 2
        called = tp + lost
        precision = np.divide(tp, called, out=np.zeros_like(tp), where=called > 0)
        allowed = lost <= HAM_BUDGET * negatives[:, None]
        caught = np.where(allowed, tp, 0.0).max(axis=1, initial=0.0)
        distances = np.zeros((BINS, len(weights)))
        if len(self._bins):
            parts = np.add.reduceat(weights * self._distances, self._bin_starts, axis=1)
            np.add.at(distances, self._bins, parts.T)
        with np.errstate(divide="ignore", invalid="ignore"):
            mistakes = np.einsum("bi,bi->b", of_spam, ranked_wrong) / (positives * negatives)
            figures = {
                "roc_auc": 1 - mistakes,
                "one_minus_auc": mistakes,
                "average_precision": np.einsum("bi,bi->b", of_spam, precision) / positives,
                "sm_at_hm": 1 - caught / positives,
                "log_loss": np.einsum("bi,i->b", weights, self._losses) / total,
                "brier": np.einsum("bi,i->b", weights, self._squares) / total,
                "ece": np.abs(distances).sum(axis=0) / total,
            }
        one_class = (positives == 0) | (negatives == 0)
        return {name: np.where(one_class, np.nan, values) for name, values in figures.items()}
