"""Names of projects."""

import re

from pipeline.workspace.folder import home

NAME = re.compile(r"[^\W_][\w .-]{0,59}")
"""A name has up to 60 letters, digits, spaces, dots, dashes or underscores; a path never fits."""


def is_valid_name(name: str) -> bool:
    return bool(NAME.fullmatch(name)) and ".." not in name and not name.endswith((" ", "."))


def make_name(text: str) -> str:
    """Make a valid project name from a text, such as the name of a file."""
    name = re.sub(r"[^\w .-]+|\.{2,}", "-", text).strip(" .-_")[:50].strip(" .-_")
    return name or "project"


def find_free_name(text: str) -> str:
    """Make a valid project name from a text that no project has yet."""
    name = candidate = make_name(text)
    taken = {path.name for path in home().glob("projects/*")}
    number = 2
    while candidate in taken:
        candidate, number = f"{name} {number}", number + 1
    return candidate
