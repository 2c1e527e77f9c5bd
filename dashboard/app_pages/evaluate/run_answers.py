"""Which runs to evaluate, and the answer for each: a sentence and a confusion matrix."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.components import confusion_view, widgets
from pipeline.evaluation import wording
from pipeline.evaluation.intervals import Interval
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.models import MODELS
from pipeline.runs.store import Run

MOST = 4
"""Runs in one chart that can still be distinguished."""
Figures = Mapping[str, float]
Points = Mapping[str, OperatingPoint]
"""The threshold and the band of each run, by its id."""


def choose_runs(runs: Sequence[Run], preferred: str | None = None) -> list[Run]:
    """Let the user choose runs; at first the newest baseline and the newest network.

    Args:
        preferred: the id of a run that takes the place of the newest baseline or network.
    """
    by_id = {run.id: run for run in runs}
    first = sorted(runs, key=lambda run: run.id != preferred)
    networks = [r for r in first if MODELS.describe(r.kind).role == "network"]
    baselines = [r for r in first if r not in networks]
    ids = st.multiselect(
        "Runs",
        list(by_id),
        default=[group[0].id for group in (baselines, networks) if group],
        format_func=lambda run_id: widgets.describe_run(by_id[run_id]),
        max_selections=MOST,
        # a new box when there is a new run, as in `widgets.pick_run`
        key=f"evaluate_runs_{runs[0].id}",
        persist_state="session",
        placeholder="Choose one or more runs",
    )
    if not ids:
        st.info("Choose at least one run above.", icon=":material/arrow_upward:")
        raise widgets.EndOfPage
    return [by_id[run_id] for run_id in ids]


def draw_answers(
    runs: Sequence[Run],
    summaries: Mapping[str, Figures],
    intervals: Mapping[str, Mapping[str, Interval]],
) -> None:
    """Say in a sentence what each run does to the mails.

    Args:
        summaries: by the run's name, the figures of `Evaluation.summary`.
        intervals: by the run's name, its intervals by the figure's key.
    """
    lines = []
    for run in runs:
        figures = summaries[run.name]
        ham, spam = int(figures["unsure_ham"]), int(figures["unsure_spam"])
        band = (
            f" Of the mails in the inbox it marks {ham + spam:,} as unsure: {ham:,} ham and "
            f"{spam:,} of that spam."
            if ham + spam
            else ""
        )
        lines.append(f"- {describe_errors(run.name, figures, intervals[run.name])}{band}")
    st.markdown("\n".join(lines))


def describe_errors(name: str, figures: Figures, intervals: Mapping[str, Interval]) -> str:
    """How much ham a run marks as spam, how much spam it lets through, and how sure that is."""
    lost, ham = int(figures["false_positives"]), int(figures["n_ham"])
    spam = int(figures["n_spam"])
    missed = spam - int(figures["true_positives"])  # with what is unsure, as in sm
    return (
        f"At {figures['threshold']:.3f}, **{name}** marks **{lost:,}** of {ham:,} ham as spam "
        f"({_format_share('hm', figures, intervals)}) and lets **{missed:,}** of {spam:,} spam "
        f"through ({_format_share('sm', figures, intervals)})."
    )


def _format_share(name: str, figures: Figures, intervals: Mapping[str, Interval]) -> str:
    share, ends = figures[name], intervals[name]
    return f"{wording.format_figure(name, share)}, interval {wording.format_ends(name, ends)}"


def draw_matrices(runs: Sequence[Run], summaries: Mapping[str, Figures], points: Points) -> None:
    """Draw the confusion matrices side by side, two to a row."""
    st.caption(
        "Rows are labels, columns what the run called the mails. Press a cell to read its mails."
    )
    for start in range(0, len(runs), 2):
        for place, run in zip(st.columns(2, gap="large"), runs[start : start + 2], strict=False):
            with place:
                point = points[run.id]
                st.markdown(f"**{run.name}** at {point.threshold:.3f}")
                key = f"evaluate_confusion_{run.id}"
                confusion_view.draw_confusion_matrix(run, summaries[run.name], key, point.has_band)
