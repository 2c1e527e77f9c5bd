import math

import pytest

from pipeline.evaluation import wording
from pipeline.evaluation.intervals import Interval


@pytest.mark.parametrize(
    ("name", "value", "interval", "told"),
    [
        ("recall", 0.9875, Interval(0.9781, 0.9942, "Wilson"), "0.9875 (0.978 to 0.994)"),
        ("hm", 0.0028, Interval(0.0005, 0.0154, "Wilson"), "0.28% (0.05% to 1.54%)"),
        ("hm", 0.0, Interval(0.0, 0.0083, "3/n", "x"), "0.00% (0.00% to 0.83%)"),
        ("tcr_9", math.inf, Interval(38.44, math.inf, "bounds"), "∞ (at least 38.4)"),
        ("sm_at_hm", 0.1, Interval(math.nan, math.nan, "none", "few"), "10.00% (no interval)"),
        ("lam", math.nan, None, "–"),
        ("tcr_1", None, None, "–"),
        ("mcc", -0.0, None, "0.0000"),
    ],
)
def test_a_figure_in_words(name: str, value, interval, told: str) -> None:
    assert wording.format_figure(name, value, interval) == told
