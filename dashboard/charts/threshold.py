"""A run at every threshold: where its scores lie, and what each threshold would give."""

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.charts.style import BY_LABEL, HAM, SPAM, TRAIN
from pipeline.evaluation.operating_point import OperatingPoint

LEFT, RIGHT = 64, 6
"""Pixels beside the axis of scores; the track of a slider has 6 on either side, too."""
PRECISION, RECALL = "#c7a500", "#8e5ea2"


def plot_score_histogram(counts: pd.DataFrame, point: OperatingPoint) -> go.Figure:
    """Draw the scores of both classes, ham upward and spam downward, with the threshold.

    Args:
        counts: low, high, ham, spam, one row per bin.
        point: the scores from which mails are called spam and unsure.
    """
    chart = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.02)
    top = max(10, int(counts[["ham", "spam"]].to_numpy().max()))
    # a bar of one mail must be seen, and the logarithm of 1 is 0
    low, high = -0.35, len(str(top)) - 1 + 0.3 + (int(str(top)[0]) > 1) * 0.7
    ticks = [10**i for i in range(0, len(str(top)) + 1, 1 if top < 10_000 else 2)]
    for row, label in enumerate(("ham", "spam"), 1):
        chart.add_bar(
            row=row,
            col=1,
            x=(counts["low"] + counts["high"]) / 2,
            y=counts[label],
            width=counts["high"] - counts["low"],
            name=label,
            marker={"color": BY_LABEL[label], "line": {"width": 0}},
            customdata=counts[["low", "high"]],
            hovertemplate="score %{customdata[0]:.2f} to %{customdata[1]:.2f}: %{y:,} "
            f"{label}<extra></extra>",
        )
        chart.update_yaxes(
            row=row,
            type="log",
            range=[low, high] if label == "ham" else [high, low],
            tickvals=ticks,
            ticktext=[f"{n:,}" for n in ticks],
            tickfont={"size": 10},
            title={"text": f"{label.capitalize()} (mails)", "standoff": 4, "font": {"size": 11}},
        )
    chart.update_layout(showlegend=False)
    return _mark_point(chart, point, "P(spam), the score of a mail", 240)


def plot_threshold_curves(
    frame: pd.DataFrame,
    point: OperatingPoint,
    marked: dict[str, float] | None = None,
) -> go.Figure:
    """Draw precision and recall above, hm% and sm% on a logarithmic axis below, by threshold.

    Args:
        frame: threshold, precision, recall, hm, sm; see `by_threshold.trace_thresholds`.
        point: the scores from which mails are called spam and unsure.
        marked: the figures at the threshold in use, by the same names.
    """
    chart = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    lines = (
        (1, "precision", "Precision", PRECISION, "solid"),
        (1, "recall", "Recall", RECALL, "dash"),
        (2, "hm", "hm% (ham called spam)", HAM, "solid"),
        (2, "sm", "sm% (spam let through)", SPAM, "dash"),
    )
    for row, key, title, color, dash in lines:
        values = frame[key] if row == 1 else frame[key].where(frame[key] > 0)
        chart.add_scatter(
            row=row,
            col=1,
            x=frame["threshold"],
            y=values,
            name=title,
            mode="lines",
            line={"color": color, "dash": dash, "width": 2, "shape": "vh"},
            hovertemplate=f"{title} at a threshold of %{{x:.3f}}: "
            + ("%{y:.4f}" if row == 1 else "%{y:.3%}")
            + "<extra></extra>",
        )
        if marked is not None and (row == 1 or marked[key] > 0):
            chart.add_scatter(
                row=row,
                col=1,
                x=[point.threshold],
                y=[marked[key]],
                mode="markers",
                marker={"size": 9, "color": color, "line": {"width": 1.5, "color": "white"}},
                name=f"{title} at the threshold",
                showlegend=False,
                hovertemplate=f"{title} at the threshold in use: "
                + ("%{y:.4f}" if row == 1 else "%{y:.3%}")
                + "<extra></extra>",
            )
    chart.update_yaxes(tickfont={"size": 10}, title={"standoff": 4, "font": {"size": 11}})
    chart.update_yaxes(row=1, range=[-0.02, 1.02], tickformat=".0%", title_text="Share")
    chart.update_yaxes(
        row=2, type="log", dtick=1, tickformat="~%", title_text="Share (logarithmic)"
    )
    chart.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    return _mark_point(chart, point, "Threshold", 340)


def _mark_point(chart: go.Figure, point: OperatingPoint, x: str, height: int) -> go.Figure:
    """Give both charts one axis of scores, the threshold as a line, the band as a shade."""
    chart.update_layout(
        height=height,
        margin={"l": LEFT, "r": RIGHT, "t": 8, "b": 8},
        hovermode="closest",
        bargap=0,
    )
    chart.update_xaxes(range=[0, 1], tickvals=[0, 0.25, 0.5, 0.75, 1])
    chart.update_xaxes(row=2, title={"text": x, "standoff": 4}, automargin=True)
    line = {"type": "line", "xref": "x", "yref": "paper", "y0": 0, "y1": 1}
    at, start = point.threshold, point.unsure_from
    shapes = [{**line, "x0": at, "x1": at, "line": {"color": TRAIN, "width": 2}}]
    if point.has_band:
        shade = {**line, "type": "rect", "x0": start, "x1": at, "line": {"width": 0}}
        shapes.append({**shade, "fillcolor": "rgba(138,151,163,0.16)", "layer": "below"})
    chart.update_layout(shapes=shapes)
    return chart
