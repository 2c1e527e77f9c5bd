"""Labels: the mails whose label looks wrong, read and decided about one by one."""

import streamlit as st

from dashboard import cache
from dashboard.app_pages.labels import review
from dashboard.components import mail_view, widgets
from pipeline.quality import decisions
from pipeline.wording import format_count

st.title("Labels")
st.markdown("Find the mails with a wrong label: a model learns from those, too.")
project = widgets.need_project()
if not project.settings.dataset:
    widgets.end_with_link("There are no mails yet.", "data", "Upload a file")
mails, split = cache.mails(project), cache.split(project)
if split is None:
    widgets.end_with_link(
        "Labels are reviewed in train and validation only, so that the test part stays unseen; "
        "divide the mails first.",
        "split",
        "Divide the mails",
    )
if split.test:
    sealed = "" if project.seal.ledger.opening() else "sealed "
    st.caption(f"{format_count(len(split.test), sealed + 'test mail')} are not looked at.")
if project.versions.correction:
    review.announce_version(project)

suspects, decided = decisions.read_review(project), decisions.read_decisions(project)
if suspects is None:
    review.search_labels(project, decided)
    raise widgets.EndOfPage

wrong = int(suspects["suspicious"].sum())
reviewed = int(suspects.loc[suspects["suspicious"], "id"].isin(decided).sum())
st.markdown(
    f"**{wrong:,} of {format_count(len(suspects), 'mail')}** look mislabelled; "
    f"{reviewed:,} decided."
)
review.offer_version(project, decided)

rows, choice = review.choose_mails(suspects, mails, decided)
if rows.empty:
    st.success("No mail here: nothing fits the choice above.", icon=":material/check:")
    raise widgets.EndOfPage
st.caption(
    f"{format_count(len(rows), 'mail')}, the most suspicious first. Choose a row to read it."
)
mail_id = review.list_mails(rows, choice)
review.decide_label(project, rows, mail_id)
mail_view.draw_mail(mails.take([mail_id]).iloc[0], "labels_mail")
