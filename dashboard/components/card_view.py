"""The downloads of a run's model card."""

from functools import partial

import streamlit as st

from dashboard import cache
from pipeline.project import Project
from pipeline.runs.store import Run

FILES = {
    "card.html": ("Model card (HTML)", "text/html"),
    "card.md": ("Model card (Markdown)", "text/markdown"),
}


def offer_model_card(project: Project, run: Run, page: str) -> None:
    """Draw two buttons that download the card; a press makes it, so that it is up to date.

    Args:
        page: the prefix of the buttons' keys.
    """
    st.caption(
        "The model card says what this run is, which mails it was trained on, how good it is and "
        "what that cannot show, at the threshold in use. It contains no text of any mail."
    )
    with st.container(horizontal=True):
        for name, (label, mime) in FILES.items():
            st.download_button(
                label,
                partial(_build_card, project, run.id, name),
                file_name=f"{run.name}-{name}",
                mime=mime,
                key=f"{page}_{name.replace('.', '_')}",
                on_click="ignore",
                icon=":material/description:",
            )


def _build_card(project: Project, run_id: str, name: str) -> bytes:
    return cache.model_card_text(project, run_id, name).encode()
