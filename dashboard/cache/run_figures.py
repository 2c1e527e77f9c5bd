"""The figures of a run and their intervals."""

import numpy as np
import pandas as pd

from dashboard.cache.cached import ENTRIES, cached, seal_version
from dashboard.cache.project_mails import clusters, properties
from dashboard.cache.project_runs import bundle, evaluation
from dashboard.cache.work import on_worker
from pipeline import comparison
from pipeline.comparison import CommonMails, Comparison
from pipeline.evaluation import by_threshold, thresholds
from pipeline.evaluation import intervals as certainty
from pipeline.evaluation.intervals import Interval
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.resampling import Resamples, align_clusters
from pipeline.project import Project
from pipeline.specs import ThresholdSpec
from pipeline.training import learning_curve

SMALL = 2000
"""Slices of up to 2,000 validation mails take less than the 0.2 s that a worker may cost."""
AT_ONCE = 5000
"""Bands for up to 5,000 mails take less than 0.1 s, which is not worth a call to a worker."""


def _clusters_of(project: Project, run_id: str) -> np.ndarray:
    """Return the cluster of each validation mail of a run, in the order of the run."""
    return align_clusters(clusters(project), evaluation(run_id).ids)


def resamples(project: Project, run_id: str) -> Resamples:
    """Resample whole clusters of the validation mails of a usable run, in the order of the run.

    Runs on the same mails share the resamples, so that their figures can be compared in each.
    """
    return _resamples(_clusters_of(project, run_id))


@cached(entries=ENTRIES, shared=True)
def _resamples(numbers: np.ndarray) -> Resamples:
    return Resamples(numbers)


@cached(entries=16, shared=True, spinner="Computing how sure the figures are …")
def _ranking_replicates(project: Project, run_id: str) -> dict[str, np.ndarray]:
    drawn = resamples(project, run_id)
    return on_worker(certainty.compute_ranking_replicates, evaluation(run_id), drawn)


@cached(entries=64)
def intervals(project: Project, run_id: str, point: OperatingPoint) -> dict[str, Interval]:
    """Compute the interval of each figure of a usable run at an operating point, by its key."""
    replicates = _ranking_replicates(project, run_id)
    return certainty.compute_intervals(
        evaluation(run_id), point, resamples(project, run_id), replicates
    )


def budget_witnesses(project: Project, run_id: str) -> int:
    """Count the ham of validation that support a budget: those of one cluster count once."""
    return thresholds.count_witnesses(evaluation(run_id), _clusters_of(project, run_id))


@cached(entries=128)
def curve(run_id: str, name: str) -> pd.DataFrame:
    """Compute one of `curves.CURVES` of a usable run, over all thresholds."""
    from pipeline.evaluation.curves import CURVES

    return CURVES[name](evaluation(run_id))


@cached(entries=32, spinner="Computing how sure the curves are …")
def curve_bands(project: Project, run_id: str) -> dict[str, pd.DataFrame]:
    """Compute the band of each curve of a usable run; see `curves.compute_bands`."""
    from pipeline.evaluation.curves import compute_cluster_bands

    scores, numbers = evaluation(run_id), _clusters_of(project, run_id)
    if len(scores.ids) <= AT_ONCE:
        return compute_cluster_bands(scores, numbers)
    return on_worker(compute_cluster_bands, scores, numbers)


@cached(entries=32, spinner="Counting how often the scores come true …")
def reliability(project: Project, run_id: str) -> dict[str, pd.DataFrame]:
    """Compare the scores of a usable run with shares of spam; see `compare_calibration`."""
    from pipeline.evaluation.reliability import compare_calibration

    calibration = bundle(run_id).model.calibration
    return compare_calibration(evaluation(run_id), calibration, resamples(project, run_id))


@cached(entries=32)
def figures_by_threshold(run_id: str) -> pd.DataFrame:
    """Trace precision, recall, hm and sm over all thresholds; see `trace_thresholds`."""
    return by_threshold.trace_thresholds(evaluation(run_id))


@cached(entries=32)
def score_counts(run_id: str) -> pd.DataFrame:
    """Count ham and spam by score."""
    return by_threshold.count_scores(evaluation(run_id))


@cached(entries=8, shared=True, spinner="Comparing the runs …", version=seal_version)
def compared_runs(
    project: Project, runs: tuple[tuple[tuple[str, OperatingPoint], ...], ...]
) -> tuple[CommonMails, list[Comparison]]:
    """Compare every run with the first on the visible mails that all runs share.

    Args:
        runs: for each run the id and the operating point of every seed.

    Raises BadData if they share no mail or a label differs; see `find_common_mails`.
    """
    ids = [run_id for seeds in runs for run_id, _ in seeds]
    shared = comparison.find_common_mails({i: evaluation(i) for i in ids}, clusters(project).index)
    judged = comparison.judge_runs(shared.evaluations, runs)
    numbers = align_clusters(clusters(project), shared.ids)
    return shared, on_worker(comparison.compare_runs, judged, numbers)


@cached(entries=32, spinner="Comparing slices …")
def slices(project: Project, run_id: str, point: OperatingPoint) -> pd.DataFrame:
    """Find the slices on which a usable run errs more than on the rest; see `slices.table`."""
    from pipeline.slices.table import compute_slices

    inputs = evaluation(run_id), point, properties(project), clusters(project)
    if len(inputs[0].ids) <= SMALL:
        return compute_slices(*inputs)
    return on_worker(compute_slices, *inputs)


def learning_curve_of(project: Project, run_id: str) -> pd.DataFrame:
    """Compute every figure of a run by the number of train mails, as far as it was measured."""
    shares = learning_curve.list_measured_shares(project, run_id)
    return _learning_curve(project, run_id, shares, project.settings.threshold_spec(run_id))


@cached(entries=16, spinner="Reading the learning curve …")
def _learning_curve(
    project: Project, run_id: str, shares: tuple[float, ...], rule: ThresholdSpec
) -> pd.DataFrame:
    return on_worker(learning_curve.compute_figures, project, run_id)
