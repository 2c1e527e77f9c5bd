"""Tables of near-duplicate clusters, and the differences between two mails.

>>> compare_texts("we meet on monday at ten", "we meet on friday at ten").lines
('  we meet on', '- monday', '+ friday', '  at ten')
"""

import difflib
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.similarity import near_duplicates
from pipeline.similarity.near_duplicates import Pairs

WORDS = 2000
"""The first words of each mail that are compared; 2,000 against 2,000 take less than a second."""
CHARACTERS = 50_000
"""The first characters of each mail that are split into words."""
AROUND = 3
"""Words of context shown before and after a change."""


@dataclass(frozen=True)
class Differences:
    """How two mails differ.

    Attributes:
        lines: each begins with "- " (words only in the first mail), "+ " (only in the second) or
            two spaces (in both).
        cut: whether a mail was longer than `WORDS` words or `CHARACTERS` characters, so that its
            end was not compared.
    """

    lines: tuple[str, ...]
    cut: bool


def tabulate_clusters(mails: pd.DataFrame, pairs: Pairs, threshold: float) -> pd.DataFrame:
    """One row per cluster of at least two mails, the largest first.

    Args:
        mails: columns id and label, in the order of the texts that the pairs were found in.
        pairs: from `near_duplicates.find_near_duplicates`.
        threshold: the similarity from which two mails are in one cluster, 0 to 1.

    Returns:
        Columns cluster (int), size, ham, spam (numbers of mails), mixed (bool: contains both
        labels), first (id of the cluster's first mail).
    """
    numbers = near_duplicates.assign_clusters(len(mails), pairs, threshold)
    spam = (mails["label"] == "spam").to_numpy()
    rows = pd.DataFrame({"cluster": numbers, "id": mails["id"].to_numpy(), "spam": spam})
    clusters = rows.groupby("cluster", as_index=False).agg(
        size=("id", "size"), spam=("spam", "sum"), first=("id", "first")
    )
    clusters = clusters[clusters["size"] > 1]
    clusters = clusters.assign(ham=clusters["size"] - clusters["spam"])
    clusters["mixed"] = (clusters["ham"] > 0) & (clusters["spam"] > 0)
    clusters = clusters.sort_values(["size", "cluster"], ascending=[False, True], ignore_index=True)
    return clusters[["cluster", "size", "ham", "spam", "mixed", "first"]]


def list_members(mails: pd.DataFrame, pairs: Pairs, threshold: float, cluster: int) -> pd.DataFrame:
    """The id and label of the mails in one cluster of `tabulate_clusters`, in their order."""
    numbers = near_duplicates.assign_clusters(len(mails), pairs, threshold)
    return mails[["id", "label"]].iloc[np.flatnonzero(numbers == cluster)].reset_index(drop=True)


def compare_texts(first: str, second: str) -> Differences:
    """Compare two texts word by word; each change comes with `AROUND` words of context."""
    a, b = (re.findall(r"\S+", text[:CHARACTERS]) for text in (first, second))
    cut = any(len(text) > CHARACTERS for text in (first, second)) or max(len(a), len(b)) > WORDS
    a, b = a[:WORDS], b[:WORDS]
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=True)
    lines: list[str] = []
    for group in matcher.get_grouped_opcodes(AROUND):
        if lines:
            lines.append("  …")
        for kind, i, i_end, j, j_end in group:
            if kind == "equal":
                lines.append("  " + " ".join(a[i:i_end]))
                continue
            if i < i_end:
                lines.append("- " + " ".join(a[i:i_end]))
            if j < j_end:
                lines.append("+ " + " ".join(b[j:j_end]))
    return Differences(tuple(lines), cut)
