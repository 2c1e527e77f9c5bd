"""Score: use a trained run on new mail, and take the model home."""

import streamlit as st

from dashboard import cache, state
from dashboard.components import card_view, mail_view, widgets
from pipeline.errors import SpamlabError
from pipeline.export import scoring
from pipeline.wording import counted

ROWS = 5000

st.title("Score")
st.markdown("Use a run on mails that nobody has labelled, or take its model with you.")
project = widgets.need_project()
runs = cache.usable_runs(project)
if not runs:
    widgets.end_with_link("Scoring needs a trained run.", "train", "Train the baseline")

run = widgets.pick_run("Run", runs, "score_run", state.chosen_run())
state.choose_run(run.id)
point = cache.operating_point(project, run)
bundle = cache.bundle(run.id).at(point)
one, many, take = st.tabs(["One mail", "A file of mails", "The model"])
with one, st.form("score_one", border=False):
    subject = st.text_input("Subject", key="score_subject")
    body = st.text_area(
        "Text",
        height=220,
        key="score_body",
        placeholder="Paste the mail here, with its headers if you have them.",
    )
    if st.form_submit_button("Score it", type="primary"):
        score = scoring.score_mail(bundle, subject, body, project.seal.sealed_texts())
        if score is None:
            st.info(
                "This is one of the sealed test mails; it gets no score before the test part is "
                "opened.",
                icon=":material/lock:",
            )
        else:
            band = f" (unsure from {point.unsure_from:.3f} on)" if point.has_band else ""
            st.metric("P(spam)", f"{score:.4f}")
            st.markdown(
                f"At the threshold of {point.threshold:.3f}{band}, {run.name} calls it "
                f"**{point.call(score)}**."
            )
with many:
    file = st.file_uploader(
        "Mails to score, without labels: a table (CSV, JSON lines, Parquet) or raw mail (mbox, "
        ".eml, zip, tar)",
        key="score_file",
    )
    if file is not None:
        try:
            with st.spinner(f"Scoring {widgets.escape_markdown(file.name)} …"):
                scored = cache.scores(project, run.id, point, file)
        except SpamlabError as error:
            st.error(widgets.escape_markdown(str(error)))
        else:
            spam = int((scored["label"] == "spam").sum())
            sealed = int((scored["label"] == scoring.SEALED).sum())
            n = len(scored) - sealed
            unsure = int((scored["label"] == "unsure").sum())
            also = f", **{unsure:,}** unsure" if point.has_band else ""
            st.markdown(f"{counted(n, 'mail')} scored, **{spam:,}** called spam{also}.")
            if sealed:
                st.info(
                    f"{sealed:,} mails are of the sealed test part; they get no score before it is "
                    "opened.",
                    icon=":material/lock:",
                )
            if len(scored) > ROWS:
                st.caption(f"The table shows the first {ROWS:,}; the download has all.")
            st.dataframe(
                mail_view.render_cells(scored.head(ROWS)), hide_index=True, width="stretch"
            )
            st.download_button(
                "Download the scores as CSV",
                mail_view.build_csv(scored),
                file_name="scores.csv",
                mime="text/csv",
                key="score_download",
                on_click="ignore",
            )
with take:
    st.markdown(
        "One file with the whole pipeline: features, weights, threshold, and its model card, which "
        "tells where it came from, how good it is and what that cannot show. It holds no code, and "
        "scores mail without TensorFlow:"
    )
    st.code(f"spamlab score {run.name}.spamlab mails.csv --out scores.csv", language="bash")
    st.download_button(
        "Download the model",
        lambda: cache.exported(project, run.id, bundle),
        file_name=f"{run.name}.spamlab",
        mime="application/octet-stream",
        key="score_model",
        on_click="ignore",
        icon=":material/download:",
    )
    card_view.offer_model_card(project, run, "score")
