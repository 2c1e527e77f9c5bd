"""Records of a table to the canonical columns of a Dataset, a batch at a time."""

import pandas as pd

from pipeline.errors import BadData
from pipeline.intake import dates, unpack
from pipeline.intake.columns import Columns
from pipeline.intake.table import Table
from pipeline.mail.dataset import CANONICAL, RAW
from pipeline.wording import counted, shorten

CONTROL = r"[\x00-\x08\x0b-\x1f\x7f]"
"""All control characters but tab and line feed."""
SEPARATORS = r"[\x00\x18\x1d\x1e]"
"""What a body loses: NUL, and what the fingerprint of a Dataset relies on to be in no mail."""


class Conversion:
    """What has to be known of the whole table before a part of it can be converted."""

    def __init__(self, table: Table, columns: Columns) -> None:
        _require(table, columns)
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
            # in one go: the form of a date is guessed from all of them
            self.date, self.date_notes = _dates(table.column(columns.date), columns.date)

    def convert(self, source: pd.DataFrame) -> pd.DataFrame:
        """The canonical columns but id and label, then `RAW` if any, then those of the file.

        What is chosen for a role goes before what a raw message says.
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
            found = unpack.unpack(source[columns.body])
            self.plain += int((found["headers"] == "").sum())
            data |= {name: found[name] for name in (*self.roles, "body", *RAW)}
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
        """What there is to tell, once everything was converted."""
        if not self.packed:
            return self.date_notes
        return [_on_messages(self.plain, self.roles), *self.date_notes]


def _on_messages(plain: int, roles: list[str]) -> str:
    note = (
        "The text column holds whole messages with headers; they were parsed: "
        f"{', '.join([*roles, 'text'])}, headers, HTML and the list of attachments."
    )
    return note + f" {counted(plain, 'text')} without headers: kept whole." * (plain > 0)


def _dates(source: pd.Series, name: str) -> tuple[pd.Series, list[str]]:
    date = dates.parse(source)
    lost = source[date.isna() & has_text(source)]
    if lost.empty:
        return date, []
    return date, [
        f'{counted(len(lost), "date")} in the column "{name}" that cannot be read or lie outside '
        f'1970 to 2099: missing now; the first is "{shorten(lost.iloc[0], 40)}".'
    ]


def _require(table: Table, columns: Columns) -> None:
    for name in sorted(columns.used):
        if name not in table.names:
            found = shorten(", ".join(table.names), 300)
            raise BadData(f'expected a column "{name}"; the file has {found}. Choose another.')


def has_text(texts: pd.Series) -> pd.Series:
    """Whether a text holds more than white space; a missing one does not."""
    return texts.str.strip().fillna("") != ""


def remove_characters(texts: pd.Series, pattern: str) -> pd.Series:
    """Texts without what fits a pattern, `CONTROL` or `SEPARATORS`; missing ones stay so."""
    return texts.str.replace(pattern, "", regex=True)
