"""Labels: the mails whose label looks wrong, read and decided about one by one."""

import streamlit as st

from dashboard import cache
from dashboard.app_pages.labels import label_view
from dashboard.components import mail_view, widgets
from pipeline.quality import decisions
from pipeline.wording import counted
from pipeline.workspace import live

st.title("Labels")
st.markdown("Find the mails that were labelled wrongly: a model learns those, too.")
project = widgets.need_project()
if not project.settings.dataset:
    widgets.dead_end("There are no mails yet.", "data", "Upload a file")
mails, split = cache.mails(project), cache.split(project)
if split is None:
    widgets.dead_end(
        "Labels are reviewed in train and validation only, so that the test part stays unseen; "
        "divide the mails first.",
        "split",
        "Divide the mails",
    )
if split.test:
    word = "" if project.seal.ledger.opening() else "sealed "
    st.caption(f"{counted(len(split.test), word + 'test mail')} are not looked at.")
if project.versions.done:
    label_view.version(project)

work, found = decisions.name_job(project), decisions.read_review(project)
decided = decisions.read_decisions(project)
if found is None:
    if decided:  # on the Errors page
        st.markdown(f"{counted(len(decided), 'mail')} decided so far.")
        label_view.make_version(project, decided)
    st.caption("Each mail is scored by a model that has not read it; nothing is changed by that.")
    if st.button("Look for labels that look wrong", type="primary", key="labels_look"):
        cache.jobs().start(work, decisions.review_project_labels, project)
    widgets.follow(work)
    if failure := live.failure(work):
        st.error(widgets.literal(failure.sentence), icon=":material/error:")
    elif decisions.read_review(project) is not None:
        st.rerun()
    raise widgets.EndOfPage

wrong = int(found["suspicious"].sum())
done = int(found.loc[found["suspicious"], "id"].isin(decided).sum())
st.markdown(f"**{wrong:,} of {counted(len(found), 'mail')}** look mislabelled; {done:,} decided.")
label_view.make_version(project, decided)

shown, choice = label_view.choose(found, mails, decided)
if shown.empty:
    st.success("No mail here: nothing fits the choice above.", icon=":material/check:")
    raise widgets.EndOfPage
st.caption(f"{counted(len(shown), 'mail')}, the most suspicious first. Choose a row to read it.")
mail_id = label_view.table(shown, choice)
label_view.decide(project, shown, mail_id)
mail_view.show(mails.take([mail_id]).iloc[0], "labels_mail")
