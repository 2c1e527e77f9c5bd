"""Text of a mail as HTML in which each character is shaded by its share of the score.

Mail is hostile: every character goes through `html.escape`, all elements and classes are those of
this file, and invisible characters are written out. Spam is vermilion with a solid line, ham is
blue with a dotted line, so that both can be distinguished without colour.
"""

import html
import unicodedata
from collections.abc import Sequence
from itertools import groupby

from pipeline.mail import hidden

LEVELS = 5
FAINTEST = 0.08
"""Part of the strongest share below which a character is not shaded."""
STRONGEST = 0.99
"""The quantile of the shares that gets the full shade: one character cannot pale all others."""
HAM, SPAM = "59,143,196", "213,94,0"
"""The colours of the charts; half transparent, so that they suit a light and a dark page."""
SEEN_AS = {"\n": "&#10;", "\t": "&#9;"}
"""Characters written as references, because Streamlit trims lines of white space."""


def _build_rules() -> str:
    rules = []
    for name, color, line in (("spam", SPAM, "solid"), ("ham", HAM, "dotted")):
        rules += [
            f".why-{name}{level}{{background:rgba({color},{0.02 + 0.11 * level:.2f});"
            f"border-bottom:2px {line} rgba({color},{0.3 + 0.14 * level:.2f})}}"
            for level in range(1, LEVELS + 1)
        ]
    return "".join(rules)


STYLE = (
    "<style>.why-text{white-space:pre-wrap;overflow-wrap:anywhere;overflow:auto;max-height:26rem;"
    "font-family:monospace;font-size:0.875rem;line-height:1.75;padding:0.5rem 0.75rem;"
    "border:1px solid rgba(128,128,128,0.35);border-radius:0.25rem;contain:content}"
    ".why-subject{font-weight:600}"
    ".why-sign{font-size:0.7em;border:1px solid rgba(128,128,128,0.7);border-radius:2px;"
    "padding:0 1px;unicode-bidi:isolate}"
    ".why-legend{display:flex;flex-wrap:wrap;column-gap:1.5rem;font-size:0.875rem;line-height:2}"
    + _build_rules()
    + "</style>"
)


def render_shaded(text: str, shares: Sequence[float], subject: int) -> str:
    """Render the shaded text with a legend above it.

    Args:
        shares: the contribution of each character, in log-odds of spam.
        subject: how many characters the subject has; a line break follows them.
    """
    levels = _compute_levels(shares)
    head, body = (
        _render_runs(text[:subject], levels),
        _render_runs(text[subject + 1 :], levels[subject + 1 :]),
    )
    if head:
        head = f'<div class="why-subject" dir="auto">{head}</div>'
    return (
        f"{STYLE}{_render_legend()}"
        f'<div class="why-text" tabindex="0">{head}<div dir="auto">{body}</div></div>'
    )


def show_invisible(text: str) -> str:
    """The text with characters written out that are invisible or reverse the direction."""
    return "".join(c if _is_seen(c) else hidden.render_symbol(c) for c in text)


def _compute_levels(shares: Sequence[float]) -> list[int]:
    """-LEVELS to LEVELS for each share; above 0 for spam."""
    sizes = sorted(abs(share) for share in shares if share)
    if not sizes:
        return [0] * len(shares)
    top = sizes[int(STRONGEST * (len(sizes) - 1))]
    levels = []
    for share in shares:
        size = min(1.0, abs(share) / top) if top else 0.0
        level = 1 + int((LEVELS - 1) * size) if size >= FAINTEST else 0
        levels.append(level if share > 0 else -level)
    return levels


def _render_runs(text: str, levels: Sequence[int]) -> str:
    """Render neighbours of the same shade as one element."""
    pieces = []
    for level, run in groupby(zip(levels, text, strict=False), key=lambda pair: pair[0]):
        inside = "".join(_escape(c) for _, c in run)
        shade = f"why-{'spam' if level > 0 else 'ham'}{abs(level)}"
        pieces.append(f'<span class="{shade}">{inside}</span>' if level else inside)
    return "".join(pieces)


def _escape(character: str) -> str:
    if character in SEEN_AS:
        return SEEN_AS[character]
    if _is_seen(character):
        return html.escape(character)
    return f'<span class="why-sign">{html.escape(hidden.render_symbol(character))}</span>'


def _is_seen(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == "Zs"


def _render_legend() -> str:
    def scale(name: str) -> str:
        return "".join(f'<span class="why-{name}{n}">&nbsp;a&nbsp;</span>' for n in (1, 3, 5))

    return (
        f'<div class="why-legend"><span>Towards ham {scale("ham")} dotted</span>'
        f"<span>Towards spam {scale('spam')} solid</span></div>"
    )
