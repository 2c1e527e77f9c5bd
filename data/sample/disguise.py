"""How spam hides its words from filters, one function a trick.

Each takes the text and the dice and leaves links alone: a broken link earns nothing.
"""

import re
from collections.abc import Callable

from sample.dice import Dice

LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7", "l": "1"}
CYRILLIC = dict(
    zip(
        "aceopxyiABEHKMOPCTX",
        "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0410\u0412"
        "\u0415\u041d\u041a\u041c\u041e\u0420\u0421\u0422\u0425",
        strict=True,
    )
)
ZERO_WIDTH = ("\u200b", "\u200c", "\u200d", "\ufeff")
WORD = re.compile(r"(?<![\w/.@:%&#?=-])[^\W\d_]{4,}(?![\w/@%=]|\.\w|:/)")


def _some_words(text: str, dice: Dice, rate: float, change: Callable[[str], str]) -> str:
    return WORD.sub(lambda word: change(word[0]) if dice.chance(rate) else word[0], text)


def leet(text: str, dice: Dice) -> str:
    """v1g0rel"""

    def change(word: str) -> str:
        return "".join(
            dice.pick(LEET[c.lower()]) if c.lower() in LEET and dice.chance(0.5) else c
            for c in word
        )

    return _some_words(text, dice, 0.2, change)


def spaced(text: str, dice: Dice) -> str:
    """v i g o r e l"""
    return _some_words(text, dice, 0.15, lambda word: dice.pick(" .-_ ").join(word))


def zero_width(text: str, dice: Dice) -> str:
    """Characters without width inside the words."""

    def change(word: str) -> str:
        at = dice.between(1, len(word) - 1)
        return word[:at] + dice.pick(ZERO_WIDTH) + word[at:]

    return _some_words(text, dice, 0.35, change)


def homoglyphs(text: str, dice: Dice) -> str:
    """Cyrillic letters that look Latin."""

    def change(word: str) -> str:
        return "".join(CYRILLIC.get(c, c) if dice.chance(0.6) else c for c in word)

    return _some_words(text, dice, 0.25, change)


def shouting(text: str, dice: Dice) -> str:
    """CAPITALS and exclamation marks."""
    text = _some_words(text, dice, 0.3, str.upper)
    return text.replace(". ", "!" * dice.between(1, 3) + " ")


def hash_buster(text: str, dice: Dice) -> str:
    """A random tail, so that no two copies of a campaign have the same checksum."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    words = (
        "".join(dice.pick(letters) for _ in range(dice.between(4, 11)))
        for _ in range(dice.between(1, 5))
    )
    return text + "\n\n" + " ".join(words)


TRICKS: dict[str, Callable[[str, Dice], str]] = {
    "leet": leet,
    "spaced": spaced,
    "zero_width": zero_width,
    "homoglyphs": homoglyphs,
    "shouting": shouting,
    "hash_buster": hash_buster,
}
