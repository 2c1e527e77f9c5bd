"""How many errors each run has, and which of them the other runs have as well."""

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.style import TRAIN, layout, plain

COLORS = {"stays": "#d55e00", "comes and goes": TRAIN, "new": "#e69f00"}
NAMES = {"stays": "in all runs", "comes and goes": "in some", "new": "first in this run"}


def errors_by_run(table: pd.DataFrame) -> go.Figure:
    """A bar a run, the oldest on the left, parted by what became of its errors.

    Args:
        table: columns name and those of `error_analysis.history.count_by_run`.
    """
    drawn = go.Figure()
    places = list(range(len(table)))
    names = [plain(str(name), 18) for name in table["name"]]
    for pattern, color in COLORS.items():
        drawn.add_bar(
            x=places,
            y=table[pattern].tolist(),
            name=NAMES[pattern],
            marker_color=color,
            customdata=names,
            hovertemplate="%{customdata}: %{y:,} " + NAMES[pattern] + "<extra></extra>",
        )
    layout(drawn, "Run, the oldest first", "Errors on validation", height=260)
    drawn.update_layout(barmode="stack", bargap=0.4, legend_traceorder="normal")
    drawn.update_xaxes(tickmode="array", tickvals=places, ticktext=names)
    drawn.update_yaxes(rangemode="tozero", tickformat=",d")
    return drawn
