"""Pieces of the page Labels: the list of mails and what is decided about one of them."""

from collections import Counter

import pandas as pd
import streamlit as st

from dashboard import cache, state
from dashboard.components import mail_view, pages, widgets
from pipeline.errors import SpamlabError
from pipeline.mail.mails import Mails
from pipeline.project import Project
from pipeline.quality import decisions

OPEN = "undecided"


def version(project: Project) -> None:
    """What was done to make this version of the mails, and where to go next."""
    done = project.versions.done.rstrip(".")
    st.success(widgets.literal(f"These mails are a new version: {done}."))
    pages.link_to("train", "Next: train on it and see what changed", project=project)


def make_version(project: Project, decided: dict[str, str]) -> None:
    """The button that carries the decisions out, when there is something to carry out."""
    counts = Counter(decided.values())
    changes = [f"{verb} {counts[verb]:,}" for verb in ("flip", "drop") if counts[verb]]
    label = f"Make a new version: {', '.join(changes)}"
    if not changes or not st.button(label, type="primary", key="labels_apply"):
        return
    try:
        with st.spinner("Making a new version of the mails …"):
            cache.jobs().call(decisions.apply_decisions, project)
    except SpamlabError as error:
        widgets.refuse(error)
    st.rerun()


def choose(found: pd.DataFrame, mails: Mails, decided: dict[str, str]) -> tuple[pd.DataFrame, str]:
    """The mails of the list that are wanted, with their texts, and a key of that choice."""
    leaning = found["suggested"] != found["label"]
    less = int((leaning & ~found["suspicious"]).sum())
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    which = left.segmented_control(
        "Show", [OPEN, "decided", "all"], default=OPEN, required=True, key="labels_show"
    )
    wide = right.toggle(
        f"Also {less:,} that only lean to the other label",
        disabled=not less,
        key="labels_wide",
        help="The model is for the other label, but not surely; here more labels are right.",
    )
    rows = found.assign(decision=[decided.get(mail_id, "") for mail_id in found["id"]])
    rows = rows[rows["suspicious"] | (rows["decision"] != "") | (leaning & bool(wide))]
    if which != "all":
        rows = rows[(rows["decision"] == "") == (which == OPEN)]
    texts = mails.take(rows["id"].to_list(), ["subject", "body"])
    rows = rows.assign(
        subject=texts["subject"].str[: mail_view.EXCERPT].to_numpy(),
        text=[" ".join(b[: 4 * mail_view.EXCERPT].split()) for b in texts["body"]],
    )
    return rows.reset_index(drop=True), f"{which}_{wide}"


def table(rows: pd.DataFrame, choice: str) -> str:
    """The list; the id of the mail that is chosen, at first the one that is next to decide."""
    ids = list(rows["id"])
    following, step = state.next_label()
    start = ids.index(following) if following in ids else 0
    columns = ["label", "suggested", "confidence", "decision", "subject", "text", "id"]
    if not rows["subject"].any():
        columns.remove("subject")
    row = mail_view.chosen_row(
        st.dataframe(
            mail_view.cells(rows[columns]),
            # a new one after each decision: the selection is a position, and the rows have moved
            key=f"labels_table_{choice}_{step}",
            hide_index=True,
            width="stretch",
            height=mail_view.height(len(rows)),
            on_select="rerun",
            selection_mode="single-row",
            selection_default={"selection": {"rows": [start], "columns": [], "cells": []}},
            column_config={
                "label": st.column_config.TextColumn("label given", width="small"),
                "suggested": st.column_config.TextColumn(width="small"),
                "confidence": st.column_config.NumberColumn(
                    format="%.3f",
                    help="P of the suggested label, from a model that has not read it",
                ),
                "decision": st.column_config.TextColumn(width="small"),
                "text": st.column_config.TextColumn(width="large"),
            },
        )
    )
    return ids[row if row is not None and row < len(ids) else start]


def decide(project: Project, rows: pd.DataFrame, mail_id: str) -> None:
    """The buttons that decide about a mail; a press moves on to the next one."""
    ids = list(rows["id"])
    at = ids.index(mail_id)
    mail = rows.iloc[at]
    other = "ham" if mail["label"] == "spam" else "spam"
    words = {
        "keep": f"Keep {mail['label']}",
        "flip": f"Flip to {other}",
        "drop": "Drop the mail",
    }
    with st.container(horizontal=True):
        for decision, word in words.items():
            chosen = mail["decision"] == decision
            if st.button(
                word,
                key=f"labels_{decision}",
                icon=":material/check:" if chosen else None,
                shortcut=decision[0],
                disabled=chosen,
            ):
                decisions.record_decision(project, [mail_id], decision)
                state.go_to_label(ids[at + 1] if at + 1 < len(ids) else None)
                st.rerun()
        if mail["decision"] and st.button("Take back", key="labels_undo"):
            decisions.record_decision(project, [mail_id], None)
            state.go_to_label(mail_id)
            st.rerun()
