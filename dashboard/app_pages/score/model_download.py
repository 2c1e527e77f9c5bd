"""The model of a run, to take home."""

import streamlit as st

from dashboard import cache
from dashboard.components import card_view
from pipeline.export.bundle import Bundle
from pipeline.project import Project
from pipeline.runs.store import Run


def offer_model(project: Project, run: Run, bundle: Bundle) -> None:
    """Draw the downloads of the model and of its card, and how to score with it."""
    st.markdown(
        "One file with the whole pipeline: features, weights, threshold and the model card, which "
        "says where the model came from, how good it is and what that cannot show. It holds no "
        "code and scores mail without TensorFlow:"
    )
    st.code(f"spamlab score {run.name}.spamlab mails.csv --out scores.csv", language="bash")
    st.download_button(
        "Download the model",
        lambda: cache.exported_model(project, run.id, bundle),
        file_name=f"{run.name}.spamlab",
        mime="application/octet-stream",
        key="score_model",
        on_click="ignore",
        icon=":material/download:",
    )
    card_view.offer_model_card(project, run, "score")
