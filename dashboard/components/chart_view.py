"""A chart on a page, and what can be taken home of it: its picture and its data."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import charts
from dashboard.components import mail_view, widgets

FORMATS = ("PNG", "SVG")
SCALE = 2
"""Pixels of a PNG for each pixel on the screen: sharp on paper, too."""


@st.fragment
def draw_chart(
    figure: go.Figure, key: str, data: pd.DataFrame | None = None, name: str = "chart"
) -> None:
    """The chart as wide as its place, and below it a small menu to download it.

    Args:
        data: what is drawn, offered as CSV; None for a picture only.
        name: of the files, without ending; what does not fit there is left out.
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
            "Then press the camera in the upper right corner of the chart. It appears when the "
            "pointer is over the chart."
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
    """A button that saves a table as CSV; no cell runs when a spreadsheet opens it."""
    st.download_button(
        "Data as CSV",
        lambda: mail_view.build_csv(data),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=key,
        icon=":material/download:",
        on_click="ignore",
    )


def describe_chart(figure: go.Figure, name: str) -> str:
    """What a screen reader says of the chart: its axes, or its name where these have no title."""
    x, y = figure.layout.xaxis.title.text, figure.layout.yaxis.title.text
    return f"Chart: {y} against {x}" if x and y else f"Chart: {x or y or name}"
