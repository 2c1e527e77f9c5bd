"""Runs: every training of the project, with what was asked for and what came of it."""

import pandas as pd
import streamlit as st

from dashboard import cache, state
from dashboard.components import card_view, mail_view, pages, run_view, widgets
from pipeline.errors import SpamlabError
from pipeline.models import describe
from pipeline.runs import store
from pipeline.specs import flatten

st.title("Runs")
st.markdown("Every training of this project; choose one to open it again.")
project = widgets.need_project()
runs = cache.runs(project)
if not runs:
    widgets.end_with_link("Nothing is trained yet.", "train", "Train the baseline")


@st.dialog("Delete this run?")
def confirm(run: store.Run) -> None:
    """Ask before a run is removed."""
    st.write(f"{run.name} and its model will be gone from all lists. MLflow keeps it in its trash.")
    if st.button("Delete it", type="primary", key="runs_delete_yes"):
        try:
            store.delete(run.id)
        except SpamlabError as error:
            st.error(widgets.escape_markdown(str(error)))
            return
        state.choose_run(None)
        state.say_next(f"{run.name} was deleted.")
        st.rerun()


settings = project.settings
rows = pd.DataFrame(
    [
        {
            "run": run.name,
            "model": describe(run.kind).title,
            "status": run.status + (", after test" if run.after_test else ""),
            "mails and split": "present" if run.is_of(settings) else "earlier",
            "note": run.note,
            "F1": run.figures.get("f1"),
            "precision": run.figures.get("precision"),
            "recall": run.figures.get("recall"),
            "MCC": run.figures.get("mcc"),
            "average precision": run.figures.get("average_precision"),
            "(1-ROCA)%": run.figures.get("one_minus_auc", float("nan")) * 100,
            "log loss": run.figures.get("log_loss"),
            "best epoch": run.best_epoch,
            "last epoch": run.epochs or None,
            "seconds": run.seconds,
            "created": run.created,
        }
        for run in runs
    ]
)
FIGURES = ("F1", "precision", "recall", "MCC", "average precision", "(1-ROCA)%", "log loss")
figure = st.column_config.NumberColumn(format="%.4f")
row = mail_view.read_chosen_row(
    st.dataframe(
        rows,
        key=f"runs_table_{len(runs)}_{runs[0].id}",
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            **dict.fromkeys(FIGURES, figure),
            "seconds": st.column_config.NumberColumn(format="%.1f"),
            "created": st.column_config.DatetimeColumn("created (UTC)", format="YYYY-MM-DD HH:mm"),
        },
    )
)
st.caption(
    "Figures are on the validation mails, at each run's own threshold. `mlflow ui "
    f"--backend-store-uri {store.tracking_uri()}` shows the same runs."
)
if row is None:
    st.caption("Choose a row to open a run.")
    raise widgets.EndOfPage
run = runs[row]
state.choose_run(run.id)
if run.active:
    run_view.follow_training(project, run.id)
    raise widgets.EndOfPage
run_view.draw_run(run)
with st.expander("What was asked for", icon=":material/list:"):
    asked = flatten(run.spec)
    asked |= {f"version of {name}": version for name, version in run.environment.items()}
    asked["parent"] = next((r.name for r in runs if r.id == run.parent), "none")
    st.dataframe(
        pd.DataFrame(asked.items(), columns=["parameter", "value"]),
        hide_index=True,
        width="stretch",
    )
if run.usable:
    card_view.offer_model_card(project, run, "runs")
with st.container(horizontal=True):
    if run.usable and run.is_of(settings):
        pages.link_to("errors", "Read its errors", project=project, icon=":material/rule:")
        pages.link_to("score", "Score mails with it", project=project, icon=":material/send:")
    if st.button("Delete", key="runs_delete", icon=":material/delete:"):
        confirm(run)
