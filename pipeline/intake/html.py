"""HTML to the text that a reader of the mail sees, in linear time whatever the HTML is.

Tags are read one after the other and no tree is built: the tree of the HTML standard can have a
million nodes for 50 KB (open font tags are repeated in each paragraph), and spam is free to try.
"""

import re
from html import unescape

MOST_CHARACTERS = 5_000_000
"""Characters of one HTML that are read; 5 MB of nothing but tags take 4 s."""
# blocks whose edges are line breaks when the mail is read
BLOCKS = re.compile(
    "address|article|blockquote|br|center|div|dl|dt|dd|fieldset|footer|form|h[1-6]|header|hr|li|ol"
    "|p|pre|section|table|td|th|title|tr|ul"
)
# Each alternative that begins to match also ends, at the end of the text if need be, and gives
# nothing back: so no character is read more than twice. Quotes count behind = only, as in browsers.
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
    """The text line by line, with the address of each link in brackets behind it.

    White space is one space, blocks begin on lines of their own, at most one line is empty at a
    time; scripts, styles and comments are gone.
    """
    html = html[:MOST_CHARACTERS]
    out: list[str] = []
    address, start = "", 0  # of the link that is open; links do not nest
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
    found = HREF.search(attributes)
    return "".join(_unescape(found[1] or found[2] or found[3] or "").split()) if found else ""


def _unescape(text: str) -> str:
    try:
        return unescape(text)
    except ValueError:  # &#…; of more digits than int() takes
        return text
