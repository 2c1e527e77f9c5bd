"""The findings on the data: a sentence each, its details and mails on demand, and its remedies."""

from collections.abc import Callable, Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import charts
from dashboard.components import chart_view, mail_view, widgets
from pipeline.quality import BINS, LEVELS, Finding, Quality
from pipeline.quality.remedies import Remedy

ROWS = 5000
LANGUAGES = 8
ICONS = {
    "serious": ":red[:material/error:]",
    "warning": ":orange[:material/warning:]",
    "info": ":blue[:material/info:]",
}
WORDS = {
    "serious": ("serious", "serious"),
    "warning": ("warning", "warnings"),
    "info": ("note", "notes"),
}
"""Of one finding and of several."""
DETAILS, MAILS = "Details", "Mails"

Mails = Callable[[Sequence[str]], pd.DataFrame]


def show(report: Quality, mails: Mails, key: str) -> tuple[Finding, Remedy] | None:
    """All findings, the serious ones first; the remedy whose button was pressed, if any.

    Args:
        report: what is wrong with the data.
        mails: gives the canonical mails of some ids.
        key: the prefix of the widgets' keys; another one for another dataset.
    """
    if not report.findings:
        st.caption(":material/check: Nothing stands out in these mails.")
        return None
    levels = [found.level for found in report.findings]
    counts = {level: levels.count(level) for level in LEVELS if level in levels}
    st.caption(", ".join(f"{n} {WORDS[level][n > 1]}" for level, n in counts.items()))
    pressed: tuple[Finding, Remedy] | None = None
    numbered = list(enumerate(report.findings))
    places = {True: st.container(border=True)} if levels[0] != "info" else {}
    if "info" in counts:
        n = counts["info"]
        places[False] = st.expander(f"{n} {WORDS['info'][n > 1]}", expanded=not places)
    for number, finding in numbered:
        with places[finding.level != "info"]:
            remedy = _one(report, finding, mails, f"{key}_{number}_{finding.kind}")
            if remedy is not None:
                pressed = finding, remedy
    return pressed


def _one(report: Quality, finding: Finding, mails: Mails, key: str) -> Remedy | None:
    views = {}
    if finding.table is not None or _figure(report, finding.kind) is not None:
        views[DETAILS] = "Details"
    if finding.ids:
        n = len(finding.ids)
        views[MAILS] = f"{n:,} mail{'s' * (n != 1)}"
    pressed = view = None
    told, offered = st.columns([5, 3], gap="medium")
    with told.container(gap="xxsmall"):
        first, rest = _parts(finding.sentence)
        st.markdown(f"{ICONS[finding.level]} {widgets.literal(first)}")
        if rest:
            st.caption(widgets.literal(rest))
    with offered.container(horizontal=True, gap="small", horizontal_alignment="left"):
        if views:
            view = st.segmented_control(
                "What to see of it",
                list(views),
                format_func=views.__getitem__,
                key=f"{key}_view",
                label_visibility="collapsed",
                width="content",
            )
        for remedy in finding.remedies:
            if _offered(report, remedy, f"{key}_{remedy.kind}"):
                pressed = remedy
    if view == DETAILS:
        _details(report, finding, key)
    elif view == MAILS:
        _mails(finding, mails, key)
    return pressed


def _offered(report: Quality, remedy: Remedy, key: str) -> bool:
    """A button that opens what would happen, and the button that makes it so."""
    with st.popover(f"{widgets.literal(remedy.title)} …", width="content"):
        total = sum(report.counts.values())
        st.markdown(
            widgets.literal(
                f"This drops {remedy.size}: {remedy.subject}."
                if remedy.columns
                else f"This drops {remedy.size} of {total:,}: {remedy.subject}."
            )
        )
        st.caption(
            "It makes a new version of the data that names this one as its parent. The present "
            "version stays, and you can go back to it. Sealed test mails are not touched."
        )
        return st.button("Make the new version", key=key, type="primary")


def _details(report: Quality, finding: Finding, key: str) -> None:
    figure = _figure(report, finding.kind)
    if figure is not None:
        chart_view.draw(figure, f"{key}_chart", _data(report, finding.kind), finding.kind)
    table = finding.table
    if table is not None:
        shares = [c for c in table.columns if c in ("share", "share of spam", "accuracy alone")]
        st.dataframe(
            mail_view.cells(table),
            key=f"{key}_table",
            hide_index=True,
            width="stretch",
            height=mail_view.height(len(table)),
            column_config={c: st.column_config.NumberColumn(format="percent") for c in shares}
            | {"period": st.column_config.DateColumn(format="YYYY-MM-DD")},
        )


def _mails(finding: Finding, mails: Mails, key: str) -> None:
    n = len(finding.ids)
    frame = mails(finding.ids[:ROWS])
    if n > ROWS:
        st.caption(f"The first {ROWS:,} of {n:,} mails.")
    row = mail_view.table(frame, key=f"{key}_mails")
    if row is not None:
        mail_view.show(frame.iloc[row], f"{key}_mail")


def figures(report: Quality, key: str) -> None:
    """The charts of the report side by side in tabs: lengths, time, languages, what is missing."""
    kinds = {"Lengths": "length", "Over time": "drift", "Languages": "language"}
    kinds["Missing"] = "missing"
    drawn = {title: _figure(report, kind) for title, kind in kinds.items()}
    shown = {title: figure for title, figure in drawn.items() if figure is not None}
    for tab, (title, figure) in zip(st.tabs(list(shown)), shown.items(), strict=True):
        with tab:
            kind = kinds[title]
            chart_view.draw(figure, f"{key}_{kind}", _data(report, kind), kind)


def _figure(report: Quality, kind: str) -> go.Figure | None:
    """The chart that belongs to a kind of finding; None without one or without its numbers."""
    if kind == "length":
        histograms = {label: found.histogram for label, found in report.lengths.items()}
        return charts.lengths(histograms, BINS)
    if kind in ("calendar", "drift") and len(report.over_time) > 1:
        return charts.over_time(report.over_time, report.unit)
    if kind == "missing" and len(report.missing_by_class):
        return charts.by_class(report.missing_by_class, "column", "Share of the class without it")
    if kind == "language" and len(report.languages):
        table = report.languages.head(LANGUAGES)
        counts = {label: max(1, n) for label, n in report.counts.items()}
        shares = table.assign(**{label: table[label] / n for label, n in counts.items()})
        return charts.by_class(shares, "language", "Share of the class")
    return None


def _data(report: Quality, kind: str) -> pd.DataFrame:
    """The numbers of `_figure`, as a table."""
    if kind == "length":
        edges = {"from_characters": BINS[:-1], "to_characters": BINS[1:]}
        return pd.DataFrame(edges | {n: found.histogram for n, found in report.lengths.items()})
    if kind in ("calendar", "drift"):
        return report.over_time
    return report.missing_by_class if kind == "missing" else report.languages


def _parts(sentence: str) -> tuple[str, str]:
    """What is the case, and what follows from it."""
    first, dot, rest = sentence.partition(". ")
    return (first + ".", rest) if dot else (sentence, "")
