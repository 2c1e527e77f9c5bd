"""A finding: something that is wrong with a dataset, for people and for programs."""

from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from pipeline.mail.hidden import escape_unprintable
from pipeline.quality.remedies import Remedy
from pipeline.wording import shorten

Level = Literal["info", "warning", "serious"]
LEVELS: tuple[Level, ...] = ("serious", "warning", "info")
LISTED_IDS = 20
"""`Finding.to_dict` lists at most this many ids; its number of mails counts all."""


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a dataset.

    Attributes:
        kind: a stable word for programs.
        level: how bad it is.
        sentence: what is wrong, with figures, and what to do about it.
        ids: the mails concerned.
        remedies: corrections that a click applies, the usual one first; may be empty.
        table: the details, if there are any; its cells may contain words of mails.
    """

    kind: str
    level: Level
    sentence: str
    ids: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    table: pd.DataFrame | None = field(default=None, compare=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """The finding for JSON; missing cells of the table become None."""
        rows: list[dict[str, Any]] = []
        if self.table is not None:
            plain = self.table.astype(object)
            rows = [
                {str(k): _to_json(v) for k, v in row.items()} for row in plain.to_dict("records")
            ]
        return {
            "kind": self.kind,
            "level": self.level,
            "sentence": self.sentence,
            "mails": len(self.ids),
            "ids": list(self.ids[:LISTED_IDS]),
            "remedies": [
                {"kind": r.kind, "title": r.title, "takes_out": r.size} for r in self.remedies
            ],
            "table": rows,
        }


def quote_name(text: str) -> str:
    """Quote a column, word or header of the user's file for a sentence; short and printable.

    >>> quote_name("a\\u200bb")
    '"a\\\\u200bb"'
    """
    return '"' + escape_unprintable(shorten(text, 40)) + '"'


def _to_json(value: Any) -> Any:
    """Convert a cell of a table to a type that JSON has."""
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
