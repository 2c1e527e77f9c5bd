"""Errors: the misclassified mails of a run, the worst first, to read, tag and decide about."""

import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.errors import downloads, filters, groups, mail_list, opened_mail
from dashboard.components import checklist, widgets

st.title("Errors")
st.markdown("Read the validation mails that a run got wrong; they tell you what to change next.")
project = widgets.need_project()
runs = cache.usable_runs(project)
if not runs:
    widgets.end_with_link("Nothing is trained on this split yet.", "train", "Train the baseline")

run, rival = mail_list.choose_runs(runs)
both = [run, rival] if rival else [run]
points = {r.id: cache.operating_point(project, r) for r in both}
others = {rival.name: (rival.id, points[rival.id])} if rival else {}
table = cache.errors(project, run, points[run.id], others)
columns = {r.id: "score" if r is run else f"score of {r.name}" for r in both}
names = {columns[r.id]: r.name for r in both}
checklist.mark_seen(project, "errors")
mail_list.draw_answer(run, points[run.id], table)

with st.container():  # one place, groups or not: what is below stays where it is
    if st.toggle("Groups of errors: what to work on first", key=state.GROUPS_OPEN):
        groups.draw_groups(project, run, points[run.id])
chosen = filters.choose_filters(project, run, rival, points[run.id], table)
listed = mail_list.select_mails(project, run, table, chosen, points, columns)
left, right = st.columns(2, gap="medium")
with left:
    place = mail_list.draw_list(project, listed, names, f"{run.id} {chosen}")
    downloads.offer_downloads(project, run, listed)
with right:
    opened_mail.draw_opened_mail(project, run, listed, place, points, names)
