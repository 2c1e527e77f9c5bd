"""What runs reach against each other."""

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.style import TRAIN, VALIDATION, layout, plain

BETTER, WORSE = "#009e73", "#d55e00"


def differences(frame: pd.DataFrame, axis: str = "Difference") -> go.Figure:
    """A forest plot: each figure's difference with its interval, and nothing at 0.

    Args:
        frame: columns figure, difference, low, high, verdict; the first on top. A verdict that
            begins with "better" or "worse" has its colour, any other is grey.
        axis: the title of the differences' axis, with their unit.
    """
    names = [plain(str(name), 40) for name in frame["figure"]]
    verdicts = [plain(str(verdict)) for verdict in frame["verdict"]]
    shades = [
        BETTER if v.startswith("better") else WORSE if v.startswith("worse") else TRAIN
        for v in verdicts
    ]
    drawn = go.Figure()
    for words, color in (("better", BETTER), ("worse", WORSE), ("no clear difference", TRAIN)):
        here = [i for i, shade in enumerate(shades) if shade == color]
        if not here:
            continue
        rows = frame.iloc[here]
        drawn.add_scatter(
            x=rows["difference"],
            y=here,
            name=words,
            mode="markers",
            marker={"size": 9, "color": color},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": rows["high"] - rows["difference"],
                "arrayminus": rows["difference"] - rows["low"],
                "color": color,
                "thickness": 2,
                "width": 5,
            },
            customdata=[
                (names[i], low, high, verdicts[i])
                for i, low, high in zip(here, rows["low"], rows["high"], strict=True)
            ],
            hovertemplate="%{customdata[0]}: %{x:+.4f} (%{customdata[1]:+.4f} to "
            "%{customdata[2]:+.4f})<br>%{customdata[3]}<extra></extra>",
        )
    drawn.add_vline(x=0, line={"color": VALIDATION, "dash": "dot", "width": 1})
    layout(drawn, axis, "Figure", height=110 + 30 * len(names))
    drawn.update_yaxes(
        range=[len(names) - 0.5, -0.5],
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=names,
        showgrid=False,
    )
    return drawn
