import json
import random
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binomtest
from sklearn.model_selection import StratifiedGroupKFold, TimeSeriesSplit

from pipeline.errors import BadData, BadSpec
from pipeline.mail.dataset import Dataset
from pipeline.similarity import near_duplicates
from pipeline.specs import PARTS, SplitSpec
from pipeline.splits import Split, by_time, grouped, make_split, size, stratified
from pipeline.splits.crossing import count_crossings
from pipeline.splits.folds import make_folds
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
    split = make_split(mail, spec)
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
    assert make_split(turned, SplitSpec()) == make_split(mail, SplitSpec())


def test_the_same_mails_are_sealed_on_every_machine() -> None:
    split = make_split(dataset(40), SplitSpec(seed=7))
    assert split.test == ("m13", "m26", "m32", "m38", "m5", "m9")
    assert split.validation == ("m12", "m19", "m20", "m35", "m37", "m6")
    assert split.fingerprint == "3f8b8e731d9ce653"


def test_another_seed_is_another_split() -> None:
    splits = {make_split(dataset(), SplitSpec(seed=s)).fingerprint for s in (-1, 0, 1, 2**40)}
    assert len(splits) == 4


def test_the_test_mails_do_not_depend_on_the_other_shares() -> None:
    # moving mails between train and validation must not unseal any
    assert (
        make_split(dataset(), SplitSpec(0.70, 0.15, 0.15)).test
        == make_split(dataset(), SplitSpec(0.55, 0.30, 0.15)).test
    )


def test_json_brings_back_the_same_split() -> None:
    split = make_split(dataset(), SplitSpec())
    again = Split.from_dict(json.loads(json.dumps(split.to_dict())))
    assert again == split
    assert again.fingerprint == split.fingerprint


def test_a_class_too_small_for_three_parts_is_refused() -> None:
    with pytest.raises(BadData, match="the train part would contain no spam mail"):
        make_split(dataset(40, share=0.05), SplitSpec())
    with pytest.raises(BadData, match="would contain no ham mail"):
        make_split(dataset(40, share=1.0), SplitSpec())


def with_column(words: list[str | None]) -> Dataset:
    frame = mails(len(words)).sort_values("id", key=lambda c: c.str[1:].astype(int))
    frame["file:part"] = pd.Series(words, dtype="str", index=frame.index)
    return Dataset("small", frame)


COLUMN = SplitSpec(strategy="column", column="part")


def test_a_column_says_where_each_mail_goes_whatever_the_synonym() -> None:
    # the first half of the mails is spam
    words = ["train", "Training ", "valid", "test"] * 2 + ["TRAIN", " dev", "val", "testing"] * 2
    split = make_split(with_column(words), COLUMN)
    assert split.train == ("m0", "m1", "m12", "m4", "m5", "m8")
    assert split.validation == ("m10", "m13", "m14", "m2", "m6", "m9")
    assert split.test == ("m11", "m15", "m3", "m7")


def test_a_column_may_leave_the_test_part_empty_but_not_half_empty() -> None:
    split = make_split(with_column(["train", "validation"] * 4), COLUMN)
    assert split.test == ()
    with pytest.raises(BadData, match="the test part would contain no ham mail"):
        make_split(with_column(["test", *["train", "validation"] * 3, "train"]), COLUMN)
    with pytest.raises(BadData, match="the validation part would contain no ham mail"):
        make_split(with_column(["train", "validation", "test", "train"] + ["train"] * 4), COLUMN)


def test_other_words_in_the_column_are_counted_and_shown() -> None:
    with pytest.raises(BadData, match="in 2 mails it contains another, such as 'holdout'"):
        make_split(with_column(["train", "holdout", "val", None]), COLUMN)
    with pytest.raises(BadData, match="in 1 mail it contains another, such as ''"):
        make_split(with_column(["train", "test", "val", None]), COLUMN)


def test_a_missing_column_is_named_with_those_that_are_there() -> None:
    spec = SplitSpec(strategy="column", column="fold")
    with pytest.raises(BadData, match="'fold' is not in the file; its additional columns are part"):
        make_split(with_column(["train"] * 8), spec)
    with pytest.raises(BadData, match="its additional columns are none"):
        make_split(dataset(), spec)


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
        split = make_split(mail, SplitSpec(seed=seed))
    except BadData:  # one cluster took all the mails of a class that a part needs
        return
    for cluster in plain_clusters(frame):
        assert sum(bool(cluster & set(split.ids(part))) for part in PARTS) == 1
    turned = Dataset("small", frame.sample(frac=1, random_state=seed))
    assert make_split(turned, SplitSpec(seed=seed)) == split


def test_small_clusters_leave_the_shares_as_they_were_asked_for() -> None:
    frame = mails(400)
    frame["body"] = [f"text {int(i[1:]) // 2}" for i in frame["id"]]
    frame["subject"] = ""
    split = make_split(Dataset("small", frame), SplitSpec())
    assert abs(len(split.test) - 60) <= 2
    assert abs(len(split.validation) - 60) <= 2


# grouped


def campaigns(sizes: list[int], n: int = 200, spam: float = 0.5) -> Dataset:
    """Mails of which the first ones are nearly the same text: campaigns of these sizes."""
    frame = mails(n, share=spam).sort_values("id", ignore_index=True)
    dice, at = random.Random(1), 0
    for number, mails_in_it in enumerate(sizes):
        words = [f"word{number}x{i}" for i in range(60)]
        for _ in range(mails_in_it):
            words[dice.randrange(60)] = f"other{dice.random()}"
            frame.loc[at, ["subject", "body"]] = ["offer", " ".join(words[:60])]
            words = [f"word{number}x{i}" for i in range(60)]
            at += 1
    return Dataset("small", frame)


GROUPED = SplitSpec(strategy="grouped")


@pytest.mark.parametrize("sizes", [[2] * 20, [12, 9, 7, 5, 3], [60], [30, 30]])
def test_no_near_duplicates_are_on_two_sides_and_the_shares_are_kept(sizes: list[int]) -> None:
    mail = campaigns(sizes)
    pairs = near_duplicates.find_near_duplicates(near_duplicates.join_texts(mail.frame).tolist())
    split = make_split(mail, GROUPED, pairs)
    found = count_crossings(split, mail.frame["id"].tolist(), pairs, GROUPED.similarity)
    assert (found.validation.pairs, found.test.pairs) == (0, 0)
    assert (found.validation.mails, found.test.mails, found.twins) == (0, 0, ())
    labels = mail.frame.set_index("id")["label"]
    for part, share in zip(PARTS, (0.7, 0.15, 0.15), strict=True):
        for label in ("ham", "spam"):
            got = (labels[list(split.ids(part))] == label).sum()
            assert abs(got - share * (labels == label).sum()) <= 2
    # what is nearly the same is on two sides of the stratified split, and that is counted
    leaky = count_crossings(
        make_split(mail, SplitSpec()),
        mail.frame["id"].tolist(),
        pairs,
        near_duplicates.DEFAULT_SIMILARITY,
    )
    assert leaky.validation.near + leaky.test.near > 0


def test_a_grouped_split_is_the_same_for_any_order_of_rows_and_another_for_another_seed() -> None:
    mail = campaigns([12, 9, 7, 5, 3])
    turned = Dataset("small", mail.frame.sample(frac=1, random_state=1))
    split = make_split(mail, GROUPED)
    assert make_split(turned, GROUPED) == split
    assert make_split(mail, replace(GROUPED, seed=1)).test != split.test
    moved = replace(GROUPED, train=0.6, validation=0.25)
    assert make_split(mail, moved).test == split.test


def test_large_clusters_have_their_share_of_the_test_part() -> None:
    # a deal that fills train first would leave every campaign there
    mail = campaigns([4] * 25)
    large = set(mail.frame["id"].head(100))
    tested = [len(large & set(make_split(mail, replace(GROUPED, seed=s)).test)) for s in range(20)]
    assert 0.35 <= sum(tested) / 20 / 30 <= 0.65  # half of the mails are in campaigns


def test_all_mails_in_one_cluster_cannot_be_grouped() -> None:
    with pytest.raises(
        BadData, match=r"contains 200 of 200 mails\. .+ choose the stratified strategy"
    ):
        make_split(campaigns([200]), GROUPED)


def test_values_of_a_column_stay_together_whatever_their_case() -> None:
    frame = mails(200)
    number = frame["id"].str[1:].astype(int) % 40
    frame["file:list"] = [f" List {k}" if k % 2 else f"list {k}" for k in number]
    frame.loc[frame.index[:20], "file:list"] = None
    mail = Dataset("small", frame)
    split = make_split(mail, replace(GROUPED, column="list"))
    lists = frame.set_index("id")["file:list"].str.strip().str.lower().dropna()
    sides = [set(lists.reindex(list(split.ids(part))).dropna()) for part in PARTS]
    assert len(set.union(*sides)) == sum(map(len, sides))
    assert all(sides)
    with pytest.raises(BadData, match="'nowhere', by which mails were to stay together"):
        make_split(mail, replace(GROUPED, column="nowhere"))


def test_the_default_similarity_is_that_of_the_search() -> None:
    assert SplitSpec().similarity == near_duplicates.DEFAULT_SIMILARITY


# by time

TIME = SplitSpec(strategy="time")


def dated(n: int = 200, ties: int = 1) -> Dataset:
    """Mails of both classes all along, `ties` of them at each moment."""
    frame = mails(n).sort_values("id", ignore_index=True)
    place = pd.Series(range(n)).sample(frac=1, random_state=3).to_numpy() // ties
    frame["date"] = pd.Timestamp("2005-01-01", tz="UTC") + pd.to_timedelta(place, unit="h")
    return Dataset("small", frame)


@pytest.mark.parametrize("ties", [1, 7])
def test_train_is_older_than_validation_and_validation_older_than_test(ties: int) -> None:
    mail = dated(ties=ties)
    split = make_split(mail, TIME)
    date = mail.frame.set_index("id")["date"]
    train, validation, test = (date[list(split.ids(part))] for part in PARTS)
    assert train.max() < validation.min() <= validation.max() < test.min()
    assert abs(len(test) - 30) < ties
    assert abs(len(validation) - 30) < 2 * ties
    assert make_split(Dataset("small", mail.frame[::-1]), TIME) == split


def test_mails_without_a_date_go_to_train() -> None:
    frame = dated().frame
    frame.loc[frame.index[:50], "date"] = pd.NaT
    split = make_split(Dataset("small", frame), TIME)
    assert set(frame["id"].head(50)) <= set(split.train)
    assert len(split.test) == round(150 * 0.15)
    assert by_time.count_undated(frame) == 50


def test_too_few_dates_and_classes_of_other_times_are_refused() -> None:
    frame = dated().frame
    with pytest.raises(BadData, match="at least three different dates; there are 2"):
        make_split(Dataset("small", frame.assign(date=frame["date"].dt.floor("200h"))), TIME)
    with pytest.raises(BadData, match="part would contain no spam mail at all; ham and spam are"):
        make_split(dataset(200), TIME)


# folds


@pytest.mark.parametrize("strategy", ["stratified", "grouped"])
def test_folds_are_disjoint_balanced_and_keep_clusters_whole(strategy: str) -> None:
    mail = campaigns([12, 9, 7, 5, 3], n=300, spam=0.4)
    spec = SplitSpec(strategy=strategy)
    split = make_split(mail, spec)
    found = make_folds(mail, split, 5)
    assert sorted(i for _, held in found for i in held) == sorted(split.train)
    train = mail.frame[mail.frame["id"].isin(split.train)]
    clusters = (
        grouped.assign_clusters(train, spec)
        if strategy == "grouped"
        else stratified.assign_clusters(train)
    )
    of = dict(zip(train["id"], clusters, strict=True))
    spam = train.set_index("id")["label"] == "spam"
    ours = []
    for learn, held in found:
        assert set(learn) | set(held) == set(split.train)
        assert not {of[i] for i in learn} & {of[i] for i in held}
        ours.append(spam[list(held)].mean())
    sklearn = StratifiedGroupKFold(5).split(train, spam, clusters)
    theirs = [spam.iloc[held].mean() for _, held in sklearn]
    assert max(abs(s - spam.mean()) for s in ours) <= max(
        0.02, max(abs(s - spam.mean()) for s in theirs)
    )
    turned = Dataset("small", mail.frame.sample(frac=1, random_state=1))
    assert make_folds(turned, split, 5) == found


def test_folds_by_time_are_those_of_scikit_learn() -> None:
    mail = dated()
    split = make_split(mail, TIME)
    train = mail.frame[mail.frame["id"].isin(split.train)].sort_values("date")["id"].to_numpy()
    expected = [
        (tuple(sorted(train[learn])), tuple(sorted(train[held])))
        for learn, held in TimeSeriesSplit(4).split(train)
    ]
    assert make_folds(mail, split, 4) == expected


def test_folds_that_cannot_be_are_refused() -> None:
    mail = dataset(60)
    split = make_split(mail, SplitSpec())
    with pytest.raises(BadSpec, match="k: expected a whole number from 2 to 20"):
        make_folds(mail, split, 1)
    few = dataset(60, share=0.1)
    with pytest.raises(BadData, match="5 folds that each contain spam mails"):
        make_folds(few, make_split(few, SplitSpec()), 5)
    same = dated(ties=40)
    with pytest.raises(BadData, match="5 folds by time need"):
        make_folds(same, make_split(same, TIME), 5)


def test_what_so_many_mails_can_show() -> None:
    assert size.compute_smallest_rate(300) == pytest.approx(3 / 300, rel=0.01)
    assert size.compute_smallest_rate(299) == pytest.approx(beta.ppf(0.95, 1, 299))
    assert size.compute_smallest_rate(0) == size.compute_recall_width(0) == 1
    low, high = binomtest(90, 100).proportion_ci(method="wilson")
    assert size.compute_recall_width(100) == pytest.approx(high - low, rel=1e-6)
    assert len(size.list_warnings(10, 10)) == 2
    assert size.list_warnings(3000, 300) == []
    assert "1,000 ham" in size.describe_claims(1000, 100)


def test_the_default_similarity_is_that_of_the_search_for_near_duplicates() -> None:
    # the specs lie below the search and cannot ask it
    assert SplitSpec().similarity == near_duplicates.DEFAULT_SIMILARITY
    with pytest.raises(BadSpec, match="similarity"):
        SplitSpec(similarity=near_duplicates.LOWEST_SIMILARITY - 0.01)
