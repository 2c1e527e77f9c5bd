"""The errors as text for a terminal: what to work on first, then a line a mail."""

from collections.abc import Sequence

import pandas as pd

from pipeline.error_analysis.groups import Group
from pipeline.error_analysis.table import FALSE_NEGATIVE
from pipeline.mail.hidden import escape_unprintable
from pipeline.wording import counted

ID, REASONS, SUBJECT = 20, 60, 60
"""Most characters of a cell."""


def of(table: pd.DataFrame, groups: Sequence[Group] = (), remarks: Sequence[str] = ()) -> str:
    """Groups, remarks and the rows of an ErrorTable; no sign in it does anything to a terminal."""
    counts = [
        counted(n, str(kind)) if str(kind).startswith("false") else f"{n:,} {kind}"
        for kind, n in table["kind"].value_counts().items()
    ]
    lines = [", ".join(counts) or "No such mail.", ""]
    if groups:
        lines += ["What to work on first:", *map(_group, groups), ""]
    lines += [f"Note: {plain(remark)}" for remark in remarks]
    lines += [""] * bool(remarks)
    if len(table):
        cells = {
            "kind": list(table["kind"]),
            "score": [f"{score:.4f}" for score in table["score"]],
            "id": [plain(x, ID) for x in table["id"]],
            "reasons": [plain(x, REASONS) for x in table["reasons"]],
            "subject": [plain(x, SUBJECT) for x in table["subject"]],
        }
        widths = {name: max(map(len, [name, *some])) for name, some in cells.items()}
        lines.append("  ".join(name.ljust(widths[name]) for name in cells).rstrip())
        lines += [
            "  ".join(
                cell.ljust(widths[name]) for name, cell in zip(cells, row, strict=True)
            ).rstrip()
            for row in zip(*cells.values(), strict=True)
        ]
    return "\n".join(lines).rstrip() + "\n"


def plain(text: str, most: int = 400) -> str:
    """Text of a mail on one line, cut, with what cannot be seen written out."""
    line = " ".join(str(text)[: 4 * most].split())
    line = escape_unprintable(line)
    return line if len(line) <= most else line[: most - 1] + "…"


def _group(group: Group) -> str:
    figure = "recall" if group.kind == FALSE_NEGATIVE else "precision"
    words = plain(", ".join(group.words)) or "no word in common"
    at = ""
    if group.inside == group.inside:  # is known
        at = f"{figure} {group.inside:.0%} among mails like these, {group.outside:.0%} elsewhere; "
    return (
        f"  {counted(len(group.ids), group.kind)}: {words} ({at}F1 +{group.f1_gain:.4f} if solved)"
    )
