"""Compare: is one run better than another, by how much, and how sure is that?"""

import streamlit as st

from dashboard import cache
from dashboard.app_pages.compare.answer import answer, choose_comparison
from dashboard.app_pages.compare.changes import list_changes
from dashboard.app_pages.compare.evidence import draw_curves, report_agreement, report_tests
from dashboard.app_pages.compare.figure_table import draw_figures
from dashboard.app_pages.compare.run_choice import choose_entries, group_runs
from dashboard.app_pages.compare.traded_mails import list_traded_mails
from dashboard.components import widgets
from pipeline.errors import SpamlabError

st.title("Compare")
st.markdown(
    "Is one run really better than another, or is it luck? Both are judged on the same mails."
)
project = widgets.need_project()
entries = group_runs(project, [run for run in cache.runs(project) if run.usable])
if not entries:
    widgets.end_with_link("Nothing is trained yet.", "train", "Train the baseline")
if len(entries) < 2:
    widgets.end_with_link(
        "A comparison needs two runs that differ in more than the seed; there is only "
        f"{widgets.escape_markdown(entries[0].name)}. Train the network, or the baseline with "
        "another setting.",
        "train",
        "Train another run",
    )

chosen = choose_entries(project, entries)
if len(chosen) < 2:
    st.info("Choose at least one run to compare with the baseline.", icon=":material/arrow_upward:")
    raise widgets.EndOfPage
try:
    shared, comparisons = cache.compared_runs(project, tuple(entry.judged for entry in chosen))
except SpamlabError as error:
    widgets.end_with_error(error)

answer(chosen, shared, comparisons)
position = choose_comparison(chosen)
pair, comparison = (chosen[0], chosen[position]), comparisons[position - 1]

st.subheader("What was done differently")
list_changes(pair)
st.subheader("Figures")
draw_figures(pair, shared, comparison, len(comparisons))
st.subheader("Mails fixed and broken")
list_traded_mails(project, pair, shared, comparison)
st.subheader("Is it more than luck?")
report_tests(pair, comparison, len(comparisons))
st.subheader("Agreement")
report_agreement(pair, shared, comparison)
st.subheader("All thresholds")
draw_curves(chosen, shared)
