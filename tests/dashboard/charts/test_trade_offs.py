"""The curves along all thresholds, and the point in use."""

import pandas as pd
import plotly.graph_objects as go

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
    figure = trade_off(charts.precision_recall, dict.fromkeys(RUNS, frame))
    curve, point, other, _ = figure.data
    assert list(curve.x) == list(frame["recall"])
    assert list(curve.y) == list(frame["precision"])
    assert list(curve.customdata) == list(frame["threshold"])
    assert (list(point.x), list(point.y)) == ([0.5], [0.75])
    assert curve.line.color == point.marker.color != other.line.color
    roc = EVALUATION.roc()
    drawn = trade_off(charts.roc, dict.fromkeys(RUNS, roc)).data
    assert list(drawn[0].x) == list(roc["false_positive_rate"])
    assert list(drawn[0].y) == list(roc["recall"])
    assert drawn[-1].name == "by chance"


def test_runs_of_one_kind_have_different_colors() -> None:
    chosen = charts.colors(["mlp", "mlp", "logistic", "unheard of"])
    assert len(set(chosen)) == 4
