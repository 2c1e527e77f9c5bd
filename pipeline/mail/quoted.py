"""Tells the sender's own lines from those that he quotes in a reply or forwards.

>>> split_quotes("Yes.\\n> Lunch?\\n")
[Passage(kind='own', text='Yes.\\n'), Passage(kind='quoted', text='> Lunch?\\n')]
"""

import re
from typing import NamedTuple

OWN, QUOTED = "own", "quoted"
MOST_LINE = 500
"""Only this many characters of a line are examined: lines that introduce quotes are short."""

# ">From" is not a quote: an mbox writes lines that begin with "From" this way.
MARKED = re.compile(r"[ \t]{0,3}>(?!From )")
INTRODUCED = re.compile(
    r"(?:wrote|writes|said|schrieb|geschrieben|a écrit|escribió|escreveu|ha scritto|schreef|skrev)"
    r"(?: [^:]{1,80})?[ \t]?:[ \t]*$",
    re.IGNORECASE,
)
# Everything after such a line is the former mail, although its lines are not marked.
FORMER = re.compile(
    r"[ \t]*(?:-{3,}[ \t]*(?:original message|forwarded (?:message|by)|ursprüngliche nachricht"
    r"|weitergeleitete nachricht|message d'origine|mensaje original)"
    r"|begin forwarded message:)",
    re.IGNORECASE,
)
DATED = re.compile(r"\d.{0,40}\d")
OPENING = re.compile(r"[ \t]{0,3}(?:On|Am|Le|El|Em|Il|Op|Den|At)\b")


class Passage(NamedTuple):
    """Consecutive lines of a mail, with their line ends."""

    kind: str
    """`OWN` or `QUOTED`."""
    text: str


def split_quotes(text: str) -> list[Passage]:
    """Split a text into what the sender wrote and what he quotes, alternately.

    Quoted are: lines that begin with ">", together with the line before them that says who wrote
    them and the empty lines between them; everything after "-----Original Message-----" or its
    like; and everything after a line "On … wrote:" that no marked lines follow. The passages,
    joined, are the text; none is empty. The time is linear in the length of the text.
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
    passages: list[Passage] = []
    start = 0
    for i in range(1, len(lines) + 1):
        if i == len(lines) or quoted[i] != quoted[start]:
            piece = "\n".join(lines[start:i]) + ("\n" if i < len(lines) else "")
            if piece:
                passages.append(Passage(QUOTED if quoted[start] else OWN, piece))
            start = i
    return passages


def _dated(lines: list[str], i: int) -> bool:
    """Whether line i, perhaps with the line before, says who wrote what follows and when.

    Without a date the line may be the sender's own: "On the phone Bob wrote:".
    """
    if not _introduces(lines[i]):
        return False
    first = _first(lines, i)
    introduction = " ".join(line[:MOST_LINE] for line in lines[first : i + 1])
    return _opens(lines[first]) and DATED.search(introduction) is not None


def _first(lines: list[str], i: int) -> int:
    """The first line of the introduction that ends at line i."""
    return i - 1 if i and not _opens(lines[i]) and _opens(lines[i - 1]) else i


def _introduces(line: str) -> bool:
    return INTRODUCED.search(line[:MOST_LINE].rstrip("\r")) is not None


def _opens(line: str) -> bool:
    return OPENING.match(line[:MOST_LINE]) is not None


def _marked_follows(quoted: list[bool], lines: list[str], i: int) -> bool:
    """Whether the next line, or the one after an empty next line, is marked."""
    return any(quoted[j] for j in (i + 1, i + 2) if j < len(lines) and not _has_text(lines, i, j))


def _has_text(lines: list[str], i: int, j: int) -> bool:
    """Whether any line between lines i and j has text on it."""
    return any(line.strip() for line in lines[i + 1 : j])


def _take_introductions(lines: list[str], quoted: list[bool]) -> None:
    """Mark the one or two lines before a quote that say who wrote it."""
    for i in range(len(lines)):
        if not quoted[i] and _introduces(lines[i]) and _marked_follows(quoted, lines, i):
            first = _first(lines, i)
            quoted[first : i + 1] = [True] * (i + 1 - first)


def _take_gaps(lines: list[str], quoted: list[bool]) -> None:
    """Mark the empty lines between quoted lines."""
    last = None
    for i, line in enumerate(lines):
        if quoted[i]:
            if last is not None:
                quoted[last + 1 : i] = [True] * (i - last - 1)
            last = i
        elif line.strip():
            last = None
