"""What is struck out is text as well, and the bar has its marks where they belong."""

import html
import re

import pytest

from dashboard.app_pages.errors import score_bar, shaded_text, strikethrough
from pipeline.evaluation.operating_point import OperatingPoint
from tests.dashboard.conftest import HOSTILE


def test_every_character_is_shown_once_and_the_pieces_are_struck() -> None:
    text = "buy <b>cheap</b> pills\n\tnow & " + " ".join(HOSTILE)
    spans = [(4, 7), (7, 12), (17, 22)]
    written = strikethrough.render_strikethrough(text, spans)
    assert re.findall(r"<del>(.*?)</del>", written) == ["&lt;b&gt;", "cheap", "pills"]
    body = written.partition("</style>")[2]
    assert set(re.findall(r"</?(\w+)", body)) == {"div", "del"}
    shown = html.unescape(re.sub("<.*?>", "", body))
    assert shown == "".join(c if c in "\n\t" else shaded_text.show_invisible(c) for c in text)


@pytest.mark.parametrize("score", [0.0, 1e-9, 0.5, 0.93, 1.0])
def test_the_bar_marks_score_and_threshold(score: float) -> None:
    drawn = score_bar.render_bar(score, 0.5, OperatingPoint(0.8))
    at = {name: float(x) for name, x in re.findall(r'class="(\w+)" style="left:([\d.]+)%', drawn)}
    assert at["threshold"] == pytest.approx(score_bar.compute_position(0.8), abs=0.01)
    assert at["now"] == pytest.approx(score_bar.compute_position(score), abs=0.01)
    assert ("was" in at) == (score != 0.5)
    assert f"P(spam) {score:.3f}" in drawn


def test_places_rise_from_end_to_end() -> None:
    places = [score_bar.compute_position(p) for p in (0.0, 1e-6, 0.01, 0.5, 0.99, 1 - 1e-6, 1.0)]
    assert places == sorted(places)
    assert (places[0], places[3], places[-1]) == (0.0, 50.0, 100.0)
    assert all(0 <= p <= 100 for p in places)
