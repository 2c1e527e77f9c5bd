"""Split: three parts, one of them sealed."""

import streamlit as st

from dashboard import cache
from dashboard.app_pages.split import form
from dashboard.components import pages, split_view, widgets
from pipeline.errors import SpamlabError
from pipeline.project import divide_mails, estimate_counts
from pipeline.splits import by_column

st.title("Split")
st.markdown("Divide the mails: learn from one part, choose with the second, seal the third away.")
project = widgets.need_project()
if not project.settings.dataset:
    widgets.dead_end("There are no mails yet.", "data", "Upload a file")

split, opening = cache.split(project), project.seal.ledger.opening()
spare = cache.spare_columns(project)
split_view.seen_before(project)
if opening:
    st.info(
        "The test part of this project was opened. To divide again makes it another version of the "
        "project: everything trained later stays *after test*, and no test part opens here again. "
        "To measure anew, start a new project with new mails.",
        icon=":material/lock_open:",
    )
elif split is not None and cache.usable_runs(project):
    st.caption(
        "Runs of one split cannot be compared with those of another; a new one is a new start."
    )
suggested, why = cache.suggested_split(project)
# closed again after a new split, whose result is below
again = st.expander("Divide again", key=f"split_again_{split.fingerprint}") if split else None
with again or st.container():
    st.caption(why)
    wanted = form.show(
        split.spec if split else suggested,
        estimate_counts(project),
        dated=int(spare["date"].notna().sum()),
        columns=["sender", *(c.removeprefix("file:") for c in spare if c.startswith("file:"))],
        parts=by_column.find_part_columns(spare),
    )
if wanted is not None:
    try:
        with st.spinner("Dividing the mails …"):
            cache.jobs().call(divide_mails, project, wanted)
    except SpamlabError as error:
        widgets.refuse(error)
    st.rerun()
if split is None:
    raise widgets.EndOfPage

if opening and not project.seal.is_opened():
    st.info(f"The test part, {len(split.test):,} mails, stays closed.", icon=":material/lock:")
elif not opening:
    st.success(
        f"The test part, {len(split.test):,} mails, is now sealed: no page shows its mails, labels "
        "or scores until you open it, once, on the page Final test.",
        icon=":material/lock:",
    )
split_view.parts(project)
split_view.crossings(project, split)
pages.link_to("train", "Next: train the baseline", project=project)
pages.link_to(
    "features", "Or choose first what the models read", project=project, icon=":material/tune:"
)
