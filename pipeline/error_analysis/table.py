"""The misclassified mails of a run and what may have led to it, rebuilt from stored scores."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.error_analysis import reasons
from pipeline.error_analysis.reasons import Facts
from pipeline.evaluation import Evaluation
from pipeline.evaluation.thresholds import called

FALSE_POSITIVE, FALSE_NEGATIVE = "false positive", "false negative"
UNSURE, CORRECT = "unsure", "correct"
EXCERPT = 160


def table(
    evaluation: Evaluation,
    threshold: float,
    frame: pd.DataFrame,
    others: Mapping[str, tuple[Evaluation, float]] | None = None,
    *,
    unsure_from: float | None = None,
    values: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row a mail of the evaluation, the most wrong first, then the correct ones.

    Columns: id, label, kind (false positive, false negative, unsure, correct), score, wrong_by
    (distance of the score from where it would be called by its label, 0 for a correct mail),
    reasons (in words, "" for a correct mail), subject, excerpt, sender, date, ``score of <name>``
    for each other evaluation, and the value of each reason by its name.

    Args:
        evaluation: scores of the run.
        threshold: a score of at least this is called spam.
        frame: mails with at least those ids, as in `pipeline.mail.dataset`.
        others: evaluations of other runs on the same part, with their thresholds, by name.
        unsure_from: a score from here to the threshold is called unsure; None for no band.
        values: what `reasons.of` gave, by id; None to ask what frame and scores can tell.
    """
    others = others or {}
    mails = frame.set_index("id", drop=False).loc[list(evaluation.ids)]
    spam = evaluation.labels == 1
    said = called(evaluation.scores, threshold, unsure_from)
    kind = np.select(
        [said == "unsure", (said == "spam") & ~spam, (said == "ham") & spam],
        [UNSURE, FALSE_POSITIVE, FALSE_NEGATIVE],
        CORRECT,
    )
    ham_below = threshold if unsure_from is None else unsure_from
    aim = np.where(spam, threshold, ham_below)
    rows = pd.DataFrame(
        {
            "id": list(evaluation.ids),
            "label": np.where(spam, "spam", "ham"),
            "kind": kind,
            "score": evaluation.scores,
            "wrong_by": np.where(kind == CORRECT, 0.0, np.abs(evaluation.scores - aim)),
            "subject": mails["subject"].to_numpy(),
            "excerpt": [" ".join(b[: 4 * EXCERPT].split())[:EXCERPT] for b in mails["body"]],
            "sender": mails["sender"].to_numpy(),
            "date": mails["date"].to_numpy(),
        }
    )
    wrong_elsewhere = {}
    for name, (other, other_threshold) in others.items():
        scores = pd.Series(other.scores, index=list(other.ids)).reindex(rows["id"]).to_numpy()
        rows[f"score of {name}"] = scores
        wrong_elsewhere[name] = (scores >= other_threshold) != spam
    if values is None:
        facts = Facts(
            mails, spam=spam, scores=evaluation.scores, threshold=threshold, others=wrong_elsewhere
        )
        values = reasons.of(facts)
    values = values.loc[list(evaluation.ids)].reset_index(drop=True)
    told = np.full(len(rows), "", object)
    open_ = kind != CORRECT
    told[open_] = np.array(reasons.told(values), object)[open_]
    rows.insert(5, "reasons", told)
    rows = pd.concat([rows, values], axis=1)
    return rows.sort_values(["wrong_by", "id"], ascending=[False, True], ignore_index=True)
