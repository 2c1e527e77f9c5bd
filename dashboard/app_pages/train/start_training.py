"""Ordering a training: the two forms, and the runs that they start."""

from collections.abc import Sequence

import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.train import forms
from dashboard.components import widgets
from pipeline.errors import SpamlabError
from pipeline.models import MODELS
from pipeline.project import Project
from pipeline.runs.store import Run


def warn_if_known(project: Project) -> None:
    """Warn that a new run is marked when test mails are known already."""
    if project.seal.may_be_known():
        st.warning(
            "The test part was opened: whatever is trained now is marked *after test*."
            if project.seal.ledger.opening()
            else "Some test mails are known already (see Split): whatever is trained now is marked "
            "*after test*.",
            icon=":material/lock_open:",
        )


def offer_training(project: Project, current: Sequence[Run], is_busy: bool) -> None:
    """Draw both forms; start the ordered runs and rerun the page.

    Args:
        current: the runs on the current mails and split, the newest first.
        is_busy: whether one of them is training; the forms are disabled then.
    """
    has_baseline = any(
        run.usable and MODELS.describe(run.kind).role == "baseline" for run in current
    )
    reason = (
        None if has_baseline else "Train the baseline first, so that there is something to beat."
    )
    baseline = forms.draw_baseline_form(disabled=is_busy)
    network = forms.draw_network_form(disabled=is_busy or not has_baseline, why=reason)
    ordered = baseline or network
    if not ordered:
        return
    specs, note = ordered
    kind = specs[0].kind
    parent = next((run.id for run in current if run.kind == kind and run.usable), None)
    try:
        for spec in specs:
            run_id = cache.jobs().start_training(project, spec, note=note, parent=parent)
            state.choose_run(run_id)
    except SpamlabError as error:
        widgets.end_with_error(error)
    st.rerun()
