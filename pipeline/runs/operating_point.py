"""The operating point of a run, which every number, chart, export and exported model obeys."""

from collections.abc import Callable

import pandas as pd

from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.resampling import align_clusters
from pipeline.evaluation.thresholds import resolve_operating_point
from pipeline.project import Project, cluster_mails
from pipeline.runs import store
from pipeline.runs.store import Run


def read_operating_point(
    project: Project,
    run: Run,
    evaluation: Evaluation | None = None,
    read_clusters: Callable[[Project], pd.Series] = cluster_mails,
) -> OperatingPoint:
    """Read the operating point of a usable run under the rule that its project has for it.

    If the run cannot keep the rule, it keeps its own threshold, and `why` says so.

    Args:
        evaluation: scores on which the rule chooses; None for those of validation.
        read_clusters: replaces `cluster_mails`, such as by a cached version; only a budget calls
            it.
    """
    rule = project.settings.threshold_spec(run.id)
    evaluation = store.read_evaluation(run.id) if evaluation is None else evaluation
    clusters = None
    if rule.rule == "budget":
        clusters = align_clusters(read_clusters(project), evaluation.ids)
    return resolve_operating_point(evaluation, rule, clusters, run.threshold)
