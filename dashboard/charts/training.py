"""How a training went: figures by epoch, the inside of the network, the choice of C."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.style import OTHER_RUNS, TRAIN, VALIDATION, apply_layout

FIGURE_NAMES = {
    "loss": "Log loss (nats per mail)",
    "precision": "Precision of spam",
    "recall": "Recall of spam",
    "f1": "F1 of spam",
    "average_precision": "Average precision",
}
"""The figures of the curves, with the titles of their axes."""
INSIDE_NAMES = {
    "learning_rate": "Learning rate",
    "gradient_norm": "Gradient norm",
    "seconds": "Seconds per epoch",
}
"""What a network reports of its training, with the titles of the axes."""


def plot_curve(
    curves: pd.DataFrame, figure: str, epoch_name: str, best_epoch: int | None = None
) -> go.Figure:
    """Draw one figure on train and validation by epoch, with the best epoch marked.

    Args:
        curves: columns epoch, train/<figure>, validation/<figure>.
        figure: a key of `FIGURE_NAMES`.
        epoch_name: what a point of the curves is, such as "epoch".
        best_epoch: the epoch to mark; None for no mark.
    """
    chart = go.Figure()
    for part, color, dash in (("train", TRAIN, "dash"), ("validation", VALIDATION, "solid")):
        chart.add_scatter(
            x=curves["epoch"],
            y=curves[f"{part}/{figure}"],
            name=part,
            mode="lines+markers",
            line={"color": color, "dash": dash, "width": 2},
            marker={"size": 5},
            hovertemplate=f"{part}, {epoch_name} %{{x}}: %{{y:.4f}}<extra></extra>",
        )
    if best_epoch is not None:
        chart.add_vline(
            x=best_epoch,
            line={"color": VALIDATION, "dash": "dot", "width": 1},
            annotation={"text": f"best: {best_epoch}", "font": {"size": 11}},
            annotation_position="bottom right",
        )
    apply_layout(chart, epoch_name.capitalize(), FIGURE_NAMES[figure], height=250)
    chart.update_layout(showlegend=figure == "loss")  # the small charts stand below it
    last = int(curves["epoch"].max())
    chart.update_xaxes(range=[0, last + 0.5], tickformat="d", dtick=1 if last <= 10 else None)
    if figure == "loss":
        chart.update_yaxes(rangemode="tozero")
    else:  # close to the curves, but not so close that noise looks like a cliff
        values = curves[[f"train/{figure}", f"validation/{figure}"]]
        low, high = float(values.min().min()), float(values.max().max())
        pad = max(0.05 * (high - low), 0.01)
        low, high = max(low - pad, 0.0), min(high + pad, 1.0)
        edge = 0.02 * (high - low)  # a line at 0 or 1 is not cut, and no tick lies beyond them
        chart.update_yaxes(range=[low - edge, high + edge])
    return chart


def plot_inside(curves: pd.DataFrame, figure: str) -> go.Figure:
    """Draw one figure of the training itself by epoch.

    Args:
        curves: columns epoch and <figure>; for figure "dead", columns dead_1, dead_2, … with the
            share of units of each hidden layer that give the same output for every mail.
    """
    dead = figure == "dead"
    names = [c for c in curves.columns if c.startswith("dead_")] if dead else [figure]
    chart = go.Figure()
    for number, name in enumerate(names):
        rows = curves[["epoch", name]].dropna()
        title = f"layer {name.removeprefix('dead_')}" if dead else INSIDE_NAMES[figure]
        chart.add_scatter(
            x=rows["epoch"],
            y=rows[name],
            name=title,
            mode="lines+markers",
            line={"color": (VALIDATION, *OTHER_RUNS)[number], "width": 2},
            marker={"size": 5},
            hovertemplate=f"{title}, epoch %{{x}}: "
            + ("%{y:.1%}" if dead else "%{y:.4g}")
            + "<extra></extra>",
        )
    apply_layout(
        chart,
        "Epoch",
        "Dead units (share of the layer)" if dead else INSIDE_NAMES[figure],
        height=220,
    )
    last = int(curves["epoch"].max())
    chart.update_layout(showlegend=len(names) > 1)
    chart.update_xaxes(range=[0, last + 0.5], tickformat="d", dtick=1 if last <= 10 else None)
    chart.update_yaxes(rangemode="tozero", tickformat=".0%" if dead else None)
    if dead:
        chart.update_yaxes(range=[-0.02, 1.02])
    return chart


def plot_choice(
    tried: Sequence[Mapping[str, float]], chosen: float, color: str = VALIDATION
) -> go.Figure:
    """Draw how C was chosen inside train.

    Args:
        tried: C, log_loss and standard_error of each value that was tried.
        chosen: the one that the model was trained with.
        color: of the line.
    """
    table = pd.DataFrame(tried)
    chart = go.Figure()
    chart.add_scatter(
        x=table["C"],
        y=table["log_loss"],
        error_y={"array": table["standard_error"], "color": TRAIN, "thickness": 1.5},
        mode="lines+markers",
        line={"color": color, "width": 2},
        hovertemplate="C %{x:,.0f}: %{y:.4f} nats per mail<extra></extra>",
    )
    chart.add_vline(
        x=chosen,
        line={"color": VALIDATION, "dash": "dot", "width": 1},
        annotation={"text": f"chosen: {chosen:,.0f}", "font": {"size": 11}},
        annotation_position="top left" if chosen > table["C"].min() else "top right",
    )
    # on a logarithmic axis plotly wants a line at the value and a text at its logarithm
    chart.update_annotations(x=math.log10(chosen))
    apply_layout(chart, "C (logarithmic)", "Log loss (nats per mail)", height=250)
    chart.update_layout(showlegend=False)
    chart.update_xaxes(
        type="log", tickvals=list(table["C"]), ticktext=[f"{c:,.0f}" for c in table["C"]]
    )
    chart.update_yaxes(rangemode="tozero")
    return chart
