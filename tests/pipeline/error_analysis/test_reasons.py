"""Each reason on mails that are made to have it, or not to."""

import time

import numpy as np
import pandas as pd
import pytest

from pipeline.error_analysis import reasons, suspects, twins
from pipeline.error_analysis.reasons import REASONS, MailFacts
from pipeline.similarity.near_duplicates import find_near_duplicates, join_texts
from pipeline.slices import properties
from tests.mails import mails

LONG = "please read the minutes of our meeting and send me your comments until monday evening"


def frame(
    *bodies: str, subjects: tuple[str, ...] = (), days: tuple[float, ...] = ()
) -> pd.DataFrame:
    """Mails of these texts, sent so many days after the first of January."""
    n = len(bodies)
    start = pd.Timestamp("2025-01-01", tz="UTC")
    return pd.DataFrame(
        {
            "id": [f"m{i}" for i in range(n)],
            "subject": list(subjects) or [""] * n,
            "body": list(bodies),
            "sender": pd.Series([None] * n, dtype="str"),
            "date": [start + pd.Timedelta(days=d) for d in days] if days else pd.NaT,
        }
    )


def held(facts: MailFacts, name: str) -> list[bool]:
    values = reasons.compute_reasons(facts)
    return reasons.check_reasons(values)[name].tolist()


def test_short_text_counts_words_of_subject_and_text() -> None:
    facts = MailFacts(
        frame("call me", LONG, "one two three four five six", subjects=("", "", "a b c d e"))
    )
    assert reasons.compute_reasons(facts)["short text"].tolist() == [2, 15, 11]
    assert held(facts, "short text") == [True, False, False]


def test_unseen_words_are_those_of_no_train_mail() -> None:
    train = frame(LONG)
    facts = MailFacts(
        frame(*[LONG] * 18, LONG + " quetzal", "quetzal axolotl minutes"), train=train
    )
    values = reasons.compute_reasons(facts)["unseen words"]
    assert values[0] == 0
    assert values[19] == pytest.approx(2 / 3)
    assert held(facts, "unseen words") == [False] * 19 + [True]


def test_numbers_and_signs_are_no_words() -> None:
    facts = MailFacts(frame("12345 !!!"), train=frame(LONG))
    assert np.isnan(reasons.compute_reasons(facts)["unseen words"][0])
    assert held(facts, "unseen words") == [False]


def test_newsletters_replies_and_forwards_are_told_as_by_the_slices() -> None:
    some = frame(
        LONG, "Our news. Unsubscribe here.", LONG, subjects=("Re: minutes", "News", "Fwd: minutes")
    )
    facts = MailFacts(some, properties=properties.compute_properties(some))
    assert held(facts, "newsletter-like") == [False, True, False]
    assert reasons.compute_reasons(facts)["reply or forward"].tolist() == ["reply", "", "forward"]
    assert held(facts, "reply or forward") == [True, False, True]


def test_a_mail_newer_than_all_train_mails_drifts() -> None:
    facts = MailFacts(
        frame(LONG, LONG, days=(10, 30 + 365.25 / 12)), train=frame(LONG, LONG, days=(0, 30))
    )
    assert reasons.compute_reasons(facts)["newer than train"].tolist() == pytest.approx([0, 1])
    assert held(facts, "newer than train") == [False, True]


def test_in_a_split_by_time_the_later_half_drifts() -> None:
    facts = MailFacts(frame(*[LONG] * 4, days=(40, 50, 60, 70)), train=frame(LONG, days=(30,)))
    assert held(facts, "newer than train") == [False, False, True, True]


def test_without_dates_nothing_is_said_of_drift() -> None:
    assert "newer than train" not in reasons.compute_reasons(
        MailFacts(frame(LONG), train=frame(LONG))
    )


def test_another_language_is_one_that_few_train_mails_have() -> None:
    german = "das ist nicht für die anderen und der mit dem auf von zu ein eine"
    russian = "это письмо написано по-русски"
    facts = MailFacts(frame(LONG, german, russian), train=frame(*[LONG] * 12))
    assert reasons.compute_reasons(facts)["other language"].tolist() == ["", "German", "Cyrillic"]
    usual = MailFacts(frame(LONG, german), train=frame(*[LONG] * 8, german))
    assert held(usual, "other language") == [False, False]


def test_a_long_mail_is_cut_off_after_the_bytes_that_the_model_reads() -> None:
    facts = MailFacts(frame("x" * 999, "x" * 1999, "é" * 999), first=1000)
    # a line break parts subject and text
    assert reasons.compute_reasons(facts)["cut off"].tolist() == pytest.approx(
        [0, 0.5, 1 - 1000 / 1999]
    )


def test_reasons_of_scores() -> None:
    spam = np.array([True, True, False, False])
    facts = MailFacts(
        frame(*[LONG] * 4),
        spam=spam,
        scores=np.array([0.45, 0.1, 0.9, 0.2]),
        others={
            "a": np.array(["ham", "spam", "spam", "ham"]),
            "b": np.array(["ham", "ham", "spam", "spam"]),
        },
    )
    assert held(facts, "near the threshold") == [True, False, False, False]
    assert held(facts, "models disagree") == [False, True, False, True]
    assert held(facts, "wrong in all models") == [True, False, True, False]


def test_a_suspicious_label_is_that_of_the_review() -> None:
    listed = pd.DataFrame(
        {"id": ["m2", "m0", "m1"], "quality": [0.1, 0.3, 0.2], "suspicious": [True, False, False]}
    )
    assert suspects.read_suspicion(listed, ["m0", "m1", "m2", "m9"]).tolist() == pytest.approx(
        [0, 0, 0.9, 0]
    )


def test_a_suspicious_label_by_scores_is_a_sure_error() -> None:
    dice = np.random.default_rng(0)
    spam = np.arange(200) < 80
    scores = np.clip(np.where(spam, 0.95, 0.05) + dice.normal(0, 0.02, 200), 0, 1)
    scores[[3, 150]] = 0.01, 0.99
    found = suspects.estimate_suspicion(spam, scores)
    assert np.flatnonzero(found).tolist() == [3, 150]
    assert found[[3, 150]].tolist() == pytest.approx([0.99, 0.99])


def test_one_class_has_no_suspicious_label() -> None:
    assert not suspects.estimate_suspicion(np.ones(3, bool), np.array([0.1, 0.5, 0.9])).any()


def test_a_contradiction_is_a_near_duplicate_in_train_with_the_other_label() -> None:
    other = (
        "quite another mail about trains and lunch with anna and ben and carla on friday at noon"
    )
    # 0 validation; 1 its copy in train, other label; 2 a copy of the copy, validation, own label
    # of train; 3 validation, nearly the same; 4 nothing like it; 5 train, like 4, same label
    texts = [LONG, LONG, LONG, LONG.replace("evening", "morning"), other, other]
    spam = np.array([True, False, False, True, True, True])
    train = np.array([False, True, False, False, False, True])
    pairs = find_near_duplicates(texts)
    found = twins.find_contradicting_twins(pairs, spam, train)
    assert found[[0, 2, 4]].tolist() == [1, 0, 0]
    assert 0.8 < found[3] < 1


def test_a_contradiction_between_two_labels_of_one_text_in_train() -> None:
    pairs = find_near_duplicates([LONG] * 3)
    found = twins.find_contradicting_twins(
        pairs, np.array([True, False, True]), np.array([True, True, False])
    )
    assert found.tolist() == [1, 1, 1]


def test_reasons_are_told_in_words_and_only_those_that_hold() -> None:
    facts = MailFacts(frame("call me", LONG), first=60)
    told = reasons.describe_reasons(reasons.compute_reasons(facts))
    assert told == ["short text (2 words)", "cut off (30% unread)"]
    assert pd.Series(told).str.contains(reasons.build_pattern("cut off")).tolist() == [False, True]
    assert (
        not pd.Series(["cut off, wrong in all models"])
        .str.contains(reasons.build_pattern("off"))
        .any()
    )


def test_every_reason_gives_a_value_for_each_mail_and_says_it() -> None:
    some, rising = mails(60), np.linspace(0, 1, 60)
    facts = MailFacts(
        some,
        properties=properties.compute_properties(some),
        train=some,
        twins=rising,
        spam=(some["label"] == "spam").to_numpy(),
        scores=rising,
        others={"other": some["label"].to_numpy(object)},
        suspicion=rising,
        first=50,
    )
    found = reasons.compute_reasons(facts)
    # all of these mails are alike in being no replies
    assert set(REASONS) - {*found} <= {"reply or forward"}
    assert (reasons.check_reasons(found).index == some.index).all()
    assert len(reasons.describe_reasons(found)) == 60


def test_5000_mails_take_seconds() -> None:
    words = [f"word{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}" for i in range(600)]
    dice = np.random.default_rng(0)
    texts = [" ".join(dice.choice(words, 150)) for _ in range(200)] * 25
    some = frame(*texts)
    start = time.process_time()
    reasons.compute_reasons(MailFacts(some, train=some, first=4000))
    assert time.process_time() - start < 4
    assert join_texts(some).str.len().mean() > 1000
