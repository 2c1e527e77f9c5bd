"""Hidden characters are counted and shown by symbols; what can be seen stays as it is."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mail import hidden


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "⟦ESC⟧[31mred⟦ESC⟧[0m"),
        ("\u202egnp.exe\u202c", "⟦RLO⟧gnp.exe⟦PDF⟧"),
        ("Via\u200bgra, c\u00adasino", "Via⟦ZWSP⟧gra, c⟦SHY⟧asino"),
        ("a\rb\x7f\x00\x85", "a⟦CR⟧b⟦DEL⟧⟦NUL⟧⟦U+0085⟧"),
        ("V\u200di\u200d\u200dagra", "V⟦ZWJ⟧i⟦ZWJ⟧⟦ZWJ⟧agra"),
        ("\U000e0041", "⟦U+E0041⟧"),
        ("\ufeffHello", "⟦BOM⟧Hello"),
    ],
)
def test_hidden_characters_are_shown_by_symbols(text: str, shown: str) -> None:
    assert hidden.make_visible(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "tab\tand\nline feed",
        "Grüße, naïve, 你好, שלום, مرحبا",
        "می\u200cخواهم",
        "👩\u200d💻 ❤\ufe0f",
        "क्\u200dष",
        "price: 5\u00a0€ — “now”",
    ],
)
def test_what_can_be_seen_or_joins_letters_stays(text: str) -> None:
    assert hidden.make_visible(text) == text
    assert not hidden.count_hidden(text)


@given(st.text())
def test_nothing_that_acts_is_left_and_the_rest_stays_in_order(text: str) -> None:
    shown = hidden.make_visible(text)
    assert hidden.make_visible(shown) == shown
    turning = {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI"}
    assert not turning & {unicodedata.bidirectional(c) for c in shown}
    assert not [c for c in shown if unicodedata.category(c) == "Cc" and c not in "\t\n"]
    found = hidden.count_hidden(text)
    grown = sum((len(hidden.render_symbol(c)) - 1) * n for c, n in found.items())
    assert len(shown) == len(text) + grown


def test_every_symbol_has_a_name_in_words() -> None:
    assert hidden.name_character("\x1b") == "escape"
    assert hidden.name_character("\u202e") == "right-to-left override"
    assert hidden.name_character("\x85") == "control character 133"
    text = "".join(chr(code) for code in range(0xF0000) if not 0xD800 <= code < 0xE000)
    for character in hidden.count_hidden(text):
        assert hidden.name_character(character).isprintable()
        assert hidden.render_symbol(character).isprintable()


@pytest.mark.parametrize("unit", ["\x1b[1m", "a", "\u200d", "\u202e", "é"])
def test_a_megabyte_takes_a_moment(unit: str) -> None:
    begin = time.process_time()
    hidden.make_visible(unit * (1_000_000 // len(unit)))
    assert time.process_time() - begin < 5
