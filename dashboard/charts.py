"""Numbers to plotly figures; imports no streamlit.

One visual language: ham is blue and spam is vermilion, the baseline is teal and the network is
purple (Okabe and Ito's colours, told apart by all common kinds of colour blindness). Train is
dashed, validation is solid. Every axis has a title.
"""

import html
import math
from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

HAM, SPAM = "#3b8fc4", "#d55e00"
FAINT, STRONG = "rgba(31,111,159,0.10)", "#1f6f9f"
"""Cells of a confusion matrix that hold less, or at least, half of their row."""
BY_LABEL = {"ham": HAM, "spam": SPAM, "sealed": "#b8bec4"}
BY_KIND = {"logistic": "#009e73", "mlp": "#b06fb5", "naive_bayes": "#e69f00", "majority": "#999999"}
OTHER_RUNS = ("#56b4e9", "#c7a500", "#7f7f7f")
TRAIN, VALIDATION = "#8a97a3", "#0f86b0"
HEIGHT = 300
CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}
"""Plotly's tool bar: the buttons that do something here, among them the download as a picture."""

FIGURE_NAMES = {
    "loss": "Log loss (nats a mail)",
    "precision": "Precision of spam",
    "recall": "Recall of spam",
    "f1": "F1 of spam",
    "average_precision": "Average precision",
}
"""The figures of the curves, with the words on their axes."""


def _layout(figure: go.Figure, x: str, y: str, height: int = HEIGHT) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="closest",
        xaxis={"title": {"text": x}, "automargin": True},
        yaxis={"title": {"text": y}, "automargin": True},
    )
    return figure


def curve(
    curves: pd.DataFrame, figure: str, epoch_name: str, best_epoch: int | None = None
) -> go.Figure:
    """One figure on train and validation, epoch by epoch, with the best epoch marked.

    Args:
        curves: columns epoch, train/<figure>, validation/<figure>.
        figure: a key of `FIGURE_NAMES`.
        epoch_name: "epoch" or "pass".
        best_epoch: where to draw the mark, if anywhere.
    """
    drawn = go.Figure()
    for part, color, dash in (("train", TRAIN, "dash"), ("validation", VALIDATION, "solid")):
        drawn.add_scatter(
            x=curves["epoch"],
            y=curves[f"{part}/{figure}"],
            name=part,
            mode="lines+markers",
            line={"color": color, "dash": dash, "width": 2},
            marker={"size": 5},
            hovertemplate=f"{part}, {epoch_name} %{{x}}: %{{y:.4f}}<extra></extra>",
        )
    if best_epoch is not None:
        drawn.add_vline(
            x=best_epoch,
            line={"color": VALIDATION, "dash": "dot", "width": 1},
            annotation={"text": f"best: {best_epoch}", "font": {"size": 11}},
            annotation_position="bottom right",
        )
    _layout(drawn, epoch_name.capitalize(), FIGURE_NAMES[figure], height=250)
    drawn.update_layout(showlegend=figure == "loss")  # the small charts stand below it
    last = int(curves["epoch"].max())
    drawn.update_xaxes(range=[0, last + 0.5], tickformat="d", dtick=1 if last <= 10 else None)
    if figure == "loss":
        drawn.update_yaxes(rangemode="tozero")
    else:  # close to the curves, but not so close that noise looks like a cliff
        values = curves[[f"train/{figure}", f"validation/{figure}"]]
        low, high = float(values.min().min()), float(values.max().max())
        pad = max(0.05 * (high - low), 0.01)
        drawn.update_yaxes(range=[max(low - pad, -0.02), min(high + pad, 1.02)])
    return drawn


INSIDE_NAMES = {
    "learning_rate": "Learning rate",
    "gradient_norm": "Length of the gradient",
    "seconds": "Seconds an epoch",
}
"""What a network reports of itself, with the words on the axes."""


def inside(curves: pd.DataFrame, figure: str) -> go.Figure:
    """One figure of the training itself, epoch by epoch.

    Args:
        curves: columns epoch and <figure>; for figure "dead", columns dead_1, dead_2, … with the
            share of units of each hidden layer that say the same of every mail.
    """
    dead = figure == "dead"
    names = [c for c in curves.columns if c.startswith("dead_")] if dead else [figure]
    drawn = go.Figure()
    for number, name in enumerate(names):
        rows = curves[["epoch", name]].dropna()
        title = f"layer {name.removeprefix('dead_')}" if dead else INSIDE_NAMES[figure]
        drawn.add_scatter(
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
    _layout(drawn, "Epoch", "Dead units" if dead else INSIDE_NAMES[figure], height=220)
    last = int(curves["epoch"].max())
    drawn.update_layout(showlegend=len(names) > 1)
    drawn.update_xaxes(range=[0, last + 0.5], tickformat="d", dtick=1 if last <= 10 else None)
    drawn.update_yaxes(rangemode="tozero", tickformat=".0%" if dead else None)
    if dead:
        drawn.update_yaxes(range=[-0.02, 1.02])
    return drawn


def choice(tried: Sequence[Mapping[str, float]], chosen: float) -> go.Figure:
    """How C was chosen inside train.

    Args:
        tried: C, log_loss and standard_error of each value that was tried.
        chosen: the one that the model was trained with.
    """
    table = pd.DataFrame(tried)
    drawn = go.Figure()
    drawn.add_scatter(
        x=table["C"],
        y=table["log_loss"],
        error_y={"array": table["standard_error"], "color": TRAIN, "thickness": 1.5},
        mode="lines+markers",
        line={"color": BY_KIND["logistic"], "width": 2},
        hovertemplate="C %{x:,.0f}: %{y:.4f} nats a mail<extra></extra>",
    )
    drawn.add_vline(
        x=chosen,
        line={"color": VALIDATION, "dash": "dot", "width": 1},
        annotation={"text": f"chosen: {chosen:,.0f}", "font": {"size": 11}},
        annotation_position="top left" if chosen > table["C"].min() else "top right",
    )
    # on a logarithmic axis plotly wants a line at the value and a text at its logarithm
    drawn.update_annotations(x=math.log10(chosen))
    _layout(drawn, "C (logarithmic)", "Log loss (nats a mail)", height=250)
    drawn.update_layout(showlegend=False)
    drawn.update_xaxes(
        type="log", tickvals=list(table["C"]), ticktext=[f"{c:,.0f}" for c in table["C"]]
    )
    drawn.update_yaxes(rangemode="tozero")
    return drawn


def parts(counts: pd.DataFrame) -> go.Figure:
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
    _layout(drawn, "Mails", "", height=210)
    drawn.update_layout(barmode="stack", legend={"traceorder": "normal"})
    drawn.update_yaxes(autorange="reversed", title=None)
    return drawn


def lengths(histograms: Mapping[str, Sequence[int]], edges: Sequence[float]) -> go.Figure:
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
    _layout(drawn, "Length of subject and body (characters, logarithmic)", "Share of the class")
    drawn.update_xaxes(type="log", dtick=1)
    drawn.update_yaxes(tickformat=".0%", rangemode="tozero")
    return drawn


def over_time(counts: pd.DataFrame, unit: str) -> go.Figure:
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
    _layout(drawn, unit.capitalize(), "Mails")
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


def by_class(shares: pd.DataFrame, what: str, axis: str) -> go.Figure:
    """A pair of bars a row: a share of ham and the same of spam.

    Args:
        shares: a column named `what` with the words, then ham and spam, from 0 to 1 (or NaN).
        what: the title of the words' axis, in lower case.
        axis: the title of the shares' axis.
    """
    names = [_plain(str(name), 40) for name in shares[what]]
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
    _layout(drawn, axis, what.capitalize(), height=120 + 36 * len(names))
    drawn.update_layout(barmode="group", legend={"traceorder": "normal"})
    drawn.update_xaxes(tickformat=".0%", range=[0, 1.02])
    drawn.update_yaxes(
        autorange="reversed", tickmode="array", tickvals=list(range(len(names))), ticktext=names
    )
    return drawn


def colors(kinds: Sequence[str]) -> list[str]:
    """One colour a run: that of its kind, or another when the kind is there twice."""
    spare = list(OTHER_RUNS)
    chosen: list[str] = []
    for kind in kinds:
        color = BY_KIND.get(kind, OTHER_RUNS[-1])
        chosen.append(spare.pop(0) if color in chosen else color)
    return chosen


def precision_recall(
    runs: Mapping[str, pd.DataFrame],
    kinds: Sequence[str],
    points: Mapping[str, tuple[float, float]],
) -> go.Figure:
    """Precision-recall curves of several runs in one chart.

    Args:
        runs: by the run's name, columns threshold, recall, precision.
        kinds: the model of each, for its colour.
        points: by the run's name, (recall, precision) at the threshold in use.
    """
    return _trade_off(
        runs, kinds, points, ("recall", "Recall of spam"), ("precision", "Precision of spam")
    )


def roc(
    runs: Mapping[str, pd.DataFrame],
    kinds: Sequence[str],
    points: Mapping[str, tuple[float, float]],
) -> go.Figure:
    """ROC curves of several runs in one chart; arguments as `precision_recall`."""
    drawn = _trade_off(
        runs,
        kinds,
        points,
        ("false_positive_rate", "Share of ham called spam"),
        ("recall", "Recall of spam"),
    )
    drawn.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": TRAIN, "dash": "dot", "width": 1},
        name="by chance",
        hoverinfo="skip",
        showlegend=True,
    )
    return drawn


def _trade_off(
    runs: Mapping[str, pd.DataFrame],
    kinds: Sequence[str],
    points: Mapping[str, tuple[float, float]],
    x: tuple[str, str],
    y: tuple[str, str],
) -> go.Figure:
    drawn = go.Figure()
    for (name, frame), color in zip(runs.items(), colors(kinds), strict=True):
        drawn.add_scatter(
            x=frame[x[0]],
            y=frame[y[0]],
            name=name,
            mode="lines",
            line={"color": color, "width": 2},
            customdata=frame["threshold"],
            hovertemplate=f"{name} at threshold %{{customdata:.3f}}<br>{x[1]} %{{x:.3f}}<br>"
            f"{y[1]} %{{y:.3f}}<extra></extra>",
        )
        drawn.add_scatter(
            x=[points[name][0]],
            y=[points[name][1]],
            mode="markers",
            marker={
                "size": 12,
                "color": color,
                "symbol": "diamond",
                "line": {"width": 1.5, "color": "white"},
            },
            name=f"{name} at its threshold",
            showlegend=False,
            hovertemplate=f"{name} at the threshold in use<br>{x[1]} %{{x:.3f}}<br>"
            f"{y[1]} %{{y:.3f}}<extra></extra>",
        )
    _layout(drawn, x[1], y[1], height=380)
    drawn.update_xaxes(range=[-0.02, 1.02])
    drawn.update_yaxes(range=[-0.02, 1.02])
    return drawn


def confusion(figures: Mapping[str, float]) -> go.Figure:
    """A confusion matrix: rows are the labels, columns what the model called the mails.

    Args:
        figures: true_negatives, false_positives, false_negatives, true_positives.
    """
    columns, rows = ("called ham", "called spam"), ("ham", "spam")
    counts = [
        [int(figures["true_negatives"]), int(figures["false_positives"])],
        [int(figures["false_negatives"]), int(figures["true_positives"])],
    ]
    shares = [[n / max(1, sum(row)) for n in row] for row in counts]
    drawn = go.Figure(
        go.Heatmap(
            z=shares,
            x=columns,
            y=rows,
            text=counts,
            # two shades instead of a ramp: white can be read on the dark one and the theme's own
            # text colour on the faint one, in light and in dark
            colorscale=[[0, FAINT], [0.5, FAINT], [0.5, STRONG], [1, STRONG]],
            zmin=0,
            zmax=1,
            showscale=False,
            xgap=3,
            ygap=3,
            hovertemplate="%{y} %{x}: %{text:,} mails, %{z:.2%} of the %{y}<extra></extra>",
        )
    )
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            drawn.add_annotation(
                x=column,
                y=row,
                text=f"<b>{counts[i][j]:,}</b><br>{shares[i][j]:.1%} of the {row}",
                showarrow=False,
                font={"size": 14} | ({"color": "white"} if shares[i][j] >= 0.5 else {}),
            )
    _layout(drawn, "What the model said", "Label", height=230)
    drawn.update_xaxes(showgrid=False)
    drawn.update_yaxes(showgrid=False, autorange="reversed")
    return drawn


def strongest(features: pd.DataFrame, label: str, reach: float) -> go.Figure:
    """How much the strongest features speak for one class, the strongest on top.

    Args:
        features: columns feature, block, weight (log-odds of spam per unit) and mails.
        label: the class, for the colour and the words.
        reach: the end of the axis, the same for both classes so that they can be compared.
    """
    names = [_plain(name) for name in features["feature"]]
    drawn = go.Figure(
        go.Bar(
            x=features["weight"].abs(),
            y=list(range(len(names))),  # two features may have one name
            orientation="h",
            marker={"color": BY_LABEL[label]},
            customdata=list(zip(names, features["block"], features["mails"], strict=True)),
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}, in %{customdata[2]:,} train mails"
            f"<br>%{{x:.3f}} toward {label}<extra></extra>",
        )
    )
    _layout(drawn, f"Log-odds toward {label}, per unit", "Feature", height=110 + 24 * len(names))
    drawn.update_xaxes(range=[0, reach * 1.05])
    short = [_plain(name, 28) for name in features["feature"]]
    drawn.update_yaxes(
        autorange="reversed", tickmode="array", tickvals=list(range(len(names))), ticktext=short
    )
    return drawn


def _plain(text: str, most: int = 200) -> str:
    """Text of a mail where plotly reads HTML: cut, escaped, and no sign that cannot be seen."""
    text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return html.escape(text if len(text) <= most else text[: most - 1] + "…", quote=False)
