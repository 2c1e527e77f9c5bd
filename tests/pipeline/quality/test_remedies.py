"""A remedy ends its finding, touches nothing else, and the new version says what was done."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import BadData
from pipeline.mail.dataset import Dataset
from pipeline.quality import Quality, build_quality_report, remedies
from pipeline.quality.remedies import Remedy
from pipeline.similarity import near_duplicates
from tests.mails import dataset, mails


def looked_at(data: Dataset) -> Quality:
    return build_quality_report(
        data, near_duplicates.find_near_duplicates(near_duplicates.join_texts(data.frame).to_list())
    )


def assert_done(before: Dataset, finding_kind: str, remedy: Remedy) -> Dataset:
    after = remedies.apply_remedy(before, remedy)
    assert after.parent == before.fingerprint != after.fingerprint
    assert finding_kind not in {f.kind for f in looked_at(after).findings}
    kept = ~before.frame["id"].isin(remedy.ids)
    expected = before.frame[kept].drop(columns=list(remedy.columns)).reset_index(drop=True)
    pd.testing.assert_frame_equal(after.frame, expected)
    return after


@st.composite
def faulty(draw: st.DrawFn) -> Dataset:
    """Easy mails, some overwritten by the text of others, of either label, or nearly so."""
    frame = mails(90, seed=draw(st.integers(0, 3)))
    mail = st.integers(0, len(frame) - 1)
    for source, target, ends in draw(
        st.lists(st.tuples(mail, mail, st.sampled_from(["", "", " end", None])), max_size=25)
    ):
        if ends is None:
            frame.loc[target, "body"] = " "
            continue
        frame.loc[target, ["subject", "body"]] = frame.loc[source, ["subject", "body"]]
        frame.loc[target, "body"] += ends
    return Dataset("faulty", frame.assign(**{"file:source": frame["label"], "file:same": "x"}))


@settings(max_examples=8)  # each looks through the mails some ten times
@given(faulty())
def test_every_remedy_ends_its_finding_and_touches_nothing_else(data: Dataset) -> None:
    for finding in looked_at(data).findings:
        for remedy in finding.remedies:
            if remedy.ids:
                assert set(remedy.ids) <= set(finding.ids)
                after = assert_done(data, finding.kind, remedy)
                assert f"Dropped {remedy.size} (" in after.correction
                assert f"{len(after.frame):,} of 90 mails stay." in after.correction
            else:
                after = remedies.apply_remedy(data, remedy)
                assert [c for c in data.frame if c not in after.frame] == list(remedy.columns)
                assert after.correction.endswith("all 90 mails stay.")


def test_the_majority_label_is_kept_where_there_is_one() -> None:
    frame = mails(90)
    ham, spam = (frame.index[frame["label"] == label] for label in ("ham", "spam"))
    frame.loc[[*ham[:3], spam[0]], ["subject", "body"]] = ["three", "ham"]
    frame.loc[[ham[4], spam[4]], ["subject", "body"]] = ["even", "text"]
    data = Dataset("both", frame)
    (finding,) = (f for f in build_quality_report(data).findings if f.kind == "both_labels")
    drop_all, majority = finding.remedies
    assert len(drop_all.ids) == 6
    assert set(majority.ids) == set(frame["id"][[spam[0], ham[4], spam[4]]])
    after = assert_done(data, "both_labels", majority)
    assert "Dropped 3 mails (1 ham and 2 spam): texts with both labels" in after.correction


def test_only_mails_of_the_common_time_are_kept() -> None:
    frame = mails(400)
    dice = np.random.default_rng(0)
    days = dice.integers(0, 100, 400) + np.where(frame["label"] == "spam", 60, 0)
    frame["date"] = pd.Timestamp("2001-01-01", tz="UTC") + pd.to_timedelta(days, "D")
    data = Dataset("times", frame)
    (finding,) = (f for f in build_quality_report(data).findings if f.kind == "calendar")
    if finding.remedies:
        assert_done(data, "calendar", finding.remedies[0])


def test_nothing_to_do_too_little_left_and_columns_that_must_stay_are_refused() -> None:
    data = dataset(90)
    elsewhere = remedies.drop_mails("drop_all", "Drop them", "gone", ["no such id"])
    with pytest.raises(BadData, match="nothing to drop"):
        remedies.apply_remedy(data, elsewhere)
    with pytest.raises(BadData, match="nothing to drop"):
        remedies.apply_remedy(data, remedies.drop_columns(["file:none"]))
    with pytest.raises(BadData, match="'date' is part of every dataset"):
        remedies.apply_remedy(data, Remedy("drop_columns", "Drop", "column", columns=("date",)))
    spam = data.frame["id"][data.frame["label"] == "spam"]
    with pytest.raises(
        BadData, match=r"would drop too many mails: at least 20 mails .* found 19 spam"
    ):
        remedies.apply_remedy(data, remedies.drop_mails("drop_all", "Drop", "spam", spam[19:]))
    assert data.parent is None  # the dataset itself is as it was
