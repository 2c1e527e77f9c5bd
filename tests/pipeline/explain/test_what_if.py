"""Rescoring is the model's own answer, differences add up, and no word of a cut can be spared."""

import functools
from itertools import product

import numpy as np
import pandas as pd
import pytest

from pipeline import features, models
from pipeline.evaluation.operating_point import HALF, OperatingPoint
from pipeline.explain import smallest_cut, what_if, why
from pipeline.export.bundle import Bundle
from pipeline.specs import BlockSpec, FeatureSpec, ModelSpec
from tests.mails import raw_mails
from tests.pipeline.features.test_contract import hostile

from .test_why import ALL, TEXT, bundle

KINDS = ("logistic", "naive_bayes", "relu", "deep")


def mail(subject: str, body: str, **more: str) -> pd.DataFrame:
    return hostile({"subject": subject, "body": body, **more})


@pytest.mark.parametrize("kind", KINDS)
def test_the_score_is_that_of_the_bundle_and_the_difference_adds_up(kind: str) -> None:
    model = bundle(kind, ALL if kind == "logistic" else TEXT)
    some = raw_mails(2, seed=3)
    texts = [
        ("", ""),
        ("meeting", "agenda of the budget\nminutes"),
        ("FREE pills", "casino casino http://www.casino.example.com/ click\n" * 3),
        ("half \ud800", "a character"),
    ]
    for i, (subject, body) in product(range(len(some)), texts):
        one = some.iloc[[i]]
        found = what_if.rescore(model, one, subject, body)
        other = one.assign(subject=[subject.replace("\ud800", "?")], body=[body])
        assert found.after.score == pytest.approx(float(model.score(other)[0]), abs=1e-12)
        assert found.before.score == pytest.approx(float(model.score(one)[0]), abs=1e-12)
        parts = found.gone + found.come + found.kept + found.others + found.residual
        assert parts == pytest.approx(found.total, abs=1e-9)


def test_the_same_text_makes_no_difference() -> None:
    one = raw_mails(4).iloc[[1]]
    found = what_if.rescore(bundle("logistic"), one, one["subject"].iloc[0], one["body"].iloc[0])
    assert found.total == 0
    assert found.words.empty
    assert (found.gone, found.come, found.kept, found.others) == (0, 0, 0, 0)


def test_what_is_put_in_and_taken_out_is_named() -> None:
    one = mail("notes", "the agenda of the meeting is casino casino")
    found = what_if.rescore(bundle("logistic", TEXT), one, "notes", "the agenda and lottery casino")
    rows = found.words.set_index("piece")
    assert rows.loc["meeting", ["times_before", "times_after"]].tolist() == [1, 0]
    assert rows.loc["casino", ["times_before", "times_after"]].tolist() == [2, 1]
    assert rows.loc["lottery", ["times_before", "times_after"]].tolist() == [0, 1]
    assert rows.loc["lottery", "change"] > 0 > rows.loc["casino", "change"]
    assert rows["change"].abs().is_monotonic_decreasing
    assert found.come > 0


def test_headers_and_sender_stay() -> None:
    one = mail("a", "b", headers="X-Mailer: Bulk 3000", sender="Shop <shop@example.com>")
    other = what_if.edit_mail(one, [("c", "d"), ("e", "f")])
    assert other["headers"].tolist() == ["X-Mailer: Bulk 3000"] * 2
    assert other["sender"].tolist() == ["Shop <shop@example.com>"] * 2
    assert other[["subject", "body"]].to_numpy().tolist() == [["c", "d"], ["e", "f"]]


# a planted model: a word's weight is known


@functools.cache
def planted(scale: float = 1.0) -> Bundle:
    """Log-odds = 1 + the sum of the weights of the known words, each counted once."""
    weights = {"casino": 3.0, "pills": 2.0, "bonus": 1.0, "click": 0.5, "meeting": -2.0}
    rest = dict.fromkeys(("the", "a", "to"), 0.0)
    spec = FeatureSpec((BlockSpec("words", {"longest": 1, "min_mails": 1, "scale": scale}),))
    text = " ".join([*weights, *rest])
    fitted = features.build(spec).fit(mail("", text))
    model = models.build(ModelSpec("logistic"))
    order = fitted.blocks[0][1].describe(np.arange(fitted.width), mail("", text))
    found = {name.strip("“”"): i for i, name in enumerate(order)}
    array = np.zeros(fitted.width, np.float32)
    for word, weight in weights.items():
        array[found[word]] = weight
    model.restore({"weights": array, "bias": np.array([-0.5]), "calibration": np.array([1.0, 0.0])})
    return Bundle(fitted, model, spec, ModelSpec("logistic"), HALF)


def needs_all(model: Bundle, one: pd.DataFrame, cut: smallest_cut.Cut, threshold: float) -> bool:
    """Whether the mail stays what it is called when any one word of the cut stays in it."""
    text = f"{one['subject'].iloc[0]}\n{one['body'].iloc[0]}"
    is_spam = cut.score >= threshold
    for word in cut.words["piece"].str.lower():
        spans = [s for s in cut.spans if text[s[0] : s[1]].lower() != word]
        subject, _, body = smallest_cut.remove_spans(text, spans).partition("\n")
        score = model.score(what_if.edit_mail(one, [(subject, body)]))[0]
        if (score >= threshold) != is_spam:
            return False
    return True


def test_the_one_word_that_decides_is_found() -> None:
    one = mail("the casino", "a meeting to the Casino, a")
    cut = smallest_cut.find_smallest_cut(planted(), one, HALF)
    assert cut.flips
    assert cut.minimal
    assert cut.words["piece"].tolist() == ["casino"]
    assert cut.words["times"].tolist() == [2]
    assert (cut.subject, cut.body) == ("the ", "a meeting to the , a")
    assert cut.score >= 0.5 > cut.score_after
    assert cut.score_after == planted().score(mail(cut.subject, cut.body))[0]


def test_a_word_that_is_not_needed_is_put_back() -> None:
    # the most of what speaks for spam is removed first; the rest then has to be little enough
    for body in ("casino pills bonus click", "pills bonus click the", "casino click click"):
        one = mail("", body)
        cut = smallest_cut.find_smallest_cut(planted(), one, OperatingPoint(0.6))
        assert cut.flips
        assert cut.minimal
        assert needs_all(planted(), one, cut, 0.6)


@pytest.mark.parametrize(("kind", "threshold"), list(zip(KINDS, (0.5, 0.2, 0.5, 0.8), strict=True)))
def test_a_cut_flips_and_every_word_of_it_is_needed(kind: str, threshold: float) -> None:
    model, some, flipped = bundle(kind, TEXT), raw_mails(8, seed=9), 0
    for i in range(len(some)):
        one = some.iloc[[i]]
        cut = smallest_cut.find_smallest_cut(model, one, OperatingPoint(threshold))
        assert cut.score == pytest.approx(float(model.score(one)[0]))
        assert cut.scorings <= 3 * smallest_cut.MOST_SCORINGS
        if not cut.flips:
            assert cut.words.empty
            assert (cut.subject, cut.body) == (one["subject"].iloc[0], one["body"].iloc[0])
            continue
        flipped += 1
        after = float(model.score(what_if.edit_mail(one, [(cut.subject, cut.body)]))[0])
        assert after == pytest.approx(cut.score_after)
        assert (after >= threshold) != (cut.score >= threshold)
        assert cut.minimal
        assert needs_all(model, one, cut, threshold)
    assert flipped


def test_no_cut_says_why() -> None:
    nothing = smallest_cut.find_smallest_cut(
        planted(), mail("", "the meeting to a meeting"), OperatingPoint(1e-9)
    )
    assert not nothing.flips
    assert "no word" in nothing.why_not
    few = smallest_cut.find_smallest_cut(
        planted(), mail("", "casino pills bonus click"), HALF, most=1
    )
    assert "would still be" in few.why_not
    assert few.score_after < few.score
    model = bundle("logistic", FeatureSpec((BlockSpec("headers"), BlockSpec("sender"))))
    unread = smallest_cut.find_smallest_cut(model, raw_mails(3).iloc[[0]], HALF)
    assert "reads the text" in unread.why_not


def test_header_fields_that_decide_are_named() -> None:
    spec = FeatureSpec((BlockSpec("headers", {"scale": 5.0}), BlockSpec("grams")))
    model, said = bundle("logistic", spec), []
    some = raw_mails(20, seed=1)
    for i in range(len(some)):
        cut = smallest_cut.find_smallest_cut(model, some.iloc[[i]], HALF)
        said.append(cut.why_not)
    assert any("header fields" in why_not for why_not in said)


def test_only_the_beginning_of_a_huge_mail_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smallest_cut, "EDITABLE", 30)
    one = mail("", "casino " + "the " * 20 + "casino")
    cut = smallest_cut.find_smallest_cut(planted(), one, HALF)
    assert cut.body.endswith("casino")
    assert not cut.flips
    assert max((end for _, end in cut.spans), default=0) <= 30


def test_the_words_of_a_cut_speak_for_what_the_mail_is_called() -> None:
    some = raw_mails(12, seed=9)
    for i in range(len(some)):
        cut = smallest_cut.find_smallest_cut(bundle("logistic", TEXT), some.iloc[[i]], HALF)
        sign = 1 if cut.score >= 0.5 else -1
        assert (sign * cut.words["contribution"] > 0).all()
        assert cut.score == pytest.approx(
            why.explain_score(bundle("logistic", TEXT), some.iloc[[i]]).score
        )


def test_removing_takes_a_double_space_with_it() -> None:
    assert smallest_cut.remove_spans("buy cheap pills now", [(4, 9)]) == "buy pills now"
    assert smallest_cut.remove_spans("buy cheap pills now", [(4, 9), (10, 15)]) == "buy now"
    assert smallest_cut.remove_spans("(cheap) pills", [(1, 6)]) == "() pills"
    assert smallest_cut.remove_spans("a\ncheap pills", [(2, 7)]) == "a\npills"
    assert smallest_cut.remove_spans("cheap", [(0, 5)]) == ""
    assert smallest_cut.remove_spans("as it is", []) == "as it is"
