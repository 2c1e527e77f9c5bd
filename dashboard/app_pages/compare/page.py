"""Compare: is one run better than another, by how much, and how sure is that?"""

import streamlit as st

from dashboard import cache
from dashboard.app_pages.compare import comparison_view, differences_view, form, mails_view
from dashboard.components import widgets
from pipeline.errors import SpamlabError

st.title("Compare")
st.markdown("Is a run really better than another, or is it luck? Both judge the same mails.")
project = widgets.need_project()
entries = form.entries(project, [r for r in cache.runs(project) if r.usable])
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

chosen = form.choose(project, entries)
if len(chosen) < 2:
    st.info("Choose at least one run to compare with the baseline.", icon=":material/arrow_upward:")
    raise widgets.EndOfPage
try:
    shared, comparisons = cache.compared(project, tuple(entry.judged for entry in chosen))
except SpamlabError as error:
    widgets.end_with_error(error)

comparison_view.answer(chosen, shared, comparisons)
number = comparison_view.pick(chosen)
pair, found = (chosen[0], chosen[number]), comparisons[number - 1]

st.subheader("What was done differently")
comparison_view.changes(pair)
st.subheader("Figures")
differences_view.show(pair, shared, found, len(comparisons))
st.subheader("Mails fixed and broken")
mails_view.show(project, pair, shared, found)
st.subheader("Is it more than luck?")
comparison_view.tests(pair, found, len(comparisons))
st.subheader("Both together")
comparison_view.together(pair, shared, found)
st.subheader("All thresholds")
comparison_view.curves(chosen, shared)
