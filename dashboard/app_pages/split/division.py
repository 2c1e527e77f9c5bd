"""Dividing the mails: what it costs to divide again, the form, and the seal on the test part."""

import streamlit as st

from dashboard import cache
from dashboard.app_pages.split.split_form import draw_split_form
from dashboard.components import widgets
from pipeline.errors import SpamlabError
from pipeline.project import Project, divide_mails, estimate_counts
from pipeline.splits import Split, by_column
from pipeline.vault.ledger import Opening


def say_what_a_new_split_costs(project: Project, opening: Opening | None) -> None:
    """Before the mails are divided again: what will no longer be possible."""
    if opening:
        st.info(
            "The test part of this project was opened. A new split makes another version of the "
            "project: everything trained later stays *after test*, and no test part opens here "
            "again. To measure afresh, start a new project with new mails.",
            icon=":material/lock_open:",
        )
    elif cache.usable_runs(project):
        st.caption(
            "Runs of one split cannot be compared with those of another; a new split is a fresh "
            "start."
        )


def offer_division(project: Project, split: Split | None) -> None:
    """Draw the form, folded once there is a split, and divide the mails when it is sent."""
    suggested, reason = cache.suggested_split(project)
    spare = cache.spare_columns(project)
    # closed again after a new split, whose result is below
    again = st.expander("Divide again", key=f"split_again_{split.fingerprint}") if split else None
    with again or st.container():
        st.caption(reason)
        spec = draw_split_form(
            split.spec if split else suggested,
            estimate_counts(project),
            dated=int(spare["date"].notna().sum()),
            columns=["sender", *(c.removeprefix("file:") for c in spare if c.startswith("file:"))],
            part_columns=by_column.find_part_columns(spare),
        )
    if spec is None:
        return
    try:
        with st.spinner("Dividing the mails …"):
            cache.jobs().call(divide_mails, project, spec)
    except SpamlabError as error:
        widgets.end_with_error(error)
    st.rerun()


def say_what_is_sealed(project: Project, split: Split, opening: Opening | None) -> None:
    """Say that the test part is sealed, or that it stays closed for ever."""
    if opening and not project.seal.is_opened():
        st.info(f"The test part, {len(split.test):,} mails, stays closed.", icon=":material/lock:")
    elif not opening:
        st.success(
            f"The test part, {len(split.test):,} mails, is now sealed: no page shows its mails, "
            "labels or scores until you open it, once, on the page Final test.",
            icon=":material/lock:",
        )
