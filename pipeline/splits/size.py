"""What a part of so many mails can say, and what it cannot."""

SURE = 0.05
"""One minus the confidence of every bound here."""
WIDE = 0.1
"""An interval of recall wider than this many points is worth a warning."""
COARSE = 0.01
"""A smallest rate of false positives above this is worth a warning."""
_Z = 1.959964


def smallest_rate(n_ham: int) -> float:
    """The upper 95 % bound of the false-positive rate when none of n ham was called spam, 0 to 1.

    Solves (1 - p)^n = 0.05, about 3 / n (the rule of three: Hanley and Lippman-Hand, JAMA 1983).
    """
    return 1.0 if n_ham <= 0 else 1 - SURE ** (1 / n_ham)


def recall_width(n_spam: int, recall: float = 0.9) -> float:
    """How wide the 95 % interval of a recall is with n spam, 0 to 1 (Wilson, JASA 1927)."""
    if n_spam <= 0:
        return 1.0
    spread = recall * (1 - recall) / n_spam + _Z**2 / (4 * n_spam**2)
    return min(1.0, 2 * _Z * spread**0.5 / (1 + _Z**2 / n_spam))


def claims(n_ham: int, n_spam: int) -> str:
    """A sentence on what validation with so many mails can show at best."""
    return (
        f"With {n_ham:,} ham and {n_spam:,} spam in validation, no false-positive rate below "
        f"{smallest_rate(n_ham):.2%} can be claimed, and a recall of 90 % is known to within an "
        f"interval of {100 * recall_width(n_spam):.0f} points (both at 95 %)."
    )


def warnings(n_ham: int, n_spam: int) -> list[str]:
    """Sentences on a validation part that is too small; empty when it is not."""
    found = []
    if smallest_rate(n_ham) > COARSE:
        found.append(
            f"Validation has only {n_ham:,} ham: even without a single false positive the rate may "
            f"be as high as {smallest_rate(n_ham):.1%}. Take a larger share or add ham; below 1 % "
            "it takes 299."
        )
    if recall_width(n_spam) > WIDE:
        found.append(
            f"Validation has only {n_spam:,} spam: a recall of 90 % would be known to within an "
            f"interval of {100 * recall_width(n_spam):.0f} points. Take a larger share or add spam."
        )
    return found
