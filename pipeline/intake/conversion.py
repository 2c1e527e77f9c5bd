"""Converts the records of a table to the canonical columns of a Dataset, batch by batch."""

import pandas as pd

from pipeline.errors import BadData
from pipeline.intake import dates, unpack
from pipeline.intake.columns import Columns
from pipeline.intake.table import Table
from pipeline.mail.dataset import CANONICAL, RAW
from pipeline.wording import format_count, shorten

CONTROL = r"[\x00-\x08\x0b-\x1f\x7f]"
"""Matches all control characters except tab and line feed."""
SEPARATORS = r"[\x00\x18\x1d\x1e]"
"""Matches what is removed from bodies: NUL, and the characters that separate the parts of a
fingerprint."""


class Conversion:
    """Converts batches, and knows what depends on the whole table."""

    def __init__(self, table: Table, columns: Columns) -> None:
        _require_columns(table, columns)
        self.columns = columns
        self.further = [c for c in table.names if c not in columns.used]
        self.parsed = table.messages
        self.packed = not self.parsed and unpack.holds_messages(table.sample[columns.body])
        roles = ("subject", "sender", "date")
        self.roles = [r for r in roles if getattr(columns, r) is None]
        self.plain = 0
        self.date: pd.Series | None = None
        self.date_notes: list[str] = []
        if columns.date is not None and not self.parsed:
            # all at once, because the format of a date is guessed from all of them
            self.date, self.date_notes = _parse_column(table.column(columns.date), columns.date)

    def convert(self, source: pd.DataFrame) -> pd.DataFrame:
        """Convert to the canonical columns without id and label, `RAW` if any, then the file's.

        A column chosen for a role takes precedence over the raw message.
        """
        columns = self.columns
        nothing = pd.Series(None, index=source.index, dtype="str")

        def text(name: str | None) -> pd.Series:
            if name is None:
                return nothing
            return source[name].str.replace("\r\n", "\n", regex=False)

        date = pd.Series(pd.NaT, index=source.index, dtype="datetime64[us, UTC]")
        if self.date is not None:
            date = self.date.loc[source.index]
        data = {"subject": text(columns.subject), "body": nothing, "sender": text(columns.sender)}
        data |= {"date": date, "group": nothing}
        further = self.further
        if self.packed:
            parsed = unpack.unpack_messages(source[columns.body])
            self.plain += int((parsed["headers"] == "").sum())
            data |= {name: parsed[name] for name in (*self.roles, "body", *RAW)}
        elif self.parsed:
            data |= {name: source[name] for name in ("body", "date", *RAW)}
            further = [c for c in further if c not in RAW]
        else:
            data["body"] = text(columns.body)
        data["subject"] = remove_characters(data["subject"].fillna(""), CONTROL)
        data["body"] = remove_characters(data["body"], SEPARATORS)
        sender = remove_characters(data["sender"], CONTROL).str.strip()
        data["sender"] = sender.where(sender != "")
        for name in data.keys() & RAW:
            data[name] = remove_characters(data[name], SEPARATORS if name == "html" else CONTROL)
        data |= {f"file:{c}": remove_characters(text(c), CONTROL) for c in further}
        assert list(data)[:5] == [c for c in CANONICAL if c not in ("id", "label")]
        return pd.DataFrame(data)

    def notes(self) -> list[str]:
        """Notes for the user, complete after the last batch."""
        if not self.packed:
            return self.date_notes
        return [_describe_parsing(self.plain, self.roles), *self.date_notes]


def _describe_parsing(plain: int, roles: list[str]) -> str:
    note = (
        "The text column contains whole messages with headers; they were parsed into "
        f"{', '.join([*roles, 'text'])}, headers, HTML and the list of attachments."
    )
    were = "was" if plain == 1 else "were"
    kept = f" {format_count(plain, 'text')} without headers {were} kept whole."
    return note + kept * (plain > 0)


def _parse_column(source: pd.Series, name: str) -> tuple[pd.Series, list[str]]:
    date = dates.parse_dates(source)
    lost = source[date.isna() & has_text(source)]
    if lost.empty:
        return date, []
    return date, [
        f'{format_count(len(lost), "date")} in the column "{name}" cannot be read or '
        f"{'lies' if len(lost) == 1 else 'lie'} outside 1970 to 2099 and "
        f"{'counts' if len(lost) == 1 else 'count'} as missing; the first is "
        f'"{shorten(lost.iloc[0], 40)}".'
    ]


def _require_columns(table: Table, columns: Columns) -> None:
    for name in sorted(columns.used):
        if name not in table.names:
            names = shorten(", ".join(table.names), 300)
            raise BadData(f'expected a column "{name}"; the file has {names}. Choose another.')


def has_text(texts: pd.Series) -> pd.Series:
    """Whether each text contains more than white space; a missing one does not."""
    return texts.str.strip().fillna("") != ""


def remove_characters(texts: pd.Series, pattern: str) -> pd.Series:
    """Remove what matches a pattern (`CONTROL` or `SEPARATORS`); missing texts stay missing."""
    return texts.str.replace(pattern, "", regex=True)
