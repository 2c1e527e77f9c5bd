"""The parts of the Evaluate page: runs, the answer in a sentence, matrices, curves, scores."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import cached, chart_view, charts, confusion_view, widgets
from pipeline.store import Run
from pipeline.workspace import Project

MOST = 4
"""Runs in one chart that can still be told apart."""
Figures = Mapping[str, float]


def pick_runs(runs: Sequence[Run], preferred: str | None = None) -> list[Run]:
    """Let the user choose what is compared; at first the newest baseline and the newest network.

    Args:
        preferred: the id of a run that takes the place of the newest of its sort.
    """
    by_id = {run.id: run for run in runs}
    first = sorted(runs, key=lambda run: run.id != preferred)
    sorts = ([r for r in first if r.kind != "mlp"], [r for r in first if r.kind == "mlp"])
    ids = st.multiselect(
        "Runs",
        list(by_id),
        default=[some[0].id for some in sorts if some],
        format_func=lambda run_id: widgets.title(by_id[run_id]),
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


def answers(runs: Sequence[Run], summaries: Mapping[str, Figures]) -> None:
    """What each run does to the mails, in a sentence."""
    st.markdown("\n".join(f"- {sentence(run.name, summaries[run.name])}" for run in runs))


def sentence(name: str, figures: Figures) -> str:
    """How many ham a run loses and how many spam it lets through."""
    lost, ham = int(figures["false_positives"]), int(figures["n_ham"])
    missed, spam = int(figures["false_negatives"]), int(figures["n_spam"])
    return (
        f"At {figures['threshold']:.3f} **{name}** loses **{lost:,}** of {ham:,} ham "
        f"({widgets.percent(figures['hm'])}) and lets **{missed:,}** of {spam:,} spam through "
        f"({widgets.percent(figures['sm'])})."
    )


def matrices(runs: Sequence[Run], summaries: Mapping[str, Figures]) -> None:
    """The confusion matrices side by side, two to a row."""
    st.caption("Rows are labels, columns what the run called them. Press a cell to read its mails.")
    for start in range(0, len(runs), 2):
        for place, run in zip(st.columns(2, gap="large"), runs[start : start + 2], strict=False):
            with place:
                st.markdown(f"**{run.name}** at {summaries[run.name]['threshold']:.3f}")
                confusion_view.show(run, summaries[run.name], f"evaluate_confusion_{run.id}")


def curves(project: Project, runs: Sequence[Run], thresholds: Mapping[str, float]) -> None:
    """Every curve along all thresholds, with its band and the point in use."""
    found = cached.evaluation(runs[0].id)
    if not (found.n_ham and found.n_spam):
        st.info("A curve needs ham and spam; the validation mails are all of one class.")
        return
    kinds = [run.kind for run in runs]
    frames = {
        name: {run.name: cached.curve(run.id, name) for run in runs}
        for name in ("precision_recall", "roc", "det", "gain")
    }
    sure = {run.name: cached.bands(project, run.id) for run in runs}
    bands = {name: {run: drawn[name] for run, drawn in sure.items()} for name in frames}
    points: dict[str, dict[str, tuple[float, float]]] = {name: {} for name in frames}
    for run in runs:
        at = cached.evaluation(run.id).at(thresholds[run.id])
        called = (at.true_positives + at.false_positives) / len(found.ids)
        points["precision_recall"][run.name] = (at.recall, at.precision)
        points["roc"][run.name] = (at.hm, at.recall)
        points["det"][run.name] = (at.hm, at.sm)
        points["gain"][run.name] = (called, at.recall)

    def draw(name: str, title: str, says: str, **counts: int) -> None:
        st.markdown(f"**{title}**")
        st.caption(says)
        figure = getattr(charts, name)(frames[name], kinds, points[name], bands[name], **counts)
        chart_view.draw(figure, f"evaluate_{name}", by_run(frames[name]), name.replace("_", "-"))

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
            "Each step to the left loses ten times less ham. No ham lost is drawn at half a mail.",
            ham=found.n_ham,
        )
    left, right = st.columns(2, gap="medium")
    with left:
        draw(
            "det",
            "DET, both errors",
            "Nearer to the lower left is better. Small shares have more room (the axes are "
            "quantiles of the normal distribution); 0 is drawn at half a mail.",
            ham=found.n_ham,
            spam=found.n_spam,
        )
    with right:
        draw(
            "gain",
            "Cumulative gain",
            "Who looks at the mails with the highest scores first finds so much of the spam.",
        )


def scores(project: Project, runs: Sequence[Run], thresholds: Mapping[str, float]) -> None:
    """Which mails get which scores, and how often the scores come true, run by run."""
    st.markdown("**Which mails get which score**")
    st.caption("Ham right of the threshold is lost, spam left of it is let through.")
    for start in range(0, len(runs), 2):
        for place, run in zip(st.columns(2, gap="medium"), runs[start : start + 2], strict=False):
            with place:
                counts = cached.histogram(run.id)
                st.markdown(run.name)
                chart_view.draw(
                    charts.scores(counts, thresholds[run.id]),
                    f"evaluate_scores_{run.id}",
                    counts,
                    f"{run.name}-scores",
                )
    st.markdown("**How often a score comes true**")
    st.caption(
        "Of the mails with a score near 0.8, 80% should be spam: the nearer to the diagonal, the "
        "better. Bars are 95% intervals; a bin of few mails has a long one. Slope and offset of a "
        "calibration were fitted to these validation mails, so that the line after it looks a "
        "little better than it will be."
    )
    colors = charts.colors([run.kind for run in runs])
    for start in range(0, len(runs), 2):
        some = list(zip(runs, colors, strict=True))[start : start + 2]
        for place, (run, color) in zip(st.columns(2, gap="medium"), some, strict=False):
            with place:
                frames = cached.reliability(run.id)
                st.markdown(run.name)
                chart_view.draw(
                    charts.reliability(frames, color),
                    f"evaluate_reliability_{run.id}",
                    by_run(frames, "scores"),
                    f"{run.name}-calibration",
                )


def by_run(frames: Mapping[str, pd.DataFrame], column: str = "run") -> pd.DataFrame:
    """Several frames as one, with a first column that tells whose a row is."""
    return pd.concat([f.assign(**{column: n})[[column, *f]] for n, f in frames.items()])
