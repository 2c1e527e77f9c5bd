"""What the runs would do in the user's own inbox: ham lost and spam seen in a mean week."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import cache, state
from dashboard.components import widgets
from pipeline.evaluation import wording
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.prevalence import expect_in_inbox
from pipeline.project import Project
from pipeline.runs.store import Run

SHARE, MAILS = 30.0, 50.0
"""Percent of spam, and mails per day, until the user says otherwise."""


def draw_inbox(project: Project, runs: Sequence[Run], points: Mapping[str, OperatingPoint]) -> None:
    """Ask about the inbox, and list what each run would do there in a week.

    Args:
        points: the operating points by the run's id.
    """
    st.markdown(
        "Your inbox may have another share of spam than the validation mails. Say what comes in, "
        "and see the figures for that."
    )
    share, mails = _ask_about_inbox(project)
    rows: list[dict[str, str]] = []
    notes: dict[str, list[str]] = {}
    for run in runs:
        expected = expect_in_inbox(
            cache.evaluation(run.id),
            points[run.id],
            cache.resamples(project, run.id),
            share / 100,
            mails,
        )
        row = {"run": run.name, "ham lost a week": wording.format_week(*expected["ham_lost"])}
        row["spam seen a week"] = wording.format_week(*expected["spam_seen"])
        if "unsure" in expected:
            row["unsure a week"] = wording.format_week(*expected["unsure"])
        row["precision"] = wording.format_figure("precision", *expected["precision"])
        rows.append(row)
        for _, interval in expected.values():
            if interval.note:
                notes.setdefault(interval.note, []).append(run.name)
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch", key="inbox_table")
    st.caption(
        f"Out of {7 * mails:,.0f} mails a week, {7 * mails * share / 100:,.0f} of them spam. In "
        "brackets, the 95% interval of the mean week; single weeks vary around it. It holds for "
        "an inbox whose ham and spam are like those of the validation mails."
    )
    for note, names in notes.items():
        where = "" if len(set(names)) == len(runs) else f"{', '.join(dict.fromkeys(names))}: "
        st.caption(widgets.escape_markdown(f"{where}{note}."))


def _ask_about_inbox(project: Project) -> tuple[float, float]:
    """Percent of spam, and mails per day; kept with the project."""
    kept = project.settings.inbox or {}
    share = state.Field[float](f"inbox_share_{project.name}")
    mails = state.Field[float](f"inbox_mails_{project.name}")
    # the project's answers win, also when another tab changed them
    share.fill(float(kept.get("share", SHARE)))
    mails.fill(float(kept.get("mails", MAILS)))

    def keep() -> None:
        project.change(inbox={"share": share.value, "mails": mails.value})

    left, right = st.columns(2)
    left.number_input(
        "Share of spam in your incoming mail (%)", 0.0, 100.0, step=5.0, format="%.1f",
        key=share.key, on_change=keep,
    )  # fmt: skip
    right.number_input(
        "Mails per day", 0.0, 1e7, step=10.0, format="%.0f", key=mails.key, on_change=keep
    )
    return share.value, mails.value
