"""Tables on a page and as files. A cell may contain text of a mail, so it is plain text."""

import io
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pipeline.intake import write_csv
from pipeline.mail import hidden

CELL = 1_000
"""At most 1,000 characters of a cell go to the browser; a double click shows them."""
MOST_HEIGHT = 320
"""A list of mails scrolls above 320 pixels, so that the chosen mail below it stays in view."""


def compute_height(rows: int, most: int | None = MOST_HEIGHT) -> int:
    """Compute the height of a table in pixels; a table of more than `most` pixels scrolls."""
    needed = 35 * (rows + 1) + 3  # Streamlit's height of a row and of the border
    return needed if most is None else min(most, needed)


def choose_row(
    rows: pd.DataFrame,
    key: str,
    columns: Mapping[str, Any] | None = None,
    most: int | None = MOST_HEIGHT,
    start: int | None = None,
) -> int | None:
    """Draw a table whose rows can be chosen; returns the position of the chosen one, or None.

    Args:
        columns: Streamlit's configuration of columns, by name.
        most: see `compute_height`.
        start: the position of the row that is chosen at first.
    """
    chosen = [] if start is None else [start]
    event: Any = st.dataframe(
        render_cells(rows),
        key=key,
        hide_index=True,
        width="stretch",
        height=compute_height(len(rows), most),
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": chosen, "columns": [], "cells": []}},
        column_config=columns,
    )
    return read_chosen_row(event)


def read_chosen_row(event: Any) -> int | None:
    """Read the position of the selected row from a dataframe event."""
    rows = event["selection"]["rows"]
    return int(rows[0]) if rows else None


def render_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Prepare a frame for a table: texts are cut, hidden characters become symbols."""
    texts = frame.select_dtypes(["object", "str"])
    return frame.assign(**{name: column.map(_render_cell) for name, column in texts.items()})


def _render_cell(value: Any) -> Any:
    return hidden.make_visible(value[:CELL]) if isinstance(value, str) else value


def offer_csv(
    label: str, table: pd.DataFrame | Callable[[], pd.DataFrame], name: str, key: str
) -> None:
    """Draw a button that saves a table as CSV.

    Args:
        table: the table, or a function that makes it after a click.
        name: the name of the file, without its ending.
    """
    st.download_button(
        label,
        lambda: build_csv(table() if callable(table) else table),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=key,
        icon=":material/download:",
        on_click="ignore",
    )


def build_csv(frame: pd.DataFrame) -> bytes:
    """Build a CSV file in which no cell runs when a spreadsheet opens it."""
    target = io.StringIO()
    write_csv(frame, target)
    return target.getvalue().encode("utf-8")
