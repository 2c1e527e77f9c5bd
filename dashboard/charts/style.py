"""The one visual language of all charts: colours, margins, and text of mails made harmless.

Ham is blue and spam is vermilion, the baseline is teal and the network is purple (Okabe and Ito's
colours, told apart by all common kinds of colour blindness). Train is dashed, validation is solid.
Every axis has a title.
"""

import html
from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pipeline.mail.hidden import escape_unprintable
from pipeline.models import MODELS
from pipeline.models.model import Color

HAM, SPAM = "#3b8fc4", "#d55e00"
BY_LABEL = {"ham": HAM, "spam": SPAM, "sealed": "#b8bec4"}
PALETTE: dict[Color, str] = {
    "teal": "#009e73",
    "purple": "#b06fb5",
    "orange": "#e69f00",
    "grey": "#999999",
    "sky": "#56b4e9",
    "yellow": "#c7a500",
}
"""By the names that models use for their colour."""
OTHER_RUNS = (PALETTE["sky"], PALETTE["yellow"], "#7f7f7f")
TRAIN, VALIDATION = "#8a97a3", "#0f86b0"
HEIGHT = 300
CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}
"""Plotly's tool bar: the buttons that do something here, among them the download as a picture."""


def apply_layout(figure: go.Figure, x: str, y: str, height: int = HEIGHT) -> go.Figure:
    """Set the titles of the axes, a legend above, margins that grow with the text.

    Args:
        x: the title of the horizontal axis, with its unit.
        y: the title of the vertical axis, with its unit.
        height: in pixels.
    """
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="closest",
        xaxis={"title": {"text": x}, "automargin": True},
        yaxis={"title": {"text": y}, "automargin": True},
    )
    return figure


def choose_color(kind: str) -> str:
    """The colour of a kind of model."""
    return PALETTE[MODELS.describe(kind).color]


def choose_colors(kinds: Sequence[str]) -> list[str]:
    """A colour for each run: that of its model, or another when an earlier run has it."""
    chosen: list[str] = []
    for kind in kinds:
        own = choose_color(kind)
        others = (c for c in (own, *OTHER_RUNS, *PALETTE.values()) if c not in chosen)
        chosen.append(next(others, own))
    return chosen


def style_interval(value: pd.Series, low: pd.Series, high: pd.Series, color: str) -> dict[str, Any]:
    """Plotly's settings for a bar from `low` to `high` through each value."""
    return {
        "type": "data",
        "symmetric": False,
        "array": high - value,
        "arrayminus": value - low,
        "color": color,
        "thickness": 1.5,
        "width": 4,
    }


def fade_color(color: str, opacity: float = 0.16) -> str:
    """The colour "#rrggbb" made translucent, for a band."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def escape_text(text: str, most: int = 200) -> str:
    """Text of a mail for a place where plotly reads HTML: cut, escaped, nothing invisible."""
    text = escape_unprintable(text)
    return html.escape(text if len(text) <= most else text[: most - 1] + "…", quote=False)
