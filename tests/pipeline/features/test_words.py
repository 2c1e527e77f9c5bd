import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.feature_selection import chi2

from pipeline.features.vocabulary import pack_words, unpack_words
from pipeline.features.words import LONGEST_WORD, Words
from tests.mails import mails


def frame(*bodies: str) -> pd.DataFrame:
    return pd.DataFrame({"subject": [""] * len(bodies), "body": list(bodies)}, dtype=object)


def words_of(block: Words) -> list[str]:
    return block.describe(np.arange(block.width), frame())


@pytest.mark.parametrize("longest", [1, 2])
@pytest.mark.parametrize("min_mails", [1, 2, 5])
def test_it_agrees_with_scikit_learns_tf_idf(longest: int, min_mails: int) -> None:
    train, other = mails(60, seed=1), mails(20, seed=2)
    block = Words(longest=longest, min_mails=min_mails).fit(train)
    theirs = TfidfVectorizer(
        ngram_range=(1, longest), min_df=min_mails, token_pattern=r"\w+", sublinear_tf=True
    ).fit(train["subject"] + "\n" + train["body"])
    names = [name.strip("“”") for name in words_of(block)]
    assert sorted(names) == theirs.get_feature_names_out().tolist()
    order = [theirs.vocabulary_[name] for name in names]
    for some in (train, other):
        expected = theirs.transform(some["subject"] + "\n" + some["body"])[:, order]
        assert abs(block.transform(some) - expected).max() < 1e-6


def test_the_best_by_chi_squared_are_kept() -> None:
    train = mails(60, seed=1)
    labels = (train["label"] == "spam").astype(int).tolist()
    vectorizer = CountVectorizer(min_df=2, token_pattern=r"\w+", binary=True)
    counts = vectorizer.fit_transform(train["subject"] + "\n" + train["body"])
    scores, _ = chi2(counts, labels)
    best = vectorizer.get_feature_names_out()[np.argsort(-scores, kind="stable")[:10]]
    block = Words(longest=1, top=10).fit(train, labels)
    assert words_of(block) == [f"“{word}”" for word in sorted(best)]


def test_without_labels_or_with_one_class_the_most_frequent_are_kept() -> None:
    common = [f"common{i}" for i in range(10)]
    train = frame(*[" ".join(common)] * 3, "rare word", "rare word")
    for labels in (None, [0] * 5, [1] * 5):
        assert words_of(Words(longest=1, top=10).fit(train, labels)) == [f"“{w}”" for w in common]


def test_pairs_do_not_cross_mails_or_rare_words() -> None:
    block = Words().fit(frame("a b", "b a", "a b x", "b y a"))
    assert words_of(block) == ["“a”", "“b”", "“a b”"]
    # "a z b" holds a word that train does not know: its neighbours are no pair
    assert block.transform(frame("a z b")).indices.tolist() == [0, 1]
    assert block.transform(frame("a", "b"))[:, 2].nnz == 0


def test_a_pair_may_be_kept_without_its_words() -> None:
    bodies = ["free money", "money free", "free", "money"] * 5
    labels = [1, 0, 0, 0] * 5
    train = frame(*(f"{b} {' '.join(f'w{i}' for i in range(9))}" for b in bodies))
    block = Words(top=10).fit(train, labels)
    restored = Words(top=10).restore(block.state())
    assert "“free money”" in words_of(restored)
    assert (restored.transform(train) != block.transform(train)).nnz == 0


def test_capitals_long_words_and_what_comes_late_do_not_count() -> None:
    block = Words(longest=1, first=100).fit(frame("Free " + "x" * 60, "FREE " + "x" * 70))
    assert words_of(block) == ["“free”", f"“{'x' * LONGEST_WORD}”"]
    assert block.transform(frame("y " * 50 + "free")).nnz == 0


@given(st.lists(st.text(min_size=1).filter(lambda word: "\n" not in word)))
def test_a_vocabulary_survives_packing(words: list[str]) -> None:
    words = [*words, "half \ud800", "\0"]
    assert pack_words(words).dtype == np.uint8
    assert unpack_words(pack_words(words)) == words
    assert unpack_words(pack_words([])) == []
