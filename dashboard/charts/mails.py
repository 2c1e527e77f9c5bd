"""What the mails are like: how many in each part, how long, from when, with what missing."""

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.style import BY_LABEL, VALIDATION, apply_layout, escape_text


def plot_parts(counts: pd.DataFrame) -> go.Figure:
    """Draw the mails of each part as stacked bars.

    Args:
        counts: index part, columns ham and spam, and sealed where a part's labels are not shown.
    """
    chart = go.Figure()
    for label in counts.columns:
        chart.add_bar(
            y=counts.index,
            x=counts[label],
            name=label,
            orientation="h",
            marker={"color": BY_LABEL[label]},
            text=[f"{n:,}" if n else "" for n in counts[label]],
            textposition="inside",
            insidetextanchor="middle",
            hovertemplate=f"%{{y}}: %{{x:,}} {label}<extra></extra>",
        )
    apply_layout(chart, "Mails", "Part", height=210)
    chart.update_layout(barmode="stack", legend={"traceorder": "normal"})
    chart.update_yaxes(autorange="reversed")
    return chart


def plot_lengths(histograms: Mapping[str, Sequence[int]], edges: Sequence[float]) -> go.Figure:
    """Draw how long the mails are, by class.

    Args:
        histograms: by label, how many mails are in each bin.
        edges: of the bins, in characters; one more than there are bins.
    """
    used = [i for i in range(len(edges) - 1) if any(h[i] for h in histograms.values())]
    bins = range(min(used, default=0), max(used, default=0) + 1)
    chart = go.Figure()
    for label, counts in histograms.items():
        chart.add_scatter(
            x=[(edges[i] * edges[i + 1]) ** 0.5 for i in bins],
            y=[counts[i] / max(1, sum(counts)) for i in bins],
            name=label,
            mode="lines",
            line={"color": BY_LABEL[label], "shape": "hvh", "width": 2},
            customdata=[(edges[i], edges[i + 1], counts[i]) for i in bins],
            hovertemplate="%{customdata[0]:,.0f} to %{customdata[1]:,.0f} characters: "
            f"%{{customdata[2]:,}} {label} (%{{y:.1%}})<extra></extra>",
        )
    apply_layout(
        chart, "Length of subject and body (characters, logarithmic)", "Share of the class"
    )
    chart.update_xaxes(type="log", dtick=1)
    chart.update_yaxes(tickformat=".0%", rangemode="tozero")
    return chart


def plot_over_time(counts: pd.DataFrame, unit: str) -> go.Figure:
    """Draw the mails of each period by class, and the share of spam as a line.

    Args:
        counts: period (its first day), ham, spam.
        unit: "day", "week", "month", "quarter" or "year".
    """
    chart = go.Figure()
    for label in ("ham", "spam"):
        chart.add_bar(
            x=counts["period"],
            y=counts[label],
            name=label,
            marker={"color": BY_LABEL[label], "opacity": 0.55},
            hovertemplate=f"{unit} of %{{x|%Y-%m-%d}}: %{{y:,}} {label}<extra></extra>",
        )
    total = counts["ham"] + counts["spam"]
    chart.add_scatter(
        x=counts["period"],
        y=(counts["spam"] / total).where(total > 0),
        yaxis="y2",
        name="share of spam",
        mode="lines+markers",
        line={"color": VALIDATION, "width": 2},
        marker={"size": 5},
        customdata=total,
        hovertemplate=f"{unit} of %{{x|%Y-%m-%d}}: %{{y:.0%}} of %{{customdata:,}} mails"
        "<extra></extra>",
    )
    apply_layout(chart, unit.capitalize(), "Mails")
    chart.update_layout(
        barmode="stack",
        legend={"traceorder": "normal"},
        yaxis2={
            "title": {"text": "Share of spam"},
            "overlaying": "y",
            "side": "right",
            "range": [0, 1.02],
            "tickmode": "array",
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "tickformat": ".0%",
            "showgrid": False,
            "automargin": True,
        },
    )
    return chart


def plot_by_class(shares: pd.DataFrame, column: str, axis: str) -> go.Figure:
    """Draw a pair of bars for each row: a share of ham and the same share of spam.

    Args:
        shares: a column with the names of the rows, then ham and spam, from 0 to 1 (or NaN).
        column: that column; its name is the title of its axis.
        axis: the title of the shares' axis.
    """
    names = [escape_text(str(name), 40) for name in shares[column]]
    chart = go.Figure()
    for label in ("ham", "spam"):
        chart.add_bar(
            y=list(range(len(names))),  # two names may be the same once they are cut
            x=shares[label],
            name=label,
            orientation="h",
            marker={"color": BY_LABEL[label]},
            customdata=names,
            hovertemplate=f"%{{customdata}}: %{{x:.1%}} of {label}<extra></extra>",
        )
    apply_layout(chart, axis, column.capitalize(), height=120 + 36 * len(names))
    chart.update_layout(barmode="group", legend={"traceorder": "normal"})
    chart.update_xaxes(tickformat=".0%", range=[0, 1.02])
    chart.update_yaxes(
        autorange="reversed", tickmode="array", tickvals=list(range(len(names))), ticktext=names
    )
    return chart
