"""The figures: their names, which direction is better, and how they follow from four counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Figure:
    """The title of a figure, its meaning and its number format.

    `better` is 1 if higher is better, -1 if lower is. `counted` figures follow from the four counts
    at a threshold; the others need only scores. `lowest` is the smallest value the figure can have.

    A counted figure is added in this file: here, in `CountedFigures` and where it is computed.
    """

    title: str
    meaning: str
    form: str
    better: int
    counted: bool = True
    lowest: float = 0.0

    @property
    def rough(self) -> str:
        """The format of an interval's ends: one digit less, but an hm% keeps its two."""
        return {"{:.4f}": "{:.3f}", "{:.5f}": "{:.4f}", "{:.4%}": "{:.3%}"}.get(
            self.form, self.form
        )


FIGURES: dict[str, Figure] = {
    "accuracy": Figure("Accuracy", "share of mails called rightly", "{:.4f}", 1),
    "balanced_accuracy": Figure(
        "Balanced accuracy", "mean of the shares of ham and of spam called rightly", "{:.4f}", 1
    ),
    "precision": Figure("Precision", "of the mails called spam, how many are", "{:.4f}", 1),
    "recall": Figure("Recall", "of the spam, how much was caught", "{:.4f}", 1),
    "f1": Figure("F1", "harmonic mean of precision and recall", "{:.4f}", 1),
    "f0_5": Figure("F0.5", "the same, precision counts twice as much", "{:.4f}", 1),
    "f2": Figure("F2", "the same, recall counts twice as much", "{:.4f}", 1),
    "mcc": Figure("MCC", "correlation of label and decision, -1 to 1", "{:.4f}", 1, lowest=-1.0),
    "hm": Figure("hm%", "ham called spam; lower is better", "{:.2%}", -1),
    "sm": Figure("sm%", "spam let through; lower is better", "{:.2%}", -1),
    "lam": Figure("lam%", "both errors averaged as log-odds; lower is better", "{:.2%}", -1),
    "tcr_1": Figure("TCR, λ = 1", "cost without a filter by cost with; a ham costs 1", "{:.1f}", 1),
    "tcr_9": Figure("TCR, λ = 9", "the same, a ham lost costs 9 spam", "{:.1f}", 1),
    "tcr_999": Figure("TCR, λ = 999", "the same, a ham lost costs 999 spam", "{:.2f}", 1),
    "roc_auc": Figure("ROC-AUC", "chance that a spam scores above a ham", "{:.5f}", 1, False),
    "one_minus_auc": Figure("(1-ROCA)%", "ranking mistakes; lower is better", "{:.4%}", -1, False),
    "average_precision": Figure(
        "Average precision", "area under precision-recall", "{:.5f}", 1, False
    ),
    "sm_at_hm": Figure(
        "sm% at hm% = 0.1", "spam let through when 1 ham in 1,000 may be lost", "{:.2%}", -1, False
    ),
    "log_loss": Figure("Log loss", "nats a mail; lower is better", "{:.4f}", -1, False),
    "brier": Figure("Brier score", "squared error of P(spam); less is better", "{:.4f}", -1, False),
    "ece": Figure(
        "Calibration error", "mean distance of P(spam) from what came true; lower is better",
        "{:.4f}", -1, False,
    ),
}  # fmt: skip
"""All figures by the key that they have in `Evaluation.summary`, in the order of a table."""

MAIN = ("hm", "recall", "precision", "f1", "mcc", "roc_auc")
"""The figures a newcomer reads first: is mail lost, is spam caught, and both in one number."""

TCR_COSTS = {"tcr_1": 1, "tcr_9": 9, "tcr_999": 999}


@dataclass(frozen=True)
class CountedFigures:
    """The figures of a filter at one operating point.

    Counts are mails; `compute_counted_figures` gives the rest.

    True and false negatives are mails called ham. Mails in the band have counts of their own; every
    other figure counts them as not called spam, see `operating_point`.

    A figure without any mail to count is 0, as in scikit-learn with ``zero_division=0``; only `lam`
    and the TCRs, which have no such convention, are NaN if a class is missing.
    """

    threshold: float
    true_positives: int
    false_positives: int
    true_negatives: int
    false_negatives: int
    unsure_ham: int
    unsure_spam: int
    accuracy: float
    balanced_accuracy: float
    precision: float
    recall: float
    f1: float
    f0_5: float
    f2: float
    mcc: float
    hm: float
    sm: float
    lam: float
    tcr_1: float
    tcr_9: float
    tcr_999: float


def keep_finite(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Drop the figures that are NaN (lam of one class) or infinite (TCR without an error).

    Whatever is stored or sent goes through this: JSON has no such numbers, and MLflow's tables keep
    infinity as 1.8e308.
    """
    return {name: value for name, value in summary.items() if np.isfinite(value)}


def compute_counted_figures(
    tp: ArrayLike, fp: ArrayLike, tn: ArrayLike, fn: ArrayLike
) -> dict[str, np.ndarray]:
    """Compute every counted figure, in the shape of the counts (float64).

    accuracy, balanced_accuracy, precision, recall, f1, f0_5, f2 and mcc are scikit-learn's (with
    ``zero_division=0``; balanced_accuracy where both classes are present). hm, sm and lam are
    Cormack and Lynam's (TREC 2005 spam track). TCR is Androutsopoulos and others' (2000): the cost
    without a filter, n_spam, by the cost with it, λ·fp + fn; infinite without an error.
    """
    tp, fp, tn, fn = (np.asarray(n, dtype=np.float64) for n in (tp, fp, tn, fn))
    ham, spam = fp + tn, fn + tp
    hm, sm = _share(fp, ham), _share(fn, spam)
    denominator = np.sqrt((tp + fp) * spam * (tn + fp) * (tn + fn))
    figures = {
        "accuracy": _share(tp + tn, ham + spam),
        "balanced_accuracy": (_share(tn, ham) + _share(tp, spam)) / 2,
        "precision": _share(tp, tp + fp),
        "recall": _share(tp, spam),
        **{
            name: _share((1 + b * b) * tp, (1 + b * b) * tp + b * b * fn + fp)
            for name, b in (("f1", 1.0), ("f0_5", 0.5), ("f2", 2.0))
        },
        "mcc": _share(tp * tn - fp * fn, denominator),
        "hm": hm,
        "sm": sm,
        "lam": _logit_average(fp, ham, fn, spam),
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        for name, cost in TCR_COSTS.items():
            figures[name] = np.where(spam > 0, spam / (cost * fp + fn), np.nan)
    return figures


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.asarray(np.divide(part, whole, out=np.zeros(np.shape(part)), where=whole != 0))


def _logit_average(
    wrong_ham: np.ndarray, ham: np.ndarray, wrong_spam: np.ndarray, spam: np.ndarray
) -> np.ndarray:
    """lam: the inverse logit of the mean logit of both misclassification rates.

    With an error count of 0 or all the logit is infinite; half a mail is added to both counts
    (the Haldane-Anscombe correction) to keep the figure finite. NaN without ham or without spam.
    """

    def logit(wrong: np.ndarray, n: np.ndarray) -> np.ndarray:
        return np.asarray(np.log((wrong + 0.5) / (n - wrong + 0.5)))

    mean = (logit(wrong_ham, ham) + logit(wrong_spam, spam)) / 2
    return np.where((ham > 0) & (spam > 0), 1 / (1 + np.exp(-mean)), np.nan)
