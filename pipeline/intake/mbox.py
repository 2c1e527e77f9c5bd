"""Splits an mbox of any size into its messages.

The standard library's `mailbox` needs a seekable file and reads it twice; this reads a pipe once
(`mailbox` takes 0.65 s for 57 MB of SpamAssassin 2; see `benchmarks/intake.py` for this module).
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from pipeline.intake import message

MOST_LINE = 1 << 16
"""Longer lines are read in pieces of this many bytes."""
ENVELOPE = re.compile(rb"From [^\n]*\d:\d\d[^\n]*\d{4}")
"""Matches sender, time of day and year: such a line begins a message even without an empty line
before it."""
FIELD = re.compile(rb"[!-9;-~]+[ \t]*:|>*From ")
QUOTED = re.compile(rb">+From ")
EMPTY = (b"\n", b"\r\n")


def split_messages(stream: BinaryIO) -> Iterator[bytes]:
    """Yield each message without its "From " line; lines such as ">From " lose one ">".

    Skips everything before the first "From " line. Ignores Content-Length, which is wrong once a
    program has changed the message. Cuts a message one byte after `message.MOST_BYTES`, so that
    `message.parse_message` cuts it and says so.

    >>> import io
    >>> mbox = b"From a@b.c Mon Aug  5 10:00:00 2002\\nSubject: Hi\\n\\n>From Bob\\n\\n"
    >>> list(split_messages(io.BytesIO(mbox)))
    [b'Subject: Hi\\n\\nFrom Bob\\n']
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
                yield _drop_end(mail)
            mail = bytearray()
            if begins:
                mail += _unquote(line)
            unsure, after_empty = b"", False
        elif whole and after_empty and line.startswith(b"From "):
            unsure = line
        else:
            unsure, after_empty = b"", whole and line in EMPTY
            if mail is not None and len(mail) < room:
                mail += (_unquote(line) if whole else line)[: room - len(mail)]
        whole = line.endswith(b"\n")
    if mail is not None:
        yield _drop_end(mail + unsure[: room - len(mail)])


def _unquote(line: bytes) -> bytes:
    return line[1:] if line.startswith(b">") and QUOTED.match(line) else line


def _drop_end(mail: bytearray) -> bytes:
    """Drop the empty line that an mbox puts after each message."""
    for end in (b"\r\n\r\n", b"\n\n"):
        if mail.endswith(end):
            return bytes(mail[: -len(end) // 2])
    return bytes(mail)
