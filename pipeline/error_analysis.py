"""The misclassified mails of a run and what may have led to it, rebuilt from stored scores."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.evaluation import Evaluation

FALSE_POSITIVE, FALSE_NEGATIVE, CORRECT = "false positive", "false negative", "correct"
EXCERPT = 160
SHORT = 40
NEAR = 0.15


@dataclass(frozen=True)
class Case:
    """One mail as a reason sees it: its text, its score, and what the other models said."""

    text: str
    score: float
    threshold: float
    wrong_elsewhere: tuple[bool, ...]


REASONS: dict[str, Callable[[Case], bool]] = {
    "very short": lambda case: len(case.text.strip()) < SHORT,
    "near the threshold": lambda case: abs(case.score - case.threshold) < NEAR,
    "the other model is right": lambda case: (
        bool(case.wrong_elsewhere) and not all(case.wrong_elsewhere)
    ),
    "wrong in all models": lambda case: bool(case.wrong_elsewhere) and all(case.wrong_elsewhere),
}
"""Small questions about one mail; a mail's reasons are those that are answered with yes."""


def table(
    evaluation: Evaluation,
    threshold: float,
    frame: pd.DataFrame,
    others: Mapping[str, tuple[Evaluation, float]] | None = None,
) -> pd.DataFrame:
    """One row a mail of the evaluation, the most wrong first, then the correct ones.

    Columns: id, label, kind (false positive, false negative, correct), score, wrong_by (distance
    of the score from the threshold on the wrong side, 0 for a correct mail), reasons, subject,
    excerpt, sender, date, and ``score of <name>`` for each other evaluation.

    Args:
        evaluation: scores of the run.
        threshold: a score of at least this is called spam.
        frame: mails with at least those ids, as in `pipeline.dataset`.
        others: evaluations of other runs on the same part, with their thresholds, by name.
    """
    others = others or {}
    mails = frame.set_index("id").loc[list(evaluation.ids)]
    spam = evaluation.labels == 1
    called = evaluation.scores >= threshold
    kind = np.where(
        called & ~spam, FALSE_POSITIVE, np.where(~called & spam, FALSE_NEGATIVE, CORRECT)
    )
    wrong = called != spam
    rows = pd.DataFrame(
        {
            "id": list(evaluation.ids),
            "label": np.where(spam, "spam", "ham"),
            "kind": kind,
            "score": evaluation.scores,
            "wrong_by": np.where(wrong, np.abs(evaluation.scores - threshold), 0.0),
            "subject": mails["subject"].to_numpy(),
            "excerpt": [" ".join(b[: 4 * EXCERPT].split())[:EXCERPT] for b in mails["body"]],
            "sender": mails["sender"].to_numpy(),
            "date": mails["date"].to_numpy(),
        }
    )
    wrong_elsewhere = []
    for name, (other, other_threshold) in others.items():
        scores = pd.Series(other.scores, index=list(other.ids)).reindex(rows["id"]).to_numpy()
        rows[f"score of {name}"] = scores
        wrong_elsewhere.append((scores >= other_threshold) != spam)
    reasons = [""] * len(rows)
    for i in np.flatnonzero(wrong):
        mail = mails.iloc[i]
        case = Case(
            f"{mail['subject']}\n{mail['body']}",
            float(evaluation.scores[i]),
            threshold,
            tuple(bool(w[i]) for w in wrong_elsewhere),
        )
        reasons[i] = ", ".join(name for name, holds in REASONS.items() if holds(case))
    rows.insert(5, "reasons", reasons)
    return rows.sort_values(["wrong_by", "id"], ascending=[False, True], ignore_index=True)
