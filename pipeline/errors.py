"""The exception tree, in one place.

The text of every one of them is a sentence for the user: what was expected, what came, what to
do. Pages show it as it is and the command line prints it and leaves with code 2.
"""

from typing import Any


class SpamlabError(Exception):
    """Something the user can mend; the message says how."""


class BadFile(SpamlabError):
    """A file that cannot be read as what it claims to be."""


class BadData(SpamlabError):
    """A readable file whose mails or labels cannot carry the work asked for."""


class BadSpec(SpamlabError):
    """A parameter outside its range; always *expected …, received …*."""


class BadModel(SpamlabError):
    """A model file that is damaged, foreign or made by a newer version."""


class BadWorkspace(SpamlabError):
    """The workspace folder cannot be read or written."""


class Sealed(SpamlabError):
    """The test part was asked for before its opening, or for a second time."""


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number; True and False are not.

    >>> is_whole(3), is_whole(True), is_whole(3.0)
    (True, False, False)
    """
    return isinstance(value, int) and not isinstance(value, bool)


def expect(condition: bool, name: str, expected: str, received: Any) -> None:
    """Raise BadSpec "name: expected …, received …." unless the condition holds."""
    if not condition:
        raise BadSpec(f"{name}: expected {expected}, received {received!r}.")
