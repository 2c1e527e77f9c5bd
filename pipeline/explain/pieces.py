"""The words of a mail with what they did to its score."""

import re

import numpy as np
import pandas as pd

_LETTER = (
    r"[\w\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f"
    r"\u0900-\u0dff\u0e31-\u0e4e\u200c\u200d]"
)
"""Letters, digits, and the marks of accents and vowels on them, which \\w leaves out."""
PIECE = re.compile(rf"{_LETTER}+(?:[-'’.@]{_LETTER}+)*|[^\w\s]+")
"""A word, among them don't, e-mail, 10.50 and an address; or a run of other signs."""
LONGEST = 80
"""Characters of a piece in the list; what is longer is encoded data."""
MOST_CHARACTERS = 200_000
"""Of a text; a model that reads more of a mail than this is rare, and so is a reader."""


def pieces(text: str, shares: np.ndarray) -> pd.DataFrame:
    """Every piece of the text in reading order: piece, start, end, contribution.

    Only the first 200,000 characters are cut into pieces. White space belongs to none.

    Args:
        shares: log-odds of each character.
    """
    text, shares = text[:MOST_CHARACTERS], shares[:MOST_CHARACTERS]
    text = text.encode(errors="replace").decode()  # a column of text takes no half characters
    spans = np.array([m.span() for m in PIECE.finditer(text)], np.int64).reshape(-1, 2)
    until = np.concatenate([[0.0], np.cumsum(shares)])
    sums = until[spans[:, 1]] - until[spans[:, 0]]
    words = [text[start:end] for start, end in spans.tolist()]
    return pd.DataFrame(
        {"piece": words, "start": spans[:, 0], "end": spans[:, 1], "contribution": sums}
    )


def strongest(found: pd.DataFrame, most: int) -> pd.DataFrame:
    """The pieces that did most towards spam, then those towards ham, the strongest first.

    Args:
        found: what `pieces` gives.
        most: pieces of each direction at most.

    Returns:
        toward: "spam" or "ham"; piece: cut after 80 characters; times: how often it is there.
        contribution: of all its occurrences together, in log-odds of spam.
    """
    each = found.groupby("piece", sort=False)["contribution"].agg(["size", "sum"])
    each = each[each["sum"] != 0]
    spam = each[each["sum"] > 0].sort_values("sum", ascending=False, kind="stable")[:most]
    ham = each[each["sum"] < 0].sort_values("sum", kind="stable")[:most]
    rows = pd.concat([spam, ham])
    words = [p if len(p) <= LONGEST else p[: LONGEST - 1] + "…" for p in rows.index]
    return pd.DataFrame(
        {
            "toward": ["spam"] * len(spam) + ["ham"] * len(ham),
            "piece": words,
            "times": rows["size"].to_numpy(),
            "contribution": rows["sum"].to_numpy(),
        }
    )
