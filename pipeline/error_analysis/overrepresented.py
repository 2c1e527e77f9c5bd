"""Finds reasons and slices that are more frequent among errors than chance explains."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from pipeline.error_analysis import reasons
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.slices import table as slices

SMALLEST = 5
"""Reasons and slices with fewer mails are not tested: they could hardly be significant."""
FOLLOWS = "follows from the scores"
"""The standing of a reason that is derived from the scores themselves."""
REASON = "reason"
COLUMNS = (
    *("what", "value", "mails", "errors", "share_of_errors", "share_of_correct"),
    *("error_rate", "rest_rate", "f1_gain", "p_corrected", "standing", "verdict"),
)


def find_overrepresented(
    evaluation: Evaluation,
    point: OperatingPoint,
    values: pd.DataFrame,
    properties: pd.DataFrame,
    clusters: pd.Series,
    *,
    untested: Collection[str] = (),
    smallest: int = SMALLEST,
) -> pd.DataFrame:
    """Find reasons, and slices that are worse than the rest; the most important first.

    Columns: what ("reason", or the name of a property) and value (the reason, or the value of the
    property); mails and errors with it; share_of_errors and share_of_correct with it, 0 to 1;
    error_rate, rest_rate, p_corrected, standing and verdict as in `compute_slices`
    (exact test, each cluster once, Benjamini and Hochberg over everything tested); f1_gain, by how
    much F1 would rise if all these errors were solved.

    Args:
        evaluation: scores of the run.
        point: the operating point of the run; unsure mails are no errors.
        values: from `compute_reasons`, by id.
        properties: from `compute_properties`, for at least these mails.
        clusters: the cluster of each mail, by id.
        untested: reasons that are expected among errors, besides those `by_score`.
        smallest: slices with fewer mails are not tested.
    """
    ids = list(evaluation.ids)
    held = reasons.check_reasons(values).loc[ids]
    circular = [n for n in held if reasons.REASONS[n].by_score or n in untested]
    columns = {name: _yes_no(held[name]) for name in held if name not in circular}
    columns |= {name: column for name, column in properties.loc[ids].items() if name not in columns}
    compared = slices.compute_slices(
        evaluation, point, pd.DataFrame(columns, index=held.index), clusters, smallest=smallest
    )
    is_reason = compared["property"].isin(list(held))
    compared = compared[
        (is_reason & (compared["value"] != "no")) | (compared["standing"] == slices.WORSE)
    ]
    wrong = point.is_wrong(evaluation.scores, evaluation.labels)
    rows = [
        _row(evaluation, wrong, point, row, held, properties.loc[ids])
        for row in compared.to_dict("records")
        if not (row["property"] in held and row["value"] == "no")
    ]
    tested = {row["value"] for row in rows if row["what"] == REASON}
    for name in held:
        if name not in tested:
            rows.append(_untested(evaluation, wrong, point, name, held, name in circular))
    order = {slices.WORSE: 0, FOLLOWS: 1}
    rows = [row for row in rows if row["errors"]]
    rows.sort(key=lambda row: (order.get(row["standing"], 2), -row["f1_gain"], row["value"]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def compute_f1_gain(evaluation: Evaluation, point: OperatingPoint, solved: np.ndarray) -> float:
    """Compute by how much F1 would rise if some errors were solved.

    Args:
        solved: True for those misclassified mails, bool [n].
    """
    at = evaluation.at(point)
    spam = evaluation.labels == 1
    missed, lost = int((solved & spam).sum()), int((solved & ~spam).sum())
    hits = at.true_positives + missed
    not_caught = at.false_negatives + at.unsure_spam - missed
    total = 2 * hits + at.false_positives - lost + not_caught
    return (2 * hits / total if total else 0.0) - at.f1


def _yes_no(held: pd.Series) -> pd.Series:
    words = pd.CategoricalDtype(["no", "yes"])
    return pd.Series(np.where(held, "yes", "no"), held.index).astype(words)


def _row(
    evaluation: Evaluation,
    wrong: np.ndarray,
    point: OperatingPoint,
    row: dict[str, Any],
    held: pd.DataFrame,
    properties: pd.DataFrame,
) -> dict[str, Any]:
    """The row of a reason or slice that was tested."""
    name = row["property"]
    is_reason = name in held
    inside = (held[name] if is_reason else properties[name] == row["value"]).to_numpy(bool)
    tested = {key: row[key] for key in ("error_rate", "rest_rate", "p_corrected", "standing")}
    topic, value = (REASON, name) if is_reason else (name, row["value"])
    return {
        "what": topic,
        "value": value,
        **_counts(evaluation, wrong, point, inside),
        **tested,
        "verdict": row["verdict"],
    }


def _untested(
    evaluation: Evaluation,
    wrong: np.ndarray,
    point: OperatingPoint,
    name: str,
    held: pd.DataFrame,
    circular: bool,
) -> dict[str, Any]:
    """The row of a reason that follows from the scores, or that too few mails have."""
    inside = held[name].to_numpy(bool)
    n, rest = int(inside.sum()), ~inside
    return {
        "what": REASON,
        "value": name,
        **_counts(evaluation, wrong, point, inside),
        "error_rate": float(wrong[inside].mean()) if n else np.nan,
        "rest_rate": float(wrong[rest].mean()) if rest.any() else np.nan,
        "p_corrected": np.nan,
        "standing": FOLLOWS if circular else slices.ALONE,
        "verdict": "follows from the scores, therefore not tested"
        if circular
        else "too few mails to distinguish from chance",
    }


def _counts(
    evaluation: Evaluation, wrong: np.ndarray, point: OperatingPoint, inside: np.ndarray
) -> dict[str, Any]:
    both = wrong & inside
    return {
        "mails": int(inside.sum()),
        "errors": int(both.sum()),
        "share_of_errors": float(both.sum() / max(1, wrong.sum())),
        "share_of_correct": float((inside & ~wrong).sum() / max(1, (~wrong).sum())),
        "f1_gain": compute_f1_gain(evaluation, point, both),
    }
