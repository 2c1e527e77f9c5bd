"""Makes hidden characters visible: those that show nothing or change how their neighbours look.

Terminals obey escape codes, a right-to-left override turns "exe.gpj" into "jpg.exe", and a
zero-width space splits a word that a filter looks for. Whoever reads a mail has to see them.
"""

import re
import unicodedata
from collections import Counter
from functools import cache

# Two characters (U+200C and U+200D) join letters in Persian and pictures in emoji, where they are
# legitimate. They count as hidden only after Latin letters, signs or one another.
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b"
    "\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a"
    "\U000e0000-\U000e007f]"
    "|(?<![^\x00-\u024f\u200b-\u200f])[\u200c\u200d]"
)
# fmt: off
ASCII = ["NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR",
         "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB",
         "ESC", "FS", "GS", "RS", "US"]
SHORT = dict(enumerate(ASCII)) | {
    0x7F: "DEL", 0xAD: "SHY", 0x061C: "ALM", 0x200B: "ZWSP", 0x200C: "ZWNJ", 0x200D: "ZWJ",
    0x200E: "LRM", 0x200F: "RLM", 0x202A: "LRE", 0x202B: "RLE", 0x202C: "PDF", 0x202D: "LRO",
    0x202E: "RLO", 0x2060: "WJ", 0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI",
    0xFEFF: "BOM",
}
# fmt: on
"""Unicode's usual abbreviations; all other characters are shown by number. Unicode also has
pictures of the control characters, but few fonts contain them."""
CONTROLS = {0x07: "bell", 0x08: "backspace", 0x0B: "vertical tab", 0x0C: "form feed",
            0x0D: "carriage return", 0x1B: "escape", 0x7F: "delete"}  # fmt: skip


def make_visible(text: str) -> str:
    """Replace each hidden character by a symbol; tabs and line feeds stay.

    >>> make_visible("\\x1b[1mBuy\\u200bnow")
    '⟦ESC⟧[1mBuy⟦ZWSP⟧now'
    """
    return HIDDEN.sub(lambda match: render_symbol(match[0]), text)


def count_hidden(text: str) -> Counter[str]:
    """Count how often each hidden character occurs in the text.

    >>> count_hidden("Buy\u200bnow")["\u200b"]
    1
    """
    return Counter(HIDDEN.findall(text))


def escape_unprintable(text: str) -> str:
    """Write each character that does not print as its Python escape; for one line of text.

    Stricter than `make_visible`: it leaves nothing that `str.isprintable` rejects, not even tabs
    and line feeds.

    >>> print(escape_unprintable("Buy\\u200bnow\\t!"))
    Buy\\u200bnow\\t!
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


@cache
def render_symbol(character: str) -> str:
    """The symbol of a hidden character: its abbreviation or its number, in brackets.

    >>> render_symbol("\u202e")
    '⟦RLO⟧'
    """
    code = ord(character)
    return f"⟦{SHORT.get(code) or f'U+{code:04X}'}⟧"


def name_character(character: str) -> str:
    """The name of a hidden character in words.

    >>> name_character("\u202e")
    'right-to-left override'
    """
    code = ord(character)
    name = CONTROLS.get(code) or unicodedata.name(character, "").lower()
    return name or f"control character {code}"
