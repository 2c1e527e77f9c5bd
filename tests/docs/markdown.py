"""Takes the project's Markdown apart: links, anchors, and blocks of code.

The word behind the language of a fence says what the tests do with the block (CONTRIBUTING.md
describes it to authors): nothing for most, `run` for commands, ``file=PATH`` for a file of a guide.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^(`{3,})(\S*)[ ]?([^\n]*)\n(.*?)^\1`*[ ]*$\n?", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.*?) *#*$", re.MULTILINE)


def list_pages() -> list[Path]:
    """Every page that a reader may open."""
    front = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
    return [*front, *sorted((ROOT / "docs").rglob("*.md"))]


def name_page(page: Path) -> str:
    """The path of a page, as the tests name it."""
    return page.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class CodeBlock:
    """A fenced block: its language, the words behind it, the code, its first line in the page."""

    language: str
    words: str
    code: str
    line: int

    @property
    def file(self) -> str | None:
        """The file that the block is about, by its path in the project."""
        match = re.fullmatch(r"file=(\S+)", self.words)
        return match[1] if match else None


def read_blocks(page: Path) -> list[CodeBlock]:
    """The blocks of code of a page."""
    text = page.read_text(encoding="utf-8")
    return [
        CodeBlock(m[2], m[3].strip(), m[4], text.count("\n", 0, m.start()) + 2)
        for m in FENCE.finditer(text)
    ]


def list_links(page: Path) -> Iterator[str]:
    """What the links and pictures of a page lead to."""
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", page.read_text(encoding="utf-8")))
    yield from LINK.findall(prose)


def list_anchors(page: Path) -> set[str]:
    """What `#…` can lead to in a page, as GitHub names its headings."""
    anchors: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", text).strip().replace(" ", "-")
        number = next(n for n in range(len(anchors) + 1) if _numbered(name, n) not in anchors)
        anchors.add(_numbered(name, number))
    return anchors


def _numbered(name: str, number: int) -> str:
    return f"{name}-{number}" if number else name
