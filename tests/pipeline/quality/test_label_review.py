"""Wrong labels come first, nobody is asked about what it has read, and the test part stays out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline import splits
from pipeline.errors import BadData
from pipeline.mail.dataset import Dataset
from pipeline.quality import label_review
from pipeline.specs import SplitSpec
from tests.heard import Heard
from tests.mails import dataset, raw_mails

OTHER = {"ham": "spam", "spam": "ham"}


def flipped(small: Dataset, ids: list[str]) -> Dataset:
    """The same mails with some labels wrong."""
    frame = small.frame
    wrong = frame["label"].where(~frame["id"].isin(ids), frame["label"].map(OTHER))
    return replace(small, frame=frame.assign(label=wrong))


def clear(n: int) -> Dataset:
    """Mails of 100 words: of 20, one in ten is by chance more like the other class."""
    frame = dataset(n).frame.set_index("id", drop=False)
    for seed in range(1, 6):  # an id has the same label whatever the seed
        frame["body"] += " " + dataset(n, seed).frame.set_index("id")["body"]
    return Dataset("clear", frame.reset_index(drop=True))


def some(small: Dataset, n: int, seed: int = 0) -> list[str]:
    return list(small.frame["id"].sample(n, random_state=seed))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """What each model learnt from and was asked about."""
    made = []
    score = label_review._score

    def remember(rest: pd.DataFrame, out: pd.DataFrame) -> np.ndarray:
        made.append((rest, out))
        return score(rest, out)

    monkeypatch.setattr(label_review, "_score", remember)
    return made


def test_flipped_labels_stand_at_the_head_of_the_list() -> None:
    right = clear(200)
    wrong = some(right, 6)
    table = label_review.review_labels(flipped(right, wrong), None)
    assert len(table) == 200
    assert set(wrong) <= set(table["id"].head(12))
    called = table[table["suspicious"]]
    assert called["id"].isin(wrong).mean() >= 0.6
    assert called["id"].isin(wrong).sum() >= 4
    planted = table[table["id"].isin(wrong)]
    truth = right.frame.set_index("id")["label"]
    assert list(planted["suggested"]) == list(truth[planted["id"]])


def test_the_columns_hold_what_they_say() -> None:
    small = dataset(200)
    table = label_review.review_labels(flipped(small, some(small, 6)), None)
    assert tuple(table.columns) == label_review.COLUMNS
    assert table["id"].is_unique
    assert table["confidence"].between(0.5, 1).all()
    agrees = table["suggested"] == table["label"]
    # the quality is P of the given label
    expected = np.where(agrees, table["confidence"], 1 - table["confidence"])
    assert table["quality"].to_numpy() == pytest.approx(expected)
    assert list(table["suspicious"]) == sorted(table["suspicious"], reverse=True)
    for _, part in table.groupby("suspicious"):
        assert part["quality"].is_monotonic_increasing
    assert not (table["suspicious"] & agrees).any()


def test_every_mail_is_asked_about_once_by_a_model_that_read_no_copy_of_it(calls) -> None:
    frame = dataset(200).frame
    again = frame.head(40).assign(id=[f"copy{i}" for i in range(40)])
    both = Dataset("copies", pd.concat([frame, again], ignore_index=True))
    label_review.review_labels(both, None)
    asked = [mail for _, out in calls for mail in out["id"]]
    assert sorted(asked) == sorted(both.frame["id"])
    for rest, out in calls:
        assert not set(rest["body"]) & set(out["body"])
        assert 0.1 < (out["label"] == "spam").mean() < 0.9


def test_clusters_of_near_copies_stay_together(calls) -> None:
    small = dataset(200)
    clusters = np.arange(200) // 4
    label_review.review_labels(small, None, clusters=clusters)
    of = dict(zip(small.frame["id"], clusters, strict=True))
    for rest, out in calls:
        assert not {of[i] for i in rest["id"]} & {of[i] for i in out["id"]}


def test_a_footer_that_makes_one_cluster_of_all_mails_does_not_stand_in_the_way() -> None:
    small = dataset(200)
    pd.testing.assert_frame_equal(
        label_review.review_labels(small, None, clusters=np.zeros(200, int)),
        label_review.review_labels(small, None),
    )


def test_the_test_part_is_neither_listed_nor_learnt_from(calls) -> None:
    small = dataset(200)
    split = splits.make_split(small, SplitSpec())
    table = label_review.review_labels(small, split, clusters=np.arange(200))
    assert set(table["id"]) == {*split.train, *split.validation}
    assert all(set(split.test).isdisjoint(rest["id"]) for rest, _ in calls)
    poisoned = flipped(small, list(split.test))
    sealed = poisoned.frame["id"].isin(split.test)
    poisoned.frame.loc[sealed, ["subject", "body"]] = "poison"
    pd.testing.assert_frame_equal(
        label_review.review_labels(poisoned, split, clusters=np.arange(200)), table
    )


def test_the_order_of_the_file_does_not_matter() -> None:
    small = dataset(200)
    shuffled = replace(small, frame=small.frame.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(
        label_review.review_labels(shuffled, None), label_review.review_labels(small, None)
    )


def test_raw_messages_are_judged_by_their_headers_too() -> None:
    right = Dataset("raw", raw_mails(200))
    wrong = some(right, 6)
    table = label_review.review_labels(flipped(right, wrong), None)
    assert set(table["id"].head(6)) == set(wrong)


def test_the_share_that_is_done_is_told() -> None:
    told = Heard()
    label_review.review_labels(dataset(120), None, progress=told)
    assert told.shares == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])


def test_too_few_different_mails_are_refused_in_words() -> None:
    frame = dataset(120).frame
    spam = frame["label"] == "spam"
    copies = frame.assign(body=frame["body"].where(~spam, "buy"))
    copies["subject"] = copies["subject"].where(~spam, "now")
    with pytest.raises(BadData, match="found 1 spam"):
        label_review.review_labels(Dataset("copies", copies), None)
    with pytest.raises(BadData, match="found 0 spam"):
        label_review.review_labels(Dataset("ham", frame[~spam]), None)


def test_decisions_make_a_version_that_names_its_parent() -> None:
    small = dataset(120)
    a, b, c, d = small.frame["id"].head(4)
    new = label_review.apply_decisions(small, {a: "flip", b: "drop", c: "keep", d: "flip"})
    assert new.parent == small.fingerprint
    assert new.correction == "2 labels flipped and 1 mail dropped after review"
    before, after = (x.frame.set_index("id")["label"] for x in (small, new))
    assert b not in after
    assert len(after) == 119
    changed = before.drop(b)[after != before.drop(b)]
    assert set(changed.index) == {a, d}
    assert list(new.frame.columns) == list(small.frame.columns)
    assert small.frame["label"].equals(dataset(120).frame["label"])  # the old one is untouched
    # twice is back again
    assert (
        label_review.apply_decisions(new, {a: "flip", d: "flip"}).correction
        == "2 labels flipped after review"
    )
    back = label_review.apply_decisions(
        label_review.apply_decisions(small, {a: "flip"}), {a: "flip"}
    )
    assert back.fingerprint == small.fingerprint


def test_a_version_that_changes_nothing_or_leaves_too_little_is_refused() -> None:
    small = dataset(120)
    ids = small.frame["id"]
    with pytest.raises(BadData, match="decide about a mail first"):
        label_review.apply_decisions(small, {ids[0]: "keep"})
    with pytest.raises(BadData, match="no longer contains 1 mail that you decided about"):
        label_review.apply_decisions(small, {"gone": "flip"})
    spam = ids[small.frame["label"] == "spam"]
    with pytest.raises(BadData, match="found 19 spam"):
        label_review.apply_decisions(small, dict.fromkeys(spam[:41], "drop"))
    with pytest.raises(BadData, match="all 120 mails here are ham"):
        label_review.apply_decisions(small, dict.fromkeys(spam, "flip"))
