"""How numbers and pieces of mail are put into a sentence."""

EXCERPT = 120


def counted(n: int, noun: str, plural: str = "") -> str:
    """The number with its noun: "1 mail", "2,000 mails".

    Args:
        plural: where it takes more than an s at the end.
    """
    return f"{n:,} {noun if n == 1 else plural or f'{noun}s'}"


def shorten(text: str, length: int = EXCERPT) -> str:
    """One line of at most `length` characters."""
    line = " ".join(text[: 4 * length].split())
    return line if len(line) <= length else line[: length - 1] + "…"
