"""The strongest features are bars of their weight, with their text as text."""

import pandas as pd

from dashboard import charts

STRONGEST = pd.DataFrame(
    {
        "feature": ["<b>x</b>\u202e" + "y" * 50, "“re: ”", "“re: ”"],
        "block": "grams",
        "weight": [-2.5, -1.0, -0.5],
        "mails": [3, 2, 1],
    }
)


def test_the_strongest_features_are_bars_of_their_weight_with_their_text_as_text() -> None:
    figure = charts.plot_strongest_features(STRONGEST, "ham", 3.0)
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
    assert not charts.plot_strongest_features(STRONGEST.iloc[:0], "spam", 0.0).data[0].x.size
