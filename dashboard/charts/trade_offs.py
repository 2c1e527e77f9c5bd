"""What each threshold trades for what: curves with the operating point in use and 95% bands."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.style import TRAIN, apply_layout, choose_colors, escape_text, fade_color

HEIGHT = 400
RATES = (0.0001, 0.001, 0.01, 0.1, 1.0)
PROBIT_RATES = (0.0001, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8)
APART = 0.3
"""Standard deviations between two ticks at least, so that their texts do not touch."""
Runs = Mapping[str, pd.DataFrame]
Points = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Axis:
    """A share on an axis: its column, its title, and how a share is mapped to a place."""

    column: str
    title: str
    place: Callable[[float], float] = float


def plot_precision_recall(
    runs: Runs, kinds: Sequence[str], points: Points, bands: Runs | None = None
) -> go.Figure:
    """Draw the precision-recall curves of several runs.

    Args:
        runs: by the run's name, columns threshold, recall, precision.
        kinds: the model of each, for its colour.
        points: by the run's name, (recall, precision) at the threshold in use.
        bands: by the run's name, columns x (recall), low, high.
    """
    return _trade_off(
        runs,
        kinds,
        points,
        bands,
        Axis("recall", "Recall of spam"),
        Axis("precision", "Precision of spam"),
    )


def plot_roc(
    runs: Runs,
    kinds: Sequence[str],
    points: Points,
    bands: Runs | None = None,
    ham: int | None = None,
) -> go.Figure:
    """Draw the ROC curves of several runs, with a logarithmic axis of lost ham.

    That axis has no place for 0; it is drawn at half a mail and labelled 0.

    Args:
        runs: by the run's name, columns threshold, false_positive_rate, recall.
        points: by the run's name, (false-positive rate, recall) at the threshold in use.
        bands: by the run's name, columns x (false-positive rate), low, high.
        ham: how many ham there are; None to guess from the curves.
    """
    floor = _half_a_mail(runs, "false_positive_rate", ham)
    lost = Axis("false_positive_rate", "Share of ham called spam", lambda x: max(x, floor))
    chart = _trade_off(runs, kinds, points, bands, lost, Axis("recall", "Recall of spam"))
    chance = [floor * (1 / floor) ** (i / 60) for i in range(61)]
    chart.add_scatter(
        x=chance,
        y=chance,
        mode="lines",
        line={"color": TRAIN, "dash": "dot", "width": 1},
        name="by chance",
        hoverinfo="skip",
    )
    decades = [rate for rate in RATES if rate > 2.2 * floor]
    chart.update_xaxes(
        type="log",
        title={"text": "Share of ham called spam (logarithmic)"},
        range=[math.log10(floor) - 0.05, 0.03],
        tickvals=[floor, *decades],
        ticktext=["0", *map(_percent, decades)],
    )
    return chart


def plot_det(
    runs: Runs,
    kinds: Sequence[str],
    points: Points,
    bands: Runs | None = None,
    ham: int | None = None,
    spam: int | None = None,
) -> go.Figure:
    """Draw DET curves: both error rates, each on the scale of normal quantiles.

    Nearer to the lower left corner is better. A share of 0 is drawn at half a mail.

    Args:
        runs: by the run's name, columns threshold, false_positive_rate, false_negative_rate.
        points: by the run's name, (false-positive rate, false-negative rate) in use.
        bands: by the run's name, columns x (false-positive rate), low, high.
    """
    lost, missed = (
        Axis(column, title, _probit_from(_half_a_mail(runs, column, count)))
        for column, title, count in (
            ("false_positive_rate", "Share of ham called spam", ham),
            ("false_negative_rate", "Share of spam let through", spam),
        )
    )
    chart = _trade_off(runs, kinds, points, bands, lost, missed)
    for axis, update in ((lost, chart.update_xaxes), (missed, chart.update_yaxes)):
        lowest = axis.place(0.0)
        ticks = {lowest: "0"}
        for rate in PROBIT_RATES:
            if axis.place(rate) > max(ticks) + APART:
                ticks[axis.place(rate)] = _percent(rate)
        update(
            title={"text": f"{axis.title} (probit)"},
            range=[lowest - 0.1, max(axis.place(0.6), lowest + 1)],
            tickvals=list(ticks),
            ticktext=list(ticks.values()),
            tickangle=0,
        )
    return chart


def plot_gain(
    runs: Runs, kinds: Sequence[str], points: Points, bands: Runs | None = None
) -> go.Figure:
    """Draw the cumulative gain: how much of the spam is among the highest scores.

    Args:
        runs: by the run's name, columns threshold, called, recall.
        points: by the run's name, (share of the mails called spam, recall) in use.
        bands: by the run's name, columns x (share of the mails), low, high.
    """
    chart = _trade_off(
        runs,
        kinds,
        points,
        bands,
        Axis("called", "Share of all mails, the highest scores first"),
        Axis("recall", "Share of the spam among them"),
        shape="linear",
    )
    chart.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": TRAIN, "dash": "dot", "width": 1},
        name="by chance",
        hoverinfo="skip",
    )
    return chart


def _trade_off(
    runs: Runs,
    kinds: Sequence[str],
    points: Points,
    bands: Runs | None,
    x: Axis,
    y: Axis,
    shape: str = "hv",
) -> go.Figure:
    chart = go.Figure()
    coloured = dict(zip(runs, choose_colors(kinds), strict=True))
    for name, band in (bands or {}).items():
        for edge, fill in (("low", None), ("high", "tonexty")):
            chart.add_scatter(
                x=[x.place(value) for value in band["x"]],
                y=[y.place(value) for value in band[edge]],
                mode="lines",
                line={"width": 0, "shape": "linear" if shape == "linear" else "hv"},
                fill=fill,
                fillcolor=fade_color(coloured[name]),
                name=f"{escape_text(name)}, 95%",
                legendgroup=name,
                showlegend=False,
                hoverinfo="skip",
            )
    for name, frame in runs.items():
        title, color = escape_text(name), coloured[name]
        hover = f"{x.title} %{{customdata[1]:.2%}}<br>{y.title} %{{customdata[2]:.2%}}"
        chart.add_scatter(
            x=[x.place(value) for value in frame[x.column]],
            y=[y.place(value) for value in frame[y.column]],
            name=title,
            legendgroup=name,
            mode="lines",
            line={"color": color, "width": 2, "shape": shape},
            customdata=frame[["threshold", x.column, y.column]],
            hovertemplate=f"{title} at threshold %{{customdata[0]:.3f}}<br>{hover}<extra></extra>",
        )
        at = points[name]
        chart.add_scatter(
            x=[x.place(at[0])],
            y=[y.place(at[1])],
            mode="markers",
            marker={
                "size": 12,
                "color": color,
                "symbol": "diamond",
                "line": {"width": 1.5, "color": "white"},
            },
            name=f"{title} at its threshold",
            legendgroup=name,
            showlegend=False,
            customdata=[(None, *at)],
            hovertemplate=f"{title} at the threshold in use<br>{hover}<extra></extra>",
        )
    apply_layout(chart, x.title, y.title, height=HEIGHT)
    chart.update_xaxes(range=[-0.02, 1.02], tickformat=".0%")
    chart.update_yaxes(range=[-0.02, 1.02], tickformat=".0%")
    return chart


def _half_a_mail(runs: Runs, column: str, mails: int | None) -> float:
    """Where a share of 0 is drawn: half a mail; half the smallest share if the count is unknown."""
    if mails:
        return 0.5 / mails
    shares = [rate for frame in runs.values() for rate in frame[column] if rate > 0]
    return min(shares, default=1.0) / 2


def _probit_from(floor: float) -> Callable[[float], float]:
    quantile = NormalDist().inv_cdf
    return lambda share: quantile(min(max(share, floor), 1 - floor))


def _percent(share: float) -> str:
    return f"{100 * share:g}%"
