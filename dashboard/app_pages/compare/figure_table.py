"""All figures of two runs with their differences, as a table and as a forest plot."""

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import charts
from dashboard.app_pages.compare.run_choice import Entry
from dashboard.components import chart_view, tables, widgets
from pipeline.comparison import CommonMails, Comparison, compute_seed_spread, verdicts
from pipeline.evaluation.figures import FIGURES

MAIN = ("f1", "precision", "recall", "hm", "sm", "one_minus_auc", "average_precision", "log_loss")
"""Figures that are shown at once; the others are one click away."""
TEXTS = ("figure", "verdict", "meaning", "in words")
"""Columns of the table that hold no numbers."""


def draw_figures(
    pair: tuple[Entry, Entry], shared: CommonMails, comparison: Comparison, comparisons: int
) -> None:
    """Draw the figures of both runs with difference, interval and verdict, and a forest plot."""
    table = tabulate_figures(pair, shared, comparison, comparisons)
    main = list(MAIN)
    _draw_table(table.loc[main], "compare_figures")
    differences = tabulate_differences(comparison, [key for key in main if verdicts.get_unit(key)])
    if differences.empty:
        st.caption("No figure has an interval to draw.")
    else:
        chart_view.draw_chart(
            charts.plot_differences(differences, "Difference in points (hundredths)"),
            key="compare_forest",
            data=differences,
            name="compare-differences",
        )
        st.caption(
            "The line is the 95% interval; where it does not reach 0, the difference is more than "
            "luck. For hm%, sm% and (1-ROCA)%, less is better. Log loss has another unit and is in "
            "the table only."
        )
    with st.expander("All other figures"):
        _draw_table(table.drop(index=main), "compare_figures_rest")
        st.caption(
            "The answer above rests on F1, chosen beforehand. Of twenty figures that do not really "
            "differ, one would stand out by luck."
        )
    for entry in pair:
        if len(entry.runs) > 1:
            _draw_seeds(entry, shared)
    tables.offer_csv(
        "Download all figures as CSV", table, "compare-figures", "compare_download_figures"
    )


def tabulate_figures(
    pair: tuple[Entry, Entry], shared: CommonMails, comparison: Comparison, comparisons: int
) -> pd.DataFrame:
    """Index the keys of `FIGURES`; both values, difference, interval, verdict, meaning, as text."""
    spreads = [
        compute_seed_spread(entry.judge(shared)) if len(entry.runs) > 1 else None for entry in pair
    ]
    rows = {}
    for key, difference in comparison.differences.items():
        form, factor = FIGURES[key].form, verdicts.get_scale(key)
        low, high = difference.interval.low * factor, difference.interval.high * factor
        digits = verdicts.choose_digits(low, high)
        values = {}
        for entry, value, seeds in zip(pair, (difference.a, difference.b), spreads, strict=True):
            text = format_figure(form, value)
            if seeds is not None:
                ends = (format_figure(form, seeds.loc[key, end]) for end in ("least", "most"))
                text += f" ({' to '.join(ends)})"
            values[entry.name] = text
        amount = verdicts.format_amount(difference.difference * factor, digits)
        rows[key] = {
            "figure": FIGURES[key].title,
            **values,
            "difference": f"{amount} {verdicts.get_unit(key)}".strip()
            if math.isfinite(difference.difference)
            else "–",
            "95% interval": "none"
            if math.isnan(low)
            else f"{low:.{digits}f} to {high:.{digits}f}".replace("-", "−"),
            "verdict": verdicts.shorten_verdict(difference),
            "meaning": FIGURES[key].meaning,
            "in words": verdicts.describe_verdict(difference, comparison.n, comparisons),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def format_figure(form: str, value: float) -> str:
    """A figure in its format, or a word where it is no number."""
    if math.isnan(value):
        return "–"
    return "infinite" if math.isinf(value) else form.format(value)


def tabulate_differences(comparison: Comparison, keys: Sequence[str]) -> pd.DataFrame:
    """figure, difference, low, high (points) and verdict of the figures that have an interval."""
    rows = []
    for key in keys:
        difference, factor = comparison.differences[key], verdicts.get_scale(key)
        interval = difference.interval
        if math.isfinite(interval.low) and math.isfinite(difference.difference):
            rows.append(
                {
                    "figure": FIGURES[key].title,
                    "difference": difference.difference * factor,
                    "low": interval.low * factor,
                    "high": interval.high * factor,
                    "verdict": verdicts.shorten_verdict(difference),
                }
            )
    return pd.DataFrame(rows)


def _draw_table(table: pd.DataFrame, key: str) -> None:
    st.dataframe(
        table.drop(columns="in words"),
        hide_index=True,
        width="stretch",
        height=tables.compute_height(len(table), most=None),
        key=key,
        column_config={
            **dict.fromkeys(
                [c for c in table.columns if c not in TEXTS],
                st.column_config.TextColumn(alignment="right"),
            ),
            "verdict": st.column_config.TextColumn(
                help="The download has the verdict in a whole sentence."
            ),
            "meaning": st.column_config.TextColumn(width="medium"),
        },
    )


def _draw_seeds(entry: Entry, shared: CommonMails) -> None:
    """Draw the figures of several seeds: mean, least, most and standard deviation."""
    with st.expander(f"The {len(entry.runs)} seeds of {widgets.escape_markdown(entry.name)}"):
        table = compute_seed_spread(entry.judge(shared)).loc[list(MAIN)]
        texts = table.apply(
            lambda row: pd.Series(
                {c: format_figure(FIGURES[str(row.name)].form, row[c]) for c in table.columns}
            ),
            axis=1,
        ).rename(columns={"deviation": "standard deviation"})
        texts.insert(0, "figure", [FIGURES[key].title for key in table.index])
        st.dataframe(
            texts,
            hide_index=True,
            width="stretch",
            height=tables.compute_height(len(texts), most=None),
            key=f"compare_spread_{entry.runs[0].id}",
        )
        names = ", ".join(f"{run.name} (seed {run.spec.model.seed})" for run in entry.runs)
        median = entry.runs[entry.median_seed(shared)].name
        st.caption(widgets.escape_markdown(f"{names}. Median by F1: {median}."))
