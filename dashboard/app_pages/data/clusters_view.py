"""Clusters of near-duplicate mails: how many and how large, and how their mails differ."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from dashboard.components import mail_view, text_view
from pipeline.similarity import differences, near_duplicates
from pipeline.similarity.near_duplicates import Pairs

ROWS = 500
"""Clusters, or mails of one, that are listed; a cut is always said."""

Mails = Callable[[Sequence[str]], pd.DataFrame]
"""The mails with some ids, in that order, with the columns of a Dataset."""


def show(labels: pd.DataFrame, pairs: Pairs, mails: Mails, key: str) -> None:
    """The clusters by size; a chosen one with its mails and their differences.

    `labels` has id and label of the texts that `pairs` came from, in their order; `mails` is asked
    only for the mails that are listed. `key` begins the keys of the session.
    """
    labels = labels.reset_index(drop=True)
    threshold = st.slider(
        "How alike two mails must be",
        near_duplicates.LOWEST_SIMILARITY,
        1.0,
        near_duplicates.DEFAULT_SIMILARITY,
        0.05,
        key=f"{key}_threshold",
        help="The share of their words that two mails have in common. At 1.00 only mails with the "
        "same words are one cluster. Mails hang together in chains: if A is like B and B like C, "
        "all three are one cluster.",
    )
    table = differences.tabulate_clusters(labels, pairs, threshold)
    if table.empty:
        st.caption("No two mails are as alike as that.")
        return
    note = (
        f"{table['size'].sum():,} of {len(labels):,} mails are in {len(table):,} clusters of "
        f"the same or nearly the same text; in {table['mixed'].sum():,} of them the labels differ."
    )
    if len(table) > ROWS:
        note += f" The table shows the {ROWS:,} largest."
    st.caption(note + " Choose a row to see its mails.")
    listed = table.head(ROWS)
    first = mails(listed["first"].tolist())
    row = mail_view.chosen_row(
        st.dataframe(
            mail_view.cells(
                pd.DataFrame(
                    {
                        "mails": listed["size"],
                        "ham": listed["ham"],
                        "spam": listed["spam"],
                        "both labels": listed["mixed"].map({True: "yes", False: "no"}),
                        "first mail": _excerpts(first),
                    }
                )
            ),
            key=f"{key}_clusters_{threshold:.2f}",
            hide_index=True,
            width="stretch",
            height=mail_view.height(len(listed)),
            on_select="rerun",
            selection_mode="single-row",
            column_config={"first mail": st.column_config.TextColumn(width="large")},
        )
    )
    if row is not None:
        cluster = int(listed["cluster"].iloc[row])
        _one(differences.list_members(labels, pairs, threshold, cluster), mails, f"{key}_{cluster}")


def _one(members: pd.DataFrame, mails: Mails, key: str) -> None:
    """The mails of a cluster; the second, or the chosen one, against the first."""
    frame = mails(members["id"].head(ROWS).tolist())
    if len(members) > ROWS:
        st.caption(f"The first {ROWS:,} of {len(members):,} mails of this cluster.")
    others = frame.iloc[1:]
    st.markdown("**The other mails of the cluster.** Choose one to compare it with the first.")
    row = mail_view.table(others, key=f"{key}_mails")
    first, other = frame.iloc[0], others.iloc[row or 0]
    found = differences.compare_texts(*near_duplicates.join_texts(pd.DataFrame([first, other])))
    text_view.short(
        f"- only in the first mail, {first['id']} ({first['label']})\n"
        f"+ only in this mail, {other['id']} ({other['label']})"
    )
    if found.cut:
        st.caption(
            f"Compared is the beginning of each mail: at most {differences.WORDS:,} words and "
            f"{differences.CHARACTERS:,} characters."
        )
    text = "\n".join(found.lines) or "(no word differs)"
    text_view.whole(text, f"{key}_differences", "differences")


def _excerpts(frame: pd.DataFrame) -> list[str]:
    """The beginning of each mail in one line."""
    texts = near_duplicates.join_texts(frame).str.slice(0, 2 * mail_view.EXCERPT)
    squeezed = texts.str.replace(r"\s+", " ", regex=True).str.strip()
    return squeezed.str.slice(0, mail_view.EXCERPT).tolist()
