"""The charts show the numbers they were given, and say what their axes are."""

import math
import subprocess
import sys
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest

from dashboard import charts
from pipeline.evaluation import Evaluation

EVALUATION = Evaluation(
    "validation", tuple("abcdef"), [0, 0, 0, 1, 1, 1], [0, 0.2, 0.6, 0.4, 0.8, 1]
)
FIGURES = tuple(charts.FIGURE_NAMES)
CURVES = pd.DataFrame({"epoch": [1, 2, 3]}).assign(
    **{f"train/{name}": [0.5, 0.3, 0.1] for name in FIGURES},
    **{f"validation/{name}": [0.6, 0.4, 0.45] for name in FIGURES},
)
INSIDE = pd.DataFrame(  # of epoch 0, which is no epoch of the training, only the units are known
    {
        "epoch": [0, 1, 2],
        "learning_rate": [math.nan, 0.002, 0.001],
        "gradient_norm": [math.nan, 0.5, 0.25],
        "seconds": [math.nan, 1.5, 1.25],
        "dead_1": [0.0, 0.25, 0.5],
        "dead_2": [0.0, 0.0, 0.75],
    }
)
TRIED = [
    {"C": 10.0, "log_loss": 0.3, "standard_error": 0.02},
    {"C": 100.0, "log_loss": 0.2, "standard_error": 0.01},
    {"C": 1000.0, "log_loss": 0.205, "standard_error": 0.03},
]
COUNTS = pd.DataFrame({"ham": [70, 15, 14], "spam": [30, 5, 6]}, ["train", "validation", "test"])
RUNS = {"logistic-1": EVALUATION, "mlp-1": EVALUATION}
KINDS = ("logistic", "mlp")
STRONGEST = pd.DataFrame(
    {
        "feature": ["<b>x</b>\u202e" + "y" * 50, "“re: ”", "“re: ”"],
        "block": "grams",
        "weight": [-2.5, -1.0, -0.5],
        "mails": [3, 2, 1],
    }
)


def trade_off(draw, frames: dict[str, pd.DataFrame]) -> go.Figure:
    return draw(frames, KINDS, {"logistic-1": (0.5, 0.75), "mlp-1": (0.25, 1.0)})


def every_chart() -> dict[str, go.Figure]:
    return {
        **{name: charts.curve(CURVES, name, "epoch", 2) for name in FIGURES},
        "parts": charts.parts(COUNTS),
        "lengths": charts.lengths({"ham": [1, 2], "spam": [0, 4]}, [1, 10, 100]),
        "precision_recall": trade_off(
            charts.precision_recall, {n: e.precision_recall() for n, e in RUNS.items()}
        ),
        "roc": trade_off(charts.roc, {n: e.roc() for n, e in RUNS.items()}),
        "confusion": charts.confusion(EVALUATION.summary(0.5)),
        **{
            f"inside {name}": charts.inside(INSIDE, name) for name in (*charts.INSIDE_NAMES, "dead")
        },
        "choice": charts.choice(TRIED, 1000.0),
        "strongest": charts.strongest(STRONGEST, "ham", 3.0),
    }


@pytest.mark.parametrize("name", list(every_chart()))
def test_every_axis_has_a_title(name: str) -> None:
    figure = every_chart()[name]
    assert figure.layout.xaxis.title.text
    # the bars of the parts are named one by one
    assert figure.layout.yaxis.title.text or name == "parts"


@pytest.mark.parametrize("name", FIGURES)
def test_a_curve_shows_train_dashed_and_validation_solid(name: str) -> None:
    train, validation = charts.curve(CURVES, name, "epoch", 2).data
    assert (train.name, train.line.dash, list(train.y)) == ("train", "dash", [0.5, 0.3, 0.1])
    assert (validation.name, validation.line.dash) == ("validation", "solid")
    assert list(validation.y) == [0.6, 0.4, 0.45]
    assert list(train.x) == list(validation.x) == [1, 2, 3]


def test_the_best_epoch_is_marked_only_when_there_is_one() -> None:
    marked = charts.curve(CURVES, "loss", "epoch", 2).layout
    assert [(shape.x0, shape.x1) for shape in marked.shapes] == [(2, 2)]
    assert "2" in marked.annotations[0].text
    assert not charts.curve(CURVES, "loss", "epoch").layout.shapes


@pytest.mark.parametrize("name", list(charts.INSIDE_NAMES))
def test_the_inside_of_a_network_is_drawn_from_its_first_epoch(name: str) -> None:
    figure = charts.inside(INSIDE, name)
    (line,) = figure.data
    assert list(line.x) == [1, 2]
    assert list(line.y) == list(INSIDE[name][1:])
    assert figure.layout.yaxis.title.text == charts.INSIDE_NAMES[name]
    assert figure.layout.xaxis.range == (0, 2.5)


def test_the_dead_units_of_two_layers_are_two_lines_of_shares() -> None:
    figure = charts.inside(INSIDE, "dead")
    first, second = figure.data
    assert (first.name, list(first.x), list(first.y)) == ("layer 1", [0, 1, 2], [0, 0.25, 0.5])
    assert (second.name, list(second.y)) == ("layer 2", [0, 0, 0.75])
    assert first.line.color != second.line.color
    assert figure.layout.showlegend
    assert figure.layout.yaxis.tickformat == ".0%"
    assert not charts.inside(INSIDE.drop(columns="dead_2"), "dead").layout.showlegend


def test_the_choice_of_c_shows_each_value_with_its_error_and_marks_the_chosen() -> None:
    figure = charts.choice(TRIED, 1000.0)
    (line,) = figure.data
    assert list(line.x) == [10, 100, 1000]
    assert list(line.y) == [0.3, 0.2, 0.205]
    assert list(line.error_y.array) == [0.02, 0.01, 0.03]
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.xaxis.ticktext == ("10", "100", "1,000")
    (mark,), (text,) = figure.layout.shapes, figure.layout.annotations
    assert (mark.x0, mark.x1) == (1000, 1000)
    assert text.x == pytest.approx(3)  # plotly places a text at the logarithm, a line at the value
    assert text.text == "chosen: 1,000"
    assert text.xanchor == "right"
    # beside the axis there is no room on its left
    assert charts.choice(TRIED, 10.0).layout.annotations[0].xanchor == "left"


def test_the_bars_of_the_parts_are_the_counts() -> None:
    ham, spam = charts.parts(COUNTS).data
    assert (list(ham.y), list(ham.x)) == (list(COUNTS.index), [70, 15, 14])
    assert (spam.name, list(spam.x)) == ("spam", [30, 5, 6])


def test_lengths_show_each_class_as_shares_of_itself_and_only_used_bins() -> None:
    histograms = {"ham": [0, 1, 3, 0], "spam": [0, 0, 5, 0]}
    ham, spam = charts.lengths(histograms, [1, 10, 100, 1000, 10_000]).data
    assert [c[2] for c in ham.customdata] == [1, 3]
    assert list(ham.y) == [0.25, 0.75]
    assert list(spam.y) == [0, 1]
    assert [(low, high) for low, high, _ in ham.customdata] == [(10, 100), (100, 1000)]


@pytest.mark.parametrize("histograms", [{"ham": [0, 0], "spam": [0, 0]}, {"ham": [0], "spam": [0]}])
def test_lengths_of_no_mails_are_drawn(histograms: dict[str, list[int]]) -> None:
    assert len(charts.lengths(histograms, [1, 10, 100][: len(histograms["ham"]) + 1]).data) == 2


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


def test_confusion_has_labels_in_rows_and_decisions_in_columns() -> None:
    drawn = charts.confusion(EVALUATION.summary(0.5))
    (matrix,) = drawn.data
    assert [list(row) for row in matrix.text] == [[2, 1], [1, 2]]
    written = {(a.y, a.x): a.text for a in drawn.layout.annotations}
    assert "<b>1</b>" in written["ham", "called spam"]
    assert "<b>2</b>" in written["spam", "called spam"]
    assert list(matrix.x) == ["called ham", "called spam"]
    assert list(matrix.y) == ["ham", "spam"]
    assert [sum(row) for row in matrix.z] == [1, 1]


def test_the_strongest_features_are_bars_of_their_weight_with_their_text_as_text() -> None:
    figure = charts.strongest(STRONGEST, "ham", 3.0)
    (bars,) = figure.data
    assert list(bars.x) == [2.5, 1.0, 0.5]
    assert len(set(bars.y)) == 3  # two of one name are two bars
    assert bars.marker.color == charts.HAM
    assert figure.layout.xaxis.range[1] > 3.0
    first, second, _ = figure.layout.yaxis.ticktext
    assert second == "“re: ”"
    assert first.startswith("&lt;b&gt;x&lt;/b&gt;\\u202eyy")
    assert first.endswith("…")
    assert "y" * 50 in bars.customdata[0][0]
    assert not charts.strongest(STRONGEST.iloc[:0], "spam", 0.0).data[0].x.size


def test_confusion_of_no_ham_is_drawn() -> None:
    nothing = dict.fromkeys(("true_negatives", "false_positives"), 0)
    (matrix,) = charts.confusion({**nothing, "false_negatives": 1, "true_positives": 3}).data
    assert [list(row) for row in matrix.z] == [[0, 0], [0.25, 0.75]]


def test_charts_import_no_streamlit() -> None:
    script = "import sys; from dashboard import charts; sys.exit('streamlit' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", script], cwd=root, check=False).returncode == 0
