"""What a learning curve says: figures with intervals for each size, and a sentence."""

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
from pipeline.training.learning_curve.measuring import kept
from pipeline.wording import counted

HARDLY = 0.01
"""A gain of the last doubling that is surely smaller than this is called hardly any."""


def figures(project: Project, run_id: str) -> pd.DataFrame:
    """Every figure for each size, the run itself as the last; empty before the measurement.

    The threshold of each size is found by the rule that counts for the run, on that size's scores.
    The gain is paired: differences in the same resamples of the same validation mails. Neither it
    nor the intervals tell how much another draw of train mails would have changed.

    Returns:
        Columns figure (a key of `FIGURES`), mails (train mails, their number), ham and spam (among
        them), threshold, validation (number of validation mails), value, low, high, gain (over the
        size before), gain_low, gain_high; the last three NaN for the smallest size.

    Raises BadData when the mails or the split were changed since the run.
    """
    measured = kept(project, run_id)
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
    found: list[pd.DataFrame] = []
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
            rows["gain"] = rows["value"] - (found[-1]["value"] if found else np.nan)
            ends = [_ends(replicates[f] - before.get(f, np.nan)) for f in FIGURES]
        rows[["gain_low", "gain_high"]] = ends
        # what cannot carry the figure cannot carry a difference
        rows.loc[rows["low"].isna(), ["gain_low", "gain_high"]] = np.nan
        found.append(rows)
        before = replicates
    return pd.concat(found, ignore_index=True)


def _ends(differences: np.ndarray) -> tuple[float, float]:
    """The ends of the interval; NaN when most resamples lack the figure."""
    finite = differences[np.isfinite(differences)]
    if len(finite) < len(differences) / 2:
        return np.nan, np.nan
    low, high = np.quantile(finite, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def verdict(frame: pd.DataFrame, figure: str = "f1") -> str:
    """Would more train mails help, as far as the last two sizes tell?

    Args:
        frame: what `figures` gave.
        figure: a key of `FIGURES`.
    """
    told = FIGURES[figure]
    rows = frame[frame["figure"] == figure].sort_values("mails")
    if len(rows) < 2:
        return "Fewer than two sizes are measured, so there is no curve yet."
    before, last = rows.iloc[-2], rows.iloc[-1]
    mails = f"from {before['mails']:,} to {last['mails']:,}"
    validation = counted(int(last["validation"]), "validation mail")
    one, two = (told.form.format(row["value"]) for row in (before, last))
    if not np.isfinite([last["gain"], last["gain_low"], last["gain_high"]]).all():
        return (
            f"These {validation} are too few to tell {told.title} with {before['mails']:,} train "
            f"mails from that with {last['mails']:,}."
        )
    low, high = last["gain_low"], last["gain_high"]
    if low == high == 0:  # no resample differs, so there is no interval to speak of
        return (
            f"{told.title} is {two} with {before['mails']:,} train mails as with "
            f"{last['mails']:,}: no gain that these {validation} can show. As far as they can "
            "tell, more of the same mail will hardly help."
        )
    reach = f"{100 * LEVEL:.0f} % interval of the change {signed(low, told.form)} to "
    reach += signed(high, told.form)
    went = "rose" if last["gain"] > 0 else "fell"
    better, most = (low, high) if told.better > 0 else (-high, -low)
    if better > 0:
        return (
            f"{told.title} {went} from {one} to {two} when the train mails went {mails} ({reach}): "
            "more mails of this kind would probably help."
        )
    if most < 0:
        return (
            f"{told.title} {went} from {one} to {two} when the train mails went {mails} ({reach}): "
            "more mails made it worse. Look at the labels and at what the added mails are."
        )
    same = one == two
    change = f"{told.title} stayed at {two}" if same else f"{told.title} {went} from {one} to {two}"
    sentence = (
        f"No gain that these {validation} can show when the train mails went {mails}: {change} "
        f"({reach})"
    )
    if most < HARDLY:
        return f"{sentence}. More of the same mail will hardly help."
    return (
        f"{sentence}. A gain of up to {told.form.format(most)} is possible; only more validation "
        "mails could show it."
    )


def signed(value: float, form: str) -> str:
    """A difference in the figure's own form with its sign; nothing is neither more nor less."""
    text = form.format(abs(value))
    return text if not any(c in "123456789" for c in text) else ("−" if value < 0 else "+") + text
