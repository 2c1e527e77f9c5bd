import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dataset import Dataset
from pipeline.errors import BadData
from pipeline.specs import PARTS, SplitSpec
from pipeline.splits import Split, make
from tests.mails import dataset, mails

shares = st.tuples(*[st.integers(5, 100)] * 3).map(lambda s: [n / sum(s) for n in s])


@given(shares, st.integers(), st.integers(40, 300), st.floats(0.2, 0.8))
def test_parts_are_disjoint_complete_and_stratified_within_one_mail(
    parts: list[float], seed: int, n: int, share: float
) -> None:
    if min(parts) * n * min(share, 1 - share) < 1:
        return  # too few mails for the shares; make() refuses or rounds up to one
    spec = SplitSpec(*parts, seed=seed)
    mail = dataset(n, share=share)
    split = make(mail, spec)
    every = [i for part in PARTS for i in split.ids(part)]
    assert sorted(every) == sorted(mail.frame["id"])
    labels = mail.frame.set_index("id")["label"]
    for part, wanted in zip(PARTS, parts, strict=True):
        for label in ("ham", "spam"):
            got = (labels[list(split.ids(part))] == label).sum()
            # train takes what the rounding of the other two leaves
            assert abs(got - wanted * (labels == label).sum()) <= 1


def test_the_order_of_rows_does_not_matter() -> None:
    mail = dataset()
    turned = Dataset("small", mail.frame.iloc[::-1].reset_index(drop=True))
    assert make(turned, SplitSpec()) == make(mail, SplitSpec())


def test_the_same_mails_are_sealed_on_every_machine() -> None:
    split = make(dataset(40), SplitSpec(seed=7))
    assert split.test == ("m13", "m26", "m32", "m38", "m5", "m9")
    assert split.validation == ("m12", "m19", "m20", "m35", "m37", "m6")
    assert split.fingerprint == "3f8b8e731d9ce653"


def test_another_seed_is_another_split() -> None:
    splits = {make(dataset(), SplitSpec(seed=s)).fingerprint for s in (-1, 0, 1, 2**40)}
    assert len(splits) == 4


def test_the_test_mails_do_not_depend_on_the_other_shares() -> None:
    # moving mails between train and validation must not unseal any
    assert (
        make(dataset(), SplitSpec(0.70, 0.15, 0.15)).test
        == make(dataset(), SplitSpec(0.55, 0.30, 0.15)).test
    )


def test_json_brings_back_the_same_split() -> None:
    split = make(dataset(), SplitSpec())
    again = Split.from_dict(json.loads(json.dumps(split.to_dict())))
    assert again == split
    assert again.fingerprint == split.fingerprint


def test_a_class_too_small_for_three_parts_is_refused() -> None:
    with pytest.raises(BadData, match="the train part would hold no spam mail"):
        make(dataset(40, share=0.05), SplitSpec())
    with pytest.raises(BadData, match="would hold no ham mail"):
        make(dataset(40, share=1.0), SplitSpec())


def with_column(words: list[str | None]) -> Dataset:
    frame = mails(len(words)).sort_values("id", key=lambda c: c.str[1:].astype(int))
    frame["file:part"] = pd.Series(words, dtype="str", index=frame.index)
    return Dataset("small", frame)


COLUMN = SplitSpec(strategy="column", column="part")


def test_a_column_says_where_each_mail_goes_whatever_the_synonym() -> None:
    # the first half of the mails is spam
    words = ["train", "Training ", "valid", "test"] * 2 + ["TRAIN", " dev", "val", "testing"] * 2
    split = make(with_column(words), COLUMN)
    assert split.train == ("m0", "m1", "m12", "m4", "m5", "m8")
    assert split.validation == ("m10", "m13", "m14", "m2", "m6", "m9")
    assert split.test == ("m11", "m15", "m3", "m7")


def test_a_column_may_leave_the_test_part_empty_but_not_half_empty() -> None:
    split = make(with_column(["train", "validation"] * 4), COLUMN)
    assert split.test == ()
    with pytest.raises(BadData, match="the test part would hold no ham mail"):
        make(with_column(["test", *["train", "validation"] * 3, "train"]), COLUMN)
    with pytest.raises(BadData, match="the validation part would hold no ham mail"):
        make(with_column(["train", "validation", "test", "train"] + ["train"] * 4), COLUMN)


def test_other_words_in_the_column_are_counted_and_shown() -> None:
    with pytest.raises(BadData, match="2 mails hold others, such as 'holdout'"):
        make(with_column(["train", "holdout", "val", None]), COLUMN)
    with pytest.raises(BadData, match="1 mails hold others, such as ''"):
        make(with_column(["train", "test", "val", None]), COLUMN)


def test_a_missing_column_is_named_with_those_that_are_there() -> None:
    spec = SplitSpec(strategy="column", column="fold")
    with pytest.raises(BadData, match="'fold' is not in the file; its spare columns are part"):
        make(with_column(["train"] * 8), spec)
    with pytest.raises(BadData, match="its spare columns are none"):
        make(dataset(), spec)


def plain_clusters(frame: pd.DataFrame) -> list[set[str]]:
    """Mails that hang together through a text or a group, by repeated joining."""
    joined = [
        set(ids)
        for by in (["subject", "body"], ["group"])
        for ids in frame.groupby(by)["id"].agg(list)
    ]
    done: list[set[str]] = []
    while joined:
        cluster = joined.pop()
        while near := [other for other in joined if other & cluster]:
            cluster = cluster.union(*near)
            joined = [other for other in joined if other not in near]
        done.append(cluster)
    return done


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.none() | st.integers(0, 20)), min_size=60, max_size=60
    ),
    st.integers(0, 5),
)
def test_no_text_and_no_group_is_on_two_sides(pairs, seed: int) -> None:
    frame = mails(60)
    frame["subject"] = ""
    frame["body"] = [f"text {text}" for text, _ in pairs]
    groups = [None if group is None else f"g{group}" for _, group in pairs]
    frame["group"] = pd.Series(groups, dtype="str")
    mail = Dataset("small", frame)
    try:
        split = make(mail, SplitSpec(seed=seed))
    except BadData:  # one cluster took all the mails of a class that a part needs
        return
    for cluster in plain_clusters(frame):
        assert sum(bool(cluster & set(split.ids(part))) for part in PARTS) == 1
    turned = Dataset("small", frame.sample(frac=1, random_state=seed))
    assert make(turned, SplitSpec(seed=seed)) == split


def test_small_clusters_leave_the_shares_as_they_were_asked_for() -> None:
    frame = mails(400)
    frame["body"] = [f"text {int(i[1:]) // 2}" for i in frame["id"]]
    frame["subject"] = ""
    split = make(Dataset("small", frame), SplitSpec())
    assert abs(len(split.test) - 60) <= 2
    assert abs(len(split.validation) - 60) <= 2
