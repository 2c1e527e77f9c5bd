"""Text of a mail as HTML in which some of its characters are struck out.

Mail is hostile: every character goes through `html.escape`, invisible ones are written out.
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


def render_strikethrough(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Render the text with these pieces struck out, for screen readers too.

    Args:
        spans: start and end (one past the last) of each piece, ascending and not overlapping.
    """
    parts, at = [], 0
    for start, end in spans:
        parts.append(_escape(text[at:start]))
        parts.append(f"<del>{_escape(text[start:end])}</del>")
        at = end
    parts.append(_escape(text[at:]))
    return f'{STYLE}<div class="struck-text" dir="auto" tabindex="0">{"".join(parts)}</div>'


def _escape(text: str) -> str:
    """Escape text; line breaks and tabs become references, because Streamlit trims white space."""
    pieces = re.split("([\n\t])", text.replace("\r\n", "\n"))
    return "".join(
        f"&#{ord(piece)};"
        if piece in "\n\t" and piece
        else html.escape(shaded_text.show_invisible(piece))
        for piece in pieces
    )
