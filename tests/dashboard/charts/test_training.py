"""Curves, the inside of a network and the choice of C show the numbers they were given."""

import math

import pandas as pd
import pytest

from dashboard import charts

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


@pytest.mark.parametrize("name", FIGURES)
def test_a_curve_shows_train_dashed_and_validation_solid(name: str) -> None:
    train, validation = charts.plot_curve(CURVES, name, "epoch", 2).data
    assert (train.name, train.line.dash, list(train.y)) == ("train", "dash", [0.5, 0.3, 0.1])
    assert (validation.name, validation.line.dash) == ("validation", "solid")
    assert list(validation.y) == [0.6, 0.4, 0.45]
    assert list(train.x) == list(validation.x) == [1, 2, 3]


def test_the_best_epoch_is_marked_only_when_there_is_one() -> None:
    marked = charts.plot_curve(CURVES, "loss", "epoch", 2).layout
    assert [(shape.x0, shape.x1) for shape in marked.shapes] == [(2, 2)]
    assert "2" in marked.annotations[0].text
    assert not charts.plot_curve(CURVES, "loss", "epoch").layout.shapes


@pytest.mark.parametrize("name", list(charts.INSIDE_NAMES))
def test_the_inside_of_a_network_is_drawn_from_its_first_epoch(name: str) -> None:
    figure = charts.plot_inside(INSIDE, name)
    (line,) = figure.data
    assert list(line.x) == [1, 2]
    assert list(line.y) == list(INSIDE[name][1:])
    assert figure.layout.yaxis.title.text == charts.INSIDE_NAMES[name]
    assert figure.layout.xaxis.range == (0, 2.5)


def test_the_dead_units_of_two_layers_are_two_lines_of_shares() -> None:
    figure = charts.plot_inside(INSIDE, "dead")
    first, second = figure.data
    assert (first.name, list(first.x), list(first.y)) == ("layer 1", [0, 1, 2], [0, 0.25, 0.5])
    assert (second.name, list(second.y)) == ("layer 2", [0, 0, 0.75])
    assert first.line.color != second.line.color
    assert figure.layout.showlegend
    assert figure.layout.yaxis.tickformat == ".0%"
    assert not charts.plot_inside(INSIDE.drop(columns="dead_2"), "dead").layout.showlegend


def test_the_choice_of_c_shows_each_value_with_its_error_and_marks_the_chosen() -> None:
    figure = charts.plot_choice(TRIED, 1000.0)
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
    assert charts.plot_choice(TRIED, 10.0).layout.annotations[0].xanchor == "left"
