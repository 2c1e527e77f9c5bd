"""Which lines of a mail somebody else wrote before: quoted in a reply, or forwarded."""

import re
from typing import NamedTuple

OWN, QUOTED = "own", "quoted"
MOST_LINE = 500
"""Characters of a line that are looked at: introductions of quotes are short."""

# ">From" is no quote: an mbox writes a line that begins with "From" so
MARKED = re.compile(r"[ \t]{0,3}>(?!From )")
INTRODUCED = re.compile(
    r"(?:wrote|writes|said|schrieb|geschrieben|a écrit|escribió|escreveu|ha scritto|schreef|skrev)"
    r"(?: [^:]{1,80})?[ \t]?:[ \t]*$",
    re.IGNORECASE,
)
# from such a line on all is of the former mail, without a sign before its lines
FORMER = re.compile(
    r"[ \t]*(?:-{3,}[ \t]*(?:original message|forwarded (?:message|by)|ursprüngliche nachricht"
    r"|weitergeleitete nachricht|message d'origine|mensaje original)"
    r"|begin forwarded message:)",
    re.IGNORECASE,
)
DATED = re.compile(r"\d.{0,40}\d")
OPENING = re.compile(r"[ \t]{0,3}(?:On|Am|Le|El|Em|Il|Op|Den|At)\b")


class Part(NamedTuple):
    """Some lines of a mail, with their line ends."""

    kind: str
    """`OWN` or `QUOTED`."""
    text: str


def parts(text: str) -> list[Part]:
    """The text cut into what the sender wrote and what is quoted, in turns.

    Quoted are lines that begin with ">", with the line before them that says who wrote them and
    the empty lines between them, and all from "-----Original Message-----" or its like on, or
    from a line "On … wrote:" on that no such lines follow. Joined, the parts are the text; none is
    empty. Time grows with the length of the text.
    """
    lines = text.split("\n")
    quoted = [MARKED.match(line[:MOST_LINE]) is not None for line in lines]
    end = len(lines)
    for i, line in enumerate(lines):
        if FORMER.match(line[:MOST_LINE]):
            end = i
            break
        if not quoted[i] and _dated(lines, i) and not _marked_follows(quoted, lines, i):
            end = _first(lines, i)
            break
    quoted[end:] = [True] * (len(lines) - end)
    _take_introductions(lines, quoted)
    _take_gaps(lines, quoted)
    found: list[Part] = []
    start = 0
    for i in range(1, len(lines) + 1):
        if i == len(lines) or quoted[i] != quoted[start]:
            piece = "\n".join(lines[start:i]) + ("\n" if i < len(lines) else "")
            if piece:
                found.append(Part(QUOTED if quoted[start] else OWN, piece))
            start = i
    return found


def _dated(lines: list[str], i: int) -> bool:
    """Whether line i, maybe with the one before, says who wrote what follows, and when.

    Without a date it may be the sender's own: "On the phone Bob wrote:".
    """
    if not _introduces(lines[i]):
        return False
    first = _first(lines, i)
    said = " ".join(line[:MOST_LINE] for line in lines[first : i + 1])
    return _opens(lines[first]) and DATED.search(said) is not None


def _first(lines: list[str], i: int) -> int:
    """The line at which an introduction begins that ends at line i."""
    return i - 1 if i and not _opens(lines[i]) and _opens(lines[i - 1]) else i


def _introduces(line: str) -> bool:
    return INTRODUCED.search(line[:MOST_LINE].rstrip("\r")) is not None


def _opens(line: str) -> bool:
    return OPENING.match(line[:MOST_LINE]) is not None


def _marked_follows(quoted: list[bool], lines: list[str], i: int) -> bool:
    """Whether the first line with anything on it, of the next two, is marked."""
    return any(quoted[j] for j in (i + 1, i + 2) if j < len(lines) and not _between(lines, i, j))


def _between(lines: list[str], i: int, j: int) -> bool:
    return any(line.strip() for line in lines[i + 1 : j])


def _take_introductions(lines: list[str], quoted: list[bool]) -> None:
    """Let a quote begin with the line, or the two lines, that say who wrote it."""
    for i in range(len(lines)):
        if not quoted[i] and _introduces(lines[i]) and _marked_follows(quoted, lines, i):
            first = _first(lines, i)
            quoted[first : i + 1] = [True] * (i + 1 - first)


def _take_gaps(lines: list[str], quoted: list[bool]) -> None:
    """Empty lines between quoted lines are of the quote."""
    last = None
    for i, line in enumerate(lines):
        if quoted[i]:
            if last is not None:
                quoted[last + 1 : i] = [True] * (i - last - 1)
            last = i
        elif line.strip():
            last = None
