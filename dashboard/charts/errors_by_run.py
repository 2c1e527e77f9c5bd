"""How many errors each run has, and how many of them the other runs share."""

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.style import TRAIN, apply_layout, escape_text

COLORS = {"stays": "#d55e00", "comes and goes": TRAIN, "new": "#e69f00"}
NAMES = {"stays": "in all runs", "comes and goes": "in some", "new": "first in this run"}


def plot_errors_by_run(table: pd.DataFrame) -> go.Figure:
    """Draw a bar for each run, the oldest on the left, stacked by what became of its errors.

    Args:
        table: columns name and those of `error_analysis.history.count_by_run`.
    """
    chart = go.Figure()
    places = list(range(len(table)))
    names = [escape_text(str(name), 18) for name in table["name"]]
    for pattern, color in COLORS.items():
        chart.add_bar(
            x=places,
            y=table[pattern].tolist(),
            name=NAMES[pattern],
            marker_color=color,
            customdata=names,
            hovertemplate="%{customdata}: %{y:,} " + NAMES[pattern] + "<extra></extra>",
        )
    apply_layout(chart, "Run, the oldest first", "Errors on validation", height=260)
    chart.update_layout(barmode="stack", bargap=0.4, legend_traceorder="normal")
    chart.update_xaxes(tickmode="array", tickvals=places, ticktext=names)
    chart.update_yaxes(rangemode="tozero", tickformat=",d")
    return chart
