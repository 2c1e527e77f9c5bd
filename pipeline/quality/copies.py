"""Checks for texts that occur more than once: exact copies, near-copies, and both labels."""

import numpy as np
import pandas as pd

from pipeline.quality.finding import Finding
from pipeline.quality.remedies import drop_mails
from pipeline.wording import format_count, shorten

MANY = 0.01
"""From this share of the mails on, copies are a warning."""
TABLE_ROWS = 50
"""A table lists at most this many texts or groups, the largest first."""


def number_texts(frame: pd.DataFrame) -> pd.Series:
    """Number the mails so that those with the same subject and body have the same number."""
    return frame.groupby(["subject", "body"], sort=False).ngroup()


def check_copies(frame: pd.DataFrame, texts: pd.Series) -> list[Finding]:
    """Check for mails with the text and the label of an earlier one."""
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
            f"{format_count(len(ids), 'mail')} ({share:.1%}) {verb} an earlier one word for word. "
            "If copies land in both parts, the model has already seen the answer; the split keeps "
            "copies together, so drop them only if one mail should not count several times.",
            ids,
            (drop_mails("drop_copies", "Drop the later copies", "copies of earlier mails", ids),),
            _largest(table),
        )
    ]


def check_both_labels(frame: pd.DataFrame, texts: pd.Series) -> list[Finding]:
    """Check for mails whose exact text also occurs under the other label."""
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
        summary = "texts with both labels: the rarer label of each, or both if equally frequent"
        title = "Keep the more common label of each"
        remedies.append(drop_mails("keep_majority", title, summary, minority))
    return [
        Finding(
            "both_labels",
            "serious",
            f"{len(both):,} mails carry both labels: {format_count(len(counts), 'text')} with the "
            f"same subject and body {'is' if len(counts) == 1 else 'are'} labelled both ham and "
            "spam. Either a label is wrong or the mails are indistinguishable; no model can get "
            "both right.",
            tuple(both["id"]),
            tuple(remedies),
            _largest(table),
        )
    ]


def check_near_copies(frame: pd.DataFrame, texts: pd.Series, clusters: np.ndarray) -> list[Finding]:
    """Check for groups of nearly the same text, and for groups that carry both labels.

    Args:
        texts: from `number_texts`.
        clusters: the number of each mail's group, int [mails], in the order of the frame.
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
    by_label = mails.groupby(["cluster", "label"])
    similar = mails[by_label["text"].transform("nunique") > 1]
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
                f"{format_count(groups.ngroups, 'group')} of nearly the same text (campaigns, "
                f"templates, quoting replies); the largest has {largest:,}. Rather than dropping "
                "them, use the grouped split, which keeps each group in one part.",
                tuple(similar["id"]),
                (
                    drop_mails(
                        "keep_one_each",
                        "Keep one mail of each group",
                        "mails with nearly the same text and the same label as an earlier one",
                        later["id"],
                    ),
                ),
                _tabulate_groups(similar, ["cluster", "label"]),
            )
        )
    labels = mails.groupby("cluster")["label"].transform("nunique")
    # `check_both_labels` reports exact copies under both labels.
    different = mails.groupby("cluster")["text"].transform("nunique") > 1
    both = mails[(labels > 1) & different]
    if len(both):
        n = both["cluster"].nunique()
        findings.append(
            Finding(
                "near_both_labels",
                "warning",
                f"{format_count(n, 'group')} of nearly the same text "
                f"{'contains' if n == 1 else 'contain'} both ham and spam ({len(both):,} mails). "
                "Read them first when you look for wrong labels; some labels will be right, such "
                "as those of a notice and its forgery.",
                tuple(both["id"]),
                (),
                _tabulate_groups(both, ["cluster"]),
            )
        )
    return findings


def _tabulate_groups(mails: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """One row per group: its mails by label, its first text, and how another text differs."""
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
        pair = [rows[0], rows[texts[rows] != texts[rows[0]]][0]]
        first, second = mails["subject"].iloc[pair] + " " + mails["body"].iloc[pair]
        parts.append((shorten(mails["body"].iloc[rows[0]]), *find_different_words(first, second)))
    table[["text", "only in this", "only in another"]] = parts
    table["subject"] = table["subject"].map(shorten)
    return table


def find_different_words(first: str, second: str) -> tuple[str, str]:
    """Find the words that only one of two texts contains; each result is shortened to a line.

    >>> find_different_words("see you on monday", "see you on friday")
    ('monday', 'friday')
    """
    a, b = first.split(), second.split()
    in_a, in_b = set(a), set(b)
    return (
        shorten(" ".join(dict.fromkeys(w for w in a if w not in in_b))),
        shorten(" ".join(dict.fromkeys(w for w in b if w not in in_a))),
    )


def _largest(table: pd.DataFrame) -> pd.DataFrame:
    ordered = table.sort_values("mails", ascending=False, kind="stable")
    return ordered.head(TABLE_ROWS).reset_index(drop=True)
