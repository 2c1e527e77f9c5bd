"""Which part of a mail moved its score.

The contribution of a column to the log-odds (`Model.contributions`) is spread evenly over the
places where the column occurs in the text, and over the characters of each place. So the shares of
all characters, the contributions of columns outside the text, the base and the residual add up to
the log-odds of the mail.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pipeline.explain.pieces import cut_into_pieces, find_strongest_pieces
from pipeline.explain.visible import read_visible_mail
from pipeline.export.bundle import Bundle
from pipeline.features.block import Block, Occurrences
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
    """The log-odds of a mail without any feature."""
    residual: float
    """The unassigned rest: rounding, or what integrated gradients miss."""
    exact: bool
    """Whether the shares add up except for rounding; otherwise they are integrated gradients."""
    text: str = field(repr=False)
    """Subject, a line break and body, as far as any block reads it."""
    subject: int
    """How many characters of `text` belong to the subject."""
    unread: int
    """How many characters follow `text` in the mail: no block reads them, so they have no share."""
    shares: np.ndarray = field(repr=False)
    """Float64, one for each character of `text`."""
    others: pd.DataFrame = field(repr=False)
    """The columns outside the text, the strongest first: position (of the block, from 0),
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
        """Every word of the text in reading order; see `cut_into_pieces`."""
        return cut_into_pieces(self.text, self.shares)

    def strongest(self, most: int = 10) -> pd.DataFrame:
        """The words that contribute most in each direction; see `find_strongest_pieces`."""
        return find_strongest_pieces(self.pieces(), most)


def explain_visible_mail(project: Project, bundle: Bundle, mail_id: str) -> Why:
    """Explain the score of a visible mail; see `explain_score`.

    Raises Sealed for a mail of a sealed test part, BadData for an unknown one.
    """
    return explain_score(bundle, read_visible_mail(project, mail_id))


def explain_score(bundle: Bundle, mail: pd.DataFrame) -> Why:
    """Explain which parts of a mail moved the score that this model gives it.

    Args:
        mail: a frame of one row, as in `pipeline.mail.dataset`; not checked for the seal.
    """
    x = bundle.features.transform(mail)
    contributions = bundle.model.contributions(x)
    held = x.sorted_indices()
    held.eliminate_zeros()
    texts: list[np.ndarray] = []
    others: list[pd.DataFrame] = []
    for position, kind, start, end in bundle.features.list_column_ranges():
        here = slice(*np.searchsorted(contributions.columns, [start, end]))
        columns, values = contributions.columns[here] - start, contributions.values[here]
        block = bundle.features.blocks[position][1]
        occurrences = block.locate(mail)
        if occurrences is not None:
            texts.append(_spread_over_characters(occurrences, columns, values))
        elif len(columns):
            rows = _name_columns(block, mail, columns, held.data[here])
            others.append(rows.assign(position=position, block=kind, contribution=values))
    subject, body = str(mail["subject"].iloc[0]), str(mail["body"].iloc[0])
    read = max(map(len, texts), default=0)
    shares = np.zeros(read)
    for part in texts:
        shares[: len(part)] += part
    return Why(
        float(bundle.model.score(x)[0]),
        contributions.base,
        contributions.residual,
        bundle.model.explains_exactly,
        f"{subject[:read]}\n{body[:read]}"[:read],
        min(len(subject), read),
        len(subject) + 1 + len(body) - read,
        shares,
        _sort_by_strength(others),
    )


COLUMNS = ("position", "block", "column", "feature", "contribution", "measured", "written")


def _sort_by_strength(others: list[pd.DataFrame]) -> pd.DataFrame:
    if not others:
        return pd.DataFrame({name: pd.Series(dtype=float) for name in COLUMNS})
    table = pd.concat(others, ignore_index=True)[list(COLUMNS)]
    order = table["contribution"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _name_columns(
    block: Block, mail: pd.DataFrame, columns: np.ndarray, values: np.ndarray
) -> pd.DataFrame:
    measured = np.full(len(columns), np.nan)
    written = [""] * len(columns)
    if isinstance(block, Numeric):
        measured = block.convert_to_units(columns, values.astype(np.float64))
        written = [block.format_measure(c, m) for c, m in zip(columns, measured, strict=True)]
    names = block.describe(columns, mail)
    return pd.DataFrame(
        {"column": columns, "feature": names, "measured": measured, "written": written}
    )


def _spread_over_characters(
    occurrences: Occurrences, columns: np.ndarray, values: np.ndarray
) -> np.ndarray:
    """Spread the contributions over the characters that were read: float64 [characters].

    Args:
        columns: ascending; each is among the occurrences.
        values: the contribution of each column, in log-odds.
    """
    if not len(columns):
        return np.zeros(occurrences.characters_read)
    at = np.searchsorted(columns, occurrences.columns)
    times = np.bincount(at, minlength=len(columns))
    each = (values / times)[at] / (occurrences.ends - occurrences.starts)
    n = occurrences.characters_read + 1
    # each place adds its part where it starts and takes it away where it ends
    steps = np.bincount(occurrences.starts, each, n) - np.bincount(occurrences.ends, each, n)
    return np.cumsum(steps)[:-1]
