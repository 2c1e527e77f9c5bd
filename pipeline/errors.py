"""The exception tree, in one place.

The text of every exception is a sentence for the user: what was expected, what was received and
what to do. Pages show it unchanged; the command line prints it and exits with code 2.
"""

from typing import Any


class SpamlabError(Exception):
    """Something that the user can fix; the message says how."""


class BadFile(SpamlabError):
    """A file that cannot be read."""


class BadData(SpamlabError):
    """Mails or labels that are not enough for the requested work."""


class BadSpec(SpamlabError):
    """A parameter out of range; the message always says *expected …, received …*."""


class BadModel(SpamlabError):
    """A model file that is damaged, of another program or of a newer version."""


class BadWorkspace(SpamlabError):
    """A workspace folder that cannot be read or written."""


class Sealed(SpamlabError):
    """An attempt to read the test part before its opening, or to open it a second time."""


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number; True and False are not.

    >>> is_whole(3), is_whole(True), is_whole(3.0)
    (True, False, False)
    """
    return isinstance(value, int) and not isinstance(value, bool)


def expect(condition: bool, name: str, expected: str, received: Any) -> None:
    """Raise BadSpec "name: expected …, received …." unless the condition holds.

    >>> expect(False, "epochs", "a whole number from 1 on", 0)
    Traceback (most recent call last):
    pipeline.errors.BadSpec: epochs: expected a whole number from 1 on, received 0.
    """
    if not condition:
        raise BadSpec(f"{name}: expected {expected}, received {received!r}.")
