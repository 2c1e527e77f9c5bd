"""Characters of a mail that cannot be seen or that change how their neighbours look, made visible.

Terminals obey escape codes, a right-to-left override turns "exe.gpj" into "jpg.exe", a zero-width
space parts a word that a filter looks for. A reader of a mail has to see that they are there.
"""

import re
import unicodedata
from collections import Counter
from functools import cache

# Two characters join letters in Persian and pictures in emoji, where they are no trick: they are
# told of only after Latin letters, signs and one another.
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
"""The usual abbreviations of Unicode; other characters are shown by their number. Unicode has
pictures of the controls, too, but few machines have them in their fonts."""
CONTROLS = {0x07: "bell", 0x08: "backspace", 0x0B: "vertical tab", 0x0C: "form feed",
            0x0D: "carriage return", 0x1B: "escape", 0x7F: "delete"}  # fmt: skip


def visible(text: str) -> str:
    """The text with a symbol for each hidden character; tab and line feed stay.

    >>> visible("\\x1b[1mBuy\\u200bnow")
    '⟦ESC⟧[1mBuy⟦ZWSP⟧now'
    """
    return HIDDEN.sub(lambda found: symbol(found[0]), text)


def counts(text: str) -> Counter[str]:
    """How often each hidden character is in the text."""
    return Counter(HIDDEN.findall(text))


@cache
def symbol(character: str) -> str:
    """What stands for a hidden character: its abbreviation or its number, in brackets."""
    code = ord(character)
    return f"⟦{SHORT.get(code) or f'U+{code:04X}'}⟧"


def name(character: str) -> str:
    """What a hidden character is called, in words."""
    code = ord(character)
    called = CONTROLS.get(code) or unicodedata.name(character, "").lower()
    return called or f"control character {code}"
