"""Clusters of near-duplicate mails as a table, and what tells two of their mails apart."""

import difflib
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.similarity import near_duplicates
from pipeline.similarity.near_duplicates import Pairs

WORDS = 2000
"""Words of each mail that are compared: 2,000 against 2,000 others take under a second."""
CHARACTERS = 50_000
"""Characters of each mail that are looked at for its words."""
AROUND = 3
"""Words of context beside a change."""


@dataclass(frozen=True)
class Differences:
    """One mail against another: `lines` begin with "- " (words only in the first mail), "+ " (only
    in the second) or two spaces (in both). `cut` says that a mail was longer than
    `WORDS` words or `CHARACTERS` characters.
    """

    lines: tuple[str, ...]
    cut: bool


def table(mails: pd.DataFrame, pairs: Pairs, threshold: float) -> pd.DataFrame:
    """A row for each cluster of two mails or more, the largest first.

    `mails` has id and label in the order of the texts that the pairs came from. Columns: cluster
    (int), size, ham, spam, mixed (bool: both labels), first (id of its first mail).
    """
    numbers = near_duplicates.clusters(len(mails), pairs, threshold)
    spam = (mails["label"] == "spam").to_numpy()
    rows = pd.DataFrame({"cluster": numbers, "id": mails["id"].to_numpy(), "spam": spam})
    found = rows.groupby("cluster", as_index=False).agg(
        size=("id", "size"), spam=("spam", "sum"), first=("id", "first")
    )
    found = found[found["size"] > 1]
    found = found.assign(ham=found["size"] - found["spam"])
    found["mixed"] = (found["ham"] > 0) & (found["spam"] > 0)
    found = found.sort_values(["size", "cluster"], ascending=[False, True], ignore_index=True)
    return found[["cluster", "size", "ham", "spam", "mixed", "first"]]


def members(mails: pd.DataFrame, pairs: Pairs, threshold: float, cluster: int) -> pd.DataFrame:
    """id and label of the mails of one cluster of `table`, in their order."""
    numbers = near_duplicates.clusters(len(mails), pairs, threshold)
    return mails[["id", "label"]].iloc[np.flatnonzero(numbers == cluster)].reset_index(drop=True)


def between(first: str, second: str) -> Differences:
    """What is in one text and not in the other, word by word, with a little of what is around."""
    one, other = (re.findall(r"\S+", text[:CHARACTERS]) for text in (first, second))
    cut = (
        any(len(text) > CHARACTERS for text in (first, second)) or max(len(one), len(other)) > WORDS
    )
    one, other = one[:WORDS], other[:WORDS]
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=True)
    lines: list[str] = []
    for group in matcher.get_grouped_opcodes(AROUND):
        if lines:
            lines.append("  …")
        for kind, i, i_end, j, j_end in group:
            if kind == "equal":
                lines.append("  " + " ".join(one[i:i_end]))
                continue
            if i < i_end:
                lines.append("- " + " ".join(one[i:i_end]))
            if j < j_end:
                lines.append("+ " + " ".join(other[j:j_end]))
    return Differences(tuple(lines), cut)
