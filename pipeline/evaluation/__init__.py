"""An `Evaluation`: ids, labels and scores of one part; every figure is derived from them."""

import math
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd

from pipeline.errors import BadData
from pipeline.evaluation.figures import CountedFigures, compute_counted_figures
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.ranking import compute_ranking_figures
from pipeline.mail.dataset import encode_labels


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

    def at(self, point: OperatingPoint) -> CountedFigures:
        """The figures at an operating point."""
        called, unsure = point.is_spam(self.scores), point.is_unsure(self.scores)
        spam = self.labels == 1
        tp, fp = int((called & spam).sum()), int((called & ~spam).sum())
        fn, tn = int((~called & spam).sum()), int((~called & ~spam).sum())
        unsure_ham, unsure_spam = int((unsure & ~spam).sum()), int((unsure & spam).sum())
        return CountedFigures(
            threshold=point.threshold,
            true_positives=tp,
            false_positives=fp,
            true_negatives=tn - unsure_ham,
            false_negatives=fn - unsure_spam,
            unsure_ham=unsure_ham,
            unsure_spam=unsure_spam,
            **{
                name: float(value)
                for name, value in compute_counted_figures(tp, fp, tn, fn).items()
            },
        )

    @cached_property
    def ranking(self) -> dict[str, float]:
        """Figures that need no threshold; see `ranking.compute_ranking_figures`."""
        figures = compute_ranking_figures(self.labels, self.scores, np.ones((1, len(self.labels))))
        return {name: float(values[0]) for name, values in figures.items()}

    def summary(self, point: OperatingPoint) -> dict[str, Any]:
        """All figures at an operating point and without one, flat, with the number of mails."""
        return {
            **asdict(self.at(point)),
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

        false_positive_rate, recall, thresholds = roc_curve(
            self.labels, self.scores, drop_intermediate=False
        )
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
        return cls(
            part, tuple(frame["id"]), encode_labels(frame["label"]), frame["score"].to_numpy()
        )
