"""A mail's text as HTML in which some of its characters are struck out.

Mail is hostile: every character goes through `html.escape`, and what cannot be seen is written out.
"""

import html
import re
from collections.abc import Sequence

from dashboard.app_pages.errors import shaded_text

STYLE = (
    "<style>.struck-text{white-space:pre-wrap;overflow-wrap:anywhere;overflow:auto;"
    "max-height:20rem;font-family:monospace;font-size:0.875rem;line-height:1.6;"
    "padding:0.5rem 0.75rem;border:1px solid rgba(128,128,128,0.35);border-radius:0.25rem;"
    "contain:content}"
    f".struck-text del{{background:rgba({shaded_text.SPAM},0.25);text-decoration:line-through "
    "2px;padding:0 1px}</style>"
)


def struck(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with these pieces struck out.

    Args:
        spans: start and end (one past the last), ascending and apart; a screen reader is told.
    """
    parts, at = [], 0
    for start, end in spans:
        parts.append(_escaped(text[at:start]))
        parts.append(f"<del>{_escaped(text[start:end])}</del>")
        at = end
    parts.append(_escaped(text[at:]))
    return f'{STYLE}<div class="struck-text" dir="auto" tabindex="0">{"".join(parts)}</div>'


def _escaped(text: str) -> str:
    """Line breaks and tabs as references, for Streamlit trims lines of white space."""
    pieces = re.split("([\n\t])", text.replace("\r\n", "\n"))
    return "".join(
        f"&#{ord(piece)};" if piece in "\n\t" and piece else html.escape(shaded_text.visible(piece))
        for piece in pieces
    )
