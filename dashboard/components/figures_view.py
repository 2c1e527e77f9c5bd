"""The figures of several runs in one table, with intervals and notes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import pandas as pd
import streamlit as st

from dashboard.components import tables, widgets
from pipeline.evaluation import wording
from pipeline.evaluation.figures import FIGURES, MAIN
from pipeline.evaluation.intervals import Interval


def draw_figures(
    summaries: Mapping[str, Mapping[str, float]],
    intervals: Mapping[str, Mapping[str, Interval]] | None = None,
    key: str = "figures",
) -> None:
    """Draw a row for each figure and a column for each run; the main figures first.

    Args:
        summaries: by the run's name, the figures of `Evaluation.summary`; one that an older version
            did not store is shown as a dash.
        intervals: by the run's name, its intervals; a run may be missing.
        key: the prefix of the widgets' keys, for a page with two tables.
    """
    intervals = intervals or {}
    main = [name for name in FIGURES if name in MAIN]
    rest = [name for name in FIGURES if name not in MAIN]
    _draw_table(main, summaries, intervals)
    _count_mails(summaries)
    _list_notes(main, intervals)
    with st.expander("All figures"):
        _draw_table(rest, summaries, intervals)
        _list_notes(rest, intervals)
        tables.offer_csv(
            "All figures as CSV",
            lambda: tabulate_figures(summaries, intervals),
            "figures",
            f"{key}_download",
        )


def tabulate_figures(
    summaries: Mapping[str, Mapping[str, float]],
    intervals: Mapping[str, Mapping[str, Interval]],
) -> pd.DataFrame:
    """Tabulate a row for each run and figure: run, figure, title, value, low, high, how, note."""
    rows = []
    for run, summary in summaries.items():
        for name, figure in FIGURES.items():
            row = {"run": run, "figure": name, "title": figure.title, "value": summary.get(name)}
            if run in intervals:
                row |= asdict(intervals[run][name])
            rows.append(row)
    return pd.DataFrame(rows)


def _draw_table(
    names: Sequence[str],
    summaries: Mapping[str, Mapping[str, float]],
    intervals: Mapping[str, Mapping[str, Interval]],
) -> None:
    rows = [
        {
            "figure": FIGURES[name].title,
            **{
                run: wording.format_figure(
                    name, summary.get(name), intervals.get(run, {}).get(name)
                )
                for run, summary in summaries.items()
            },
            "meaning": FIGURES[name].meaning,
        }
        for name in names
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        width="stretch",
        height=tables.compute_height(len(rows), most=None),
        column_config=dict.fromkeys(summaries, st.column_config.TextColumn(alignment="right")),
    )


def _count_mails(summaries: Mapping[str, Mapping[str, float]]) -> None:
    mails = {n: f"{s['n_ham']:,.0f} ham and {s['n_spam']:,.0f} spam" for n, s in summaries.items()}
    if len(set(mails.values())) == 1:
        st.caption(f"On {next(iter(mails.values()))}.")
    else:
        st.caption("; ".join(f"{name}: {text}" for name, text in mails.items()) + ".")


def _list_notes(names: Sequence[str], intervals: Mapping[str, Mapping[str, Interval]]) -> None:
    """List the reservations about intervals, each sentence once, with its figures and runs."""
    notes: dict[str, dict[str, list[str]]] = {}
    for run, by_figure in intervals.items():
        for name in names:
            if by_figure[name].note:
                titles = notes.setdefault(by_figure[name].note, {})
                titles.setdefault(FIGURES[name].title, []).append(run)
    for note, titles in notes.items():
        runs = {run for concerned in titles.values() for run in concerned}
        where = f" ({', '.join(sorted(runs))})" if len(intervals) > len(runs) else ""
        subject = ", ".join(titles) if len(titles) <= 3 else f"{len(titles)} figures"
        st.caption(widgets.escape_markdown(f"{subject}{where}: {note}."))
