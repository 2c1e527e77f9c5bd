"""Every call into `pipeline` whose answer is kept, by the version of what it is asked about.

One idea a file; `cached` says how an answer is named. Pages ask here, and here alone.
"""

from dashboard.cache.explanations import (
    change,
    cut,
    features_of_mail,
    neighbours,
    strongest,
    usual,
    why,
)
from dashboard.cache.file_scores import scores
from dashboard.cache.final_test import final_errors, final_report, opened_mails
from dashboard.cache.project_mails import (
    clusters,
    crossings,
    decided,
    mails,
    marks,
    matching_mails,
    near_duplicates,
    one_mail,
    pairs,
    part_counts,
    properties,
    quality_report,
    spare_columns,
    split,
    suggested_split,
    text_of,
)
from dashboard.cache.project_runs import (
    bundle,
    bundle_path,
    curves,
    evaluation,
    exported,
    model_card_text,
    operating_point,
    runs,
    usable_runs,
)
from dashboard.cache.run_errors import errors, errors_report
from dashboard.cache.run_figures import (
    along,
    bands,
    compared,
    curve,
    intervals,
    learning_curve_of,
    reliability,
    resamples,
    score_counts,
    slices,
    witnesses,
)
from dashboard.cache.work import jobs

__all__ = [
    "along", "bands", "bundle", "bundle_path", "change", "clusters", "compared", "crossings",
    "curve", "curves", "cut", "decided", "errors", "errors_report", "evaluation", "exported",
    "features_of_mail", "final_errors", "final_report", "intervals", "jobs", "learning_curve_of",
    "mails", "marks", "matching_mails", "model_card_text", "near_duplicates", "neighbours",
    "one_mail", "opened_mails", "operating_point", "pairs", "part_counts", "properties",
    "quality_report", "reliability", "resamples", "runs", "score_counts", "scores", "slices",
    "spare_columns", "split", "strongest", "suggested_split", "text_of", "usable_runs", "usual",
    "why", "witnesses",
]  # fmt: skip
