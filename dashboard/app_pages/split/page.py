"""Split: three parts, one of them sealed."""

import streamlit as st

from dashboard import cache
from dashboard.app_pages.split import division
from dashboard.components import pages, split_view, widgets

st.title("Split")
st.markdown("Divide the mails: learn from one part, choose with the second, seal the third away.")
project = widgets.need_project()
if not project.settings.dataset:
    widgets.end_with_link("There are no mails yet.", "data", "Upload a file")

split, opening = cache.split(project), project.seal.ledger.opening()
split_view.warn_if_seen(project)
if split is not None:
    division.say_what_a_new_split_costs(project, opening)
division.offer_division(project, split)
if split is None:
    raise widgets.EndOfPage

division.say_what_is_sealed(project, split, opening)
split_view.draw_parts(project)
split_view.draw_crossings(project, split)
pages.link_to("train", "Next: train the baseline", project=project)
pages.link_to(
    "features", "Or choose first what the models read", project=project, icon=":material/tune:"
)
