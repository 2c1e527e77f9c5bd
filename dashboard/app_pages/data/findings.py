"""What is wrong with the mails: each finding with its details, its mails and its remedies."""

from collections.abc import Callable, Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import cache, charts, state
from dashboard.components import chart_view, mail_view, tables, widgets
from pipeline.errors import SpamlabError
from pipeline.mail.mails import Mails
from pipeline.project import Project, uploads
from pipeline.quality import BINS, LEVELS, Finding, Quality
from pipeline.quality.project_quality import apply_remedy
from pipeline.quality.remedies import Remedy
from pipeline.workspace import live

ROWS = 5000
"""Mails of a finding that are listed; a cut is always said."""
LANGUAGES = 8
"""Languages in the chart, the most frequent first; the table of the finding has all."""
ICONS = {
    "serious": ":red[:material/error:]",
    "warning": ":orange[:material/warning:]",
    "info": ":blue[:material/info:]",
}
NOUNS = {
    "serious": ("serious", "serious"),
    "warning": ("warning", "warnings"),
    "info": ("note", "notes"),
}
"""What one finding of a level is called, and what several are."""
DETAILS, MAILS = "Details", "Mails"

TakeMails = Callable[[Sequence[str]], pd.DataFrame]
"""Gives the mails with some ids, in that order, with the columns of a Dataset."""


def report_findings(project: Project, mails: Mails) -> Quality | None:
    """Draw what is wrong with the mails; returns None while the search for near-duplicates runs."""
    work = uploads.name_copies_job(project)
    failure = live.read_failure(work)
    if not project.mails.pairs_path.exists() and failure is None:
        cache.jobs().start(work, uploads.search_near_duplicates, project.name)
        if not project.mails.pairs_path.exists():
            _draw_progress(work)
            return None
    if failure is not None:
        st.warning(
            widgets.escape_markdown(f"The search for near-duplicates failed: {failure.sentence}"),
            icon=":material/warning:",
        )
        if st.button("Look for them again", key="data_copies_again"):
            live.clear(work)
            st.rerun()
    report = cache.quality_report(project)
    chosen = draw_findings(report, mails.take, f"data_{project.settings.dataset}")
    if chosen:
        _, remedy = chosen
        try:
            with st.spinner("Making a new version of the mails …"):
                cache.jobs().call(apply_remedy, project, remedy)
        except SpamlabError as error:
            widgets.end_with_error(error)
        state.say_next(project.versions.correction)
        st.rerun()
    return report


@st.fragment(run_every=0.5)
def _draw_progress(work: str) -> None:
    """A progress bar that leaves the rest of the page free to use."""
    progress = live.read_state(work)
    if not live.is_held(work) or progress is None:
        st.rerun()
    st.progress(progress.share, widgets.describe_progress(progress))


def draw_findings(
    report: Quality, take_mails: TakeMails, key: str
) -> tuple[Finding, Remedy] | None:
    """Draw all findings, the serious ones first; the remedy whose button was pressed, if any.

    Args:
        report: what is wrong with the data.
        take_mails: gives the mails with some ids.
        key: the prefix of the widgets' keys; another one for another dataset.
    """
    if not report.findings:
        st.caption(":material/check: Nothing stands out in these mails.")
        return None
    levels = [finding.level for finding in report.findings]
    counts = {level: levels.count(level) for level in LEVELS if level in levels}
    st.caption(", ".join(f"{n} {NOUNS[level][n > 1]}" for level, n in counts.items()))
    pressed: tuple[Finding, Remedy] | None = None
    has_problems = levels[0] != "info"
    places = {True: st.container(border=True)} if has_problems else {}
    if "info" in counts:
        n = counts["info"]
        places[False] = st.expander(f"{n} {NOUNS['info'][n > 1]}", expanded=not has_problems)
    for number, finding in enumerate(report.findings):
        with places[finding.level != "info"]:
            remedy = _draw_finding(report, finding, take_mails, f"{key}_{number}_{finding.kind}")
            if remedy is not None:
                pressed = finding, remedy
    return pressed


def _draw_finding(
    report: Quality, finding: Finding, take_mails: TakeMails, key: str
) -> Remedy | None:
    views = {}
    if finding.table is not None or _plot_finding(report, finding.kind) is not None:
        views[DETAILS] = "Details"
    if finding.ids:
        n = len(finding.ids)
        views[MAILS] = f"{n:,} mail{'s' * (n != 1)}"
    pressed = view = None
    sentence_place, button_place = st.columns([5, 3], gap="medium")
    with sentence_place.container(gap="xxsmall"):
        first, rest = _split_sentence(finding.sentence)
        st.markdown(f"{ICONS[finding.level]} {widgets.escape_markdown(first)}")
        if rest:
            st.caption(widgets.escape_markdown(rest))
    with button_place.container(horizontal=True, gap="small", horizontal_alignment="left"):
        if views:
            view = st.segmented_control(
                "View",
                list(views),
                format_func=views.__getitem__,
                key=f"{key}_view",
                label_visibility="collapsed",
                width="content",
            )
        for remedy in finding.remedies:
            if _offer_remedy(report, remedy, f"{key}_{remedy.kind}"):
                pressed = remedy
    if view == DETAILS:
        _draw_details(report, finding, key)
    elif view == MAILS:
        _list_mails(finding, take_mails, key)
    return pressed


def _offer_remedy(report: Quality, remedy: Remedy, key: str) -> bool:
    """A button that says what a remedy would do; whether the button that does it was pressed."""
    with st.popover(f"{widgets.escape_markdown(remedy.title)} …", width="content"):
        total = sum(report.counts.values())
        st.markdown(
            widgets.escape_markdown(
                f"This drops {remedy.size}: {remedy.subject}."
                if remedy.columns
                else f"This drops {remedy.size} of {total:,}: {remedy.subject}."
            )
        )
        st.caption(
            "It makes a new version of the data and keeps the current one, to which you can "
            "return. Sealed test mails are not touched."
        )
        return st.button("Make the new version", key=key, type="primary")


def _draw_details(report: Quality, finding: Finding, key: str) -> None:
    chart = _plot_finding(report, finding.kind)
    if chart is not None:
        data = _select_chart_data(report, finding.kind)
        chart_view.draw_chart(chart, f"{key}_chart", data, finding.kind)
    table = finding.table
    if table is not None:
        shares = [c for c in table.columns if c in ("share", "share of spam", "accuracy alone")]
        st.dataframe(
            tables.render_cells(table),
            key=f"{key}_table",
            hide_index=True,
            width="stretch",
            height=tables.compute_height(len(table)),
            column_config={c: st.column_config.NumberColumn(format="percent") for c in shares}
            | {"period": st.column_config.DateColumn(format="YYYY-MM-DD")},
        )


def _list_mails(finding: Finding, take_mails: TakeMails, key: str) -> None:
    n = len(finding.ids)
    frame = take_mails(finding.ids[:ROWS])
    if n > ROWS:
        st.caption(f"The first {ROWS:,} of {n:,} mails.")
    row = mail_view.list_mails(frame, key=f"{key}_mails")
    if row is not None:
        mail_view.draw_mail(frame.iloc[row], f"{key}_mail")


def draw_quality_charts(report: Quality, key: str) -> None:
    """Draw the charts of the report in tabs: lengths, time, languages, missing fields."""
    kinds = {"Lengths": "length", "Over time": "drift", "Languages": "language"}
    kinds["Missing"] = "missing"
    candidates = {title: _plot_finding(report, kind) for title, kind in kinds.items()}
    drawn = {title: chart for title, chart in candidates.items() if chart is not None}
    for tab, (title, chart) in zip(st.tabs(list(drawn)), drawn.items(), strict=True):
        with tab:
            kind = kinds[title]
            chart_view.draw_chart(chart, f"{key}_{kind}", _select_chart_data(report, kind), kind)


def _plot_finding(report: Quality, kind: str) -> go.Figure | None:
    """The chart that belongs to a kind of finding; None where there is none, or no numbers."""
    if kind == "length":
        histograms = {label: length.histogram for label, length in report.lengths.items()}
        return charts.plot_lengths(histograms, BINS)
    if kind in ("calendar", "drift") and len(report.over_time) > 1:
        return charts.plot_over_time(report.over_time, report.unit)
    if kind == "missing" and len(report.missing_by_class):
        return charts.plot_by_class(
            report.missing_by_class, "column", "Share of the class without it"
        )
    if kind == "language" and len(report.languages):
        table = report.languages.head(LANGUAGES)
        counts = {label: max(1, n) for label, n in report.counts.items()}
        shares = table.assign(**{label: table[label] / n for label, n in counts.items()})
        return charts.plot_by_class(shares, "language", "Share of the class")
    return None


def _select_chart_data(report: Quality, kind: str) -> pd.DataFrame:
    """The numbers that `_plot_finding` draws."""
    if kind == "length":
        edges = {"from_characters": BINS[:-1], "to_characters": BINS[1:]}
        histograms = {label: length.histogram for label, length in report.lengths.items()}
        return pd.DataFrame(edges | histograms)
    if kind in ("calendar", "drift"):
        return report.over_time
    return report.missing_by_class if kind == "missing" else report.languages


def _split_sentence(sentence: str) -> tuple[str, str]:
    """What a finding says is wrong, and what it says follows from that."""
    first, dot, rest = sentence.partition(". ")
    return (first + ".", rest) if dot else (sentence, "")
