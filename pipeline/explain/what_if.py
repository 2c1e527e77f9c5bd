"""The score of a mail with another text, and what each word adds to the difference.

Both scores are the model's own; only their difference is broken down by an explanation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pipeline.explain.why import Why, explain_score
from pipeline.export.bundle import Bundle

EDITABLE = 20_000
"""Only the first 20,000 characters of a mail can be edited or lose words; the rest stays."""


@dataclass(frozen=True)
class Change:
    """The difference between the scores of two texts, in log-odds of spam.

    `gone` + `come` + `kept` + `others` + `residual` = after.log_odds - before.log_odds.
    """

    before: Why = field(repr=False)
    after: Why = field(repr=False)
    words: pd.DataFrame = field(repr=False)
    """One row for each word whose contribution changed, the largest change first: piece,
    times_before, times_after, and change (log-odds)."""
    gone: float
    """The part of words that no longer occur, or occur less often."""
    come: float
    """The part of words that are new, or occur more often."""
    kept: float
    """The rest of the text: in a shorter text each word counts for more, and neighbours matter."""
    others: float
    """The part of header fields and of the measures of links, shape and sender."""
    residual: float
    """Rounding, or what integrated gradients leave unassigned."""

    @property
    def total(self) -> float:
        return self.after.log_odds - self.before.log_odds


def edit_mail(mail: pd.DataFrame, texts: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Repeat the mail once for each (subject, body); sender, header, HTML and attachments stay."""
    many = mail.iloc[np.zeros(len(texts), np.int64)].reset_index(drop=True)
    # half a character, which a browser may send, goes into no column of text
    whole = [[text.encode(errors="replace").decode() for text in both] for both in texts]
    return many.assign(
        subject=pd.Series([subject for subject, _ in whole], dtype="str"),
        body=pd.Series([body for _, body in whole], dtype="str"),
    )


def rescore(
    bundle: Bundle, mail: pd.DataFrame, subject: str, body: str, before: Why | None = None
) -> Change:
    """Score the mail with another subject and body, and break the difference down.

    A word that occurs less often takes away its share of the contribution of all its occurrences.

    Args:
        mail: a frame of one row, as in `pipeline.mail.dataset`.
        before: what `why.explain_score` returned for the unchanged mail, if it was called already.
    """
    before = before or explain_score(bundle, mail)
    after = explain_score(bundle, edit_mail(mail, [(subject, body)]))
    was, now = (_sum_by_piece(why) for why in (before, after))
    words = was.add_suffix("_before").join(now.add_suffix("_after"), how="outer").fillna(0.0)
    less = 1 - words["times_after"] / words["times_before"].clip(lower=1)
    more = 1 - words["times_before"] / words["times_after"].clip(lower=1)
    gone = -words["contribution_before"] * less.clip(lower=0)
    come = words["contribution_after"] * more.clip(lower=0)
    words["change"] = words["contribution_after"] - words["contribution_before"]
    words = words[words["change"] != 0]
    order = words["change"].abs().sort_values(ascending=False, kind="stable").index
    words = words.loc[order].reset_index(names="piece")
    times = ["times_before", "times_after"]
    words[times] = words[times].astype(np.int64)
    gone_sum, come_sum = float(gone.sum()), float(come.sum())
    return Change(
        before,
        after,
        words[["piece", *times, "change"]],
        gone_sum,
        come_sum,
        after.from_text - before.from_text - gone_sum - come_sum,
        after.from_others - before.from_others,
        after.residual - before.residual + after.base - before.base,
    )


def _sum_by_piece(why: Why) -> pd.DataFrame:
    each = why.pieces().groupby("piece", sort=False)["contribution"].agg(["size", "sum"])
    return each.rename(columns={"size": "times", "sum": "contribution"})
