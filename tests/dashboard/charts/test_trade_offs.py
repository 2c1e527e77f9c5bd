"""The curves along all thresholds, and the point in use."""

from itertools import pairwise

import pandas as pd
import plotly.graph_objects as go
import pytest

from dashboard import charts
from pipeline.evaluation import Evaluation

EVALUATION = Evaluation(
    "validation", tuple("abcdef"), [0, 0, 0, 1, 1, 1], [0, 0.2, 0.6, 0.4, 0.8, 1]
)
RUNS = {"logistic-1": EVALUATION, "mlp-1": EVALUATION}
KINDS = ("logistic", "mlp")


def trade_off(draw, frames: dict[str, pd.DataFrame]) -> go.Figure:
    return draw(frames, KINDS, {"logistic-1": (0.5, 0.75), "mlp-1": (0.25, 1.0)})


def test_trade_offs_draw_the_curve_and_the_point_in_use() -> None:
    frame = EVALUATION.precision_recall()
    figure = trade_off(charts.plot_precision_recall, dict.fromkeys(RUNS, frame))
    curve, point, other, _ = figure.data
    assert list(curve.x) == list(frame["recall"])
    assert list(curve.y) == list(frame["precision"])
    assert [row[0] for row in curve.customdata] == list(frame["threshold"])
    assert (list(point.x), list(point.y)) == ([0.5], [0.75])
    assert curve.line.color == point.marker.color != other.line.color
    roc = EVALUATION.roc()
    drawn = trade_off(charts.plot_roc, dict.fromkeys(RUNS, roc)).data
    # a logarithm has no place for 0: it is drawn at half of the smallest share
    assert list(drawn[0].x) == list(roc["false_positive_rate"].clip(lower=1 / 6))
    assert list(drawn[0].y) == list(roc["recall"])
    assert drawn[-1].name == "by chance"


def test_runs_of_one_kind_have_different_colors() -> None:
    chosen = charts.choose_colors(["mlp", "mlp", "logistic", "unheard of"])
    assert len(set(chosen)) == 4


def test_no_ham_lost_is_drawn_at_half_a_mail_and_named_0() -> None:
    roc = EVALUATION.roc()
    figure = charts.plot_roc({"a": roc}, ["mlp"], {"a": (0.0, 0.5)}, ham=1000)
    assert figure.layout.xaxis.type == "log"
    assert dict(zip(figure.layout.xaxis.tickvals, figure.layout.xaxis.ticktext, strict=True)) == {
        0.0005: "0", 0.01: "1%", 0.1: "10%", 1.0: "100%"
    }  # fmt: skip
    point = next(trace for trace in figure.data if trace.mode == "markers")
    assert list(point.x) == [0.0005]
    assert point.customdata[0][1] == 0  # the hover tells the share itself


def test_det_draws_errors_as_quantiles_of_the_normal_distribution() -> None:
    frame = pd.DataFrame(
        {
            "threshold": [1, 0.7, 0.5, 0],
            "false_positive_rate": [0, 0.025, 0.5, 1],
            "false_negative_rate": [1, 0.5, 0.025, 0],
        }
    )
    figure = charts.plot_det({"a": frame}, ["mlp"], {"a": (0.025, 0.5)}, ham=1000, spam=1000)
    curve = next(trace for trace in figure.data if trace.mode == "lines" and trace.name == "a")
    half = 3.2905  # the quantile of half a mail in 1,000
    assert list(curve.x) == pytest.approx([-half, -1.96, 0, half], abs=1e-3)
    assert list(curve.y) == pytest.approx([half, 0, -1.96, -half], abs=1e-3)
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        assert axis.ticktext[0] == "0"
        assert min(b - a for a, b in pairwise(axis.tickvals)) > 0.29


def test_a_band_is_filled_between_its_edges_in_the_color_of_its_run() -> None:
    band = pd.DataFrame({"x": [0.2, 1], "low": [0.5, 0.6], "high": [0.9, 1]})
    frame = EVALUATION.precision_recall()
    figure = charts.plot_precision_recall({"a": frame}, ["mlp"], {"a": (0.5, 0.75)}, {"a": band})
    low, high, curve, _ = figure.data
    assert (list(low.y), list(high.y)) == ([0.5, 0.6], [0.9, 1])
    assert (low.fill, high.fill) == (None, "tonexty")
    red, green, blue = (int(curve.line.color[i : i + 2], 16) for i in (1, 3, 5))
    assert high.fillcolor.startswith(f"rgba({red},{green},{blue},")
    assert not low.showlegend
    assert not high.showlegend
