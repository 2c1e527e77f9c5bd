"""Mails like the open one: the nearest train mails of each class, and near-duplicates."""

import pandas as pd
import streamlit as st

from dashboard import cache
from dashboard.app_pages.errors import shaded_text
from dashboard.components import mail_view, tables, text_view, widgets
from pipeline.explain import neighbours
from pipeline.project import Project
from pipeline.runs.store import Run
from pipeline.similarity import differences, near_duplicates

ROWS = 200
"""Mails of a cluster that are listed; a cut is always said."""


@st.fragment
def draw_similar_mails(project: Project, run: Run, mail_id: str) -> None:
    """Draw two short lists of train mails, the cluster of the mail, and the chosen mails."""
    mail = cache.mail(project, mail_id).iloc[0]
    nearest = cache.neighbours(project, run.id, mail_id)
    st.markdown(f"**{nearest.in_words()}**")
    st.caption(
        "Nearest by the features of this run: a similarity of 1 means the same features in the "
        "same proportion, 0 means none in common. Choose a row to read the mail."
    )
    chosen = []
    for label in ("spam", "ham"):
        st.markdown(f"**Nearest {label} in train**")
        rows = nearest.select_label(label)
        if rows.empty:
            st.caption(f"No {label} in train has anything in common with this mail.")
            continue
        key = f"neighbours_{label}_{run.id}_{mail_id}"
        row = _list_mails(project, rows["id"].tolist(), {"similarity": rows["similarity"]}, key)
        if row is not None:
            like = f"similarity {rows['similarity'][row]:.2f}"
            chosen.append((rows["id"][row], f"train mail, {label}, {like}"))
    alike = neighbours.find_copies(cache.clusters(project), mail_id)
    st.markdown("**Near-duplicates of this mail**")
    if not alike:
        st.caption("No other mail in train or validation has nearly the same text.")
    else:
        if len(alike) > ROWS:
            st.caption(f"The first {ROWS:,} of {len(alike):,}.")
        labels = cache.mails(project).heads.set_index("id")["label"]
        listed = alike[:ROWS]
        parts = _find_parts(project, listed)
        more = {"label": pd.Series([labels[i] for i in listed]), "part": pd.Series(parts)}
        row = _list_mails(project, listed, more, f"neighbours_cluster_{mail_id}")
        if row is not None:
            description = f"{parts[row]} mail, {labels[listed[row]]}, nearly the same text"
            chosen.append((listed[row], description))
    for number, (other, description) in enumerate(chosen):
        _draw_chosen(project, mail, other, description, f"neighbours_mail_{number}")


def _find_parts(project: Project, ids: list[str]) -> list[str]:
    """The part of each mail."""
    split = cache.split(project)
    train = set(split.train) if split else set()
    return ["train" if i in train else "validation" for i in ids]


def _list_mails(
    project: Project, ids: list[str], more: dict[str, pd.Series], key: str
) -> int | None:
    """Draw a short table of mails; the position of the chosen one, or None."""
    texts = cache.mails(project).take(ids, ["subject", "body"])
    lines = near_duplicates.join_texts(texts).str[: 4 * mail_view.EXCERPT]
    squeezed = lines.str.split().str.join(" ").str[: mail_view.EXCERPT]
    rows = pd.DataFrame(
        {
            **{name: values.to_numpy() for name, values in more.items()},
            "text": squeezed.map(shaded_text.show_invisible).to_numpy(),
            "id": ids,
        }
    )
    return tables.choose_row(
        rows,
        key,
        columns={
            "similarity": st.column_config.NumberColumn(format="%.2f", width="small"),
            "label": st.column_config.TextColumn(width="small"),
            "part": st.column_config.TextColumn(width="small"),
            "text": st.column_config.TextColumn(width="large"),
        },
    )


def _draw_chosen(
    project: Project, mail: pd.Series, other_id: str, description: str, key: str
) -> None:
    """Draw a chosen mail, and how it differs from the open one."""
    other = cache.mails(project).take([other_id]).iloc[0]
    st.markdown(widgets.escape_markdown(f"A {description}:"))
    mail_view.draw_mail(other, key)
    difference = differences.compare_texts(*near_duplicates.join_texts(pd.DataFrame([mail, other])))
    with st.popover("How it differs", icon=":material/difference:"):
        st.caption("− is only in the open mail, + only in this one.")
        if difference.cut:
            st.caption(f"Only the first {differences.WORDS:,} words of each mail are compared.")
        text = "\n".join(difference.lines) or "(no word differs)"
        text_view.draw_whole_text(text, f"{key}_differences", "differences")
