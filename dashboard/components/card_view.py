"""The model card of a run, to take home."""

from functools import partial

import streamlit as st

from dashboard import cache
from pipeline.project import Project
from pipeline.runs.store import Run

KINDS = {
    "card.html": ("Model card (HTML)", "text/html"),
    "card.md": ("Model card (Markdown)", "text/markdown"),
}


def offer_model_card(project: Project, run: Run, page: str) -> None:
    """Two buttons; the card is made when one is pressed, so that it tells how things stand then.

    Args:
        page: the prefix of the keys.
    """
    st.caption(
        "The model card tells what this run is, on which mails it was made, how good it is and "
        "what that cannot show, at the threshold in use. It holds no text of any mail."
    )
    with st.container(horizontal=True):
        for name, (label, mime) in KINDS.items():
            st.download_button(
                label,
                partial(_made, project, run.id, name),
                file_name=f"{run.name}-{name}",
                mime=mime,
                key=f"{page}_{name.replace('.', '_')}",
                on_click="ignore",
                icon=":material/description:",
            )


def _made(project: Project, run_id: str, name: str) -> bytes:
    return cache.model_card_text(project, run_id, name).encode()
