"""What the runs would do in the user's own inbox: ham lost and spam seen in an ordinary week."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import cache
from dashboard.components import widgets
from pipeline.evaluation import wording
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.prevalence import expect_in_inbox
from pipeline.project import Project
from pipeline.runs.store import Run

SHARE, MAILS = 30.0, 50.0
"""Percent of spam and mails a day, until the user says otherwise."""


def show(project: Project, runs: Sequence[Run], points: Mapping[str, OperatingPoint]) -> None:
    """Two questions, kept with the project, and a row a run.

    Args:
        points: by the run's id.
    """
    st.markdown(
        "The validation mails hold another share of spam than your inbox, perhaps. Say what comes "
        "in, and the figures are worked out for that."
    )
    share, mails = _questions(project)
    rows: list[dict[str, str]] = []
    notes: dict[str, list[str]] = {}
    for run in runs:
        found = expect_in_inbox(
            cache.evaluation(run.id),
            points[run.id],
            cache.resamples(project, run.id),
            share / 100,
            mails,
        )
        row = {"run": run.name, "ham lost a week": wording.week(*found["ham_lost"])}
        row["spam seen a week"] = wording.week(*found["spam_seen"])
        if "unsure" in found:
            row["unsure a week"] = wording.week(*found["unsure"])
        row["precision"] = wording.figure("precision", *found["precision"])
        rows.append(row)
        for _, interval in found.values():
            if interval.note:
                notes.setdefault(interval.note, []).append(run.name)
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch", key="inbox_table")
    st.caption(
        f"Of {7 * mails:,.0f} mails a week, {7 * mails * share / 100:,.0f} of them spam. In "
        "brackets, where the mean week lies with 95 % certainty; a single week scatters round it. "
        "It holds for an inbox whose ham and spam are like those of the validation mails."
    )
    for note, names in notes.items():
        where = "" if len(set(names)) == len(runs) else f"{', '.join(dict.fromkeys(names))}: "
        st.caption(widgets.escape_markdown(f"{where}{note}."))


def _questions(project: Project) -> tuple[float, float]:
    """Percent of spam and mails a day, as the project remembers them."""
    kept = project.settings.inbox or {}
    keys = {"share": f"inbox_share_{project.name}", "mails": f"inbox_mails_{project.name}"}
    # the project's word counts, also when another tab changed it
    st.session_state[keys["share"]] = float(kept.get("share", SHARE))
    st.session_state[keys["mails"]] = float(kept.get("mails", MAILS))

    def keep() -> None:
        project.change(inbox={name: st.session_state[key] for name, key in keys.items()})

    left, right = st.columns(2)
    left.number_input(
        "Spam among the mails that come in, %", 0.0, 100.0, step=5.0, format="%.1f",
        key=keys["share"], on_change=keep,
    )  # fmt: skip
    right.number_input(
        "Mails a day", 0.0, 1e7, step=10.0, format="%.0f", key=keys["mails"], on_change=keep
    )
    return st.session_state[keys["share"]], st.session_state[keys["mails"]]
