"""What a project may be called."""

import re

from pipeline.workspace.folder import home

NAME = re.compile(r"[^\W_][\w .-]{0,59}")
"""Project names: letters, digits, space, dot, dash, underscore; up to 60; no path can be one."""


def is_valid_name(name: str) -> bool:
    return bool(NAME.fullmatch(name)) and ".." not in name and not name.endswith((" ", "."))


def make_name(text: str) -> str:
    """A valid project name close to a text, such as the name of a file."""
    name = re.sub(r"[^\w .-]+|\.{2,}", "-", text).strip(" .-_")[:50].strip(" .-_")
    return name or "project"


def find_free_name(text: str) -> str:
    """A valid project name close to a text that is not taken."""
    name = candidate = make_name(text)
    taken = {path.name for path in home().glob("projects/*")}
    number = 2
    while candidate in taken:
        candidate, number = f"{name} {number}", number + 1
    return candidate
