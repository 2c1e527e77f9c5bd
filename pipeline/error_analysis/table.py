"""Builds the error table of a run from its stored scores: misclassified mails and reasons."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pipeline.error_analysis import reasons
from pipeline.error_analysis.reasons import MailFacts
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import OperatingPoint

FALSE_POSITIVE, FALSE_NEGATIVE = "false positive", "false negative"
UNSURE, CORRECT = "unsure", "correct"
EXCERPT = 160


def build_error_table(
    evaluation: Evaluation,
    point: OperatingPoint,
    frame: pd.DataFrame,
    others: Mapping[str, tuple[Evaluation, OperatingPoint]] | None = None,
    *,
    values: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Build one row per mail of the evaluation: the worst errors first, the correct mails last.

    Columns: id, label, kind (false positive, false negative, unsure, correct), score, wrong_by
    (how far the score is from a correct call, 0 for a correct mail),
    reasons (in words, "" for a correct mail), subject, excerpt, sender, date, ``score of <name>``
    for each other evaluation, and the value of each reason by its name.

    Args:
        evaluation: the scores of the run.
        point: the operating point of the run.
        frame: mails with at least those ids, as in `pipeline.mail.dataset`.
        others: evaluations of other runs on the same part, with their operating points, by
            name.
        values: from `compute_reasons`, by id; None to compute those that frame and scores allow.
    """
    others = others or {}
    mails = frame.set_index("id", drop=False).loc[list(evaluation.ids)]
    spam = evaluation.labels == 1
    wrong = point.is_wrong(evaluation.scores, spam)
    kind = np.select(
        [point.is_unsure(evaluation.scores), wrong & ~spam, wrong & spam],
        [UNSURE, FALSE_POSITIVE, FALSE_NEGATIVE],
        CORRECT,
    )
    wrong_by = point.distance_to_right(evaluation.scores, spam)
    rows = pd.DataFrame(
        {
            "id": list(evaluation.ids),
            "label": np.where(spam, "spam", "ham"),
            "kind": kind,
            "score": evaluation.scores,
            "wrong_by": np.where(kind == CORRECT, 0.0, wrong_by),
            "subject": mails["subject"].to_numpy(),
            "excerpt": [" ".join(b[: 4 * EXCERPT].split())[:EXCERPT] for b in mails["body"]],
            "sender": mails["sender"].to_numpy(),
            "date": mails["date"].to_numpy(),
        }
    )
    for name, (other, _) in others.items():
        scores = pd.Series(other.scores, index=list(other.ids)).reindex(rows["id"]).to_numpy()
        rows[f"score of {name}"] = scores
    if values is None:
        calls = call_by_others(evaluation.ids, others)
        facts = MailFacts(mails, spam=spam, scores=evaluation.scores, point=point, others=calls)
        values = reasons.compute_reasons(facts)
    values = values.loc[list(evaluation.ids)].reset_index(drop=True)
    described = np.full(len(rows), "", object)
    open_ = kind != CORRECT
    described[open_] = np.array(reasons.describe_reasons(values), object)[open_]
    rows.insert(5, "reasons", described)
    rows = pd.concat([rows, values], axis=1)
    return rows.sort_values(["wrong_by", "id"], ascending=[False, True], ignore_index=True)


def call_by_others(
    ids: Sequence[str], others: Mapping[str, tuple[Evaluation, OperatingPoint]]
) -> dict[str, np.ndarray]:
    """What each other run calls these mails, by its name, [n]; "" for one that it did not score."""
    calls_by_name = {}
    for name, (evaluation, point) in others.items():
        calls = pd.Series(point.call(evaluation.scores), index=list(evaluation.ids), dtype=object)
        calls_by_name[name] = calls.reindex(list(ids)).fillna("").to_numpy(object)
    return calls_by_name
