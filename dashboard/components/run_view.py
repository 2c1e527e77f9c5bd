"""A run: live while it trains, then its diagnosis, its curves and its note."""

import pandas as pd
import streamlit as st

from dashboard import cache, charts
from dashboard.components import chart_view, widgets
from pipeline import models
from pipeline.models.logistic import choose_c
from pipeline.project import Project
from pipeline.runs import store
from pipeline.runs.store import Run
from pipeline.wording import format_count
from pipeline.workspace import live

FIGURES = ("precision", "recall", "f1", "average_precision")
EVERY = 0.3
"""A training is read every 0.3 seconds; an epoch rarely takes less."""


def follow_training(project: Project, run_id: str) -> None:
    """Draw a training until it ends, then draw the whole page again."""

    @st.fragment(run_every=EVERY)
    def watch() -> None:
        run = store.read_run(run_id)
        if not run.active:
            st.rerun(scope="app")
        progress = live.read_state(run_id)
        st.markdown(f"**{run.name}**")
        if run.status == store.QUEUED or progress is None:
            st.progress(0.0, text="Waiting for a free worker")
        else:
            left = progress.seconds_left
            rest = f" · at most {widgets.format_duration(left)} left" if left is not None else ""
            st.progress(progress.share, text=f"{progress.text}{rest}")
        if st.button(
            "Stop and keep the best epoch", key="train_stop", icon=":material/stop_circle:"
        ):
            cache.jobs().stop(run_id)
            st.toast("Stopping after this step and keeping the best epoch.")
        draw_curves(run, cache.curves(run), live_now=True)

    watch()


def draw_run(run: Run) -> None:
    """Draw a run that has ended, whether it succeeded or not."""
    st.markdown(f"**{run.name}** · {widgets.STATUS[run.status]}")
    if run.message:
        st.error(widgets.escape_markdown(run.message[:1].upper() + run.message[1:]))
    if run.status == store.INTERRUPTED:
        st.warning(
            "The process that trained this run ended too early. Its curves are below; there is no "
            "model. Train again to get one.",
            icon=":material/power_off:",
        )
    if run.usable:
        f = run.figures
        widgets.draw_metrics(
            {
                "F1": f"{f['f1']:.4f}",
                "Precision": f"{f['precision']:.4f}",
                "Recall": f"{f['recall']:.4f}",
                "Average precision": f"{f['average_precision']:.4f}",
            }
        )
        model = models.MODELS.describe(run.kind)
        st.caption(
            f"On {f['n_ham'] + f['n_spam']:,.0f} validation mails at the run's own threshold of "
            f"{run.threshold:.3f} (about the highest F1). "
            + (
                f"The model is that of {model.epoch_name} {run.best_epoch} of {run.epochs}"
                if model.keeps_best_epoch
                else "Training made "
                + format_count(run.epochs, model.epoch_name, model.epoch_plural)
                + " over the train mails"
            )
            + f"; training took {widgets.format_duration(run.seconds or 0)}."
        )
    for diagnosis in run.diagnosis:
        is_fine = diagnosis["verdict"] == "Looks fine"
        (st.success if is_fine else st.warning)(
            f"**{diagnosis['verdict']}**: {diagnosis['evidence']} {diagnosis['suggestion']}"
        )
    if run.choice:
        draw_choice(run)
    draw_curves(run, cache.curves(run))
    edit_note(run)


def draw_choice(run: Run) -> None:
    """Draw the curve that chose the regularisation of a baseline."""
    with st.expander(f"How C = {choose_c(run.choice):,.0f} was chosen"):
        chart_view.draw_chart(
            charts.plot_choice(run.choice, choose_c(run.choice), charts.choose_color(run.kind)),
            f"choice_{run.id}",
            pd.DataFrame(run.choice),
            f"{run.name}-choice-of-c",
        )
        st.caption(
            "Cross-validation on a subset of the train mails, with one standard error. The largest "
            "C within one standard error of the best is taken: a subset needs stronger "
            "regularisation than the full set."
        )


def draw_curves(run: Run, curves: pd.DataFrame, live_now: bool = False) -> None:
    """Draw the loss large and the other figures below it, train dashed and validation solid."""
    if curves.empty or "validation/loss" not in curves:
        if live_now:
            st.caption("The curves start with the first epoch.")
        return
    model = models.MODELS.describe(run.kind)
    word, keeps_best = model.epoch_name, model.keeps_best_epoch
    is_known = run.kind in models.MODELS
    if is_known and not keeps_best and models.build(run.spec.model).max_epochs == 1:
        st.caption("This model is computed in one step; there are no curves to watch.")
        return
    best = run.best_epoch if keeps_best else None  # the last epoch needs no mark
    if live_now and keeps_best:
        best = int(curves["epoch"][curves["validation/loss"].idxmin()])
    key = f"curve_{run.id}"
    chart_view.draw_chart(
        charts.plot_curve(curves, "loss", word, best),
        f"{key}_loss",
        curves.drop(columns="seconds", errors="ignore"),  # these have a chart of their own
        f"{run.name}-curves",
    )
    for pair in (FIGURES[:2], FIGURES[2:]):
        for place, figure in zip(st.columns(2), pair, strict=True):
            with place:
                chart_view.draw_chart(
                    charts.plot_curve(curves, figure, word, best),
                    f"{key}_{figure}",
                    name=f"{run.name}-{figure}",
                )
    st.caption(
        f"Precision, recall and F1 of each {word} are at a threshold of 0.5, before calibration."
        + (" Epoch 0 is the linear path alone." if curves["epoch"].iloc[0] == 0 else "")
    )
    if "gradient_norm" in curves:
        with st.expander("Inside the network"):
            for pair in (("learning_rate", "gradient_norm"), ("dead", "seconds")):
                for place, figure in zip(st.columns(2), pair, strict=True):
                    with place:
                        chart_view.draw_chart(
                            charts.plot_inside(curves, figure),
                            f"{key}_{figure}",
                            name=f"{run.name}-{figure.replace('_', '-')}",
                        )
            st.caption(
                "A dead unit gives the same output for every mail, so it no longer learns. "
                "The gradient norm is the mean over the steps of the epoch."
            )


def edit_note(run: Run) -> None:
    """Let the user note what changed and why."""
    with st.form(f"note_{run.id}", border=False):
        note = st.text_area(
            "Note: what changed, and why?", run.note, key=f"note_text_{run.id}", height=80
        )
        if st.form_submit_button("Save the note"):
            store.set_note(run.id, note)
            st.toast("The note was saved.")
