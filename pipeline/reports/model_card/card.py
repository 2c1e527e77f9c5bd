"""What a model card is made of: sections of paragraphs, lists, tables and pictures, plain text all.

Every text is taken as the characters it is; `markdown` and `html` escape it.
"""

from dataclasses import dataclass

from pipeline.mail.hidden import escape_unprintable


@dataclass(frozen=True)
class Points:
    """A list, an item a sentence."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of as many cells as there are columns; `caption` says what they are, or is empty."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


@dataclass(frozen=True)
class Picture:
    """An inline SVG made here, and the table that tells the same where no picture can be shown."""

    svg: str
    table: Table


Block = str | Points | Table | Picture
"""A plain string is a paragraph."""


@dataclass(frozen=True)
class Section:
    """A title and what stands below it, in order."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Card:
    """A whole card; `summary` is the line below its title."""

    title: str
    summary: str
    sections: tuple[Section, ...]


def plain(text: str) -> str:
    """One line without characters that cannot be seen: they stand as their codes."""
    line = " ".join(text.split())
    return escape_unprintable(line)
