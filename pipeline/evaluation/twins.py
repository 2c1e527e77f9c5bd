"""How much of a validation score rests on mails that have a near-duplicate in train."""

from collections.abc import Sequence

import numpy as np

from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import OperatingPoint


def drop_twins(evaluation: Evaluation, ids: Sequence[str]) -> Evaluation:
    """Drop some mails of an evaluation, such as those with a twin in train.

    Args:
        ids: the mails to drop; ids that the evaluation lacks are ignored.
    """
    out = set(ids)
    kept = np.array([mail_id not in out for mail_id in evaluation.ids], dtype=bool)
    return Evaluation(
        evaluation.part,
        tuple(mail_id for mail_id in evaluation.ids if mail_id not in out),
        evaluation.labels[kept],
        evaluation.scores[kept],
    )


def compare_without_twins(
    evaluation: Evaluation, twins: Sequence[str], point: OperatingPoint
) -> dict[str, dict[str, float]]:
    """Compare F1, recall, (1-ROCA) and the number of mails with the twins and without them.

    Keys of the outer dict: "with" and "without"; of the inner ones f1, recall, one_minus_auc
    (shares from 0 to 1, NaN where a class is missing) and mails.
    """
    comparison = {}
    for name, kept in (("with", evaluation), ("without", drop_twins(evaluation, twins))):
        figures = kept.at(point)
        comparison[name] = {
            "f1": figures.f1,
            "recall": figures.recall,
            "one_minus_auc": kept.ranking["one_minus_auc"],
            "mails": len(kept.ids),
        }
    return comparison
