"""A table and the roles of its columns to a Dataset, or to mails that wait for a score."""

from dataclasses import dataclass, field

import pandas as pd

from pipeline.dataset import CANONICAL, LABELS, RAW, Dataset
from pipeline.errors import BadData
from pipeline.intake import dates, unpack
from pipeline.intake import labels as label_words
from pipeline.intake.columns import Columns
from pipeline.intake.csv import Table
from pipeline.intake.wording import counted, shorten

CONTROL = r"[\x00-\x08\x0b-\x1f\x7f]"
"""All control characters but tab and line feed."""
SEPARATORS = r"[\x00\x18\x1d\x1e]"
"""What a body loses: NUL, and what the fingerprint of a Dataset relies on to be in no mail."""


@dataclass(frozen=True)
class Intake:
    """A Dataset, the records that are not in it (row, id, reason, excerpt), and what to tell."""

    dataset: Dataset
    left_out: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...] = ()


def to_dataset(table: Table, columns: Columns, labels: dict[str, str], name: str) -> Intake:
    """Build the canonical frame; records without a known label or without any text are left out.

    Args:
        columns: must name a label column.
        labels: the words of that column, stripped, each to "ham" or "spam".
        name: how the user calls the data.

    Raises:
        BadData: a column is not in the table; a label maps to another word than ham and spam; no
            record has a known label, or too few of one class have.
    """
    if columns.label is None:
        raise BadData("expected a label column, received none. Choose it by hand.")
    _require(table, columns)
    if wrong := set(labels.values()) - set(LABELS):
        raise BadData(f"labels map to ham or spam, received {min(wrong)!r}. Choose one of the two.")
    meanings = {word.strip(): meaning for word, meaning in labels.items()}
    words = table.frame[columns.label].str.strip()
    label = words.map(meanings)
    frame, notes = _mails(table, columns)
    frame.insert(0, "label", label.astype("str"))

    reason = pd.Series("", index=words.index, dtype="str")
    empty = ~(_filled(frame["subject"]) | _filled(frame["body"]))
    reason = reason.mask(empty, "has neither a subject nor a text")
    unknown = label.isna()
    reason = reason.mask(
        unknown, 'the label "' + words.str.slice(0, 40) + '" means neither ham nor spam'
    )
    reason = reason.mask(words == "", "has no label")
    kept = reason == ""
    _require_known(columns.label, words[unknown], label[kept])

    ids, id_notes = _ids(table, columns, kept)
    frame.insert(0, "id", ids)
    out = frame[~kept]
    text = (out["subject"] + " " + out["body"]).str.strip()
    left_out = pd.DataFrame(
        {
            "row": out.index,
            "id": out["id"].to_list(),
            "reason": reason[~kept].to_list(),
            "excerpt": [shorten(t) for t in text],
        }
    )
    left_out = pd.concat([table.left_out, left_out] if len(table.left_out) else [left_out])
    dataset = Dataset(name, frame[kept].reset_index(drop=True))
    dataset.require_enough()
    used = {word: meanings[word] for word in words[kept].unique()}
    told = [*table.notes, label_words.explain(used), *notes, *id_notes]
    return Intake(
        dataset,
        left_out.sort_values("row", kind="stable").reset_index(drop=True),
        tuple(note for note in told if note),
    )


def to_mails(table: Table, columns: Columns) -> pd.DataFrame:
    """All records of the table in the order of the file, as a canonical frame without a label.

    Raises:
        BadData: a column is not in the table.
    """
    _require(table, columns)
    frame, _ = _mails(table, columns)
    ids, _ = _ids(table, columns, pd.Series(True, index=table.frame.index))
    frame.insert(0, "id", ids)
    return frame.reset_index(drop=True)


def _mails(table: Table, columns: Columns) -> tuple[pd.DataFrame, list[str]]:
    """The canonical columns but id and label, then `RAW` if any, then further columns of the file.

    What is chosen for a role goes before what a raw message says.
    """
    source = table.frame
    nothing = pd.Series(None, index=source.index, dtype="str")

    def text(name: str | None) -> pd.Series:
        return nothing if name is None else source[name].str.replace("\r\n", "\n", regex=False)

    date, notes = _dates(source, columns.date)
    data = {"subject": text(columns.subject), "body": nothing, "sender": text(columns.sender)}
    data |= {"date": date, "group": nothing}
    if unpack.holds_messages(source[columns.body]):
        found = unpack.unpack(source[columns.body])
        roles = [r for r in ("subject", "sender", "date") if getattr(columns, r) is None]
        notes = [_on_messages(found, roles), *notes]
        data |= {name: found.pop(name) for name in (*roles, "body", *RAW)}
    else:
        data["body"] = text(columns.body)
    data["subject"] = _without(data["subject"].fillna(""), CONTROL)
    data["body"] = _without(data["body"], SEPARATORS)
    sender = _without(data["sender"], CONTROL).str.strip()
    data["sender"] = sender.where(sender != "")
    for name in data.keys() & RAW:
        data[name] = _without(data[name], SEPARATORS if name == "html" else CONTROL)
    further = [c for c in source.columns if c not in columns.used]
    data |= {f"file:{c}": _without(text(c), CONTROL) for c in further}
    assert list(data)[:5] == [c for c in CANONICAL if c not in ("id", "label")]
    return pd.DataFrame(data), notes


def _on_messages(found: pd.DataFrame, roles: list[str]) -> str:
    note = (
        "The text column holds whole messages with headers; they were parsed: "
        f"{', '.join([*roles, 'text'])}, headers, HTML and the list of attachments."
    )
    plain = int((found["headers"] == "").sum())
    return note + f" {counted(plain, 'text')} without headers: kept whole." * (plain > 0)


def _dates(source: pd.DataFrame, name: str | None) -> tuple[pd.Series, list[str]]:
    if name is None:
        return pd.Series(pd.NaT, index=source.index, dtype="datetime64[us, UTC]"), []
    date = dates.parse(source[name])
    lost = source[name][date.isna() & _filled(source[name])]
    if lost.empty:
        return date, []
    return date, [
        f'{counted(len(lost), "date")} in the column "{name}" that cannot be read or lie outside '
        f'1970 to 2099: missing now; the first is "{shorten(lost.iloc[0], 40)}".'
    ]


def _ids(table: Table, columns: Columns, kept: pd.Series) -> tuple[pd.Series, list[str]]:
    """The file's ids if the kept mails have one each; else the numbers of the records."""
    rows = pd.Series(table.frame.index.astype("str"), index=table.frame.index, dtype="str")
    if columns.id is None:
        return rows, []
    ids = _without(table.frame[columns.id], CONTROL).str.strip()
    empty, repeats = (ids[kept] == "").sum(), ids[kept & (ids != "")].duplicated()
    if not empty and not repeats.any():
        return ids, []
    said = [f"{empty:,} of them empty"] if empty else []
    if repeats.any():
        first = shorten(repeats.index[repeats].map(ids)[0], 40)
        said.append(f'{repeats.sum():,} the same as an earlier one (the first is "{first}")')
    return rows, [
        f'The ids in the column "{columns.id}" do not tell the mails apart: {", ".join(said)}. '
        "The mails are named by their record number instead."
    ]


def _require(table: Table, columns: Columns) -> None:
    for name in sorted(columns.used):
        if name not in table.frame.columns:
            found = shorten(", ".join(map(str, table.frame.columns)), 300)
            raise BadData(f'expected a column "{name}"; the file has {found}. Choose another.')


def _require_known(column: str, unknown: pd.Series, kept: pd.Series) -> None:
    """Unknown words are the likelier reason when one class has no mail at all."""
    words = unknown[unknown != ""].value_counts().index
    if len(words) and kept.nunique() < 2:
        listed = ", ".join(f'"{shorten(w, 30)}"' for w in words[:5]) + ", …" * (len(words) > 5)
        raise BadData(
            f'the column "{column}" has {counted(len(words), "word")} not known to mean ham or '
            f"spam: {listed}. Say for each which it means, or choose another label column."
        )


def _filled(texts: pd.Series) -> pd.Series:
    return texts.str.strip().fillna("") != ""


def _without(texts: pd.Series, pattern: str) -> pd.Series:
    return texts.str.replace(pattern, "", regex=True)
