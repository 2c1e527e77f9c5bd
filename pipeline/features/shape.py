"""What a mail looks like from afar: its length, its characters, its HTML, its attachments.

>>> frame = pd.DataFrame({"subject": ["WIN"], "body": ["a cash prize"]})
>>> measures = dict(zip(Shape.measures, Shape().measure(frame)[0], strict=True))
>>> float(measures["share of capitals"])  # 3 of 16, counting the line break between the two
0.1875
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from math import log1p
from typing import ClassVar

import numpy as np
import pandas as pd

from pipeline.features.numeric import ONE, Numeric
from pipeline.features.texts import MOST_CHARACTERS, join_texts, read_raw_texts

OTHER, CAPITAL, DIGIT, PUNCTUATION, CURRENCY, INVISIBLE = range(6)
# soft hyphen, zero-width characters, marks and overrides of direction, byte order mark
INVISIBLE_CHARACTERS = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
WORD = re.compile(r"[^\W\d_]+")
LATIN, LOOKALIKE = "A-Za-z\u00c0-\u024f", "\u0370-\u03ff\u0400-\u052f"
MIXED = re.compile(f"[{LATIN}][{LOOKALIKE}]|[{LOOKALIKE}][{LATIN}]")
# the repeats are bounded: two unbounded ones in a row take quadratic time on a run of spaces
HIDING_STYLE = re.compile(
    r"display\s{0,9}:\s{0,9}none"
    r"|visibility\s{0,9}:\s{0,9}hidden"
    r"|font-size\s{0,9}:\s{0,9}0(?![.\d])"
    r"|(?<![-\w])color\s{0,9}[:=]\s{0,9}[\"']?(?:#fff(?:fff)?|white)(?!\w)",
    re.IGNORECASE,
)
UNSUBSCRIBE = re.compile("unsubscribe", re.IGNORECASE)


@dataclass(eq=False)
class Shape(Numeric):
    """Measures form: counts as ln(1 + count), shares of the first 200,000 characters."""

    title: ClassVar[str] = "Shape"
    summary: ClassVar[str] = "Length, capitals, punctuation, scripts, invisible text."

    measures: ClassVar[dict[str, float]] = {
        "length": ONE,
        "share of capitals": 0.05,
        "share of digits": 0.05,
        "share of punctuation": 0.05,
        "longest run of punctuation": ONE,
        "share of non-ASCII characters": 0.05,
        "words of mixed scripts": ONE,
        "invisible characters": ONE,
        "currency signs": ONE,
        "“unsubscribe”": ONE,
        "no subject": 1.0,
        "share of HTML": 0.05,
        "text hidden by HTML": ONE,
        "attachments": ONE,
    }
    can_miss: ClassVar[tuple[str, ...]] = ("share of HTML", "attachments")
    yes_or_no: ClassVar[tuple[str, ...]] = ("no subject",)
    counts: ClassVar[tuple[str, ...]] = tuple(
        name for name, least in measures.items() if least == ONE
    )

    def measure(self, frame: pd.DataFrame) -> np.ndarray:
        rows = zip(
            join_texts(frame, MOST_CHARACTERS),
            frame["subject"],
            frame["body"],
            read_raw_texts(frame, "html"),
            read_raw_texts(frame, "attachments"),
            strict=True,
        )
        values = [
            [
                log1p(len(subject) + len(body)),
                *_measure_characters(text),
                float(not subject.strip()),
                *_measure_html(html, len(body)),
                np.nan if attachments is None else log1p(_count_lines(attachments)),
            ]
            for text, subject, body, html, attachments in rows
        ]
        return np.array(values, np.float64).reshape(len(frame), len(self.measures))


def _measure_characters(text: str) -> list[float]:
    """Measure all that `Shape.measures` names from the capitals to “unsubscribe”."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = _make_kind_table()[np.minimum(codes, 0xFFFF)]
    counts = np.bincount(kinds, minlength=6)
    non_ascii = int(np.count_nonzero(codes > 127))
    # a run of punctuation lies between two neighbours that are none
    others = np.flatnonzero(kinds != PUNCTUATION)
    longest = np.diff(others, prepend=-1, append=len(kinds)).max() - 1
    mixed = sum(MIXED.search(word) is not None for word in WORD.findall(text)) if non_ascii else 0
    n = len(text)
    return [
        counts[CAPITAL] / n,
        counts[DIGIT] / n,
        counts[PUNCTUATION] / n,
        log1p(longest),
        non_ascii / n,
        log1p(mixed),
        log1p(counts[INVISIBLE]),
        log1p(counts[CURRENCY]),
        log1p(len(UNSUBSCRIBE.findall(text))),
    ]


@cache
def _make_kind_table() -> np.ndarray:
    """Make a table of the kind of each character in Unicode's first plane: uint8 of (65536,)."""
    kinds = {"Lu": CAPITAL, "Lt": CAPITAL, "Nd": DIGIT, "Sc": CURRENCY}
    invisible = re.compile(f"[{INVISIBLE_CHARACTERS}]")
    table = np.zeros(1 << 16, np.uint8)
    for code in range(1 << 16):
        category = unicodedata.category(chr(code))
        table[code] = kinds.get(category, PUNCTUATION if category[0] in "PS" else OTHER)
        if invisible.match(chr(code)):
            table[code] = INVISIBLE
    return table


def _measure_html(html: str | None, body: int) -> tuple[float, float]:
    """Measure the share of HTML in HTML and body, and ln(1 + styles that hide text).

    Args:
        html: None if the mail was not raw; the share is then NaN.
        body: the length of the body in characters.
    """
    if html is None:
        return np.nan, 0.0
    hidden = len(HIDING_STYLE.findall(html[:MOST_CHARACTERS]))
    return len(html) / max(1, len(html) + body), log1p(hidden)


def _count_lines(text: str) -> int:
    return text.count("\n") + 1 if text else 0
