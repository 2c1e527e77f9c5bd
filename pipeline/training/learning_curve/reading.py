"""Reads a learning curve: figures with intervals for each size, and a sentence."""

import numpy as np
import pandas as pd

from pipeline.errors import BadData
from pipeline.evaluation import Evaluation
from pipeline.evaluation.figures import FIGURES
from pipeline.evaluation.intervals import (
    compute_counted_replicates,
    compute_intervals,
    compute_ranking_replicates,
)
from pipeline.evaluation.proportions import LEVEL
from pipeline.evaluation.resampling import Resamples, align_clusters
from pipeline.evaluation.thresholds import resolve_operating_point
from pipeline.project import Project, cluster_mails
from pipeline.runs import store
from pipeline.training.learning_curve.measuring import read_scores
from pipeline.wording import format_count

HARDLY = 0.01
"""If the last doubling surely gained less than 0.01, more mail will hardly help."""


def compute_figures(project: Project, run_id: str) -> pd.DataFrame:
    """Compute every figure for each size, the run itself last; empty before the measurement.

    The rule of the run chooses the threshold of each size on the scores of that size. The gain is
    paired: differences in the same resamples of the same validation mails. Neither gain nor
    intervals include how much another draw of train mails would change.

    Returns:
        Columns figure (a key of `FIGURES`), mails (train mails, their number), ham and spam (among
        them), threshold, validation (number of validation mails), value, low, high, gain (over the
        size before), gain_low, gain_high; the last three NaN for the smallest size.

    Raises BadData when the mails or the split were changed since the run.
    """
    measured = read_scores(project, run_id)
    if measured.empty:
        return pd.DataFrame(columns=["figure", "mails", "value", "low", "high"])
    run, split = store.read_run(run_id), project.split
    if split is None or not run.is_of(project.settings):
        raise BadData("this run is of other mails or another split; train again to measure it.")
    own = store.read_evaluation(run_id)
    labels = project.mails.reader().heads.set_index("id").loc[list(split.train), "label"]
    steps = [
        (int(rows["ham"].iloc[0]), int(rows["spam"].iloc[0]), Evaluation.from_frame(own.part, rows))
        for _, rows in measured.groupby("share", sort=True)
    ]
    steps.append((int((labels == "ham").sum()), int((labels == "spam").sum()), own))
    rule = project.settings.threshold_spec(run_id)
    clusters = align_clusters(cluster_mails(project), own.ids)
    resamples = Resamples(clusters)
    tables: list[pd.DataFrame] = []
    before: dict[str, np.ndarray] = {}
    for ham, spam, evaluation in steps:
        written_down = run.threshold if evaluation is own else None
        point = resolve_operating_point(evaluation, rule, clusters, written_down)
        ranking = compute_ranking_replicates(evaluation, resamples)
        replicates = compute_counted_replicates(evaluation, point, resamples) | ranking
        ranges = compute_intervals(evaluation, point, resamples, ranking)
        values = evaluation.summary(point)
        rows = pd.DataFrame(
            {
                "figure": list(FIGURES),
                "mails": ham + spam,
                "ham": ham,
                "spam": spam,
                "threshold": point.threshold,
                "validation": len(evaluation.ids),
                "value": [values[f] for f in FIGURES],
                "low": [ranges[f].low for f in FIGURES],
                "high": [ranges[f].high for f in FIGURES],
            }
        )
        with np.errstate(invalid="ignore"):  # a TCR without an error is infinite
            rows["gain"] = rows["value"] - (tables[-1]["value"] if tables else np.nan)
            ends = [_estimate_ends(replicates[f] - before.get(f, np.nan)) for f in FIGURES]
        rows[["gain_low", "gain_high"]] = ends
        # mails too few for the figure are too few for a difference of it
        rows.loc[rows["low"].isna(), ["gain_low", "gain_high"]] = np.nan
        tables.append(rows)
        before = replicates
    return pd.concat(tables, ignore_index=True)


def _estimate_ends(differences: np.ndarray) -> tuple[float, float]:
    """Estimate the ends of the interval; NaN if most resamples lack the figure."""
    finite = differences[np.isfinite(differences)]
    if len(finite) < len(differences) / 2:
        return np.nan, np.nan
    low, high = np.quantile(finite, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def write_verdict(frame: pd.DataFrame, figure: str = "f1") -> str:
    """Say whether more train mails would help, judged by the last two sizes.

    Args:
        frame: what `compute_figures` returned.
        figure: a key of `FIGURES`.
    """
    title, form, sign = FIGURES[figure].title, FIGURES[figure].form, FIGURES[figure].better
    rows = frame[frame["figure"] == figure].sort_values("mails")
    if len(rows) < 2:
        return "Fewer than two sizes are measured, so there is no curve yet."
    before, last = rows.iloc[-2], rows.iloc[-1]
    mails = f"from {before['mails']:,} to {last['mails']:,}"
    validation = format_count(int(last["validation"]), "validation mail")
    earlier, later = (form.format(row["value"]) for row in (before, last))
    if not np.isfinite([last["gain"], last["gain_low"], last["gain_high"]]).all():
        return (
            f"These {validation} are too few to tell {title} with {before['mails']:,} train "
            f"mails from that with {last['mails']:,}."
        )
    low, high = last["gain_low"], last["gain_high"]
    if low == high == 0:  # no resample differs, so there is no interval to speak of
        return (
            f"{title} is {later} with {before['mails']:,} train mails as with "
            f"{last['mails']:,}: no gain that these {validation} can show. As far as they can "
            "tell, more of the same mail will hardly help."
        )
    reach = f"{100 * LEVEL:.0f} % interval of the change {format_signed(low, form)} to "
    reach += format_signed(high, form)
    went = "rose" if last["gain"] > 0 else "fell"
    better, most = (low, high) if sign > 0 else (-high, -low)
    if better > 0:
        return (
            f"{title} {went} from {earlier} to {later} when the train mails went {mails} "
            f"({reach}): more mails of this kind would probably help."
        )
    if most < 0:
        return (
            f"{title} {went} from {earlier} to {later} when the train mails went {mails} "
            f"({reach}): more mails made it worse. Look at the labels and at what the added mails "
            "are."
        )
    same = earlier == later
    change = f"{title} stayed at {later}" if same else f"{title} {went} from {earlier} to {later}"
    sentence = (
        f"No gain that these {validation} can show when the train mails went {mails}: {change} "
        f"({reach})"
    )
    if most < HARDLY:
        return f"{sentence}. More of the same mail will hardly help."
    return (
        f"{sentence}. A gain of up to {form.format(most)} is possible; only more validation "
        "mails could show it."
    )


def format_signed(value: float, form: str) -> str:
    """Format a difference in the figure's own form with its sign; zero has no sign."""
    text = form.format(abs(value))
    return text if not any(c in "123456789" for c in text) else ("−" if value < 0 else "+") + text
