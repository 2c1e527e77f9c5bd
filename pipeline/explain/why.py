"""Which part of a mail moved its score.

What a column contributes to the log-odds (`Model.contributions`) is spread evenly over the places
in the text where the column occurs, and over the characters of each. So all shares of characters,
the contributions of the columns that are not of the text, the base and the residual add up to the
log-odds of the mail.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pipeline.explain.pieces import pieces, strongest
from pipeline.explain.visible import one_mail
from pipeline.export.bundle import Bundle
from pipeline.features.block import Block, Places
from pipeline.features.numeric import Numeric
from pipeline.project import Project


@dataclass(frozen=True)
class Why:
    """The score of one mail, taken apart; all contributions in log-odds of spam.

    base + sum of `shares` + sum of `others` + residual = log_odds.
    """

    score: float
    """P(spam)."""
    base: float
    """What the model says of a mail in which it finds nothing."""
    residual: float
    """What nothing is given: rounding, or what integrated gradients miss."""
    exact: bool
    """Whether the shares add up but for rounding; else they are integrated gradients."""
    text: str = field(repr=False)
    """Subject, a line break and body, as far as any block reads it."""
    subject: int
    """Characters of `text` that are of the subject."""
    unread: int
    """Characters of the mail behind `text`: they are not read and have no share."""
    shares: np.ndarray = field(repr=False)
    """Float64, one for each character of `text`."""
    others: pd.DataFrame = field(repr=False)
    """The columns that are not of the text, the strongest first: position (of the block, from 0),
    block, column (of the block), feature, contribution, measured (the number in its own unit, NaN
    for a token), written (the same for readers, "" for a token)."""

    @property
    def log_odds(self) -> float:
        """ln P(spam) / P(ham), as the score tells it."""
        return self.base + self.from_text + self.from_others + self.residual

    @property
    def from_text(self) -> float:
        return float(self.shares.sum())

    @property
    def from_others(self) -> float:
        return float(self.others["contribution"].sum())

    @property
    def missed(self) -> float:
        """The residual as a share of the difference to the base, 0 to 1 and more."""
        difference = abs(self.log_odds - self.base)
        return abs(self.residual) / difference if difference else 0.0

    def sums(self) -> dict[str, float]:
        """The log-odds by where they come from: "text", then the block of the other columns."""
        by_block = self.others.groupby("block", sort=False)["contribution"].sum()
        return {"text": self.from_text, **{str(k): float(v) for k, v in by_block.items()}}

    def pieces(self) -> pd.DataFrame:
        """Every word of the text in reading order; see `pieces.pieces`."""
        return pieces(self.text, self.shares)

    def strongest(self, most: int = 10) -> pd.DataFrame:
        """The words that did most in each direction; see `pieces.strongest`."""
        return strongest(self.pieces(), most)


def of_visible(project: Project, bundle: Bundle, mail_id: str) -> Why:
    """`of_mail` of a mail that may be looked at.

    Raises Sealed for a mail of a sealed test part, BadData for an unknown one.
    """
    return of_mail(bundle, one_mail(project, mail_id))


def of_mail(bundle: Bundle, mail: pd.DataFrame) -> Why:
    """Which part of a mail moved the score that this model gives it.

    Args:
        mail: a frame of one row, as in `pipeline.mail.dataset`; not checked for the seal.
    """
    x = bundle.features.transform(mail)
    found = bundle.model.contributions(x)
    held = x.sorted_indices()
    held.eliminate_zeros()
    texts: list[np.ndarray] = []
    others: list[pd.DataFrame] = []
    for position, kind, start, end in bundle.features.spans():
        here = slice(*np.searchsorted(found.columns, [start, end]))
        columns, values = found.columns[here] - start, found.values[here]
        block = bundle.features.blocks[position][1]
        places = block.places(mail)
        if places is not None:
            texts.append(_spread(places, columns, values))
        elif len(columns):
            rows = _named(block, mail, columns, held.data[here])
            others.append(rows.assign(position=position, block=kind, contribution=values))
    subject, body = str(mail["subject"].iloc[0]), str(mail["body"].iloc[0])
    read = max(map(len, texts), default=0)
    shares = np.zeros(read)
    for part in texts:
        shares[: len(part)] += part
    return Why(
        float(bundle.model.score(x)[0]),
        found.base,
        found.residual,
        bundle.model.explains_exactly,
        f"{subject[:read]}\n{body[:read]}"[:read],
        min(len(subject), read),
        len(subject) + 1 + len(body) - read,
        shares,
        _strongest_first(others),
    )


COLUMNS = ("position", "block", "column", "feature", "contribution", "measured", "written")


def _strongest_first(others: list[pd.DataFrame]) -> pd.DataFrame:
    if not others:
        return pd.DataFrame({name: pd.Series(dtype=float) for name in COLUMNS})
    table = pd.concat(others, ignore_index=True)[list(COLUMNS)]
    order = table["contribution"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _named(
    block: Block, mail: pd.DataFrame, columns: np.ndarray, values: np.ndarray
) -> pd.DataFrame:
    measured = np.full(len(columns), np.nan)
    written = [""] * len(columns)
    if isinstance(block, Numeric):
        measured = block.measured(columns, values.astype(np.float64))
        written = [block.written(c, m) for c, m in zip(columns, measured, strict=True)]
    names = block.describe(columns, mail)
    return pd.DataFrame(
        {"column": columns, "feature": names, "measured": measured, "written": written}
    )


def _spread(places: Places, columns: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The share of each character that was read.

    Args:
        columns: ascending; each is among the places.
        values: what each of them contributes.
    """
    if not len(columns):
        return np.zeros(places.read)
    at = np.searchsorted(columns, places.columns)
    times = np.bincount(at, minlength=len(columns))
    each = (values / times)[at] / (places.ends - places.starts)
    n = places.read + 1
    # each place adds its part where it starts and takes it away where it ends
    steps = np.bincount(places.starts, each, n) - np.bincount(places.ends, each, n)
    return np.cumsum(steps)[:-1]
