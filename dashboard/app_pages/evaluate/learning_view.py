"""The learning curve: would more train mails help? Measured on request, then shown."""

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
"""Figures to choose from; the TCRs and sm% at hm% = 0.1 jump too much from size to size."""
EVERY = 0.5
"""Seconds between two looks at a measurement."""


def show(project: Project, runs: Sequence[Run], points: Mapping[str, OperatingPoint]) -> None:
    """The answer and the curve of each run that was measured, and a button for the others."""
    st.markdown("Would more train mails help? The more they help, the steeper the curve ends.")
    answers = st.container()
    for run in runs:
        _measure(project, run)
    seen = [run for run in runs if learning_curve.measured(project, run.id)]
    if not seen:
        st.caption(
            "A run is trained again on a sixteenth, an eighth, a quarter and a half of its train "
            "mails, each time from the start, and judged on the same validation mails. Copies and "
            "near-duplicates stay together; the test part is not touched."
        )
        return
    frames = {run.id: cache.learning_curve_of(project, run.id) for run in seen}
    key = st.selectbox(
        "Figure",
        CHOICE,
        key=f"learning_figure_{project.name}",
        format_func=lambda f: f"{FIGURES[f].title}: {FIGURES[f].meaning}",
        persist_state="session",
    )
    for run in seen:
        said = learning_curve.verdict(frames[run.id], key)
        answers.markdown(
            f"**{widgets.escape_markdown(run.name)}**: {widgets.escape_markdown(said)}"
        )
    parts = [frames[run.id].assign(run=run.name) for run in seen]
    table = pd.concat(parts, ignore_index=True)
    rows = table[table["figure"] == key]
    told = FIGURES[key]
    form = ".2%" if told.form.endswith("%}") else None
    chart_view.draw_chart(
        charts.plot_learning_curve(rows, told.title, [run.kind for run in seen], form),
        "evaluate_learning",
        table[["run", *frames[seen[0].id].columns]],
        "learning-curve",
    )
    st.caption(
        f"{told.title} on the same {rows['validation'].iloc[0]:,} validation mails, each "
        "size at a threshold found by the same rule. The band is the 95 % interval over these "
        "mails; that other train mails might have been drawn is not in it, and moves the small "
        "sizes most."
    )
    _left_out(project, seen)
    _table(rows, told)


def _measure(project: Project, run: Run) -> None:
    """The button, or how far the measurement is; nothing when it is done."""
    work = learning_curve.work(run.id)
    if live.is_held(work):
        _follow(run, work)
        return
    if failure := live.failure(work):
        st.error(widgets.escape_markdown(failure.sentence), icon=":material/error:")
    there = learning_curve.measured(project, run.id)
    if learning_curve.SHARES[-2] in there:
        return
    # all but one sixteenth of the mails once more, and a start from nothing for each size
    about = widgets.format_duration(2 + 1.3 * (run.seconds or 0))
    word = f"Measure the rest of {run.name}" if there else f"Measure {run.name} (about {about})"
    if st.button(word, key=f"learning_measure_{run.id}", icon=":material/show_chart:"):
        cache.jobs().start(work, learning_curve.measure, project, run.id)
        st.rerun()


def _follow(run: Run, work: str) -> None:
    """How far it is, while the rest of the page can be used; then the page is drawn anew."""

    @st.fragment(run_every=EVERY)
    def watch() -> None:
        if not live.is_held(work):
            st.rerun(scope="app")
        if now := live.progress(work):
            st.progress(
                now.share, widgets.escape_markdown(f"{run.name}: ") + widgets.describe_progress(now)
            )
        stopping = live.stop_requested(work)
        st.button(
            "Stopping after this step" if stopping else "Stop and keep the sizes that are done",
            key=f"learning_stop_{run.id}",
            icon=":material/stop_circle:",
            disabled=stopping,
            on_click=live.request_stop,
            args=(work,),
        )

    watch()


def _left_out(project: Project, runs: Sequence[Run]) -> None:
    """Which sizes are missing, and why; and which run is not quite the last of its curve."""
    for run in runs:
        if run.status == store.STOPPED:
            st.caption(
                f"{widgets.escape_markdown(run.name)} itself was stopped by hand; its smaller "
                "sizes were trained to their end."
            )
        there = learning_curve.measured(project, run.id)
        missing = [s for s in learning_curve.SHARES if s < max(there) and s not in there]
        if missing:
            sizes = ", ".join(f"{share:.0%}" for share in missing)
            st.caption(
                f"Left out for {widgets.escape_markdown(run.name)}: {sizes} of the train mails, "
                f"which is fewer than {learning_curve.MINIMUM} mails of a class, or no more mails "
                "than the size before because near-duplicates stay together."
            )


def _table(rows: pd.DataFrame, told: Figure) -> None:
    """The curve in numbers, with the gain of each doubling."""

    def span(low: float, high: float) -> str:
        return "" if pd.isna(low) else f"{told.form.format(low)} to {told.form.format(high)}"

    def change(*values: float) -> str:
        known = not any(map(pd.isna, values))
        return " to ".join(learning_curve.signed(v, told.form) for v in values) if known else ""

    shown = pd.DataFrame(
        {
            "run": rows["run"],
            "train mails": rows["mails"],
            "ham": rows["ham"],
            "spam": rows["spam"],
            "threshold": rows["threshold"],
            told.title: [told.form.format(v) for v in rows["value"]],
            "95 % interval": [span(*r) for r in zip(rows["low"], rows["high"], strict=True)],
            "change": [change(g) for g in rows["gain"]],
            "95 % interval of the change": [
                change(*r) for r in zip(rows["gain_low"], rows["gain_high"], strict=True)
            ],
        }
    )
    st.dataframe(
        shown,
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
