"""Compare: is one run better than another, by how much, and how sure is that?"""

import streamlit as st

from dashboard import (
    cached,
    compare_figures_view,
    compare_form,
    compare_mails_view,
    compare_view,
    widgets,
)
from pipeline.errors import SpamlabError

st.title("Compare")
st.markdown("Is a run really better than another, or is it luck? Both judge the same mails.")
project = widgets.need_project()
entries = compare_form.entries(project, [r for r in cached.runs(project) if r.usable])
if not entries:
    widgets.dead_end("Nothing is trained yet.", "train", "Train the baseline")
if len(entries) < 2:
    widgets.dead_end(
        f"A comparison needs two runs that differ in more than the seed; there is only "
        f"{widgets.literal(entries[0].name)}. Train the network, or the baseline with another "
        "setting.",
        "train",
        "Train another run",
    )

chosen = compare_form.choose(project, entries)
if len(chosen) < 2:
    st.info("Choose at least one run to compare with the baseline.", icon=":material/arrow_upward:")
    raise widgets.EndOfPage
try:
    shared, comparisons = cached.compared(project, tuple(entry.judged for entry in chosen))
except SpamlabError as error:
    widgets.refuse(error)

compare_view.answer(chosen, shared, comparisons)
number = compare_view.pick(chosen)
pair, found = (chosen[0], chosen[number]), comparisons[number - 1]

st.subheader("What was done differently")
compare_view.changes(pair)
st.subheader("Figures")
compare_figures_view.show(pair, shared, found, len(comparisons))
st.subheader("Mails fixed and broken")
compare_mails_view.show(project, pair, shared, found)
st.subheader("Is it more than luck?")
compare_view.tests(pair, found, len(comparisons))
st.subheader("Both together")
compare_view.together(pair, shared, found)
st.subheader("All thresholds")
compare_view.curves(chosen, shared)
