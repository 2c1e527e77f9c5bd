"""The pages of the dashboard, and the links to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import streamlit as st

from dashboard import state
from pipeline.project import Project

NEXT = ":material/arrow_forward:"
"""The icon of a link to the next step."""


@dataclass(frozen=True)
class Page:
    """A page: its folder in `app_pages`, which is also its URL, its title and its icon."""

    name: str
    title: str
    icon: str

    @property
    def file(self) -> str:
        """The path of its script, relative to the folder of the app."""
        return f"app_pages/{self.name}/page.py"


SECTIONS = {
    "": [Page("start", "Start", ":material/home:")],
    "Build": [
        Page("data", "Data", ":material/mail:"),
        Page("split", "Split", ":material/call_split:"),
        Page("labels", "Labels", ":material/label:"),
        Page("features", "Features", ":material/tune:"),
        Page("train", "Train", ":material/model_training:"),
    ],
    "Judge": [
        Page("evaluate", "Evaluate", ":material/balance:"),
        Page("compare", "Compare", ":material/compare_arrows:"),
        Page("errors", "Errors", ":material/rule:"),
        Page("runs", "Runs", ":material/list_alt:"),
        Page("final_test", "Final test", ":material/lock:"),
    ],
    "Use": [Page("score", "Score", ":material/send:")],
}
"""The navigation: pages by section, in order; the app opens with the first page."""

PAGES: Mapping[str, Page] = {page.name: page for pages in SECTIONS.values() for page in pages}


def navigate() -> st.Page:
    """Draw the navigation; returns the page that the URL names."""
    first = next(iter(PAGES))
    return st.navigation(
        {
            section: [
                st.Page(
                    page.file,
                    title=page.title,
                    icon=page.icon,
                    url_path="" if page.name == first else page.name,
                    default=page.name == first,
                )
                for page in pages
            ]
            for section, pages in SECTIONS.items()
        }
    )


def link_to(
    name: str, label: str, *, project: Project | None = None, icon: str = NEXT, **options: Any
) -> None:
    """Draw a link to a page, with the project in its URL.

    Args:
        project: None for a URL without a project.
        options: arguments of `st.page_link`.
    """
    st.page_link(PAGES[name].file, label=label, icon=icon, query_params=_query(project), **options)


def switch_to(name: str, project: Project | None = None) -> NoReturn:
    """Switch to a page, with the project in its URL."""
    st.switch_page(PAGES[name].file, query_params=_query(project))


def _query(project: Project | None) -> dict[str, str] | None:
    return {state.PROJECT: project.name} if project else None
