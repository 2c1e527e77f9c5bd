"""Detects how a CSV separates its fields: the delimiter, the meaning of quotes, the header."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from pipeline.intake.encoding import Text

DELIMITERS = (",", ";", "\t")
SAMPLE = 64 << 10
"""This many characters, and at most 100 records of them, decide."""

csv.field_size_limit(2**31 - 1)  # the default of 128 KB is less than a mail with a picture


@dataclass(frozen=True)
class Dialect:
    """How a file separates its fields.

    Attributes:
        delimiter: the character between fields.
        literal: whether quotation marks are ordinary characters.
        headless: whether the first record is a mail.
    """

    delimiter: str
    literal: bool = False
    headless: bool = False

    def records(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """Parse lines to records; skips blank lines."""
        if self.literal:
            reader = csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)
        else:
            reader = csv.reader(lines, delimiter=self.delimiter)
        return filter(None, reader)

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the user about this reading."""
        headless = "The first line is a mail, not a header; the columns are numbered instead."
        literal = "Quotation marks in this file are ordinary characters; one line is one mail."
        return (headless,) * self.headless + (literal,) * self.literal


def find_dialect(text: Text) -> Dialect:
    """Find the delimiter with which most records of a sample have the width of the header."""
    sample: list[str] = []
    size = 0
    for line in text.lines():
        if not sample and not line.strip("\r\n"):
            continue
        sample.append(line)
        size += len(line)
        if size > SAMPLE:
            break

    def consistency(delimiter: str) -> tuple[bool, float, int]:
        records = list(islice(Dialect(delimiter).records(sample), 100))
        width = len(records[0])
        whole = records[:-1] if size > SAMPLE and len(records) > 1 else records
        return width > 1, sum(len(r) == width for r in whole) / len(whole), width

    delimiter = max(DELIMITERS, key=consistency)
    literal = delimiter == "\t" and _quotes_are_literal(text)
    records = list(islice(Dialect(delimiter, literal).records(sample), 100))
    return Dialect(delimiter, literal, _is_headless(records))


def _quotes_are_literal(text: Text) -> bool:
    """Whether a tab-separated file breaks the rules of quoting but has one record per line.

    The original SMS Spam Collection is such a file: if quotes counted, mails would be lost.
    """
    try:
        for _ in csv.reader(text.lines(), delimiter="\t", strict=True):
            pass
    except csv.Error:
        tabs = [line.count("\t") for line in text.lines()]
        return sum(n == tabs[0] for n in tabs) >= 0.99 * len(tabs)
    return False


def _is_headless(records: list[list[str]]) -> bool:
    """Whether the first record is a mail: it says "ham" or "spam" where the others do too."""
    first = [cell.strip().lower() for cell in records[0]]
    for i, cell in enumerate(first):
        below = {r[i].strip().lower() for r in records[1:] if len(r) > i}
        if cell in ("ham", "spam") and {"ham", "spam"} >= below >= {cell}:
            return max(map(len, first)) > 40 or cell == "ham"
    return False
