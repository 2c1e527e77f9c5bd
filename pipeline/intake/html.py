"""Converts HTML to the text that the reader of a mail sees, in linear time whatever the HTML.

It reads one tag after the other and builds no tree: the tree of the HTML standard can have a
million nodes for 50 KB (open font tags are repeated in each paragraph), and spam may exploit that.
"""

import re
from html import unescape

MOST_CHARACTERS = 5_000_000
"""Only the first 5,000,000 characters are read; as many characters of tags take 4 s."""
# Elements that begin and end on lines of their own.
BLOCKS = re.compile(
    "address|article|blockquote|br|center|div|dl|dt|dd|fieldset|footer|form|h[1-6]|header|hr|li|ol"
    "|p|pre|section|table|td|th|title|tr|ul"
)
# Each alternative that begins to match also ends, if need be at the end of the text, and never
# backtracks, so no character is read more than twice. Quotes count only after =, as in browsers.
TAG = re.compile(
    r"""<!--.*?(?:-->|\Z)
    | <(?P<raw>script|style)\b.*?(?:</(?P=raw)\b[^>]*+(?:>|\Z)|\Z)
    | <(?P<end>/?)(?P<name>[a-z][^\s/>]*+)
      (?P<rest>(?:[^>=]++ | =\s*+(?:"[^"]*+(?:"|\Z) | '[^']*+(?:'|\Z)) | =)*+)(?:>|\Z)
    | <[!?/][^>]*+(?:>|\Z)""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
HREF = re.compile(r"""(?<![\w-])href\s*+=\s*+(?:"([^"]*+)|'([^']*+)|([^\s>]++))""", re.IGNORECASE)


def html_to_text(html: str) -> str:
    """Convert HTML to text, with the address of each link in brackets after it.

    White space collapses to one space, blocks begin on lines of their own, and there is at most one
    empty line in a row. Scripts, styles and comments are dropped.

    >>> print(html_to_text('<p>Hi <b>Bob</b></p><a href="http://a.example">Click</a>'))
    Hi Bob
    Click [http://a.example]
    """
    html = html[:MOST_CHARACTERS]
    out: list[str] = []
    address, start = "", 0  # of the open link; links do not nest
    preformatted = False
    end = 0

    def add(text: str) -> None:
        text = _unescape(text)
        out.append(text if preformatted else re.sub(r"\s+", " ", text))

    def close_link() -> None:
        if address and address not in "".join(out[start:]):
            out.append(f" [{address}]")

    for tag in TAG.finditer(html):
        add(html[end : tag.start()])
        end = tag.end()
        name = (tag["name"] or "").lower()
        if name == "a":
            close_link()
            address, start = "" if tag["end"] else _address(tag["rest"]), len(out)
        elif BLOCKS.fullmatch(name):
            out.append("\n")
            if name == "pre":
                preformatted = not tag["end"]
    add(html[end:])
    close_link()
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in "".join(out).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _address(attributes: str) -> str:
    match = HREF.search(attributes)
    return "".join(_unescape(match[1] or match[2] or match[3] or "").split()) if match else ""


def _unescape(text: str) -> str:
    try:
        return unescape(text)
    except ValueError:  # &#…; with more digits than int() accepts
        return text
