"""Errors: the misclassified mails of a run, the most wrong first, read, tagged and decided on."""

import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.errors import downloads, filters, groups_view, mail_list, opened_view
from dashboard.components import checklist, widgets

st.title("Errors")
st.markdown("Read the validation mails that a run got wrong; they say what to change next.")
project = widgets.need_project()
runs = cache.usable_runs(project)
if not runs:
    widgets.end_with_link("Nothing is trained on this split yet.", "train", "Train the baseline")

run, rival = mail_list.pick_runs(runs)
both = [run, rival] if rival else [run]
points = {r.id: cache.operating_point(project, r) for r in both}
others = {rival.name: (rival.id, points[rival.id])} if rival else {}
table = cache.errors(project, run, points[run.id], others)
columns = {r.id: "score" if r is run else f"score of {r.name}" for r in both}
names = {columns[r.id]: r.name for r in both}
checklist.mark_seen(project, "errors")
mail_list.answer(run, points[run.id], table)

with st.container():  # one place, groups or not: what is below stays what it is
    if st.toggle("Groups of errors: what to work on first", key=state.GROUPS_OPEN):
        groups_view.show(project, run, points[run.id])
wanted = filters.choose(project, run, rival, points[run.id], table)
shown = mail_list.rows(project, run, table, wanted, points, columns)
left, right = st.columns(2, gap="medium")
with left:
    place = mail_list.show(project, shown, names, f"{run.id} {wanted}")
    downloads.show(project, run, shown)
with right:
    opened_view.show(project, run, shown, place, points, names)
