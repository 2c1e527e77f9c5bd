"""Whether the scores of a run mean what they say."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.style import TRAIN, VALIDATION, apply_layout, style_interval


def plot_reliability(frames: Mapping[str, pd.DataFrame], color: str = VALIDATION) -> go.Figure:
    """Draw the share of spam by score, with 95% intervals; calibrated scores lie on the diagonal.

    Args:
        frames: by a name ("before calibration", "after calibration"), columns score, share_spam,
            low, high, mails. The last is drawn full, those before it grey and dashed.
        color: the colour of the run.
    """
    chart = go.Figure()
    chart.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": TRAIN, "dash": "dot", "width": 1},
        name="perfectly calibrated",
        hoverinfo="skip",
    )
    for number, (name, frame) in enumerate(frames.items()):
        last = number == len(frames) - 1
        shade = color if last else TRAIN
        chart.add_scatter(
            x=frame["score"],
            y=frame["share_spam"],
            error_y=style_interval(frame["share_spam"], frame["low"], frame["high"], shade),
            name=name,
            mode="lines+markers",
            line={"color": shade, "width": 2 if last else 1, "dash": "solid" if last else "dash"},
            marker={"size": 8, "symbol": "circle" if last else "circle-open"},
            customdata=frame[["mails", "low", "high"]],
            hovertemplate=f"{name}<br>mean score %{{x:.3f}}, %{{y:.1%}} spam "
            "(%{customdata[1]:.1%} to %{customdata[2]:.1%})<br>%{customdata[0]:,} mails"
            "<extra></extra>",
        )
    apply_layout(chart, "Mean score of the bin, P(spam)", "Share of spam in the bin", height=340)
    chart.update_xaxes(range=[-0.03, 1.03])
    chart.update_yaxes(range=[-0.03, 1.03], tickformat=".0%")
    return chart
