"""Words of label columns, and what 1 means."""

import pandas as pd
import pytest

from pipeline.intake.labels import asks_for_ham, explain_labels, guess_labels, interpret_word


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("ham HAM Ham hams 0 0.0 0.00 -1 false False no legit Legitimate normal good inbox", "ham"),
        ("notspam not-spam not_spam non-spam NonSpam nonspam safe clean nein", "ham"),
        ("spam Spam SPAMS 1 1.0 +1 true TRUE yes junk phishing scam fraud unsolicited bad", "spam"),
        ("spam_2 Spam-2002 junk_mail bulk_mail .Spam Junk", "spam"),
        ("easy_ham easy_ham_2 hard_ham INBOX Sent Posteingang archive", "ham"),
        ("0_5 spam_0 v2 20030228", None),
        ("smishing ja oui sí pourriel", "spam"),
        ("maybe 2 10 unknown spammy -0.5 ham/spam n/a", None),
    ],
)
def test_one_word(words: str, label: str | None) -> None:
    assert {word: interpret_word(word) for word in words.split()} == dict.fromkeys(
        words.split(), label
    )


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("  not  spam ", "ham"),
        ("Safe Email", "ham"),
        ("Phishing Email", "spam"),
        ("spam emails", "spam"),
        ("ham e-mails", "ham"),
        ("not junk", "ham"),
        ("kein Spam", "ham"),
        ("not legitimate", "spam"),
        ("correo no deseado", "spam"),
        ("Junk E-Mail", "spam"),
        ("Posta indesiderata", "spam"),
        ("Posta in arrivo", "ham"),
        ("Bandeja de entrada", "ham"),
        ("Sent Items", "ham"),
        ("Gesendete Elemente", "ham"),
        ("not 1", None),
        ("", None),
        ("spam and eggs", None),
    ],
)
def test_several_words(word: str, label: str | None) -> None:
    assert interpret_word(word) == label


def test_words_keep_their_spelling_and_the_unknown_are_listed() -> None:
    values = pd.Series([" Ham", "ham", "SPAM ", "who knows", "who knows", "?", "", None])
    assert guess_labels(values) == (
        {"ham": "ham", "Ham": "ham", "SPAM": "spam"},
        ["who knows", "?"],
    )


@pytest.mark.parametrize("name", ["ham", "is_ham", "Not Spam", "not_spam", "legitimate"])
def test_in_a_column_that_asks_for_ham_one_means_ham(name: str) -> None:
    assert asks_for_ham(name)
    assert guess_labels(pd.Series(["1", "0"], name=name))[0] == {"1": "ham", "0": "spam"}
    assert guess_labels(pd.Series(["ham", "spam"], name=name))[0] == {"ham": "ham", "spam": "spam"}


@pytest.mark.parametrize("name", ["spam", "label", "is_spam", "0", None, "Spam/Ham", "class", 0])
def test_elsewhere_one_means_spam(name: object) -> None:
    assert not asks_for_ham(name)
    assert guess_labels(pd.Series(["1", "0"], name=name))[0] == {"1": "spam", "0": "ham"}


def test_ones_and_zeros_are_explained() -> None:
    assert explain_labels({"1": "spam", "0": "ham"}) == "The labels were read as 0 = ham, 1 = spam."
    assert explain_labels({"ham": "ham", "spam": "spam"}) is None
