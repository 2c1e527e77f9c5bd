"""The words of a mail, each with its contribution to the score."""

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
"""A list shows at most 80 characters of a piece; longer pieces are encoded data."""
MOST_CHARACTERS = 200_000
"""Only the first 200,000 characters of a text are cut; few models read more of a mail."""


def cut_into_pieces(text: str, shares: np.ndarray) -> pd.DataFrame:
    """Cut a text into pieces in reading order: piece, start, end (one past the last), contribution.

    Only the first 200,000 characters are cut. White space belongs to no piece.

    Args:
        shares: the contribution of each character in log-odds of spam, [characters].
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


def find_strongest_pieces(pieces: pd.DataFrame, most: int) -> pd.DataFrame:
    """Find the pieces that contribute most towards spam, then towards ham, the strongest first.

    Args:
        pieces: what `cut_into_pieces` returned.
        most: at most this many pieces of each direction.

    Returns:
        toward: "spam" or "ham"; piece: cut after 80 characters; times: how often it occurs.
        contribution: the sum over all its occurrences, in log-odds of spam.
    """
    each = pieces.groupby("piece", sort=False)["contribution"].agg(["size", "sum"])
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
