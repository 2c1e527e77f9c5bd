"""An `Evaluation`: ids, labels and scores of one part; every figure is derived from them."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd

from pipeline.errors import BadData


@dataclass(frozen=True)
class Figures:
    """What a filter does at one threshold; counts are mails, the rest are shares from 0 to 1.

    precision, recall and f1 are those of spam. `mcc` is Matthews' correlation, -1 to 1.
    `hm` is the share of ham that was called spam, `sm` the share of spam that was let through,
    and `lam` their mean on the log-odds scale (Cormack and Lynam, TREC 2005 spam track).
    A figure that has no mails to stand on is 0, as in scikit-learn with ``zero_division=0``;
    only `lam`, which has no such convention, is NaN without ham or without spam.
    """

    threshold: float
    true_positives: int
    false_positives: int
    true_negatives: int
    false_negatives: int
    accuracy: float
    precision: float
    recall: float
    f1: float
    mcc: float
    hm: float
    sm: float
    lam: float


@dataclass(frozen=True)
class Evaluation:
    """Labels (1 = spam) and scores P(spam) of the mails of one part, in the order of `ids`."""

    part: str
    ids: tuple[str, ...] = field(repr=False)
    labels: np.ndarray = field(repr=False)
    scores: np.ndarray = field(repr=False)

    def __post_init__(self) -> None:
        labels = np.asarray(self.labels, dtype=np.int8)
        scores = np.asarray(self.scores, dtype=np.float64)
        if not len(self.ids) == len(labels) == len(scores):
            raise BadData(
                "an evaluation needs one label and one score a mail; received "
                f"{len(self.ids)} ids, {len(labels)} labels and {len(scores)} scores."
            )
        if not np.all((scores >= 0) & (scores <= 1)):
            raise BadData("scores: expected probabilities from 0 to 1, received others or NaN.")
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "scores", scores)

    @property
    def n_ham(self) -> int:
        return int((self.labels == 0).sum())

    @property
    def n_spam(self) -> int:
        return int((self.labels == 1).sum())

    def at(self, threshold: float) -> Figures:
        """The figures when a mail with a score of at least `threshold` is called spam."""
        called = self.scores >= threshold
        spam = self.labels == 1
        tp, fp = int((called & spam).sum()), int((called & ~spam).sum())
        fn, tn = int((~called & spam).sum()), int((~called & ~spam).sum())
        precision, recall = _share(tp, tp + fp), _share(tp, tp + fn)
        denominator = math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
        hm, sm = _share(fp, fp + tn), _share(fn, fn + tp)
        return Figures(
            threshold=float(threshold),
            true_positives=tp,
            false_positives=fp,
            true_negatives=tn,
            false_negatives=fn,
            accuracy=_share(tp + tn, len(self.labels)),
            precision=precision,
            recall=recall,
            f1=_share(2 * tp, 2 * tp + fp + fn),
            mcc=(tp * tn - fp * fn) / denominator if denominator else 0.0,
            hm=hm,
            sm=sm,
            lam=_logit_average(fp, fp + tn, fn, fn + tp),
        )

    @cached_property
    def ranking(self) -> dict[str, float]:
        """Figures that need no threshold, all from 0 to 1 except log_loss (nats a mail).

        roc_auc, average_precision, log_loss and brier are scikit-learn's; `one_minus_auc` is
        1 - roc_auc, the TREC track's (1-ROCA), shown in percent. NaN where a class is missing.
        """
        from sklearn import metrics

        if not (self.n_ham and self.n_spam):
            names = ("roc_auc", "average_precision", "log_loss", "brier", "one_minus_auc")
            return dict.fromkeys(names, math.nan)
        auc = float(metrics.roc_auc_score(self.labels, self.scores))
        return {
            "roc_auc": auc,
            "average_precision": float(metrics.average_precision_score(self.labels, self.scores)),
            "log_loss": float(metrics.log_loss(self.labels, self.scores, labels=[0, 1])),
            "brier": float(np.mean((self.scores - self.labels) ** 2)),
            "one_minus_auc": 1 - auc,
        }

    def summary(self, threshold: float) -> dict[str, Any]:
        """All figures at a threshold and without one, flat, with the number of mails."""
        return {
            **asdict(self.at(threshold)),
            **self.ranking,
            "n_ham": self.n_ham,
            "n_spam": self.n_spam,
        }

    def best_threshold(self) -> float:
        """The threshold nearest to 0.5 whose F1 is within one standard error of the highest.

        The very highest is where the last few mails of this part happen to lie: on the first 1,674
        SMS it let 50 ham of the next 3,900 be called spam, where 0.5 loses none. The more errors
        there are to count, the narrower the rule (Breiman and others, Classification and Regression
        Trees, 1984, 3.4.3: the one-standard-error rule). An error count of E has a standard error
        of about sqrt(E), and is taken to be at least 1.

        A threshold lies half-way between the scores on either side of it, unless 0.5 is between
        them.
        """
        order = np.argsort(-self.scores, kind="stable")
        scores, spam = self.scores[order], self.labels[order] == 1
        hits = np.cumsum(spam)
        errors = np.arange(1, len(scores) + 1) - hits + self.n_spam - hits
        f1 = 2 * hits / np.maximum(1, 2 * hits + errors)
        below = np.append(scores[1:], 0.0)
        f1[:-1][scores[:-1] == scores[1:]] = -1  # mails of one score cannot be parted
        best = np.argmax(f1)
        more = errors[best] + math.sqrt(max(1, errors[best]))
        good = np.flatnonzero(f1 >= min(f1[best], 2 * hits[best] / max(1, 2 * hits[best] + more)))
        half_way = (scores[good] + below[good]) / 2
        # between two neighbouring floats there is nothing, and half-way is rounded to either
        half_way = np.where(half_way > below[good], half_way, scores[good])
        half_way[(below[good] < 0.5) & (scores[good] >= 0.5)] = 0.5
        return float(half_way[np.argmin(np.abs(half_way - 0.5))])

    def precision_recall(self) -> pd.DataFrame:
        """threshold, precision, recall along all thresholds (scikit-learn's curve)."""
        from sklearn.metrics import precision_recall_curve

        precision, recall, thresholds = precision_recall_curve(self.labels, self.scores)
        # the last point (recall 0, precision 1) belongs to a threshold above every score
        return pd.DataFrame(
            {
                "threshold": np.append(thresholds, 1.0),
                "precision": precision,
                "recall": recall,
            }
        )

    def roc(self) -> pd.DataFrame:
        """threshold, false_positive_rate, recall along all thresholds (scikit-learn's curve)."""
        from sklearn.metrics import roc_curve

        false_positive_rate, recall, thresholds = roc_curve(self.labels, self.scores)
        return pd.DataFrame(
            {
                "threshold": np.minimum(thresholds, 1.0),
                "false_positive_rate": false_positive_rate,
                "recall": recall,
            }
        )

    def to_frame(self) -> pd.DataFrame:
        """id, label ("ham"/"spam"), score: what is stored."""
        words = np.where(self.labels == 1, "spam", "ham")
        return pd.DataFrame({"id": list(self.ids), "label": words, "score": self.scores})

    @classmethod
    def from_frame(cls, part: str, frame: pd.DataFrame) -> Self:
        """The inverse of `to_frame`."""
        return cls(part, tuple(frame["id"]), as_numbers(frame["label"]), frame["score"].to_numpy())


def as_numbers(labels: Sequence[str] | pd.Series) -> np.ndarray:
    """ "ham"/"spam" to 0/1 as int8."""
    return (np.asarray(labels, dtype=object) == "spam").astype(np.int8)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _logit_average(wrong_ham: int, ham: int, wrong_spam: int, spam: int) -> float:
    """lam: the inverse logit of the mean logit of both misclassification rates.

    With an error count of 0 or all the logit is infinite; half a mail is added to both counts
    (the Haldane-Anscombe correction) to keep the figure finite.
    """
    if not ham or not spam:
        return math.nan

    def logit(wrong: int, n: int) -> float:
        return math.log((wrong + 0.5) / (n - wrong + 0.5))

    return 1 / (1 + math.exp(-(logit(wrong_ham, ham) + logit(wrong_spam, spam)) / 2))
