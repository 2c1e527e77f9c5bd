"""How many ham and spam a run called what."""

from collections.abc import Mapping

import plotly.graph_objects as go

from dashboard.charts.style import apply_layout

FAINT, STRONG = "rgba(31,111,159,0.10)", "#1f6f9f"
"""Cells of a confusion matrix that hold less, or at least, half of their row."""


def plot_confusion_matrix(figures: Mapping[str, float]) -> go.Figure:
    """Draw a confusion matrix: rows are the labels, columns what the model called the mails.

    Args:
        figures: true_negatives, false_positives, false_negatives, true_positives, and, where
            there was a band, unsure_ham and unsure_spam, which then have a column of their own.
    """
    rows = ("ham", "spam")
    names = {
        "called ham": ("true_negatives", "false_negatives"),
        "unsure": ("unsure_ham", "unsure_spam"),
        "called spam": ("false_positives", "true_positives"),
    }
    if not any(figures.get(name) for name in names["unsure"]):
        del names["unsure"]
    columns = tuple(names)
    counts = [[int(figures[cell[row]]) for cell in names.values()] for row in range(len(rows))]
    shares = [[n / max(1, sum(row)) for n in row] for row in counts]
    chart = go.Figure(
        go.Heatmap(
            z=shares,
            x=columns,
            y=rows,
            text=counts,
            # two shades instead of a ramp: white can be read on the dark one and the theme's own
            # text colour on the faint one, in light and in dark
            colorscale=[[0, FAINT], [0.5, FAINT], [0.5, STRONG], [1, STRONG]],
            zmin=0,
            zmax=1,
            showscale=False,
            xgap=3,
            ygap=3,
            hovertemplate="%{y} %{x}: %{text:,} mails, %{z:.2%} of the %{y}<extra></extra>",
        )
    )
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            chart.add_annotation(
                x=column,
                y=row,
                text=f"<b>{counts[i][j]:,}</b><br>{shares[i][j]:.1%} of the {row}",
                showarrow=False,
                font={"size": 14} | ({"color": "white"} if shares[i][j] >= 0.5 else {}),
            )
    apply_layout(chart, "Call of the model", "Label", height=230)
    chart.update_xaxes(showgrid=False)
    chart.update_yaxes(showgrid=False, autorange="reversed")
    return chart
