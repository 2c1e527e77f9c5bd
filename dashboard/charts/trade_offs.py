"""What a threshold trades for what: precision, recall and lost ham along all thresholds."""

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.style import TRAIN, colors, layout


def precision_recall(
    runs: Mapping[str, pd.DataFrame],
    kinds: Sequence[str],
    points: Mapping[str, tuple[float, float]],
) -> go.Figure:
    """Precision-recall curves of several runs in one chart.

    Args:
        runs: by the run's name, columns threshold, recall, precision.
        kinds: the model of each, for its colour.
        points: by the run's name, (recall, precision) at the threshold in use.
    """
    return _trade_off(
        runs, kinds, points, ("recall", "Recall of spam"), ("precision", "Precision of spam")
    )


def roc(
    runs: Mapping[str, pd.DataFrame],
    kinds: Sequence[str],
    points: Mapping[str, tuple[float, float]],
) -> go.Figure:
    """ROC curves of several runs in one chart; arguments as `precision_recall`."""
    drawn = _trade_off(
        runs,
        kinds,
        points,
        ("false_positive_rate", "Share of ham called spam"),
        ("recall", "Recall of spam"),
    )
    drawn.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": TRAIN, "dash": "dot", "width": 1},
        name="by chance",
        hoverinfo="skip",
        showlegend=True,
    )
    return drawn


def _trade_off(
    runs: Mapping[str, pd.DataFrame],
    kinds: Sequence[str],
    points: Mapping[str, tuple[float, float]],
    x: tuple[str, str],
    y: tuple[str, str],
) -> go.Figure:
    drawn = go.Figure()
    for (name, frame), color in zip(runs.items(), colors(kinds), strict=True):
        drawn.add_scatter(
            x=frame[x[0]],
            y=frame[y[0]],
            name=name,
            mode="lines",
            line={"color": color, "width": 2},
            customdata=frame["threshold"],
            hovertemplate=f"{name} at threshold %{{customdata:.3f}}<br>{x[1]} %{{x:.3f}}<br>"
            f"{y[1]} %{{y:.3f}}<extra></extra>",
        )
        drawn.add_scatter(
            x=[points[name][0]],
            y=[points[name][1]],
            mode="markers",
            marker={
                "size": 12,
                "color": color,
                "symbol": "diamond",
                "line": {"width": 1.5, "color": "white"},
            },
            name=f"{name} at its threshold",
            showlegend=False,
            hovertemplate=f"{name} at the threshold in use<br>{x[1]} %{{x:.3f}}<br>"
            f"{y[1]} %{{y:.3f}}<extra></extra>",
        )
    layout(drawn, x[1], y[1], height=380)
    drawn.update_xaxes(range=[-0.02, 1.02])
    drawn.update_yaxes(range=[-0.02, 1.02])
    return drawn
