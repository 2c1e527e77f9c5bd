"""Formats the errors for a terminal: what to work on first, then one line per mail."""

from collections.abc import Sequence

import pandas as pd

from pipeline.error_analysis.groups import Group
from pipeline.error_analysis.table import FALSE_NEGATIVE
from pipeline.mail.hidden import escape_unprintable
from pipeline.wording import format_count

ID, REASONS, SUBJECT = 20, 60, 60
"""The most characters of a cell."""


def format_errors(
    table: pd.DataFrame, groups: Sequence[Group] = (), remarks: Sequence[str] = ()
) -> str:
    """Format groups, remarks and an error table; no character in it can control a terminal."""
    counts = [
        format_count(n, str(kind)) if str(kind).startswith("false") else f"{n:,} {kind}"
        for kind, n in table["kind"].value_counts().items()
    ]
    lines = [", ".join(counts) or "No such mails.", ""]
    if groups:
        lines += ["What to work on first:", *map(_format_group, groups), ""]
    lines += [f"Note: {escape_line(remark)}" for remark in remarks]
    lines += [""] * bool(remarks)
    if len(table):
        cells = {
            "kind": list(table["kind"]),
            "score": [f"{score:.4f}" for score in table["score"]],
            "id": [escape_line(x, ID) for x in table["id"]],
            "reasons": [escape_line(x, REASONS) for x in table["reasons"]],
            "subject": [escape_line(x, SUBJECT) for x in table["subject"]],
        }
        widths = {name: max(map(len, [name, *column])) for name, column in cells.items()}
        lines.append("  ".join(name.ljust(widths[name]) for name in cells).rstrip())
        lines += [
            "  ".join(
                cell.ljust(widths[name]) for name, cell in zip(cells, row, strict=True)
            ).rstrip()
            for row in zip(*cells.values(), strict=True)
        ]
    return "\n".join(lines).rstrip() + "\n"


def escape_line(text: str, most: int = 400) -> str:
    """Put text of a mail on one line, shortened and with unprintable characters escaped."""
    line = " ".join(str(text)[: 4 * most].split())
    line = escape_unprintable(line)
    return line if len(line) <= most else line[: most - 1] + "…"


def _format_group(group: Group) -> str:
    figure = "recall" if group.kind == FALSE_NEGATIVE else "precision"
    words = escape_line(", ".join(group.words)) or "no word in common"
    at = ""
    if group.inside == group.inside:  # not NaN
        at = f"{figure} {group.inside:.0%} among mails like these, {group.outside:.0%} elsewhere; "
    errors = format_count(len(group.ids), group.kind)
    return f"  {errors}: {words} ({at}F1 +{group.f1_gain:.4f} if solved)"
