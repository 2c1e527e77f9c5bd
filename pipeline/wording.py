"""How numbers and pieces of mail are put into a sentence."""

EXCERPT = 120


def counted(n: int, noun: str) -> str:
    """The number with its noun: "1 mail", "2,000 mails"."""
    return f"{n:,} {noun}{'s' * (n != 1)}"


def shorten(text: str, length: int = EXCERPT) -> str:
    """One line of at most `length` characters."""
    line = " ".join(text[: 4 * length].split())
    return line if len(line) <= length else line[: length - 1] + "…"
