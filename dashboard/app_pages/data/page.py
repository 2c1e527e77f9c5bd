"""Data: upload files, see how they were read, what is in them and what is wrong with them."""

import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.data.clusters import draw_clusters
from dashboard.app_pages.data.findings import draw_quality_charts, report_findings
from dashboard.app_pages.data.mails import browse_mails, list_left_out, summarise_mails
from dashboard.app_pages.data.reading_form import read_files
from dashboard.app_pages.data.upload_form import upload_files
from dashboard.app_pages.data.versions import list_versions
from dashboard.components import pages, widgets

st.title("Data")
st.markdown("See what is in your mails before you train anything on them.")
project = state.project()
upload_files(project)
if project is None:
    raise widgets.EndOfPage
read_files(project)
if project.settings.dataset is None:
    raise widgets.EndOfPage

mails, left_out, split = cache.mails(project), project.mails.left_out(), cache.split(project)
summarise_mails(project, mails, left_out, split)
with st.container(key="link_data"):
    pages.link_to(
        "labels" if split else "split",
        "Look for labels that look wrong" if split else "Next: divide the mails",
        project=project,
    )
with st.container():  # one place, however many findings come into it: the tabs below stay
    report = report_findings(project, mails)

titles = ["Mails", "Near-duplicates", "Figures", f"Rows left out ({len(left_out):,})", "Versions"]
mails_tab, clusters_tab, figures_tab, left_out_tab, versions_tab = st.tabs(titles)
with mails_tab:
    browse_mails(project, mails)
with clusters_tab:
    if project.mails.pairs_path.exists():
        draw_clusters(mails.heads, cache.pairs(project), mails.take, "data_clusters")
    else:
        st.caption("Still looking for near-duplicates.")
with figures_tab:
    if report is not None:
        draw_quality_charts(report, "data_figures")
with left_out_tab:
    list_left_out(left_out)
with versions_tab:
    list_versions(project)
