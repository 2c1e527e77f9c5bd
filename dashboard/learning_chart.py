"""A learning curve as a plotly figure: a figure of each run by the number of its train mails."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts import colors
from pipeline.evaluation.figures import FIGURES


def learning(frame: pd.DataFrame, figure: str, kinds: Sequence[str]) -> go.Figure:
    """One line a run with its intervals as a band.

    Args:
        frame: columns run (its name), mails (train mails), value, low, high.
        figure: a key of `FIGURES`.
        kinds: the model of each run, in the order of their first rows, for its colour.
    """
    told = FIGURES[figure]
    drawn = go.Figure()
    for (name, rows), color in zip(frame.groupby("run", sort=False), colors(kinds), strict=True):
        rows = rows.sort_values("mails")
        banded = rows.dropna(subset=["low", "high"])
        drawn.add_scatter(
            x=[*banded["mails"], *banded["mails"][::-1]],
            y=[*banded["high"], *banded["low"][::-1]],
            fill="toself",
            fillcolor=_faint(color),
            line={"width": 0},
            mode="lines",
            legendgroup=name,
            showlegend=False,
            hoverinfo="skip",
        )
        drawn.add_scatter(
            x=rows["mails"],
            y=rows["value"],
            name=name,
            legendgroup=name,
            mode="lines+markers",
            line={"color": color, "width": 2},
            marker={"size": 7},
            customdata=[
                [told.form.format(v) for v in values]
                for values in rows[["value", "low", "high"]].itertuples(index=False)
            ],
            hovertemplate=f"{name}, %{{x:,}} train mails<br>{told.title} %{{customdata[0]}}<br>"
            "95 % interval %{customdata[1]} to %{customdata[2]}<extra></extra>",
        )
    ticks = sorted(set(frame["mails"]))
    drawn.update_layout(
        height=340,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="closest",
        showlegend=True,
        xaxis={
            "title": {"text": "Train mails (logarithmic)"},
            "automargin": True,
            "type": "log",
            "tickvals": ticks,
            "ticktext": [f"{n:,}" for n in ticks],
        },
        yaxis={"title": {"text": told.title}, "automargin": True},
    )
    if told.form.endswith("%}"):
        drawn.update_yaxes(tickformat=".2~%")
    return drawn


def _faint(color: str) -> str:
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.15)"
