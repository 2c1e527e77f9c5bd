"""How runs differ, and what more mails would bring."""

import itertools
from collections.abc import Iterable, Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.style import (
    PALETTE,
    TRAIN,
    VALIDATION,
    apply_layout,
    choose_colors,
    escape_text,
    fade_color,
    style_interval,
)

BETTER, WORSE = "#009e73", "#d55e00"


def plot_learning_curve(
    frame: pd.DataFrame, figure: str, kinds: Sequence[str] = (), form: str | None = None
) -> go.Figure:
    """Draw a figure on validation against the number of train mails, a line per run with its band.

    Args:
        frame: columns run, mails, value, low, high (low and high may be NaN).
        figure: the title of the figure.
        kinds: the model of each run, in the order in which they come, for its colour.
        form: plotly's number format of the axis, as ".2%"; None for four digits.
    """
    names = list(dict.fromkeys(frame["run"]))
    known = len(kinds) == len(names)
    chosen: Iterable[str] = choose_colors(kinds) if known else itertools.cycle(PALETTE.values())
    chart = go.Figure()
    digits = form or ".4f"
    for name, color in zip(names, chosen, strict=False):
        rows, title = frame[frame["run"] == name].sort_values("mails"), escape_text(str(name))
        known = rows.dropna(subset=["low", "high"])
        for edge, fill in (("low", None), ("high", "tonexty")):
            chart.add_scatter(
                x=known["mails"],
                y=known[edge],
                mode="lines",
                line={"width": 0},
                fill=fill,
                fillcolor=fade_color(color),
                name=f"{title}, 95%",
                legendgroup=title,
                showlegend=False,
                hoverinfo="skip",
            )
        chart.add_scatter(
            x=rows["mails"],
            y=rows["value"],
            name=title,
            legendgroup=title,
            mode="lines+markers",
            line={"color": color, "width": 2},
            marker={"size": 7},
            customdata=rows[["low", "high"]],
            hovertemplate=f"{title}, %{{x:,}} train mails<br>{figure} %{{y:{digits}}} "
            f"(%{{customdata[0]:{digits}}} to %{{customdata[1]:{digits}}})<extra></extra>",
        )
    apply_layout(chart, "Train mails", f"{figure} on validation", height=340)
    chart.update_xaxes(rangemode="tozero", tickformat=",d")
    chart.update_yaxes(tickformat=form)
    return chart


def plot_differences(frame: pd.DataFrame, axis: str = "Difference") -> go.Figure:
    """Draw a forest plot: the difference of each figure with its interval, and a line at 0.

    Args:
        frame: columns figure, difference, low, high, verdict; the first on top. A verdict that
            begins with "better" or "worse" has its colour, any other is grey.
        axis: the title of the differences' axis, with their unit.
    """
    names = [escape_text(str(name), 40) for name in frame["figure"]]
    verdicts = [escape_text(str(verdict)) for verdict in frame["verdict"]]
    shades = [
        BETTER if v.startswith("better") else WORSE if v.startswith("worse") else TRAIN
        for v in verdicts
    ]
    chart = go.Figure()
    for words, color in (("better", BETTER), ("worse", WORSE), ("no clear difference", TRAIN)):
        here = [i for i, shade in enumerate(shades) if shade == color]
        if not here:
            continue
        rows = frame.iloc[here]
        chart.add_scatter(
            x=rows["difference"],
            y=here,
            name=words,
            mode="markers",
            marker={"size": 9, "color": color},
            error_x=style_interval(rows["difference"], rows["low"], rows["high"], color),
            customdata=[
                (names[i], low, high, verdicts[i])
                for i, low, high in zip(here, rows["low"], rows["high"], strict=True)
            ],
            hovertemplate="%{customdata[0]}: %{x:+.4f} (%{customdata[1]:+.4f} to "
            "%{customdata[2]:+.4f})<br>%{customdata[3]}<extra></extra>",
        )
    chart.add_vline(x=0, line={"color": VALIDATION, "dash": "dot", "width": 1})
    apply_layout(chart, axis, "Figure", height=110 + 30 * len(names))
    chart.update_yaxes(
        range=[len(names) - 0.5, -0.5],
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=names,
        showgrid=False,
    )
    return chart
