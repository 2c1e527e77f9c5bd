"""A chart on a page, with the downloads of its picture and its data."""

from collections.abc import Iterable

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import charts
from dashboard.components import tables, widgets

FORMATS = ("PNG", "SVG")
SCALE = 2
"""A PNG has 2 pixels per pixel on the screen, so that it is sharp on paper, too."""
SERIES = 12
"""The text alternative names at most 12 lines or groups of bars."""


@st.fragment
def draw_chart(
    figure: go.Figure, key: str, data: pd.DataFrame | None = None, name: str = "chart"
) -> None:
    """Draw a chart as wide as its place, with a small menu below to download it.

    Args:
        figure: the chart; its text alternative names its axis titles and lines.
        key: the key of the chart, and the prefix of the menu's keys.
        data: the numbers in the chart, to download as CSV; None to offer the picture only.
        name: the name of the files, without ending; characters that do not fit are removed.
    """
    name = widgets.make_file_name(name)
    whole = st.container(gap=None)
    place = whole.container()
    with (
        whole.container(horizontal=True, horizontal_alignment="right"),
        st.popover("Download", type="tertiary", icon=":material/download:", key=f"{key}_menu"),
    ):
        kind = st.segmented_control(
            "Picture", FORMATS, default=FORMATS[0], required=True, key=f"{key}_format"
        )
        st.caption(
            "Then press the camera in the upper right corner of the chart. It appears when you "
            "point at the chart."
        )
        if data is not None:
            offer_data(data, key=f"{key}_csv", name=name)
    place.plotly_chart(
        figure,
        key=key,
        config=charts.CONFIG
        | {"toImageButtonOptions": {"format": kind.lower(), "filename": name, "scale": SCALE}},
        width="stretch",
        alt=describe_chart(figure, name),
    )


def offer_data(data: pd.DataFrame, key: str, name: str) -> None:
    """Draw a button that saves a table as CSV, in which no cell runs in a spreadsheet."""
    tables.offer_csv("Data as CSV", data, f"{name}", key)


def describe_chart(figure: go.Figure, name: str) -> str:
    """Describe a chart, for its text alternative: its axes and what is drawn in it.

    >>> figure = go.Figure(go.Scatter(name="train"))
    >>> figure = figure.update_layout(xaxis_title_text="Epoch", yaxis_title_text="F1")
    >>> describe_chart(figure, "curve")
    'Chart: F1 against Epoch. Drawn: train.'
    """
    x = _join_titles(axis.title.text for axis in figure.select_xaxes())
    y = _join_titles(axis.title.text for axis in figure.select_yaxes())
    axes = f"{y} against {x}" if x and y else x or y or name
    names = list(dict.fromkeys(t.name for t in figure.data if t.name and t.showlegend is not False))
    drawn = f". Drawn: {', '.join(names[:SERIES])}." if names else ""
    return f"Chart: {axes}{drawn}"


def _join_titles(titles: Iterable[str | None]) -> str:
    return " and ".join(dict.fromkeys(filter(None, titles)))
