"""The charts of the mails show the counts they were given."""

import pandas as pd
import pytest

from dashboard import charts

COUNTS = pd.DataFrame({"ham": [70, 15, 14], "spam": [30, 5, 6]}, ["train", "validation", "test"])


def test_the_bars_of_the_parts_are_the_counts() -> None:
    ham, spam = charts.plot_parts(COUNTS).data
    assert (list(ham.y), list(ham.x)) == (list(COUNTS.index), [70, 15, 14])
    assert (spam.name, list(spam.x)) == ("spam", [30, 5, 6])


def test_lengths_show_each_class_as_shares_of_itself_and_only_used_bins() -> None:
    histograms = {"ham": [0, 1, 3, 0], "spam": [0, 0, 5, 0]}
    ham, spam = charts.plot_lengths(histograms, [1, 10, 100, 1000, 10_000]).data
    assert [c[2] for c in ham.customdata] == [1, 3]
    assert list(ham.y) == [0.25, 0.75]
    assert list(spam.y) == [0, 1]
    assert [(low, high) for low, high, _ in ham.customdata] == [(10, 100), (100, 1000)]


@pytest.mark.parametrize("histograms", [{"ham": [0, 0], "spam": [0, 0]}, {"ham": [0], "spam": [0]}])
def test_lengths_of_no_mails_are_drawn(histograms: dict[str, list[int]]) -> None:
    assert (
        len(charts.plot_lengths(histograms, [1, 10, 100][: len(histograms["ham"]) + 1]).data) == 2
    )
