"""Data: upload files, see how they were read, what is in them and what is wrong with it."""

import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.data import (
    clusters_view,
    data_view,
    findings_view,
    reading_form,
    upload_form,
    versions_view,
)
from dashboard.components import pages, widgets
from pipeline.project import uploads
from pipeline.workspace import live

st.title("Data")
st.markdown("See what is in your mails before anything is trained on them.")
project = state.project()
with st.expander("Upload a file", expanded=project is None, icon=":material/upload:"):
    uploaded = upload_form.show(project)
if uploaded:
    state.choose_project(uploaded)
    st.rerun()
if project is None:
    if missing := state.unknown_project():
        st.warning(widgets.literal(f"There is no project {missing!r} in this workspace."))
    raise widgets.EndOfPage

work = uploads.work(project)
if uploads.wants_reading(project):
    # here and not at the upload, so that a reload in the middle comes back to it
    cache.jobs().start(work, uploads.read_upload, project.name)
widgets.follow(work)
if failure := live.failure(work):
    upload_form.explain(project, failure)
reading = uploads.reading_of(project)
if reading is not None:  # None: the mails came in by the command line
    if reading.problem:
        st.warning(widgets.literal(reading.problem), icon=":material/help:")
    with st.expander(
        "How the file was read", expanded=bool(reading.problem), icon=":material/table_view:"
    ):
        chosen = reading_form.show(reading)
    if chosen:
        cache.jobs().start(work, uploads.read_upload, project.name, *chosen)
        st.rerun()
if project.settings.dataset is None:
    raise widgets.EndOfPage

mails, left_out, split = cache.mails(project), project.mails.left_out(), cache.split(project)
ham, spam = mails.counts["ham"], mails.counts["spam"]
widgets.metrics(
    {
        "Mails": f"{ham + spam:,}",
        "Ham": f"{ham:,}",
        "Spam": f"{spam:,}",
        "Share of spam": widgets.percent(spam / (ham + spam), 1),
        "Rows left out": f"{len(left_out):,}",
    }
)
if project.versions.done:
    st.info(
        widgets.literal(f"A corrected version: {project.versions.done}"), icon=":material/history:"
    )
if split is not None:
    word = "" if project.seal.is_opened() else "sealed "
    st.info(
        f"{len(split.test):,} {word}test mails are not among those below.",
        icon=":material/lock:",
    )
pages.link_to(
    "labels" if split else "split",
    "Look for labels that look wrong" if split else "Next: divide the mails",
    project=project,
)

with st.container():  # one place, however many findings come into it: the tabs below stay
    report = data_view.findings(project, mails)
names = ["Mails", "Near-duplicates", "Figures", f"Rows left out ({len(left_out):,})", "Versions"]
browse, clusters, figures, out, versions = st.tabs(names)
with browse:
    data_view.browse(project, mails)
with clusters:
    if project.mails.pairs_path.exists():
        clusters_view.show(mails.heads, cache.pairs(project), mails.take, "data_clusters")
    else:
        st.caption("They are still being looked for.")
with figures:
    if report is not None:
        findings_view.figures(report, "data_figures")
with out:
    data_view.left_out(left_out)
with versions:
    versions_view.show(project)
