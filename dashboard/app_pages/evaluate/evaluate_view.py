"""The parts of the Evaluate page: runs, the answer in a sentence, matrices, curves, scores."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import cache, charts
from dashboard.components import chart_view, confusion_view, widgets
from pipeline.evaluation import wording
from pipeline.evaluation.intervals import Interval
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.models import describe
from pipeline.project import Project
from pipeline.runs.store import Run

MOST = 4
"""Runs in one chart that can still be told apart."""
Figures = Mapping[str, float]
Points = Mapping[str, OperatingPoint]
"""The threshold and the band of each run, by its id."""


def pick_runs(runs: Sequence[Run], preferred: str | None = None) -> list[Run]:
    """Let the user choose what is compared; at first the newest baseline and the newest network.

    Args:
        preferred: the id of a run that takes the place of the newest of its sort.
    """
    by_id = {run.id: run for run in runs}
    first = sorted(runs, key=lambda run: run.id != preferred)
    networks = [r for r in first if describe(r.kind).role == "network"]
    sorts = ([r for r in first if r not in networks], networks)
    ids = st.multiselect(
        "Runs",
        list(by_id),
        default=[some[0].id for some in sorts if some],
        format_func=lambda run_id: widgets.describe_run(by_id[run_id]),
        max_selections=MOST,
        # a new box when there is a new run, as in `widgets.pick_run`
        key=f"evaluate_runs_{runs[0].id}",
        persist_state="session",
        placeholder="Choose one run or more",
    )
    if not ids:
        st.info("Choose at least one run above.", icon=":material/arrow_upward:")
        raise widgets.EndOfPage
    return [by_id[run_id] for run_id in ids]


def answers(
    runs: Sequence[Run],
    summaries: Mapping[str, Figures],
    intervals: Mapping[str, Mapping[str, Interval]],
) -> None:
    """What each run does to the mails, in a sentence.

    Args:
        summaries: by the run's name, the figures of `Evaluation.summary`.
        intervals: by the run's name, its intervals by the figure's key.
    """
    said = []
    for run in runs:
        figures = summaries[run.name]
        unsure = int(figures["unsure_ham"] + figures["unsure_spam"])
        words = f" Of the mails in the inbox it marks {unsure:,} as unsure." if unsure else ""
        said.append(f"- {sentence(run.name, figures, intervals[run.name])}{words}")
    st.markdown("\n".join(said))


def sentence(name: str, figures: Figures, intervals: Mapping[str, Interval]) -> str:
    """How many ham a run loses and how many spam it lets through, and how sure that is."""
    lost, ham = int(figures["false_positives"]), int(figures["n_ham"])
    spam = int(figures["n_spam"])
    missed = spam - int(figures["true_positives"])  # with what is unsure, as in sm
    return (
        f"At {figures['threshold']:.3f} **{name}** loses **{lost:,}** of {ham:,} ham "
        f"({_share('hm', figures, intervals)}) and lets **{missed:,}** of {spam:,} spam through "
        f"({_share('sm', figures, intervals)})."
    )


def _share(name: str, figures: Figures, intervals: Mapping[str, Interval]) -> str:
    return f"{wording.figure(name, figures[name])}, interval {wording.ends(name, intervals[name])}"


def matrices(runs: Sequence[Run], summaries: Mapping[str, Figures], points: Points) -> None:
    """The confusion matrices side by side, two to a row."""
    st.caption("Rows are labels, columns what the run called them. Press a cell to read its mails.")
    for start in range(0, len(runs), 2):
        for place, run in zip(st.columns(2, gap="large"), runs[start : start + 2], strict=False):
            with place:
                point = points[run.id]
                st.markdown(f"**{run.name}** at {point.threshold:.3f}")
                key = f"evaluate_confusion_{run.id}"
                confusion_view.draw_confusion_matrix(run, summaries[run.name], key, point.has_band)


def curves(project: Project, runs: Sequence[Run], points: Points) -> None:
    """Every curve along all thresholds, with its band and the point in use."""
    found = cache.evaluation(runs[0].id)
    if not (found.n_ham and found.n_spam):
        st.info("A curve needs ham and spam; the validation mails are all of one class.")
        return
    kinds = [run.kind for run in runs]
    frames = {
        name: {run.name: cache.curve(run.id, name) for run in runs}
        for name in ("precision_recall", "roc", "det", "gain")
    }
    sure = {run.name: cache.bands(project, run.id) for run in runs}
    bands = {name: {run: drawn[name] for run, drawn in sure.items()} for name in frames}
    in_use: dict[str, dict[str, tuple[float, float]]] = {name: {} for name in frames}
    for run in runs:
        at = cache.evaluation(run.id).at(points[run.id])
        called = (at.true_positives + at.false_positives) / len(found.ids)
        in_use["precision_recall"][run.name] = (at.recall, at.precision)
        in_use["roc"][run.name] = (at.hm, at.recall)
        in_use["det"][run.name] = (at.hm, at.sm)
        in_use["gain"][run.name] = (called, at.recall)

    def draw(name: str, title: str, says: str, more: str | None = None, **counts: int) -> None:
        st.markdown(f"**{title}**", help=more)
        st.caption(says)
        figure = getattr(charts, name)(frames[name], kinds, in_use[name], bands[name], **counts)
        chart_view.draw_chart(
            figure, f"evaluate_{name}", by_run(frames[name]), name.replace("_", "-")
        )

    st.caption(
        "A diamond is the threshold in use. A band holds 95 of 100 curves of the same run on other "
        "mails of the same sort: whole clusters of near-duplicates were drawn anew."
    )
    left, right = st.columns(2, gap="medium")
    with left:
        draw(
            "precision_recall",
            "Precision and recall",
            "Of the mails called spam, how many are; of the spam, how much is caught.",
        )
    with right:
        draw(
            "roc",
            "ROC, the corner of little lost ham",
            "Each line to the left is ten times less lost ham; 0 is drawn at half a mail.",
            ham=found.n_ham,
        )
    left, right = st.columns(2, gap="medium")
    with left:
        draw(
            "det",
            "DET, both errors",
            "Nearer to the lower left is better; 0 is drawn at half a mail.",
            "Detection error trade-off. Both axes are quantiles of the normal distribution "
            "(probit), so that small shares have as much room as they deserve.",
            ham=found.n_ham,
            spam=found.n_spam,
        )
    with right:
        draw(
            "gain",
            "Cumulative gain",
            "Who looks at the mails with the highest scores first finds so much of the spam.",
        )


def calibration(project: Project, runs: Sequence[Run], points: Points) -> None:
    """How often the scores come true, run by run, and how often they did before calibration."""
    st.markdown("**How often a score comes true**")
    st.caption(
        "Of the mails with a score near 0.8, 80% should be spam: the nearer to the diagonal, the "
        "better. Bars are 95% intervals; a bin of few mails has a long one. Slope and offset of a "
        "calibration were fitted to these validation mails, so that the line after it looks a "
        "little better than it will be."
    )
    colors = charts.choose_colors([run.kind for run in runs])
    for start in range(0, len(runs), 2):
        some = list(zip(runs, colors, strict=True))[start : start + 2]
        for place, (run, color) in zip(st.columns(2, gap="medium"), some, strict=False):
            with place:
                frames = cache.reliability(project, run.id)
                st.markdown(run.name)
                chart_view.draw_chart(
                    charts.plot_reliability(frames, color),
                    f"evaluate_reliability_{run.id}",
                    by_run(frames, "scores"),
                    f"{run.name}-calibration",
                )


def by_run(frames: Mapping[str, pd.DataFrame], column: str = "run") -> pd.DataFrame:
    """Several frames as one, with a first column that tells whose a row is."""
    return pd.concat([f.assign(**{column: n})[[column, *f]] for n, f in frames.items()])
