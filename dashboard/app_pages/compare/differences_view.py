"""Every figure of two runs with its difference, as a table and as a forest plot."""

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import charts
from dashboard.app_pages.compare.form import Entry
from dashboard.components import chart_view, mail_view, widgets
from pipeline import comparison
from pipeline.comparison import CommonMails, Comparison, verdicts
from pipeline.evaluation.figures import FIGURES

MAIN = ("f1", "precision", "recall", "hm", "sm", "one_minus_auc", "average_precision", "log_loss")
"""Figures that are shown at once; the others are one click away."""


def show(
    pair: tuple[Entry, Entry], shared: CommonMails, found: Comparison, comparisons: int
) -> None:
    """Every figure of both with the difference, its interval and the verdict; a forest plot."""
    table = rows(pair, shared, found, comparisons)
    main = list(MAIN)
    _show(table.loc[main], "compare_figures")
    drawn = forest(found, [k for k in main if verdicts.get_unit(k)])
    if drawn.empty:
        st.caption("No figure has an interval that could be drawn.")
    else:
        chart_view.draw(
            charts.differences(drawn, "Difference in points (hundredths)"),
            key="compare_forest",
            data=drawn,
            name="compare-differences",
        )
        st.caption(
            "The line is the 95 % interval; where it does not reach 0, the difference is more than "
            "luck. Of hm%, sm% and (1-ROCA)% less is better. Log loss has another unit and is in "
            "the table only."
        )
    with st.expander("All other figures"):
        _show(table.drop(index=main), "compare_figures_rest")
        st.caption(
            "The answer above rests on F1, chosen beforehand. Of twenty figures that do not really "
            "differ, one would stand out by luck."
        )
    for entry in pair:
        if len(entry.runs) > 1:
            _spread(entry, shared)
    st.download_button(
        "Download all figures as CSV",
        lambda: mail_view.csv(table),
        file_name="compare-figures.csv",
        mime="text/csv",
        key="compare_download_figures",
        icon=":material/download:",
        on_click="ignore",
    )


def rows(
    pair: tuple[Entry, Entry], shared: CommonMails, found: Comparison, comparisons: int
) -> pd.DataFrame:
    """Index the keys of `FIGURES`; both values, difference, interval, verdict, meaning, as text."""
    spreads = [
        comparison.compute_seed_spread(entry.on(shared)) if len(entry.runs) > 1 else None
        for entry in pair
    ]
    told = {}
    for key, one in found.differences.items():
        form, by = FIGURES[key].form, verdicts.get_scale(key)
        interval = one.interval
        low, high = interval.low * by, interval.high * by
        digits = verdicts.choose_digits(low, high)
        values = {}
        for entry, value, spread in zip(pair, (one.a, one.b), spreads, strict=True):
            text = number(form, value)
            if spread is not None:
                ends = (number(form, spread.loc[key, end]) for end in ("least", "most"))
                text += f" ({' to '.join(ends)})"
            values[entry.name] = text
        told[key] = {
            "figure": FIGURES[key].title,
            **values,
            "difference": "–"
            if not math.isfinite(one.difference)
            else " ".join(
                [verdicts.format_amount(one.difference * by, digits), verdicts.get_unit(key)]
            ).strip(),
            "95 % interval": "none"
            if math.isnan(low)
            else f"{low:.{digits}f} to {high:.{digits}f}".replace("-", "−"),
            "verdict": verdicts.shorten_verdict(one),
            "what it says": FIGURES[key].meaning,
            "in words": verdicts.describe_verdict(one, found.n, comparisons),
        }
    return pd.DataFrame.from_dict(told, orient="index")


def number(form: str, value: float) -> str:
    """A figure in its form, or a word where it is no number."""
    if math.isnan(value):
        return "–"
    return "infinite" if math.isinf(value) else form.format(value)


def forest(found: Comparison, keys: Sequence[str]) -> pd.DataFrame:
    """figure, difference, low, high (points) and verdict of the figures that have an interval."""
    return pd.DataFrame(
        [
            {
                "figure": FIGURES[key].title,
                "difference": one.difference * verdicts.get_scale(key),
                "low": one.interval.low * verdicts.get_scale(key),
                "high": one.interval.high * verdicts.get_scale(key),
                "verdict": verdicts.shorten_verdict(one),
            }
            for key, one in ((k, found.differences[k]) for k in keys)
            if math.isfinite(one.interval.low) and math.isfinite(one.difference)
        ]
    )


def _show(table: pd.DataFrame, key: str) -> None:
    st.dataframe(
        table.drop(columns="in words"),
        hide_index=True,
        width="stretch",
        height=widgets.table_height(len(table)),
        key=key,
        column_config={
            "verdict": st.column_config.TextColumn(
                help="The sentence that belongs to it is in the download."
            ),
            "what it says": st.column_config.TextColumn(width="medium"),
        },
    )


def _spread(entry: Entry, shared: CommonMails) -> None:
    """The figures of several seeds: mean, least, most and standard deviation."""
    with st.expander(f"The {len(entry.runs)} seeds of {widgets.literal(entry.name)}"):
        table = comparison.compute_seed_spread(entry.on(shared)).loc[list(MAIN)]
        told = table.apply(
            lambda row: pd.Series(
                {c: number(FIGURES[str(row.name)].form, row[c]) for c in table.columns}
            ),
            axis=1,
        ).rename(columns={"deviation": "standard deviation"})
        told.insert(0, "figure", [FIGURES[key].title for key in table.index])
        st.dataframe(
            told,
            hide_index=True,
            width="stretch",
            height=widgets.table_height(len(told)),
            key=f"compare_spread_{entry.runs[0].id}",
        )
        names = ", ".join(f"{run.name} (seed {run.spec.model.seed})" for run in entry.runs)
        middle = entry.runs[entry.middle(shared)].name
        st.caption(widgets.literal(f"{names}. In the middle by F1: {middle}."))
