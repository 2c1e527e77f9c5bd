"""How often a run misclassifies the mails of each slice."""

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.style import TRAIN, apply_layout, escape_text, style_interval
from dashboard.charts.verdicts import BETTER, WORSE

STANDINGS = {
    "worse than the rest": ("worse", WORSE),
    "better than the rest": ("better", BETTER),
    "no clear difference": ("no difference", TRAIN),
    "nothing to compare with": ("nothing to compare with", TRAIN),
}
"""By the words of the legend, the standing in the table and its colour."""


def plot_slices(table: pd.DataFrame, title: str) -> go.Figure:
    """Draw the error rate of each slice of a property with its interval, and that of the rest.

    Args:
        table: rows of `pipeline.slices.table`, the first on top.
        title: the name of the property, the title of its axis.
    """
    table = table.reset_index(drop=True)
    chart = go.Figure()
    chart.add_scatter(
        x=table["rest_rate"],
        y=table.index,
        name="the rest",
        mode="markers",
        marker={"symbol": "line-ns", "size": 15, "line": {"width": 2, "color": TRAIN}},
        hovertemplate="the rest: %{x:.2%}<extra></extra>",
    )
    for words, (standing, color) in STANDINGS.items():
        rows = table[table["standing"] == standing]
        if rows.empty:
            continue
        wrong = rows["false_positives"] + rows["false_negatives"]
        says = [escape_text(value) for value in rows["value"]]
        chart.add_scatter(
            x=rows["error_rate"],
            y=rows.index,
            name=words,
            mode="markers",
            marker={"size": 9, "color": color},
            error_x=style_interval(
                rows["error_rate"], rows["error_low"], rows["error_high"], color
            ),
            customdata=list(
                zip(says, wrong, rows["mails"], rows["error_low"], rows["error_high"], strict=True)
            ),
            hovertemplate="%{customdata[0]}<br>%{customdata[1]:,} of %{customdata[2]:,} mails "
            "wrong, %{x:.2%} (%{customdata[3]:.2%} to %{customdata[4]:.2%})<extra></extra>",
        )
    name = title[:1].upper() + title[1:]
    apply_layout(
        chart,
        "Error rate (share of mails called wrongly)",
        escape_text(name, 40),
        height=150 + 30 * len(table),
    )
    most = float(table[["error_high", "rest_rate"]].max().max())
    chart.update_xaxes(
        range=[-0.02 * most, 1.03 * most],  # a mark at 0 is not cut
        tickformat=".0%" if most > 0.05 else ".1%",
        zeroline=False,
    )
    chart.update_yaxes(
        range=[len(table) - 0.4, -0.6],
        tickmode="array",
        tickvals=list(table.index),
        ticktext=[escape_text(value, 28) for value in table["value"]],
    )
    return chart
