"""The parts of a model card: sections of paragraphs, lists, tables and pictures, all plain text.

Every text stands for its own characters; `markdown` and `html` escape it.
"""

from dataclasses import dataclass

from pipeline.mail.hidden import escape_unprintable


@dataclass(frozen=True)
class Points:
    """A list whose items are sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of as many cells as there are columns; `caption` says what they are, or is empty."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


@dataclass(frozen=True)
class Picture:
    """An inline SVG drawn here, and a table with the same content where no picture can stand."""

    svg: str
    table: Table


Block = str | Points | Table | Picture
"""A plain string is a paragraph."""


@dataclass(frozen=True)
class Section:
    """A title and the blocks below it, in order."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Card:
    """A whole card; `summary` is the line below its title."""

    title: str
    summary: str
    sections: tuple[Section, ...]


def flatten_text(text: str) -> str:
    """Put a text on one line and write invisible characters as their codes."""
    line = " ".join(text.split())
    return escape_unprintable(line)
