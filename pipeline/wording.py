"""Puts numbers and pieces of mail into sentences."""

EXCERPT = 120
"""The usual number of characters of an excerpt."""


def format_count(n: int, noun: str, plural: str = "") -> str:
    """Format a number with its noun.

    Args:
        plural: the plural, unless it only takes an s.

    >>> format_count(1, "mail"), format_count(2000, "mail")
    ('1 mail', '2,000 mails')
    """
    return f"{n:,} {noun if n == 1 else plural or f'{noun}s'}"


def shorten(text: str, length: int = EXCERPT) -> str:
    """Shorten a text to one line of at most `length` characters.

    >>> shorten("Claim your\\nprize now", 12)
    'Claim your …'
    """
    line = " ".join(text[: 4 * length].split())
    return line if len(line) <= length else line[: length - 1] + "…"
