"""Checks the number of mails in each class."""

from pipeline.quality.finding import Finding
from pipeline.wording import format_count

FEW = 100
"""With fewer mails of a class, one mail of a 15% test part changes a rate by more than 6 points."""
RARE = 0.1
"""If a class has a smaller share of the mails than this, accuracy says little."""


def check_size(counts: dict[str, int]) -> list[Finding]:
    """Check whether a class has too few mails or is rare.

    >>> [finding.kind for finding in check_size({"ham": 3000, "spam": 40})]
    ['small_class', 'balance']
    """
    total = sum(counts.values())
    rare = min(counts, key=lambda label: counts[label])
    n, share = counts[rare], counts[rare] / total
    findings = []
    if n < FEW:
        findings.append(
            Finding(
                "small_class",
                "warning",
                f"Only {format_count(n, rare + ' mail')}; a test part of 15% contains "
                f"{0.15 * n:.0f} of them, so every rate on {rare} will have a wide interval. "
                f"Add {rare} mails.",
            )
        )
    if share < RARE:
        findings.append(
            Finding(
                "balance",
                "warning",
                f"{share:.1%} of the mails are {rare}; a filter that never says {rare} has an "
                f"accuracy of {1 - share:.1%}. Judge by precision and recall, not by accuracy.",
            )
        )
    return findings
