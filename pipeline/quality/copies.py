"""The same text more than once: word for word, nearly, and under both labels."""

import numpy as np
import pandas as pd

from pipeline.quality.finding import Finding
from pipeline.quality.remedies import drop_mails
from pipeline.wording import counted, shorten

MANY = 0.01
"""Share of the mails from which copies are a warning."""
TABLE_ROWS = 50
"""Texts or groups that a table lists, the largest first."""


def texts_of(frame: pd.DataFrame) -> pd.Series:
    """A number a mail, equal for equal subject and body."""
    return frame.groupby(["subject", "body"], sort=False).ngroup()


def on_copies(frame: pd.DataFrame, texts: pd.Series) -> list[Finding]:
    """Later mails with the text and the label of an earlier one."""
    key = pd.DataFrame({"text": texts, "label": frame["label"]})
    later = key.duplicated()
    ids = tuple(frame["id"][later])
    if not ids:
        return []
    share = len(ids) / len(frame)
    size = key.groupby(["text", "label"])["text"].transform("size")
    firsts = ~later & (size > 1)
    table = pd.DataFrame(
        {
            "mails": size[firsts],
            "label": frame["label"][firsts],
            "subject": frame["subject"][firsts].map(shorten),
            "text": frame["body"][firsts].map(shorten),
        }
    )
    verb = "repeats" if len(ids) == 1 else "repeat"
    return [
        Finding(
            "copies",
            "warning" if share > MANY else "info",
            f"{counted(len(ids), 'mail')} ({share:.1%}) {verb} an earlier one word for word. On "
            "two sides of a split they would be known by heart; the split keeps copies together, "
            "so drop them only if one mail should not count several times.",
            ids,
            (drop_mails("drop_copies", "Drop the later copies", "copies of earlier mails", ids),),
            _largest(table),
        )
    ]


def on_both_labels(frame: pd.DataFrame, texts: pd.Series) -> list[Finding]:
    """Mails that are there word for word under the other label too."""
    labels = frame["label"].groupby(texts).transform("nunique")
    both = frame[labels > 1]
    if both.empty:
        return []
    counts = (
        pd.crosstab(texts[both.index], both["label"])
        .reindex(columns=["ham", "spam"])
        .sort_index(kind="stable")
    )
    first = both.groupby(texts[both.index]).first()
    table = counts.assign(
        mails=counts.sum(axis=1),
        subject=first["subject"].map(shorten),
        text=first["body"].map(shorten),
    )[["mails", "ham", "spam", "subject", "text"]]
    majority = np.where(
        counts["ham"] == counts["spam"], "", np.where(counts["ham"] > counts["spam"], "ham", "spam")
    )
    kept = texts[both.index].map(pd.Series(majority, counts.index))
    remedies = [drop_mails("drop_all", "Drop them all", "texts with both labels", both["id"])]
    if (majority != "").any():
        minority = both["id"][both["label"] != kept]
        what = "texts with both labels, the rarer label of each or both where they are even"
        title = "Keep the more common label of each"
        remedies.append(drop_mails("keep_majority", title, what, minority))
    return [
        Finding(
            "both_labels",
            "serious",
            f"{len(both):,} mails carry both labels: {counted(len(counts), 'text')} with the same "
            f"subject and body {'is' if len(counts) == 1 else 'are'} once ham and once spam. At "
            "least one label is wrong or they cannot be told apart; no model can get both right.",
            tuple(both["id"]),
            tuple(remedies),
            _largest(table),
        )
    ]


def on_near_copies(frame: pd.DataFrame, texts: pd.Series, clusters: np.ndarray) -> list[Finding]:
    """Groups of nearly the same text, and those among them that carry both labels.

    Args:
        clusters: a number a mail, in the order of the frame, equal within a group.
    """
    mails = pd.DataFrame(
        {
            "id": frame["id"].to_numpy(),
            "label": frame["label"].to_numpy(),
            "subject": frame["subject"].to_numpy(),
            "body": frame["body"].to_numpy(),
            "text": texts.to_numpy(),
            "cluster": clusters,
        }
    )
    findings = []
    mine = mails.groupby(["cluster", "label"])
    similar = mails[mine["text"].transform("nunique") > 1]
    if len(similar):
        groups = similar.groupby(["cluster", "label"], sort=False)
        later = similar[groups.cumcount() > 0]
        largest = int(groups.size().max())
        share = len(later) / len(frame)
        findings.append(
            Finding(
                "near_copies",
                "warning" if share > MANY else "info",
                f"{len(similar):,} mails ({len(similar) / len(frame):.1%}) are in "
                f"{counted(groups.ngroups, 'group')} of nearly the same text (campaigns, "
                f"templates, replies that quote); the largest has {largest:,}. Divide the mails "
                "by the grouped split, which keeps each group on one side, rather than dropping "
                "them.",
                tuple(similar["id"]),
                (
                    drop_mails(
                        "keep_one_each",
                        "Keep one mail of each group",
                        "mails with nearly the text of an earlier one and its label",
                        later["id"],
                    ),
                ),
                _groups(similar, ["cluster", "label"]),
            )
        )
    labels = mails.groupby("cluster")["label"].transform("nunique")
    # word for word the same under both labels is told by `on_both_labels`
    different = mails.groupby("cluster")["text"].transform("nunique") > 1
    both = mails[(labels > 1) & different]
    if len(both):
        n = both["cluster"].nunique()
        findings.append(
            Finding(
                "near_both_labels",
                "warning",
                f"{counted(n, 'group')} of nearly the same text {'holds' if n == 1 else 'hold'} "
                f"both ham and spam ({len(both):,} mails). Read them first when you look for wrong "
                "labels; some will be honest twins, such as a notice and its forgery.",
                tuple(both["id"]),
                (),
                _groups(both, ["cluster"]),
            )
        )
    return findings


def _groups(mails: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """A row a group: its mails by label, its first text, and what another one has instead."""
    spam = mails["label"] == "spam"
    groups = mails.assign(spam=spam, ham=~spam).groupby(by, sort=False)
    table = groups.agg(
        mails=("id", "size"), ham=("ham", "sum"), spam=("spam", "sum"), subject=("subject", "first")
    )
    table = _largest(table.assign(key=range(len(table))))
    members = list(groups.indices.values())
    texts = mails["text"].to_numpy()
    parts = []
    for key in table.pop("key"):
        rows = members[key]
        other = rows[texts[rows] != texts[rows[0]]]
        one = mails["subject"].iloc[rows[0]] + " " + mails["body"].iloc[rows[0]]
        two = mails["subject"].iloc[other[0]] + " " + mails["body"].iloc[other[0]]
        parts.append((shorten(mails["body"].iloc[rows[0]]), *differences(one, two)))
    table[["text", "only in this", "only in another"]] = parts
    table["subject"] = table["subject"].map(shorten)
    return table


def differences(one: str, two: str) -> tuple[str, str]:
    """The words that only one of two texts has, shortened to a line each."""
    first, second = one.split(), two.split()
    in_first, in_second = set(first), set(second)
    return (
        shorten(" ".join(dict.fromkeys(w for w in first if w not in in_second))),
        shorten(" ".join(dict.fromkeys(w for w in second if w not in in_first))),
    )


def _largest(table: pd.DataFrame) -> pd.DataFrame:
    ordered = table.sort_values("mails", ascending=False, kind="stable")
    return ordered.head(TABLE_ROWS).reset_index(drop=True)
