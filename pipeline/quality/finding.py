"""One thing to know about a dataset, and how it is told to people and to programs."""

from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from pipeline.mail.hidden import escape_unprintable
from pipeline.quality.remedies import Remedy
from pipeline.wording import shorten

Level = Literal["info", "warning", "serious"]
LEVELS: tuple[Level, ...] = ("serious", "warning", "info")
IDS_TOLD = 20
"""Ids of a finding that `to_dict` lists; the number beside them is that of all."""


@dataclass(frozen=True)
class Finding:
    """How bad it is, a sentence with its number and what to do, and the mails concerned.

    `kind` is a stable word for programs. `remedies` are what can be done at a click, the usual
    one first, and may be none. `table`, if there is one, has the details, a row each; its cells
    may hold words of mails.
    """

    kind: str
    level: Level
    sentence: str
    ids: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    table: pd.DataFrame | None = field(default=None, compare=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """For JSON: numbers of the table are plain, what is missing is null."""
        rows: list[dict[str, Any]] = []
        if self.table is not None:
            plain = self.table.astype(object)
            rows = [{str(k): _plain(v) for k, v in row.items()} for row in plain.to_dict("records")]
        return {
            "kind": self.kind,
            "level": self.level,
            "sentence": self.sentence,
            "mails": len(self.ids),
            "ids": list(self.ids[:IDS_TOLD]),
            "remedies": [
                {"kind": r.kind, "title": r.title, "takes_out": r.size} for r in self.remedies
            ],
            "table": rows,
        }


def named(text: str) -> str:
    """A column, a word or a header of the user's file in a sentence: quoted, short, all visible."""
    line = shorten(text, 40)
    return '"' + escape_unprintable(line) + '"'


def _plain(value: Any) -> Any:
    """A cell of a table as JSON knows it."""
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
