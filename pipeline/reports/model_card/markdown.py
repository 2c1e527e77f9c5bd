"""A card as Markdown (CommonMark with GitHub's tables)."""

import re

from pipeline.reports.model_card.card import Block, Card, Picture, Points, Table, flatten_text

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~$&#])")
_LINK = re.compile(r"(?<=@)|(?<=://)|(?<=www)(?=\.)", re.IGNORECASE)
_START = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[-+=]))")
"""Where a text would begin a list or a rule."""


def to_markdown(card: Card) -> str:
    """The whole card; a picture is given as its table."""
    parts = [f"# {_text(card.title)}", _text(card.summary)]
    for section in card.sections:
        parts.append(f"## {_text(section.title)}")
        parts += [_block(block) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    if isinstance(block, Points):
        return "\n".join(f"- {_text(item)}" for item in block.items)
    if isinstance(block, Picture):
        return _block(block.table)
    if isinstance(block, Table):
        lines = [block.columns, ("---",) * len(block.columns), *block.rows]
        # the rule below the head is ours and is not escaped
        rows = [
            "| " + " | ".join(line if n == 1 else tuple(map(_text, line))) + " |"
            for n, line in enumerate(lines)
        ]
        caption = [f"{_text(block.caption)}\n"] if block.caption else []
        return "\n".join([*caption, *rows])
    return _text(block)


def _text(text: str) -> str:
    """Every character stands for itself.

    No escape keeps an address from becoming a live link; a word joiner in it, which cannot be
    seen, does.
    """
    escaped = _SPECIAL.sub(r"\\\1", flatten_text(text))
    return _START.sub(r"\1\\", _LINK.sub("\u2060", escaped))
