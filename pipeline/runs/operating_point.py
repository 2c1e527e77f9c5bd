"""The one threshold of a run that every number, chart, export and exported model obeys."""

from dataclasses import replace

import numpy as np
import pandas as pd

from pipeline.errors import BadSpec
from pipeline.evaluation import Evaluation, thresholds
from pipeline.evaluation.thresholds import OperatingPoint
from pipeline.project import Project, cluster_mails
from pipeline.runs import store
from pipeline.runs.store import Run
from pipeline.specs import ThresholdSpec


def of(project: Project, run: Run) -> OperatingPoint:
    """The operating point of a usable run under the project's rule; see `under`."""
    spec = project.settings.threshold_spec(run.id)
    alike = cluster_mails(project) if spec.rule == "budget" else None
    return under(spec, run, store.evaluation(run.id), alike)


def under(
    rule: ThresholdSpec, run: Run, evaluation: Evaluation, alike: pd.Series | None = None
) -> OperatingPoint:
    """The operating point of a usable run under a rule.

    A rule that the run cannot keep leaves it its own threshold, and `why` says so.

    Args:
        evaluation: the validation scores of the run.
        alike: `pipeline.project.cluster_mails`, for a budget; None when no two mails are alike.
    """
    try:
        if rule.rule == "own" or (rule.rule == "hand" and rule.value is None):
            return _own(run, evaluation, rule.unsure)
        clusters = None if alike is None else numbers(alike, evaluation.ids)
        return thresholds.choose(evaluation, rule, clusters)
    except BadSpec as error:
        own = _own(run, evaluation, rule.unsure)
        return replace(own, why=f"The rule cannot be kept: {error} So it stands at its own.")


def numbers(alike: pd.Series, ids: tuple[str, ...]) -> np.ndarray:
    """The cluster of each mail; one that is not known any more is a cluster of its own."""
    found = alike.reindex(list(ids))
    new = found.isna().to_numpy()
    return np.where(new, -1 - np.arange(len(ids)), found.fillna(0)).astype(np.int64)


def _own(run: Run, evaluation: Evaluation, unsure: float | None) -> OperatingPoint:
    """As it was written down with the run, which an older Spamlab found by another rule."""
    threshold = evaluation.best_threshold() if run.threshold is None else run.threshold
    return thresholds.with_band(evaluation, threshold, thresholds.OWN, unsure)
