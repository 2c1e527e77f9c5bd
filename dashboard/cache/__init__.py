"""Cached calls into `pipeline`; pages call nothing slow except through this room.

The names are those of the results. `cached.py` says what a result depends on.
"""

from dashboard.cache.explanations import (
    features_of_mail,
    neighbours,
    rescored,
    smallest_cut,
    strongest_features,
    usual_values,
    why,
)
from dashboard.cache.file_scores import file_scores
from dashboard.cache.final_test import final_errors, final_report, opened_mails
from dashboard.cache.project_mails import (
    clusters,
    crossings,
    decided_labels,
    mail,
    mails,
    marks,
    matching_mails,
    near_duplicates,
    pairs,
    part_counts,
    properties,
    quality_report,
    spare_columns,
    split,
    suggested_split,
    text_hash,
)
from dashboard.cache.project_runs import (
    bundle,
    bundle_path,
    curves,
    evaluation,
    exported_model,
    model_card_text,
    operating_point,
    runs,
    usable_runs,
)
from dashboard.cache.run_errors import errors, errors_report
from dashboard.cache.run_figures import (
    budget_witnesses,
    compared_runs,
    curve,
    curve_bands,
    figures_by_threshold,
    intervals,
    learning_curve_of,
    reliability,
    resamples,
    score_counts,
    slices,
)
from dashboard.cache.work import jobs

__all__ = [
    "budget_witnesses", "bundle", "bundle_path", "clusters", "compared_runs", "crossings", "curve",
    "curve_bands", "curves", "decided_labels", "errors", "errors_report", "evaluation",
    "exported_model", "features_of_mail", "figures_by_threshold", "file_scores", "final_errors",
    "final_report", "intervals", "jobs", "learning_curve_of", "mail", "mails", "marks",
    "matching_mails", "model_card_text", "near_duplicates", "neighbours", "opened_mails",
    "operating_point", "pairs", "part_counts", "properties", "quality_report", "reliability",
    "resamples", "rescored", "runs", "score_counts", "slices", "smallest_cut", "spare_columns",
    "split", "strongest_features", "suggested_split", "text_hash", "usable_runs", "usual_values",
    "why",
]  # fmt: skip
