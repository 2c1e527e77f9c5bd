"""The messages of an mbox, one after the other, however large it is.

The standard library's `mailbox` needs a file that it can seek in and reads it twice; this reads a
pipe once (57 MB of SpamAssassin 2: 0.65 s there, see `benchmarks/intake.py` for here).
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from pipeline.intake import message

MOST_LINE = 1 << 16
"""Bytes of a line that are read at once; a longer one is read in pieces."""
ENVELOPE = re.compile(rb"From [^\n]*\d:\d\d[^\n]*\d{4}")
"""Sender, time of day and year: begins a message even without an empty line before it."""
FIELD = re.compile(rb"[!-9;-~]+[ \t]*:|>*From ")
QUOTED = re.compile(rb">+From ")
EMPTY = (b"\n", b"\r\n")


def messages(stream: BinaryIO) -> Iterator[bytes]:
    """Each message without its "From " line; one ">" is taken from lines like ">From ".

    What stands before the first "From " line is skipped. Content-Length does not count, since it
    is wrong as soon as a program has changed the message. Of a message over `message.MOST_BYTES`
    one byte more than that is given, so that `message.parse` cuts it and says so.
    """
    mail: bytearray | None = None  # None before the first message
    unsure = b""  # a "From " line that begins a message only if a field follows
    room = message.MOST_BYTES + 1
    after_empty = whole = True  # the line before: empty; read to its end
    for line in iter(partial(stream.readline, MOST_LINE), b""):
        begins = False
        if unsure:
            begins = FIELD.match(line) is not None
            if not begins and mail is not None:
                mail += unsure[: room - len(mail)]
        if begins or (whole and line.startswith(b"From ") and ENVELOPE.match(line)):
            if mail is not None:
                yield _ended(mail)
            mail = bytearray()
            if begins:
                mail += _unquoted(line)
            unsure, after_empty = b"", False
        elif whole and after_empty and line.startswith(b"From "):
            unsure = line
        else:
            unsure, after_empty = b"", whole and line in EMPTY
            if mail is not None and len(mail) < room:
                mail += (_unquoted(line) if whole else line)[: room - len(mail)]
        whole = line.endswith(b"\n")
    if mail is not None:
        yield _ended(mail + unsure[: room - len(mail)])


def _unquoted(line: bytes) -> bytes:
    return line[1:] if line.startswith(b">") and QUOTED.match(line) else line


def _ended(mail: bytearray) -> bytes:
    """Without the empty line that an mbox puts behind each message."""
    for end in (b"\r\n\r\n", b"\n\n"):
        if mail.endswith(end):
            return bytes(mail[: -len(end) // 2])
    return bytes(mail)
