"""From the marked-up text of a grammar to the body of a mail: plain text or HTML.

The grammar writes a link as `((what it says -> where it goes))`, since only the layout knows
whether it becomes a bare address, a button or a linked picture.
"""

import re
from html import escape

from sample.dice import Dice

LINK = re.compile(r"\(\((.*?) -> (.*?)\)\)")
BULLET = re.compile(r"^[-*] ", re.MULTILINE)
FONTS = ("Arial, sans-serif", "Verdana", "Georgia, serif", "Helvetica, Arial", "Tahoma, sans-serif")
COLOURS = ("#1a5276", "#b03a2e", "#117a65", "#333333", "#6c3483", "#0b5ed7", "#444")


def wrapped(text: str, width: int) -> str:
    """Lines broken at spaces; written here because `textwrap` may change between versions."""
    lines = []
    for line in text.split("\n"):
        if line.startswith(">"):
            lines.append(line)
            continue
        while len(line) > width and " " in line[1:]:
            cut = line.rfind(" ", 1, width + 1)
            if cut < 0:
                cut = line.index(" ", 1)
            lines.append(line[:cut])
            line = line[cut + 1 :]
        lines.append(line)
    return "\n".join(lines)


def plain(text: str, dice: Dice) -> str:
    """The body as text; some mail programs break lines, some do not."""
    form = dice.pick(("{0}: {1}", "{0}\n{1}", "{0} <{1}>", "{0} ( {1} )", "{1}"))
    text = LINK.sub(lambda link: form.format(link[1], link[2]), text)
    return wrapped(text, dice.between(66, 78)) if dice.chance(0.4) else text


def html(text: str, dice: Dice, hidden: str = "", picture: str = "") -> str:
    """The body as HTML, with what a sender may add: text nobody sees, a picture that is a link."""
    font, colour = dice.pick(FONTS), dice.pick(COLOURS)
    button = dice.chance(0.5)

    def link(match: re.Match[str]) -> str:
        style = f' style="background:{colour};color:#fff;padding:{dice.between(6, 14)}px"'
        return f'<a href="{match[2]}"{style if button else ""}>{match[1]}</a>'

    blocks = []
    for block in re.split(r"\n{2,}", escape(text, quote=False).replace("-&gt;", "->")):
        lines = LINK.sub(link, block).split("\n")
        if len(lines) > 1 and all(BULLET.match(line) for line in lines):
            items = "".join(f"<li>{line[2:]}</li>" for line in lines)
            blocks.append(f"<ul>{items}</ul>")
        elif len(lines) > 1 and all(": " in line and "<a" not in line for line in lines):
            rows = (line.split(": ", 1) for line in lines)
            cells = "\n".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in rows)
            blocks.append(f"<table>\n{cells}\n</table>")
        else:
            blocks.append("<p>" + "<br>\n".join(lines) + "</p>")
    if picture:
        size = f'width="{dice.between(300, 640)}"'
        blocks.insert(
            dice.between(0, 1), f'<a href="{picture}"><img src="{picture}.png" {size}></a>'
        )
    if hidden:
        style = dice.pick(("display:none", "font-size:1px;color:#fff", "color:#ffffff", "height:0"))
        blocks.append(f'<div style="{style}">{escape(hidden, quote=False)}</div>')
    inner = "\n".join(blocks)
    shell = dice.pick(
        (
            '<html><body style="font-family:{font}">\n{inner}\n</body></html>',
            "<html>\n<head><title></title></head>\n<body>\n{inner}\n</body>\n</html>",
            '<div style="font-family:{font};color:{colour}">\n{inner}\n</div>',
            '<table width="600"><tr><td style="font-family:{font}">\n{inner}\n</td></tr></table>',
            "<!DOCTYPE html>\n<html><body>{inner}</body></html>",
        )
    )
    return shell.format(font=font, colour=colour, inner=inner)
