"""The review of labels: the mails that look mislabelled, and the decision about each."""

from collections import Counter

import pandas as pd
import streamlit as st

from dashboard import cache, state
from dashboard.components import mail_view, pages, tables, widgets
from pipeline.errors import SpamlabError
from pipeline.mail.mails import Mails
from pipeline.project import Project
from pipeline.quality import decisions
from pipeline.wording import format_count
from pipeline.workspace import live

UNDECIDED = "undecided"


def announce_version(project: Project) -> None:
    """Say how this version of the mails was made, and where to go next."""
    st.success(
        widgets.escape_markdown(
            f"These mails are a new version: {project.versions.correction.rstrip('.')}."
        )
    )
    pages.link_to("train", "Next: train on it and see what changed", project=project)


def search_labels(project: Project, decided: dict[str, str]) -> None:
    """Offer to look for labels that look wrong, and follow the search; reruns when it is done."""
    if decided:  # on the Errors page
        st.markdown(f"{format_count(len(decided), 'mail')} decided so far.")
        offer_version(project, decided)
    st.caption(
        "Each mail is scored by a model that was trained without it. Looking changes nothing."
    )
    work = decisions.name_job(project)
    if st.button("Look for labels that look wrong", type="primary", key="labels_look"):
        cache.jobs().start(work, decisions.review_project_labels, project)
    widgets.follow_work(work)
    if failure := live.read_failure(work):
        st.error(widgets.escape_markdown(failure.sentence), icon=":material/error:")
    elif decisions.read_review(project) is not None:
        st.rerun()


def offer_version(project: Project, decided: dict[str, str]) -> None:
    """Draw the button that carries the decisions out, where there is something to carry out."""
    counts = Counter(decided.values())
    changes = [f"{verb} {counts[verb]:,}" for verb in ("flip", "drop") if counts[verb]]
    label = f"Make a new version: {', '.join(changes)}"
    if not changes or not st.button(label, type="primary", key="labels_apply"):
        return
    try:
        with st.spinner("Making a new version of the mails …"):
            cache.jobs().call(decisions.apply_decisions, project)
    except SpamlabError as error:
        widgets.end_with_error(error)
    st.rerun()


def choose_mails(
    suspects: pd.DataFrame, mails: Mails, decided: dict[str, str]
) -> tuple[pd.DataFrame, str]:
    """The mails to list, with their texts, and a key of that choice."""
    leaning = suspects["suggested"] != suspects["label"]
    n_unsure = int((leaning & ~suspects["suspicious"]).sum())
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    status = left.segmented_control(
        "Show",
        [UNDECIDED, "decided", "all"],
        default=UNDECIDED,
        required=True,
        key="labels_show",
    )
    wide = right.toggle(
        f"Also {n_unsure:,} that only lean to the other label",
        disabled=not n_unsure,
        key="labels_wide",
        help="The model prefers the other label, but is not sure; most of these labels are right.",
    )
    rows = suspects.assign(decision=[decided.get(mail_id, "") for mail_id in suspects["id"]])
    rows = rows[rows["suspicious"] | (rows["decision"] != "") | (leaning & bool(wide))]
    if status != "all":
        rows = rows[(rows["decision"] == "") == (status == UNDECIDED)]
    texts = mails.take(rows["id"].to_list(), ["subject", "body"])
    rows = rows.assign(
        subject=texts["subject"].str[: mail_view.EXCERPT].to_numpy(),
        text=[" ".join(b[: 4 * mail_view.EXCERPT].split()) for b in texts["body"]],
    )
    return rows.reset_index(drop=True), f"{status}_{wide}"


def list_mails(rows: pd.DataFrame, choice: str) -> str:
    """Draw the list; the id of the chosen mail, at first the next one to decide about."""
    ids = list(rows["id"])
    following, step = state.next_label()
    start = ids.index(following) if following in ids else 0
    columns = ["label", "suggested", "confidence", "decision", "subject", "text", "id"]
    if not rows["subject"].any():
        columns.remove("subject")
    row = tables.choose_row(
        rows[columns],
        # a new one after each decision: the selection is a position, and the rows have moved
        f"labels_table_{choice}_{step}",
        columns={
            "label": st.column_config.TextColumn("label given", width="small"),
            "suggested": st.column_config.TextColumn(width="small"),
            "confidence": st.column_config.NumberColumn(
                format="%.3f",
                help="Probability of the suggested label, by a model trained without the mail",
            ),
            "decision": st.column_config.TextColumn(width="small"),
            "text": st.column_config.TextColumn(width="large"),
        },
        start=start,
    )
    return str(ids[row if row is not None and row < len(ids) else start])


def decide_label(project: Project, rows: pd.DataFrame, mail_id: str) -> None:
    """Draw the buttons that decide about a mail; a press moves on to the next one."""
    ids = list(rows["id"])
    position = ids.index(mail_id)
    mail = rows.iloc[position]
    other = "ham" if mail["label"] == "spam" else "spam"
    titles = {
        "keep": f"Keep {mail['label']}",
        "flip": f"Flip to {other}",
        "drop": "Drop the mail",
    }
    with st.container(horizontal=True):
        for decision, title in titles.items():
            is_chosen = mail["decision"] == decision
            if st.button(
                title,
                key=f"labels_{decision}",
                icon=":material/check:" if is_chosen else None,
                shortcut=decision[0],
                disabled=is_chosen,
            ):
                decisions.record_decision(project, [mail_id], decision)
                state.go_to_label(ids[position + 1] if position + 1 < len(ids) else None)
                st.rerun()
        if mail["decision"] and st.button("Undo", key="labels_undo"):
            decisions.record_decision(project, [mail_id], None)
            state.go_to_label(mail_id)
            st.rerun()
