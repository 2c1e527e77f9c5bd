"""What a part of a given size can show, and what it cannot.

>>> print(f"{compute_smallest_rate(300):.2%}")
0.99%
>>> list_warnings(n_ham=3000, n_spam=300)
[]
"""

SURE = 0.05
"""One minus the confidence of every bound in this module."""
WIDE = 0.1
"""A recall interval wider than 10 points is worth a warning."""
COARSE = 0.01
"""A smallest false-positive rate above 1% is worth a warning."""
_Z = 1.959964


def compute_smallest_rate(n_ham: int) -> float:
    """The upper 95% bound of the false-positive rate if none of n ham was called spam, 0 to 1.

    Solves (1 - p)^n = 0.05, about 3 / n (the rule of three: Hanley and Lippman-Hand, JAMA 1983).
    """
    return 1.0 if n_ham <= 0 else 1 - SURE ** (1 / n_ham)


def compute_recall_width(n_spam: int, recall: float = 0.9) -> float:
    """The width of the 95% interval of a recall measured on n spam, 0 to 1 (Wilson, JASA 1927)."""
    if n_spam <= 0:
        return 1.0
    spread = recall * (1 - recall) / n_spam + _Z**2 / (4 * n_spam**2)
    return float(min(1.0, 2 * _Z * spread**0.5 / (1 + _Z**2 / n_spam)))


def describe_claims(n_ham: int, n_spam: int) -> str:
    """Say in a sentence what validation with so many mails can show at best."""
    rate, points = compute_smallest_rate(n_ham), 100 * compute_recall_width(n_spam)
    return (
        f"With {n_ham:,} ham and {n_spam:,} spam in validation, no false-positive rate below "
        f"{rate:.2%} can be claimed, and a recall of 90% is known to within an interval of "
        f"{points:.0f} points (both at 95% confidence)."
    )


def list_warnings(n_ham: int, n_spam: int) -> list[str]:
    """List what is wrong with a validation part that is too small; empty if it is large enough."""
    warnings = []
    rate, width = compute_smallest_rate(n_ham), compute_recall_width(n_spam)
    if rate > COARSE:
        warnings.append(
            f"Validation has only {n_ham:,} ham: even without a single false positive the true "
            f"rate may be as high as {rate:.1%}. Enlarge validation or add ham; to show a rate "
            "below 1%, it takes 299."
        )
    if width > WIDE:
        warnings.append(
            f"Validation has only {n_spam:,} spam: a recall of 90% would be known to within an "
            f"interval of {100 * width:.0f} points. Enlarge validation or add spam."
        )
    return warnings
