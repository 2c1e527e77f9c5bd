"""How many mails there are of each class."""

from pipeline.quality.finding import Finding
from pipeline.wording import counted

FEW = 100
"""Mails of a class below which one mail of a 15 % test part moves a rate by over 6 points."""
RARE = 0.1
"""Share of a class below which accuracy says little."""


def on_size(counts: dict[str, int]) -> list[Finding]:
    """Too few mails of a class, and a class that is rare."""
    total = sum(counts.values())
    rare = min(counts, key=lambda label: counts[label])
    n, share = counts[rare], counts[rare] / total
    findings = []
    if n < FEW:
        findings.append(
            Finding(
                "small_class",
                "warning",
                f"Only {counted(n, rare + ' mail')}; a test part of 15 % holds {0.15 * n:.0f} of "
                f"them, so every rate on {rare} will have a wide interval. Add {rare} mails.",
            )
        )
    if share < RARE:
        findings.append(
            Finding(
                "balance",
                "warning",
                f"{share:.1%} of the mails are {rare}; a filter that never says {rare} is right "
                f"on {1 - share:.1%}. Judge by precision and recall, not by accuracy.",
            )
        )
    return findings
