"""Mails read from their file a few at a time are those of the whole frame."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mail.dataset import Dataset, DatasetWriter
from pipeline.mail.mails import Mails
from tests.mails import mails

FRAME = mails(130)
SEALED = set(FRAME["id"].iloc[::7])


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """130 mails in groups of 17, so that a take crosses many of them."""
    found = tmp_path_factory.mktemp("mails") / "mails.parquet"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatasetWriter, "GROUP", 17)
        Dataset("small", FRAME).save(found)
    return found


@given(st.lists(st.sampled_from(FRAME["id"].to_list()), unique=True))
def test_any_mails_in_any_order(path: Path, ids: list[str]) -> None:
    expected = FRAME.set_index("id", drop=False).loc[ids].reset_index(drop=True)
    found = Mails(path).take(ids)
    pd.testing.assert_frame_equal(found, expected, check_dtype=bool(ids))


def test_sealed_mails_do_not_exist(path: Path) -> None:
    found = Mails(path, SEALED)
    assert len(found) == len(FRAME) - len(SEALED)
    assert not SEALED & set(found.find_ids())
    assert found.take(sorted(SEALED)).empty
    assert (
        found.take([*sorted(SEALED)[:3], found.find_ids()[0]])["id"].to_list()
        == found.find_ids()[:1]
    )
    open_ = FRAME[~FRAME["id"].isin(SEALED)]
    assert found.counts == open_["label"].value_counts().to_dict()
    assert set(found.find_ids("e")) == set(open_[_holds(open_, "e")]["id"])


def _holds(frame: pd.DataFrame, words: str) -> pd.Series:
    text = frame["subject"] + "\n" + frame["body"]
    return text.str.contains(words, case=False, regex=False)


@pytest.mark.parametrize("words", ["viagra", "VIAGRA", "no such word", "a b", ".*", ""])
@pytest.mark.parametrize("label", ["ham", "spam", None])
def test_finding_words(path: Path, words: str, label: str | None) -> None:
    expected = FRAME[_holds(FRAME, words)]
    expected = expected if label is None else expected[expected["label"] == label]
    assert Mails(path).find_ids(words, label) == expected["id"].to_list()


def test_some_columns(path: Path) -> None:
    found = Mails(path).take(["m3", "m1"], ["subject"])
    assert list(found.columns) == ["id", "subject"]
    assert found["id"].to_list() == ["m3", "m1"]
