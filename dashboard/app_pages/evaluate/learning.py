"""The learning curve: would more train mails help? Measured on request, then drawn."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import cache, charts
from dashboard.components import chart_view, widgets
from pipeline.evaluation.figures import FIGURES, Figure
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project
from pipeline.runs import store
from pipeline.runs.store import Run
from pipeline.training import learning_curve
from pipeline.workspace import live

CHOICE = (
    "f1", "precision", "recall", "mcc", "hm", "sm", "roc_auc", "average_precision", "log_loss",
)  # fmt: skip
"""Figures to choose from; the TCRs and sm% at hm% = 0.1 jump too much between sizes."""
EVERY = 0.5
"""Seconds between two looks at a measurement."""


def draw_learning_curves(
    project: Project, runs: Sequence[Run], points: Mapping[str, OperatingPoint]
) -> None:
    """Draw the answer and the curve of each measured run, and a button to measure the others."""
    st.markdown("Would more train mails help? The more they help, the steeper the curve ends.")
    answer_place = st.container()
    for run in runs:
        _offer_measurement(project, run)
    measured = [run for run in runs if learning_curve.list_measured_shares(project, run.id)]
    if not measured:
        st.caption(
            "A run is trained again on a sixteenth, an eighth, a quarter and a half of its train "
            "mails, from scratch each time, and judged on the same validation mails. Copies and "
            "near-duplicates stay together; the test part is not touched."
        )
        return
    frames = {run.id: cache.learning_curve_of(project, run.id) for run in measured}
    key = st.selectbox(
        "Figure",
        CHOICE,
        key=f"learning_figure_{project.name}",
        format_func=lambda f: f"{FIGURES[f].title}: {FIGURES[f].meaning}",
        persist_state="session",
    )
    for run in measured:
        verdict = learning_curve.write_verdict(frames[run.id], key)
        answer_place.markdown(
            f"**{widgets.escape_markdown(run.name)}**: {widgets.escape_markdown(verdict)}"
        )
    parts = [frames[run.id].assign(run=run.name) for run in measured]
    table = pd.concat(parts, ignore_index=True)
    rows = table[table["figure"] == key]
    figure = FIGURES[key]
    form = ".2%" if figure.form.endswith("%}") else None
    chart_view.draw_chart(
        charts.plot_learning_curve(rows, figure.title, [run.kind for run in measured], form),
        "evaluate_learning",
        table[["run", *frames[measured[0].id].columns]],
        "learning-curve",
    )
    st.caption(
        f"{figure.title} on the same {rows['validation'].iloc[0]:,} validation mails, each "
        "size at a threshold chosen by the same rule. The band is the 95% interval over these "
        "mails. It leaves out that other train mails could have been drawn, which moves the small "
        "sizes most."
    )
    _explain_gaps(project, measured)
    _draw_table(rows, figure)


def _offer_measurement(project: Project, run: Run) -> None:
    """Draw the button, or the progress of the measurement; nothing when it is done."""
    work = learning_curve.name_work(run.id)
    if live.is_held(work):
        _follow_measurement(run, work)
        return
    if failure := live.read_failure(work):
        st.error(widgets.escape_markdown(failure.sentence), icon=":material/error:")
    sizes = learning_curve.list_measured_shares(project, run.id)
    if learning_curve.SHARES[-2] in sizes:
        return
    # all sizes together are 15/16 of the train mails, plus the start of each
    about = widgets.format_duration(2 + 1.3 * (run.seconds or 0))
    label = f"Measure the rest of {run.name}" if sizes else f"Measure {run.name} (about {about})"
    if st.button(label, key=f"learning_measure_{run.id}", icon=":material/show_chart:"):
        cache.jobs().start(work, learning_curve.measure_sizes, project, run.id)
        st.rerun()


def _follow_measurement(run: Run, work: str) -> None:
    """Draw the progress while the rest of the page stays usable; then draw the page again."""

    @st.fragment(run_every=EVERY)
    def watch() -> None:
        if not live.is_held(work):
            st.rerun(scope="app")
        if progress := live.read_state(work):
            st.progress(
                progress.share,
                widgets.escape_markdown(f"{run.name}: ") + widgets.describe_progress(progress),
            )
        stopping = live.stop_requested(work)
        st.button(
            "Stopping after this step" if stopping else "Stop and keep the finished sizes",
            key=f"learning_stop_{run.id}",
            icon=":material/stop_circle:",
            disabled=stopping,
            on_click=live.request_stop,
            args=(work,),
        )

    watch()


def _explain_gaps(project: Project, runs: Sequence[Run]) -> None:
    """Say which sizes are missing and why, and which run is not quite the end of its curve."""
    for run in runs:
        if run.status == store.STOPPED:
            st.caption(
                f"{widgets.escape_markdown(run.name)} itself was stopped by hand; its smaller "
                "sizes were trained to their end."
            )
        sizes = learning_curve.list_measured_shares(project, run.id)
        missing = [s for s in learning_curve.SHARES if s < max(sizes) and s not in sizes]
        if missing:
            shares = ", ".join(f"{share:.0%}" for share in missing)
            st.caption(
                f"Left out for {widgets.escape_markdown(run.name)}: {shares} of the train mails, "
                f"which is fewer than {learning_curve.MINIMUM} mails of a class, or no more mails "
                "than the size before because near-duplicates stay together."
            )


def _draw_table(rows: pd.DataFrame, figure: Figure) -> None:
    """Draw the curve in numbers, with the gain of each doubling."""

    def format_span(low: float, high: float) -> str:
        return "" if pd.isna(low) else f"{figure.form.format(low)} to {figure.form.format(high)}"

    def format_change(*values: float) -> str:
        is_known = not any(map(pd.isna, values))
        return (
            " to ".join(learning_curve.format_signed(v, figure.form) for v in values)
            if is_known
            else ""
        )

    table = pd.DataFrame(
        {
            "run": rows["run"],
            "train mails": rows["mails"],
            "ham": rows["ham"],
            "spam": rows["spam"],
            "threshold": rows["threshold"],
            figure.title: [figure.form.format(v) for v in rows["value"]],
            "95% interval": [format_span(*r) for r in zip(rows["low"], rows["high"], strict=True)],
            "change": [format_change(g) for g in rows["gain"]],
            "95% interval of the change": [
                format_change(*r) for r in zip(rows["gain_low"], rows["gain_high"], strict=True)
            ],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        column_config={
            "threshold": st.column_config.NumberColumn(format="%.3f"),
            **{
                name: st.column_config.NumberColumn(format="localized")
                for name in ("train mails", "ham", "spam")
            },
            "change": st.column_config.TextColumn(help="from the size before, on the same mails"),
        },
    )
