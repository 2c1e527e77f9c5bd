"""One run of the list: how it went, its spec, its model card, and what to do with it."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.components import card_view, pages, run_view, widgets
from pipeline.errors import SpamlabError
from pipeline.project import Project
from pipeline.runs import store
from pipeline.runs.store import Run
from pipeline.specs import flatten_spec


def draw_chosen_run(project: Project, run: Run, runs: Sequence[Run]) -> None:
    """Draw a run, or follow it while it trains."""
    if run.active:
        run_view.follow_training(project, run.id)
        return
    run_view.draw_run(run)
    with st.expander("Spec of this run", icon=":material/list:"):
        _draw_spec(run, runs)
    if run.usable:
        card_view.offer_model_card(project, run, "runs")
    with st.container(horizontal=True):
        if run.usable and run.is_of(project.settings):
            pages.link_to("errors", "Read its errors", project=project, icon=":material/rule:")
            pages.link_to("score", "Score mails with it", project=project, icon=":material/send:")
        if st.button("Delete", key="runs_delete", icon=":material/delete:"):
            _confirm_deletion(run)


def _draw_spec(run: Run, runs: Sequence[Run]) -> None:
    """What determines the run: its parameters, its libraries, the run that it was changed from."""
    spec = flatten_spec(run.spec)
    spec |= {f"version of {name}": version for name, version in run.environment.items()}
    spec["parent"] = next((r.name for r in runs if r.id == run.parent), "none")
    st.dataframe(
        pd.DataFrame(spec.items(), columns=["parameter", "value"]), hide_index=True, width="stretch"
    )


@st.dialog("Delete this run?")
def _confirm_deletion(run: Run) -> None:
    st.write(
        f"{run.name} and its model will disappear from all lists. MLflow keeps it in its trash."
    )
    if not widgets.ask_to_delete("runs_delete"):
        return
    try:
        store.delete_run(run.id)
    except SpamlabError as error:
        st.error(widgets.escape_markdown(str(error)))
        return
    state.choose_run(None)
    state.say_next(f"{run.name} was deleted.")
    st.rerun()
