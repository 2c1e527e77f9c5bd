"""The checklist of the workflow, beside every page."""

from typing import Any

import streamlit as st

from dashboard import cache, state
from dashboard.components import checklist, pages


def reserve_place() -> Any:
    """Keep the place; `fill` comes after the page, which may change what there is to tell."""
    return st.sidebar.container()


def draw_checklist(place: Any) -> None:
    """Draw the steps, each a link to its page; without a project all of them are open."""
    project = state.project()
    with place:
        st.caption("Project" if project else "The way through")
        if project:
            st.text(project.name)
        found = checklist.list_steps(project, cache.runs(project) if project else [])
        following = next((s for s in found if not s.done), None)
        for step in found:
            icon = ":material/radio_button_unchecked:"
            if step.done:
                icon = ":material/check_circle:"
            elif step is following:
                icon = ":material/arrow_circle_right:"
            pages.link_to(
                step.page, f"{step.title} :gray[:small[{step.detail}]]", project=project, icon=icon
            )
