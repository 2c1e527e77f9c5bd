"""What scores a run gives: to which mails, and how often they come true."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.style import BY_LABEL, TRAIN, VALIDATION, layout


def scores(counts: pd.DataFrame, threshold: float, unsure_from: float | None = None) -> go.Figure:
    """How many ham and spam have which score, with the threshold.

    Args:
        counts: low, high, ham, spam: the mails with a score from low up to high.
        threshold: from here on a mail is called spam.
        unsure_from: where the band of unsure mails begins, if there is one.
    """
    drawn = go.Figure()
    width = counts["high"] - counts["low"]
    for label in ("ham", "spam"):
        drawn.add_bar(
            x=counts["low"],
            y=counts[label].where(counts[label] > 0),  # a logarithm knows no 0
            width=width,
            offset=0,
            name=label,
            marker={"color": BY_LABEL[label], "opacity": 0.6, "line": {"width": 0}},
            customdata=counts[["low", "high"]],
            hovertemplate="score %{customdata[0]:.2f} to %{customdata[1]:.2f}: %{y:,} "
            f"{label}<extra></extra>",
        )
    if unsure_from is not None:
        drawn.add_vrect(
            x0=unsure_from, x1=threshold, fillcolor=TRAIN, opacity=0.18, line={"width": 0}
        )
    drawn.add_vline(
        x=threshold,
        line={"color": VALIDATION, "dash": "dot", "width": 2},
        annotation={"text": f"threshold {threshold:.3f}", "font": {"size": 11}},
        annotation_position="top left" if threshold > 0.5 else "top right",
    )
    layout(drawn, "Score P(spam)", "Mails (logarithmic)", height=320)
    most = max(1.0, float(counts[["ham", "spam"]].max().max()))
    drawn.update_layout(barmode="overlay", legend={"traceorder": "normal"})
    drawn.update_xaxes(range=[-0.01, 1.01])
    powers = [10**power for power in range(len(str(int(most))) + 1)]
    drawn.update_yaxes(
        type="log",
        range=[-0.3, len(str(int(2 * most)))],
        tickvals=powers,
        ticktext=[f"{power:,}" for power in powers],
    )
    return drawn


def reliability(frames: Mapping[str, pd.DataFrame], color: str = VALIDATION) -> go.Figure:
    """How often a score came true, by score, with 95 % intervals; on the diagonal it does.

    Args:
        frames: by a name ("before calibration", "after calibration"), columns score, share_spam,
            low, high, mails. The last is drawn full, those before it faint and dotted.
        color: of the run.
    """
    drawn = go.Figure()
    drawn.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": TRAIN, "dash": "dot", "width": 1},
        name="as promised",
        hoverinfo="skip",
    )
    for number, (name, frame) in enumerate(frames.items()):
        last = number == len(frames) - 1
        shade = color if last else TRAIN
        drawn.add_scatter(
            x=frame["score"],
            y=frame["share_spam"],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": frame["high"] - frame["share_spam"],
                "arrayminus": frame["share_spam"] - frame["low"],
                "color": shade,
                "thickness": 1.2,
                "width": 3,
            },
            name=name,
            mode="lines+markers",
            line={"color": shade, "width": 2 if last else 1, "dash": "solid" if last else "dash"},
            marker={"size": 8, "symbol": "circle" if last else "circle-open"},
            customdata=frame[["mails", "low", "high"]],
            hovertemplate=f"{name}<br>mean score %{{x:.3f}}, came true %{{y:.1%}} "
            "(%{customdata[1]:.1%} to %{customdata[2]:.1%})<br>%{customdata[0]:,} mails"
            "<extra></extra>",
        )
    layout(drawn, "Mean score of the bin, P(spam)", "Share of spam in the bin", height=340)
    drawn.update_xaxes(range=[-0.03, 1.03])
    drawn.update_yaxes(range=[-0.03, 1.03], tickformat=".0%")
    return drawn
