"""Figures that need no threshold, for any number of weightings of the same mails at once."""

import numpy as np

BINS = 10
"""Bins of equal width of the calibration error."""
HAM_BUDGET = 0.001
"""hm at which `sm_at_hm` is read: TREC 2005's hm% = 0.1."""


def of_weights(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray
) -> dict[str, np.ndarray]:
    """roc_auc, one_minus_auc, average_precision, sm_at_hm, log_loss, brier, ece: float64 [b] each.

    With weights of 1 these are scikit-learn's roc_auc_score, average_precision_score, log_loss and
    brier_score_loss; with others they are what these give for `sample_weight`. `sm_at_hm` is the
    least share of spam below a threshold at which at most `HAM_BUDGET` of the ham lies at or above
    it. `ece` is the mean over `BINS` bins of equal width of |mean score - share of spam|, weighted
    by the mails in the bin (Naeini and others, 2015). NaN where a class has no weight.

    Args:
        labels: 1 for spam, 0 for ham [n].
        scores: P(spam) [n].
        weights: how often each mail counts, at least 0 [b, n].
    """
    weights = np.asarray(weights, dtype=np.float64)
    order = np.argsort(-scores, kind="stable")
    scores, spam = scores[order], labels[order] == 1
    weights = weights[:, order]
    total = weights.sum(axis=1)
    positives = weights[:, spam].sum(axis=1)
    negatives = total - positives
    ends = np.append(np.flatnonzero(scores[1:] != scores[:-1]), len(scores) - 1)
    tp = np.cumsum(weights * spam, axis=1)[:, ends]
    fp = np.cumsum(weights * ~spam, axis=1)[:, ends]
    with np.errstate(divide="ignore", invalid="ignore"):
        steps_tp, steps_fp = np.diff(tp, axis=1, prepend=0), np.diff(fp, axis=1, prepend=0)
        below = negatives[:, None] - fp
        auc = (steps_tp * (below + steps_fp / 2)).sum(axis=1) / (positives * negatives)
        called = tp + fp
        precision = np.divide(tp, called, out=np.zeros_like(tp), where=called > 0)
        average = (steps_tp * precision).sum(axis=1) / positives
        allowed = fp <= HAM_BUDGET * negatives[:, None]
        caught = np.where(allowed, tp, 0).max(axis=1, initial=0)
        p = np.clip(scores, np.finfo(np.float64).eps, 1 - np.finfo(np.float64).eps)
        losses = np.where(spam, -np.log(p), -np.log1p(-p))
        found = {
            "roc_auc": auc,
            "one_minus_auc": 1 - auc,
            "average_precision": average,
            "sm_at_hm": 1 - caught / positives,
            "log_loss": weights @ losses / total,
            "brier": weights @ (scores - spam) ** 2 / total,
        }
        bins = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
        inside = np.zeros((len(scores), BINS))
        inside[np.arange(len(scores)), bins] = scores - spam
        found["ece"] = np.abs(weights @ inside).sum(axis=1) / total
    one_class = (positives == 0) | (negatives == 0)
    return {name: np.where(one_class, np.nan, values) for name, values in found.items()}
