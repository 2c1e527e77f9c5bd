"""Split: three parts, one of them sealed."""

import pandas as pd
import streamlit as st

from dashboard import cached, charts, state, widgets
from pipeline.errors import SpamlabError
from pipeline.specs import PARTS, SplitSpec

st.title("Split")
st.markdown("Divide the mails: learn from one part, choose with the second, seal the third away.")
project = widgets.need_project()
dataset = cached.dataset(project)
if dataset is None:
    widgets.dead_end("There are no mails yet.", "data", "Upload a file")

split = cached.split(project)
if split is not None and project.ledger.opening():
    st.info(
        "The test part of this project was opened, so its split can no longer change. "
        "Start a new project with new mails to divide again.",
        icon=":material/lock_open:",
    )
else:
    if split is not None and cached.usable_runs(project):
        st.caption(
            "Runs of one split cannot be compared with those of another; a new one is a new start."
        )
    wanted = widgets.split_form(split.spec if split else SplitSpec())
    if wanted is not None:
        try:
            with st.spinner("Dividing the mails …"):
                project.set_split(wanted)
        except SpamlabError as error:
            widgets.refuse(error)
        st.rerun()
if split is None:
    raise widgets.EndOfPage

labels = dataset.frame.set_index("id")["label"]
counts = pd.DataFrame(
    {part: labels.loc[list(split.ids(part))].value_counts() for part in PARTS}
).T.reindex(columns=["ham", "spam"], fill_value=0)
counts = counts.fillna(0).astype(int)
n_test = len(split.test)
if not project.ledger.opening():
    st.success(
        f"The test part, {n_test:,} mails, is now sealed: no page shows its mails, labels or "
        "scores until you open it, once, on the page Final test.",
        icon=":material/lock:",
    )
st.plotly_chart(charts.parts(counts), key="split_parts", config=charts.CONFIG, width="stretch")
shown = counts.assign(mails=counts.sum(axis=1))
shown["share of spam"] = counts["spam"] / shown["mails"] * 100
st.dataframe(
    shown.rename_axis("part").reset_index(),
    hide_index=True,
    width="stretch",
    column_config={
        "share of spam": st.column_config.NumberColumn("share of spam (%)", format="%.2f"),
        **{c: st.column_config.NumberColumn(format="localized") for c in ("ham", "spam", "mails")},
    },
)
st.page_link(
    widgets.page_file("train"),
    label="Next: train the baseline",
    icon=":material/arrow_forward:",
    query_params={state.PROJECT: project.name},
)
st.page_link(
    widgets.page_file("features"),
    label="Or choose first what the models read",
    icon=":material/tune:",
    query_params={state.PROJECT: project.name},
)
