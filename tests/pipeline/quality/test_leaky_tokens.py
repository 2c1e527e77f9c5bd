"""Planted giveaways are found, good words and rare words are not, and the bound is Wilson's."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from pipeline.quality import leaky_tokens
from tests.mails import mails


def corpus(n: int = 1200) -> tuple[list[str], pd.Series]:
    """Bodies of mails of which no word belongs to one class only."""
    frame = mails(n)
    return [f"{s}\n{b}" for s, b in zip(frame["subject"], frame["body"], strict=True)], frame[
        "label"
    ]


def plant(texts: list[str], labels: pd.Series, label: str, n: int, words: str) -> None:
    """Write words below the first n mails of a class."""
    for i in np.flatnonzero(labels == label)[:n]:
        texts[i] += f"\n{words}"


def test_words_that_both_classes_have_are_not_listed() -> None:
    texts, labels = corpus()
    found = leaky_tokens.find_leaky_tokens(pd.Series(texts), labels)
    assert found.empty
    assert tuple(found.columns) == leaky_tokens.COLUMNS


def test_a_footer_and_a_name_are_found_with_their_counts() -> None:
    texts, labels = corpus()
    plant(texts, labels, "ham", 240, "Dear Daren")
    plant(texts, labels, "spam", 60, "sightings@lists.example.net mailing-list")
    found = leaky_tokens.find_leaky_tokens(pd.Series(texts), labels)
    assert list(found["token"]) == ["daren", "mailing-list"]  # the strongest first
    assert list(found["label"]) == ["ham", "spam"]
    assert list(found["mails"]) == [240, 60]
    assert list(found["exceptions"]) == [0, 0]
    assert list(found["share"]) == [0.4, 0.1]
    # told once with what stands in the same mails; no pair of a word that is listed itself
    assert list(found["also"]) == ["dear", "sightings@lists.example.net"]


def test_a_pair_is_found_whose_words_are_harmless() -> None:
    texts, labels = corpus()
    plant(texts, labels, "ham", 100, "Kind, regards")
    plant(texts, labels, "spam", 100, "kind of regards")
    found = leaky_tokens.find_leaky_tokens(pd.Series(texts), labels)
    assert found[["token", "label", "also"]].to_numpy().tolist() == [
        ["kind of", "spam", ""],
        ["kind regards", "ham", ""],
    ]


@pytest.mark.parametrize(
    ("mails_with_it", "exceptions", "listed"),
    [(19, 0, False), (30, 0, True), (300, 3, True), (300, 4, False), (29, 0, False)],
)
def test_how_many_and_how_few_exceptions(mails_with_it, exceptions, listed) -> None:
    texts, labels = corpus()  # 600 of each class, 5 % are 30 mails
    plant(texts, labels, "spam", mails_with_it, "enron")
    plant(texts, labels, "ham", exceptions, "enron")
    assert (
        "enron" in list(leaky_tokens.find_leaky_tokens(pd.Series(texts), labels)["token"])
    ) == listed


def test_none_of_a_small_class_is_no_evidence() -> None:
    frame = mails(1000, share=0.03)
    texts = list(frame["body"])
    plant(texts, frame["label"], "ham", 100, "enron")
    # none of 30 spam mails, but up to 8 % of all spam may have it, and 10 % of ham do
    assert leaky_tokens.find_leaky_tokens(pd.Series(texts), frame["label"]).empty


def test_the_bound_is_wilsons() -> None:
    for k, n in ((0, 30), (0, 747), (3, 600), (50, 60), (60, 60)):
        # the upper end of the two-sided 90 % interval
        trusted = binomtest(k, n).proportion_ci(0.9, method="wilson").high
        assert leaky_tokens._compute_upper_bound(np.array([k / n]), n)[0] == pytest.approx(
            trusted, abs=1e-4
        )


def test_large_classes_are_sampled_and_long_mails_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, labels = corpus()
    plant(texts, labels, "ham", 600, "enron")
    plant(texts, labels, "spam", 600, "x" * 3000 + " hpl")
    monkeypatch.setattr(leaky_tokens, "MOST_MAILS", 200)
    found = leaky_tokens.find_leaky_tokens(pd.Series(texts), labels)
    assert list(found["token"]) == ["enron"]
    assert list(found["mails"]) == [200]
    again = leaky_tokens.find_leaky_tokens(pd.Series(texts), labels)
    pd.testing.assert_frame_equal(found, again)


@pytest.mark.parametrize("text", ["", "... !!!", None])
def test_mails_without_words(text: str | None) -> None:
    labels = pd.Series(["ham", "spam"] * 50)
    assert leaky_tokens.find_leaky_tokens(pd.Series([text] * 100), labels).empty


def test_a_class_without_mails() -> None:
    assert leaky_tokens.find_leaky_tokens(pd.Series(["enron"] * 50), pd.Series(["ham"] * 50)).empty
    assert leaky_tokens.find_leaky_tokens(pd.Series([], dtype=str), pd.Series([], dtype=str)).empty
