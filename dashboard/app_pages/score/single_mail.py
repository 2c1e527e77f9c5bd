"""One mail, pasted and scored."""

import streamlit as st

from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.export import scoring
from pipeline.export.bundle import Bundle
from pipeline.project import Project
from pipeline.runs.store import Run


def score_single_mail(project: Project, run: Run, point: OperatingPoint, bundle: Bundle) -> None:
    """Draw the form, and below it the score of the mail that was sent."""
    with st.form("score_one", border=False):
        subject = st.text_input("Subject", key="score_subject")
        body = st.text_area(
            "Text",
            height=220,
            key="score_body",
            placeholder="Paste the mail here, with its headers if you have them.",
        )
        if not st.form_submit_button("Score it", type="primary"):
            return
        score = scoring.score_mail(bundle, subject, body, project.seal.sealed_texts())
        if score is None:
            st.info(
                "This is one of the sealed test mails; it gets no score until the test part is "
                "opened.",
                icon=":material/lock:",
            )
            return
        band = f" (unsure from {point.unsure_from:.3f})" if point.has_band else ""
        st.metric("P(spam)", f"{score:.4f}")
        st.markdown(
            f"At a threshold of {point.threshold:.3f}{band}, {run.name} calls it "
            f"**{point.call(score)}**."
        )
