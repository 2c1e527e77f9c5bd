"""What is not there: empty mails, cells missing by column and class, columns of one value."""

import pandas as pd

from pipeline.mail.dataset import LABELS
from pipeline.quality.finding import Finding, named
from pipeline.quality.remedies import drop_columns, drop_mails
from pipeline.wording import counted, shorten

NEVER_MISSING = ("id", "label", "group", "html", "attachments", "reading")
"""Columns in which an empty cell says nothing: a message without HTML or attachments lacks none."""
GAP = 0.3
"""Difference of the shares missing in ham and in spam from which the gap itself tells the label."""


def blank(frame: pd.DataFrame) -> pd.DataFrame:
    """True where a cell of a column that a user fills is missing or white space."""
    columns = [c for c in frame.columns if c not in NEVER_MISSING]
    return pd.DataFrame(
        {
            c: frame[c].isna() if c == "date" else frame[c].fillna("").str.strip() == ""
            for c in columns
        }
    )


def by_class(frame: pd.DataFrame, empty: pd.DataFrame) -> pd.DataFrame:
    """Columns column, ham, spam: the share of the class's mails, 0 to 1, that lack it.

    Only columns that some mail lacks; NaN for a class that has no mail.
    """
    shares = empty.groupby(frame["label"]).mean().T.reindex(columns=list(LABELS))
    shares = shares[empty.any()].rename_axis(index="column", columns=None).reset_index()
    shares["column"] = shares["column"].str.removeprefix("file:")
    return shares


def on_empty(frame: pd.DataFrame, empty: pd.DataFrame) -> list[Finding]:
    """Mails without a text, with and without a subject."""
    findings = []
    nothing = frame["id"][empty["body"] & empty["subject"]]
    if len(nothing):
        findings.append(
            Finding(
                "empty",
                "warning",
                f"{counted(len(nothing), 'mail')} with neither a subject nor a text: nothing can "
                "be learnt from their words. If they were pictures or attachments only, keep "
                "them; otherwise drop them.",
                tuple(nothing),
                (drop_mails("drop_empty", "Drop them", "no subject and no text", nothing),),
            )
        )
    subject_only = frame["id"][empty["body"] & ~empty["subject"]]
    if len(subject_only):
        findings.append(
            Finding(
                "subject_only",
                "info",
                f"{counted(len(subject_only), 'mail')} with a subject but no text; the subject "
                "alone decides there. Check whether the text was lost in the export.",
                tuple(subject_only),
                (drop_mails("drop_empty", "Drop them", "a subject but no text", subject_only),),
            )
        )
    return findings


def on_missing(frame: pd.DataFrame, shares: pd.DataFrame) -> list[Finding]:
    """Columns whose absence gives the label away.

    Args:
        shares: what `by_class` gives.
    """
    findings = []
    for name, ham, spam in shares[(shares["ham"] - shares["spam"]).abs() > GAP].itertuples(
        index=False
    ):
        spare = f"file:{name}" in frame
        advice = (
            "No feature here reads this column, but mind it elsewhere."
            if spare
            else "Leave it out of the features, or collect it alike for both."
        )
        findings.append(
            Finding(
                "missing",
                "info" if spare else "warning",
                f"{named(name)} is missing in {ham:.0%} of ham and {spam:.0%} of spam; a model can "
                f"read the label from that gap. {advice}",
                remedies=(drop_columns([f"file:{name}"]),) if spare else (),
            )
        )
    return findings


def on_constant(frame: pd.DataFrame) -> list[Finding]:
    """Spare columns that hold one value throughout."""
    spare = [c for c in frame.columns if c.startswith("file:")]
    constant = [c for c in spare if frame[c].nunique(dropna=False) == 1]
    if not constant or len(frame) < 2:
        return []
    table = pd.DataFrame(
        {
            "column": [c.removeprefix("file:") for c in constant],
            "value in every mail": [
                shorten(str(frame[c].iloc[0])) if pd.notna(frame[c].iloc[0]) else "(nothing)"
                for c in constant
            ],
        }
    )
    names = ", ".join(map(named, table["column"]))
    one = len(constant) == 1
    return [
        Finding(
            "constant",
            "info",
            f"{'The column' if one else 'The columns'} {names} {'holds' if one else 'hold'} the "
            "same value in every mail and so cannot tell anything.",
            remedies=(drop_columns(constant),),
            table=table,
        )
    ]
