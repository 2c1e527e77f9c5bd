from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import BadData
from pipeline.mail.dataset import CANONICAL, Dataset
from tests.mails import dataset, mails

PRINTABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


def changed(row: int, column: str, value: object) -> Dataset:
    frame = mails(40)
    frame.loc[frame.index[row], column] = value
    return Dataset("small", frame)


def test_the_fingerprint_does_not_depend_on_the_order_of_rows_or_the_name() -> None:
    frame = mails(40)
    shuffled = frame.sample(frac=1, random_state=1)
    assert not shuffled["id"].equals(frame["id"])
    assert Dataset("other", shuffled).fingerprint == Dataset("small", frame).fingerprint


def test_the_fingerprint_is_the_same_on_every_machine() -> None:
    assert dataset(40).fingerprint == "d2e3dae929e13756"


def test_the_fingerprint_survives_parquet(tmp_path: Path) -> None:
    frame = mails(40)
    frame.loc[3, ["body", "subject"]] = ["", "línea\u202e\n\t💌"]
    frame.loc[4, "date"] = pd.NaT
    frame["file:folder"] = pd.Series(["inbox", None] * 20, dtype="str")
    before = Dataset("small", frame)
    before.save(tmp_path / "mails.parquet")
    after = Dataset.load("small", tmp_path / "mails.parquet")
    assert after.fingerprint == before.fingerprint
    assert after.frame["body"].tolist() == frame["body"].tolist()
    again = tmp_path / "again.parquet"
    after.save(again)
    assert Dataset.load("small", again).fingerprint == before.fingerprint


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_the_unit_of_a_timestamp_does_not_count(unit: str) -> None:
    frame = mails(40)
    frame["date"] = frame["date"].dt.as_unit(unit)
    assert Dataset("small", frame).fingerprint == dataset(40).fingerprint


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", "other"),
        ("subject", "other"),
        ("body", "other"),
        ("body", ""),
        ("sender", "other"),
        ("sender", None),
        ("date", pd.Timestamp("1999-01-01", tz="UTC")),
        ("date", pd.NaT),
        ("group", "g"),
    ],
)
@pytest.mark.parametrize("row", [0, 39])
def test_the_fingerprint_changes_with_any_cell(row: int, column: str, value: object) -> None:
    frame = mails(40)
    if column == "sender":
        frame.loc[frame.index[row], "sender"] = "before"
    before = Dataset("small", frame.copy()).fingerprint
    frame.loc[frame.index[row], column] = value
    assert Dataset("small", frame).fingerprint != before


def test_the_fingerprint_changes_with_a_label_a_row_and_a_column() -> None:
    frame = mails(40)
    prints = {Dataset("small", frame.copy()).fingerprint}
    flipped = frame.copy()
    flipped.loc[0, "label"] = "ham" if frame["label"][0] == "spam" else "spam"
    prints.add(Dataset("small", flipped).fingerprint)
    prints.add(Dataset("small", frame.iloc[1:]).fingerprint)
    prints.add(Dataset("small", frame.assign(**{"file:x": ""})).fingerprint)
    prints.add(Dataset("small", frame.assign(**{"file:y": ""})).fingerprint)
    assert len(prints) == 5


@given(st.lists(st.tuples(PRINTABLE, PRINTABLE), min_size=2, max_size=2, unique=True))
def test_two_different_texts_have_two_fingerprints(pair: list[tuple[str, str]]) -> None:
    base = mails(2)
    prints = [
        Dataset("x", base.assign(subject=list(texts), body=["", ""])).fingerprint for texts in pair
    ]
    assert prints[0] != prints[1]


def test_a_missing_cell_is_not_an_empty_one() -> None:
    frame = mails(40)
    none = frame.assign(sender=pd.Series([None] * 40, dtype="str"))
    empty = frame.assign(sender="")
    assert Dataset("a", none).fingerprint != Dataset("a", empty).fingerprint


@pytest.mark.parametrize("column", CANONICAL)
def test_a_missing_column_is_named(column: str) -> None:
    with pytest.raises(BadData, match=f"lacks the column '{column}'"):
        Dataset("small", mails(40).drop(columns=column))


def test_ids_must_be_unique_and_labels_known() -> None:
    frame = mails(40)
    with pytest.raises(BadData, match="unique"):
        Dataset("small", frame.assign(id="m0"))
    for label in ("Spam", "", None):
        with pytest.raises(BadData, match='"ham" or "spam"'):
            changed(0, "label", label)


def test_counts_name_both_labels() -> None:
    assert dataset(40, share=0.25).counts == {"ham": 30, "spam": 10}
    assert dataset(40, share=0.0).counts == {"ham": 40, "spam": 0}


def test_one_class_is_refused_and_named() -> None:
    with pytest.raises(BadData, match=r"all 1,200 mails here are spam\. Add ham mails"):
        dataset(1200, share=1.0).require_enough_mails()
    with pytest.raises(BadData, match=r"all 40 mails here are ham\. Add spam mails"):
        dataset(40, share=0.0).require_enough_mails()


def test_too_few_of_a_class_are_refused_with_the_number() -> None:
    with pytest.raises(BadData, match=r"at least 20 mails of each class .+ found 19 spam"):
        dataset(100, share=0.19).require_enough_mails()
    dataset(100, share=0.20).require_enough_mails()
