"""What the mails are: how many in each part, how long, when they came, what is missing."""

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.style import BY_LABEL, VALIDATION, apply_layout, escape_text


def plot_parts(counts: pd.DataFrame) -> go.Figure:
    """Stacked bars of the mails in each part.

    Args:
        counts: index part, columns ham and spam, and sealed where a part's labels are not shown.
    """
    drawn = go.Figure()
    for label in counts.columns:
        drawn.add_bar(
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
    apply_layout(drawn, "Mails", "", height=210)
    drawn.update_layout(barmode="stack", legend={"traceorder": "normal"})
    drawn.update_yaxes(autorange="reversed", title=None)
    return drawn


def plot_lengths(histograms: Mapping[str, Sequence[int]], edges: Sequence[float]) -> go.Figure:
    """How long the mails are, by class.

    Args:
        histograms: by label, the mails between two edges.
        edges: characters, one more than there are bins.
    """
    used = [i for i in range(len(edges) - 1) if any(h[i] for h in histograms.values())]
    bins = range(min(used, default=0), max(used, default=0) + 1)
    drawn = go.Figure()
    for label, counts in histograms.items():
        drawn.add_scatter(
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
        drawn, "Length of subject and body (characters, logarithmic)", "Share of the class"
    )
    drawn.update_xaxes(type="log", dtick=1)
    drawn.update_yaxes(tickformat=".0%", rangemode="tozero")
    return drawn


def plot_over_time(counts: pd.DataFrame, unit: str) -> go.Figure:
    """The mails of each period by class, and the share of spam among them as a line.

    Args:
        counts: period (its first day), ham, spam.
        unit: "day", "week", "month", "quarter" or "year".
    """
    drawn = go.Figure()
    for label in ("ham", "spam"):
        drawn.add_bar(
            x=counts["period"],
            y=counts[label],
            name=label,
            marker={"color": BY_LABEL[label], "opacity": 0.55},
            hovertemplate=f"{unit} of %{{x|%Y-%m-%d}}: %{{y:,}} {label}<extra></extra>",
        )
    total = counts["ham"] + counts["spam"]
    drawn.add_scatter(
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
    apply_layout(drawn, unit.capitalize(), "Mails")
    drawn.update_layout(
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
    return drawn


def plot_by_class(shares: pd.DataFrame, what: str, axis: str) -> go.Figure:
    """A pair of bars a row: a share of ham and the same of spam.

    Args:
        shares: a column named `what` with the words, then ham and spam, from 0 to 1 (or NaN).
        what: the title of the words' axis, in lower case.
        axis: the title of the shares' axis.
    """
    names = [escape_text(str(name), 40) for name in shares[what]]
    drawn = go.Figure()
    for label in ("ham", "spam"):
        drawn.add_bar(
            y=list(range(len(names))),  # two names may be the same once they are cut
            x=shares[label],
            name=label,
            orientation="h",
            marker={"color": BY_LABEL[label]},
            customdata=names,
            hovertemplate=f"%{{customdata}}: %{{x:.1%}} of {label}<extra></extra>",
        )
    apply_layout(drawn, axis, what.capitalize(), height=120 + 36 * len(names))
    drawn.update_layout(barmode="group", legend={"traceorder": "normal"})
    drawn.update_xaxes(tickformat=".0%", range=[0, 1.02])
    drawn.update_yaxes(
        autorange="reversed", tickmode="array", tickvals=list(range(len(names))), ticktext=names
    )
    return drawn
