"""What a linear model learned about its features."""

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.style import BY_LABEL, apply_layout, escape_text


def plot_strongest_features(features: pd.DataFrame, label: str, reach: float) -> go.Figure:
    """Draw how much the strongest features speak for one class, the strongest on top.

    Args:
        features: columns feature, block, weight (log-odds of spam per unit) and mails.
        label: the class, for the colour and the words.
        reach: the end of the axis, the same for both classes so that they can be compared.
    """
    names = [escape_text(name) for name in features["feature"]]
    chart = go.Figure(
        go.Bar(
            x=features["weight"].abs(),
            y=list(range(len(names))),  # two features may have the same name
            orientation="h",
            marker={"color": BY_LABEL[label]},
            customdata=list(zip(names, features["block"], features["mails"], strict=True)),
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}, in %{customdata[2]:,} train mails"
            f"<br>%{{x:.3f}} toward {label}<extra></extra>",
        )
    )
    apply_layout(
        chart,
        f"Log-odds toward {label}, per unit of the feature",
        "Feature",
        height=110 + 24 * len(names),
    )
    chart.update_xaxes(range=[0, reach * 1.05])
    short = [escape_text(name, 28) for name in features["feature"]]
    chart.update_yaxes(
        autorange="reversed", tickmode="array", tickvals=list(range(len(names))), ticktext=short
    )
    return chart
