"""The checklist of the workflow, beside every page."""

from typing import Any

import streamlit as st

from dashboard import cache, state
from dashboard.components import checklist, pages


def reserve_place() -> Any:
    """Reserve a place for the checklist, which is drawn after the page: a page may end a step."""
    return st.sidebar.container()


def draw_checklist(place: Any) -> None:
    """Draw the steps as links to their pages; without a project all of them are open."""
    project = state.project()
    with place:
        st.caption("Project" if project else "Workflow")
        if project:
            st.text(project.name)
        steps = checklist.list_steps(project, cache.runs(project) if project else [])
        following = next((step for step in steps if not step.is_done), None)
        for step in steps:
            icon = ":material/radio_button_unchecked:"
            if step.is_done:
                icon = ":material/check_circle:"
            elif step is following:
                icon = ":material/arrow_circle_right:"
            pages.link_to(
                step.page, f"{step.title} :gray[:small[{step.detail}]]", project=project, icon=icon
            )
