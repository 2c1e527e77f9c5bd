"""What the measured features of a mail did to its score."""

import textwrap

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.style import HAM, SPAM, apply_layout, escape_text

WRAP = 36
"""Characters of a line beside a bar: half the width of a phone."""
LINE, GAP = 14, 8
"""Pixels of a line of text, and between two bars."""


def plot_measures(rows: pd.DataFrame) -> go.Figure:
    """Draw a bar for each measure: ham to the left, spam to the right, the strongest on top.

    Args:
        rows: feature, contribution (log-odds of spam), written (its value in the mail), and ham
            and spam: what is usual for the train mails of that class, in words, or None.
    """
    names = [f"{name}: {it}" for name, it in zip(rows["feature"], rows["written"], strict=True)]
    usual = [
        f"ham {ham} · spam {spam}" if isinstance(ham, str) and isinstance(spam, str) else ""
        for ham, spam in zip(rows["ham"], rows["spam"], strict=True)
    ]
    chart = go.Figure(
        go.Bar(
            x=rows["contribution"],
            y=list(range(len(rows))),
            orientation="h",
            marker={"color": [SPAM if value > 0 else HAM for value in rows["contribution"]]},
            customdata=[
                [escape_text(n), escape_text(u)] for n, u in zip(names, usual, strict=True)
            ],
            hovertemplate="%{customdata[0]}<br>usual: %{customdata[1]}<br>"
            "%{x:+.3f} log-odds<extra></extra>",
        )
    )
    labels = [
        "<br>".join([*_lines(name), *(f"<i>{line}</i>" for line in _lines(more))])
        for name, more in zip(names, usual, strict=True)
    ]
    lines = max(label.count("<br>") + 1 for label in labels)  # all bars have the same room
    height = 90 + len(labels) * (LINE * lines + GAP)
    apply_layout(chart, "Contribution (log-odds of spam)", "Measure", height=height)
    chart.update_yaxes(
        autorange="reversed",
        tickmode="array",
        tickvals=list(range(len(rows))),
        ticktext=labels,
        tickfont={"size": 11},
    )
    chart.update_xaxes(zeroline=True, zerolinewidth=2)
    return chart


def _lines(text: str) -> list[str]:
    return [escape_text(line) for line in textwrap.wrap(text, WRAP)]
