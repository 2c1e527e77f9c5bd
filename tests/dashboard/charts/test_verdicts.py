"""Learning curves and forests of differences show the numbers they were given."""

import math

import pandas as pd

from dashboard import charts

LEARNING = pd.DataFrame(
    [("a", 200, 0.9, 0.8, 0.95), ("a", 100, 0.8, 0.7, 0.9), ("b", 100, 0.7, math.nan, math.nan)],
    columns=["run", "mails", "value", "low", "high"],
)
DIFFERENCES = pd.DataFrame(
    [
        ("F1", 0.1, 0.05, 0.2, "better: +0.1"),
        ("<b>hm%</b>", -0.1, -0.3, 0.1, "no difference that these mails can show"),
        ("sm%", -0.2, -0.3, -0.1, "worse"),
    ],
    columns=["figure", "difference", "low", "high", "verdict"],
)


def test_a_learning_curve_goes_by_the_number_of_mails() -> None:
    figure = charts.plot_learning_curve(LEARNING, "F1", ["logistic", "mlp"])
    lines = {t.name: t for t in figure.data if "markers" in t.mode}
    assert (list(lines["a"].x), list(lines["a"].y)) == ([100, 200], [0.8, 0.9])
    assert lines["b"].line.color == charts.choose_color("mlp")
    low, high = figure.data[:2]
    assert (list(low.y), list(high.y), high.fill) == ([0.7, 0.8], [0.9, 0.95], "tonexty")
    assert figure.layout.xaxis.title.text == "Train mails"
    assert figure.layout.yaxis.title.text == "F1 on validation"


def test_a_forest_has_a_row_a_figure_and_a_color_a_verdict() -> None:
    figure = charts.plot_differences(DIFFERENCES)
    places = {t.name: (list(t.y), list(t.x)) for t in figure.data}
    assert places == {
        "better": ([0], [0.1]), "worse": ([2], [-0.2]), "no clear difference": ([1], [-0.1])
    }  # fmt: skip
    assert figure.layout.yaxis.ticktext[1] == "&lt;b&gt;hm%&lt;/b&gt;"
    better = figure.data[0].error_x
    assert better.array[0] == 0.1
    assert math.isclose(better.arrayminus[0], 0.05)
    assert figure.layout.shapes[0].x0 == 0


def test_reliability_shows_the_interval_and_draws_the_last_full() -> None:
    frame = pd.DataFrame(
        [(0.1, 0.2, 0.1, 0.4, 50)], columns=["score", "share_spam", "low", "high", "mails"]
    )
    promised, before, after = charts.plot_reliability(
        {"before": frame, "after": frame}, "#123456"
    ).data
    assert list(promised.x) == list(promised.y) == [0, 1]
    assert math.isclose(after.error_y.array[0], 0.2)
    assert math.isclose(after.error_y.arrayminus[0], 0.1)
    assert (before.line.dash, after.line.dash, after.line.color) == ("dash", "solid", "#123456")
