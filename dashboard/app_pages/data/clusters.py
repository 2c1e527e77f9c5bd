"""Clusters of near-duplicate mails: how many and how large, and how their mails differ."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from dashboard.components import mail_view, tables, text_view
from pipeline.similarity import differences, near_duplicates
from pipeline.similarity.near_duplicates import Pairs

ROWS = 500
"""Clusters, or mails of a cluster, that are listed; a cut is always said."""

TakeMails = Callable[[Sequence[str]], pd.DataFrame]
"""Gives the mails with some ids, in that order, with the columns of a Dataset."""


def draw_clusters(labels: pd.DataFrame, pairs: Pairs, take_mails: TakeMails, key: str) -> None:
    """List the clusters by size; show the mails of the chosen one and how they differ.

    Args:
        labels: id and label of the mails that `pairs` came from, in their order.
        pairs: the near-duplicates.
        take_mails: is asked only for the mails that are listed.
        key: the prefix of the widgets' keys.
    """
    labels = labels.reset_index(drop=True)
    threshold = st.slider(
        "Minimum similarity",
        near_duplicates.LOWEST_SIMILARITY,
        1.0,
        near_duplicates.DEFAULT_SIMILARITY,
        0.05,
        key=f"{key}_threshold",
        help="The share of their words that two mails have in common. At 1.00 only mails with the "
        "same words form a cluster. Clusters are chains: if A is like B and B is like C, all three "
        "are in one cluster.",
    )
    table = differences.tabulate_clusters(labels, pairs, threshold)
    if table.empty:
        st.caption("No two mails are that similar.")
        return
    note = (
        f"{table['size'].sum():,} of {len(labels):,} mails are in {len(table):,} clusters of the "
        f"same or nearly the same text; in {table['mixed'].sum():,} of these the labels differ."
    )
    if len(table) > ROWS:
        note += f" The table shows the {ROWS:,} largest."
    st.caption(note + " Choose a row to see its mails.")
    listed = table.head(ROWS)
    first_mails = take_mails(listed["first"].tolist())
    row = tables.choose_row(
        pd.DataFrame(
            {
                "mails": listed["size"],
                "ham": listed["ham"],
                "spam": listed["spam"],
                "both labels": listed["mixed"].map({True: "yes", False: "no"}),
                "first mail": _excerpt(first_mails),
            }
        ),
        f"{key}_clusters_{threshold:.2f}",
        columns={"first mail": st.column_config.TextColumn(width="large")},
    )
    if row is not None:
        cluster = int(listed["cluster"].iloc[row])
        members = differences.list_members(labels, pairs, threshold, cluster)
        _draw_cluster(members, take_mails, f"{key}_{cluster}")


def _draw_cluster(members: pd.DataFrame, take_mails: TakeMails, key: str) -> None:
    """List the mails of a cluster; compare the second, or the chosen one, with the first."""
    frame = take_mails(members["id"].head(ROWS).tolist())
    if len(members) > ROWS:
        st.caption(f"The first {ROWS:,} of {len(members):,} mails of this cluster.")
    others = frame.iloc[1:]
    st.markdown("**The other mails of the cluster.** Choose one to compare it with the first.")
    row = mail_view.list_mails(others, key=f"{key}_mails")
    first, other = frame.iloc[0], others.iloc[row or 0]
    difference = differences.compare_texts(
        *near_duplicates.join_texts(pd.DataFrame([first, other]))
    )
    text_view.draw_short_text(
        f"- only in the first mail, {first['id']} ({first['label']})\n"
        f"+ only in this mail, {other['id']} ({other['label']})"
    )
    if difference.cut:
        st.caption(
            f"Only the beginning of each mail is compared: at most {differences.WORDS:,} words and "
            f"{differences.CHARACTERS:,} characters."
        )
    text = "\n".join(difference.lines) or "(no word differs)"
    text_view.draw_whole_text(text, f"{key}_differences", "differences")


def _excerpt(frame: pd.DataFrame) -> list[str]:
    """The beginning of each mail in one line."""
    texts = near_duplicates.join_texts(frame).str.slice(0, 2 * mail_view.EXCERPT)
    squeezed = texts.str.replace(r"\s+", " ", regex=True).str.strip()
    return list(squeezed.str.slice(0, mail_view.EXCERPT).tolist())
