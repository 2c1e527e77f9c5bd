"""The curves of runs along all thresholds, and their calibration."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import cache, charts
from dashboard.components import chart_view
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project
from pipeline.runs.store import Run

PLOTS = {
    "precision_recall": charts.plot_precision_recall,
    "roc": charts.plot_roc,
    "det": charts.plot_det,
    "gain": charts.plot_gain,
}


def draw_curves(
    project: Project, runs: Sequence[Run], points: Mapping[str, OperatingPoint]
) -> None:
    """Draw every curve along all thresholds, with its band and the point in use.

    Args:
        points: the operating points by the run's id.
    """
    first = cache.evaluation(runs[0].id)
    if not (first.n_ham and first.n_spam):
        st.info("A curve needs ham and spam; the validation mails are all of one class.")
        return
    kinds = [run.kind for run in runs]
    frames = {name: {run.name: cache.curve(run.id, name) for run in runs} for name in PLOTS}
    by_run = {run.name: cache.curve_bands(project, run.id) for run in runs}
    bands = {name: {run: band[name] for run, band in by_run.items()} for name in PLOTS}
    in_use: dict[str, dict[str, tuple[float, float]]] = {name: {} for name in PLOTS}
    for run in runs:
        figures = cache.evaluation(run.id).at(points[run.id])
        called = (figures.true_positives + figures.false_positives) / len(first.ids)
        in_use["precision_recall"][run.name] = (figures.recall, figures.precision)
        in_use["roc"][run.name] = (figures.hm, figures.recall)
        in_use["det"][run.name] = (figures.hm, figures.sm)
        in_use["gain"][run.name] = (called, figures.recall)

    def draw(name: str, title: str, caption: str, help: str | None = None, **counts: int) -> None:
        st.markdown(f"**{title}**", help=help)
        st.caption(caption)
        chart = PLOTS[name](frames[name], kinds, in_use[name], bands[name], **counts)
        data = _stack(frames[name], "run")
        chart_view.draw_chart(chart, f"evaluate_{name}", data, name.replace("_", "-"))

    st.caption(
        "A diamond is the threshold in use. A band holds 95 of 100 curves of the same run on "
        "similar mails: whole clusters of near-duplicates were resampled."
    )
    left, right = st.columns(2, gap="medium")
    with left:
        draw(
            "precision_recall",
            "Precision and recall",
            "How much of what is called spam is spam, and how much of the spam is caught.",
        )
    with right:
        draw(
            "roc",
            "ROC, where little ham is lost",
            "Each grid line to the left is ten times less lost ham; 0 is drawn at half a mail.",
            ham=first.n_ham,
        )
    left, right = st.columns(2, gap="medium")
    with left:
        draw(
            "det",
            "DET, both errors",
            "Nearer to the lower left is better; 0 is drawn at half a mail.",
            "Detection error trade-off. Both axes are quantiles of the normal distribution "
            "(probit), which gives small shares the room they deserve.",
            ham=first.n_ham,
            spam=first.n_spam,
        )
    with right:
        draw(
            "gain",
            "Cumulative gain",
            "How much of the spam you find by reading the mails with the highest scores first.",
        )


def draw_calibration(
    project: Project, runs: Sequence[Run], points: Mapping[str, OperatingPoint]
) -> None:
    """Draw how often the scores of each run come true, before and after calibration."""
    st.markdown("**How often a score comes true**")
    st.caption(
        "Of the mails with a score near 0.8, 80% should be spam: the nearer to the diagonal, the "
        "better. Bars are 95% intervals; a bin of few mails has a long one. The slope and offset "
        "of a calibration were fitted to these validation mails, so the line after calibration "
        "looks a little better than it will be."
    )
    colors = charts.choose_colors([run.kind for run in runs])
    colored = list(zip(runs, colors, strict=True))
    for start in range(0, len(runs), 2):
        for place, (run, color) in zip(
            st.columns(2, gap="medium"), colored[start : start + 2], strict=False
        ):
            with place:
                frames = cache.reliability(project, run.id)
                st.markdown(run.name)
                chart_view.draw_chart(
                    charts.plot_reliability(frames, color),
                    f"evaluate_reliability_{run.id}",
                    _stack(frames, "scores"),
                    f"{run.name}-calibration",
                )


def _stack(frames: Mapping[str, pd.DataFrame], column: str) -> pd.DataFrame:
    """Several frames as one, with a first column that names the frame of each row."""
    return pd.concat([f.assign(**{column: n})[[column, *f]] for n, f in frames.items()])
