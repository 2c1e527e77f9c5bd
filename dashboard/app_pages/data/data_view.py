"""Pieces of the Data page: the findings and their remedies, the mails, the rows left out."""

import pandas as pd
import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.data import findings_view
from dashboard.components import mail_view, widgets
from pipeline.errors import SpamlabError
from pipeline.mail.mails import Mails
from pipeline.project import Project, uploads
from pipeline.quality import Quality
from pipeline.quality.project_quality import apply_remedy
from pipeline.workspace import live


def findings(project: Project, mails: Mails) -> Quality | None:
    """What is wrong with the mails, once near-duplicates were looked for; None until then."""
    work = uploads.copies_work(project)
    failure = live.failure(work)
    if not project.mails.pairs_path.exists() and failure is None:
        cache.jobs().start(work, uploads.look_for_copies, project.name)
        if not project.mails.pairs_path.exists():
            _wait(work)
            return None
    if failure is not None:
        st.warning(
            widgets.literal(f"Near-duplicates were not looked for: {failure.sentence}"),
            icon=":material/warning:",
        )
        if st.button("Look for them again", key="data_copies_again"):
            live.clear(work)
            st.rerun()
    report = cache.quality_report(project)
    key = f"data_{project.settings.dataset}"
    pressed = findings_view.show(report, mails.take, key)
    if pressed:
        try:
            with st.spinner("Making a new version of the mails …"):
                cache.jobs().call(apply_remedy, project, pressed[1])
        except SpamlabError as error:
            widgets.refuse(error)
        state.say_next(project.versions.done)
        st.rerun()
    return report


@st.fragment(run_every=0.5)
def _wait(work: str) -> None:
    """A progress bar that does not keep the rest of the page from being used."""
    now = live.progress(work)
    if not live.is_held(work) or now is None:
        st.rerun()
    st.progress(now.share, widgets.standing(now))


def browse(project: Project, mails: Mails) -> None:
    """All mails that may be looked at, page by page, and the chosen one."""
    words, label = st.columns([3, 1], vertical_alignment="bottom")
    wanted = words.text_input("Find in subject and text", key="data_find")
    only = label.segmented_control("Show", ["all", "ham", "spam"], default="all", key="data_label")
    ids = cache.matching_mails(project, wanted, only if only in ("ham", "spam") else None)
    key = f"data_table_{only}_{wanted}"
    chosen = mail_view.browse(mails, ids, key, ". Choose a row to read the mail.")
    if chosen is not None:
        mail_view.show(mails.take([chosen]).iloc[0], "data_mail")


def left_out(rows: pd.DataFrame) -> None:
    """What did not become a mail, and why."""
    if rows.empty:
        st.caption("Every row of the file became a mail.")
        return
    st.dataframe(mail_view.cells(rows), hide_index=True, width="stretch")
    st.download_button(
        "Download as CSV",
        mail_view.csv(rows),
        file_name="left-out.csv",
        mime="text/csv",
        key="data_left_out",
        on_click="ignore",
    )
