"""Checks for empty mails, missing cells by column and class, and columns with a single value."""

import pandas as pd

from pipeline.mail.dataset import LABELS
from pipeline.quality.finding import Finding, quote_name
from pipeline.quality.remedies import drop_columns, drop_mails
from pipeline.wording import format_count, shorten

NEVER_MISSING = ("id", "label", "group", "html", "attachments", "reading")
"""Columns in which an empty cell is normal: most messages have no attachments, for example."""
GAP = 0.3
"""If the shares missing in ham and spam differ by over 30 points, the gap reveals the label."""


def find_empty_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Find the cells that are missing or only white space, bool [mails, columns a user fills]."""
    columns = [c for c in frame.columns if c not in NEVER_MISSING]
    return pd.DataFrame(
        {
            c: frame[c].isna() if c == "date" else frame[c].fillna("").str.strip() == ""
            for c in columns
        }
    )


def compute_missing_shares(frame: pd.DataFrame, empty: pd.DataFrame) -> pd.DataFrame:
    """Compute the share of each class that lacks a column, 0 to 1: columns column, ham, spam.

    Lists only columns that some mail lacks; NaN for a class without mails.
    """
    shares = empty.groupby(frame["label"]).mean().T.reindex(columns=list(LABELS))
    shares = shares[empty.any()].rename_axis(index="column", columns=None).reset_index()
    shares["column"] = shares["column"].str.removeprefix("file:")
    return shares


def check_empty_mails(frame: pd.DataFrame, empty: pd.DataFrame) -> list[Finding]:
    """Check for mails without a text, with and without a subject."""
    findings = []
    nothing = frame["id"][empty["body"] & empty["subject"]]
    if len(nothing):
        findings.append(
            Finding(
                "empty",
                "warning",
                f"{format_count(len(nothing), 'mail')} {_have(len(nothing))} neither a subject nor "
                "a text, so there are no words to learn from. Keep them if they were only pictures "
                "or attachments; otherwise drop them.",
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
                f"{format_count(len(subject_only), 'mail')} {_have(len(subject_only))} a subject "
                "but no text, so the subject alone decides. Check whether the export lost the "
                "text.",
                tuple(subject_only),
                (drop_mails("drop_empty", "Drop them", "a subject but no text", subject_only),),
            )
        )
    return findings


def check_missing_cells(frame: pd.DataFrame, shares: pd.DataFrame) -> list[Finding]:
    """Check for columns whose absence gives the label away.

    Args:
        shares: from `compute_missing_shares`.
    """
    findings = []
    for name, ham, spam in shares[(shares["ham"] - shares["spam"]).abs() > GAP].itertuples(
        index=False
    ):
        spare = f"file:{name}" in frame
        advice = (
            "No feature in Spamlab reads this column; keep it out of other models."
            if spare
            else "Leave it out of the features, or collect it for both classes in the same way."
        )
        findings.append(
            Finding(
                "missing",
                "info" if spare else "warning",
                f"{quote_name(name)} is missing in {ham:.0%} of ham and {spam:.0%} of spam; a "
                f"model can read the label from that gap. {advice}",
                remedies=(drop_columns([f"file:{name}"]),) if spare else (),
            )
        )
    return findings


def check_constant_columns(frame: pd.DataFrame) -> list[Finding]:
    """Check for additional columns that have the same value in every mail."""
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
    names = ", ".join(map(quote_name, table["column"]))
    single = len(constant) == 1
    return [
        Finding(
            "constant",
            "info",
            f"{'The column' if single else 'The columns'} {names} {_have(len(constant))} the same "
            f"value in every mail and therefore {'carries' if single else 'carry'} no information.",
            remedies=(drop_columns(constant),),
            table=table,
        )
    ]


def _have(n: int) -> str:
    return "has" if n == 1 else "have"
