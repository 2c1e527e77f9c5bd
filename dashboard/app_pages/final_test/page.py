"""Final test: closed until the user confirms, for one run; opened once, and remembered."""

import streamlit as st

from dashboard import cache
from dashboard.app_pages.final_test import error_list, opening_form, result
from dashboard.components import card_view, split_view, widgets

st.title("Final test")
st.markdown("The one honest figure: how the chosen run does on mails that nobody has looked at.")
project = widgets.need_project()
split = cache.split(project)
if split is None:
    widgets.end_with_link("There is no sealed test part yet.", "split", "Divide the mails")
opening = project.seal.ledger.opening()
split_view.warn_if_seen(project)
if opening is None:
    opening_form.open_test_part(project, split)
    raise widgets.EndOfPage

run = result.announce_opening(project, opening)
result.draw_result(cache.final_report(project, opening))
if project.seal.is_opened():
    error_list.list_errors(project, opening)
if run is not None and run.usable:
    st.subheader("Take it home")
    card_view.offer_model_card(project, run, "final_test")
