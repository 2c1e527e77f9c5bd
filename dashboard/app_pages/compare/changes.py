"""What was done differently in two runs."""

import streamlit as st

from dashboard.app_pages.compare.run_choice import Entry
from dashboard.components import tables
from pipeline import comparison

TITLES = {
    "dataset": "mails (fingerprint)",
    "features.blocks": "feature blocks",
    "model.kind": "kind of model",
    "model.seed": "seed",
}
NUMBERS = {2: "Two", 3: "Three", 4: "Four"}


def list_changes(pair: tuple[Entry, Entry]) -> None:
    """List the parameters in which the specs differ; warn when more than one thing does."""
    has_seeds = any(len(entry.runs) > 1 for entry in pair)
    table = comparison.tabulate_changes(
        {entry.name: entry.runs[0].spec for entry in pair}, seeds=not has_seeds
    )
    changed = comparison.summarize_changes(table)
    if not changed:
        st.markdown("Nothing: both runs have the same spec.")
        return
    st.dataframe(
        table.rename(index=TITLES).reset_index(),
        hide_index=True,
        width="stretch",
        height=tables.compute_height(len(table), most=None),
        key="compare_changes",
    )
    if len(changed) == 1:
        text = "Everything else is the same, so this is what makes the difference."
        if changed == ["model.kind"]:
            text += " The settings that only one kind of model has are on the Runs page."
        st.caption(text)
        return
    st.warning(
        f"{NUMBERS.get(len(changed), str(len(changed)))} things were changed at once, so nobody "
        "can tell which one mattered. To find out, train a run with only one of the changes.",
        icon=":material/call_split:",
    )
