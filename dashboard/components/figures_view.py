"""The figures of several runs in one table."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import pandas as pd
import streamlit as st

from dashboard.components import mail_view, widgets
from pipeline.evaluation import wording
from pipeline.evaluation.figures import FIGURES, MAIN
from pipeline.evaluation.intervals import Interval


def draw_figures(
    summaries: Mapping[str, Mapping[str, float]],
    intervals: Mapping[str, Mapping[str, Interval]] | None = None,
    key: str = "figures",
) -> None:
    """One row a figure, one column a run, and what the figure means; the main ones first.

    Args:
        summaries: by the run's name, the figures of `Evaluation.summary`; one that is missing, as
            in what an older version stored, is a dash.
        intervals: by the run's name, its intervals; a run may be missing.
        key: of the download, where a page has two tables.
    """
    intervals = intervals or {}
    main = [name for name in FIGURES if name in MAIN]
    rest = [name for name in FIGURES if name not in MAIN]
    _rows(main, summaries, intervals)
    _mails(summaries)
    _notes(main, intervals)
    with st.expander("All figures"):
        _rows(rest, summaries, intervals)
        _notes(rest, intervals)
        st.download_button(
            "All figures as CSV",
            lambda: mail_view.build_csv(tabulate_figures(summaries, intervals)),
            "figures.csv",
            "text/csv",
            key=f"{key}_download",
            icon=":material/download:",
        )


def tabulate_figures(
    summaries: Mapping[str, Mapping[str, float]],
    intervals: Mapping[str, Mapping[str, Interval]],
) -> pd.DataFrame:
    """run, figure, title, value, low, high, how, note: one row a run and figure, unrounded."""
    rows = []
    for run, summary in summaries.items():
        for name, one in FIGURES.items():
            row = {"run": run, "figure": name, "title": one.title, "value": summary.get(name)}
            if run in intervals:
                row |= asdict(intervals[run][name])
            rows.append(row)
    return pd.DataFrame(rows)


def _rows(
    names: Sequence[str],
    summaries: Mapping[str, Mapping[str, float]],
    intervals: Mapping[str, Mapping[str, Interval]],
) -> None:
    rows = [
        {
            "figure": FIGURES[name].title,
            **{
                run: wording.figure(name, summary.get(name), intervals.get(run, {}).get(name))
                for run, summary in summaries.items()
            },
            "what it says": FIGURES[name].meaning,
        }
        for name in names
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        width="stretch",
        height=widgets.compute_table_height(len(rows)),
    )


def _mails(summaries: Mapping[str, Mapping[str, float]]) -> None:
    mails = {n: f"{s['n_ham']:,.0f} ham and {s['n_spam']:,.0f} spam" for n, s in summaries.items()}
    if len(set(mails.values())) == 1:
        st.caption(f"On {next(iter(mails.values()))}.")
    else:
        st.caption("; ".join(f"{name}: {text}" for name, text in mails.items()) + ".")


def _notes(names: Sequence[str], intervals: Mapping[str, Mapping[str, Interval]]) -> None:
    """What the mails can hardly carry, each sentence once, with the figures and runs it is of."""
    notes: dict[str, dict[str, list[str]]] = {}
    for run, found in intervals.items():
        for name in names:
            if found[name].note:
                of = notes.setdefault(found[name].note, {})
                of.setdefault(FIGURES[name].title, []).append(run)
    for note, of in notes.items():
        runs = {run for some in of.values() for run in some}
        where = f" ({', '.join(sorted(runs))})" if len(intervals) > len(runs) else ""
        titles = ", ".join(of) if len(of) <= 3 else f"{len(of)} figures"
        st.caption(widgets.escape_markdown(f"{titles}{where}: {note}."))
