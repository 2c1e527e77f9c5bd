"""Groups, over-represented reasons, the table and the course of errors, on planted ones."""

import random

import numpy as np
import pandas as pd
import pytest

from pipeline import error_analysis
from pipeline.error_analysis import groups, history, overrepresented, reasons
from pipeline.error_analysis import text as as_text
from pipeline.error_analysis.reasons import MailFacts
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import HALF, OperatingPoint
from pipeline.slices import properties
from tests.mails import mails

# fmt: off
TOPICS = {
    "bank": ["account", "verify", "password", "bank", "security", "login", "suspended"],
    "race": ["horse", "bet", "odds", "jockey", "stake", "race", "bookmaker"],
}
NEWS = ["newsletter", "issue", "readers", "subscribe", "articles", "editor", "weekly"]
# fmt: on


def planted(each: int = 12) -> tuple[Evaluation, pd.DataFrame]:
    """200 easy mails, then missed spam about two things, of which one is sometimes caught, and lost
    newsletters."""
    dice, frame = random.Random(1), mails(200)
    rows, scores = [], {i: 0.9 if x == "spam" else 0.1 for i, x in enumerate(frame["label"])}
    for topic, words in [*TOPICS.items(), ("news", NEWS), ("caught bank", TOPICS["bank"])]:
        n = each + 6 * (topic == "race")
        for i in range(n):
            body = " ".join(dice.choices(words, k=9) + dice.choices(["the", "a", "please"], k=4))
            scores[len(frame) + len(rows)] = 0.9 if topic in ("news", "caught bank") else 0.1
            label = "ham" if topic == "news" else "spam"
            rows.append({"id": f"{topic}{i}", "label": label, "subject": words[0], "body": body})
    all_of = pd.concat([frame, pd.DataFrame(rows)], ignore_index=True)
    spam = (all_of["label"] == "spam").to_numpy().astype(np.int8)
    found = Evaluation("validation", tuple(all_of["id"]), spam, np.array(list(scores.values())))
    return found, all_of


def test_planted_groups_are_found_and_named() -> None:
    evaluation, frame = planted()
    found = groups.group_errors(evaluation, HALF, frame)
    by_topic = {group.ids[0].rstrip("0123456789"): group for group in found.groups}
    assert set(by_topic) == {"bank", "race", "news"}
    for topic, words in {**TOPICS, "news": NEWS}.items():
        group = by_topic[topic]
        assert {i.rstrip("0123456789") for i in group.ids} == {topic}
        assert set(group.words) <= set(words)
        assert len(group.words) >= 3
        assert group.examples == (words[0],) * 3
    assert [len(by_topic[t].ids) for t in ("bank", "race")] == [12, 18]
    assert found.alone == 0


def test_the_largest_group_is_worked_on_first_and_its_gain_is_that_of_f1() -> None:
    evaluation, frame = planted()
    found = groups.group_errors(evaluation, HALF, frame)
    gains = [group.f1_gain for group in found.groups]
    assert gains == sorted(gains, reverse=True)
    assert found.groups[0].ids[0].startswith("race")
    solved = np.isin(np.array(evaluation.ids), found.groups[0].ids)
    scores = np.where(solved, evaluation.labels, evaluation.scores)
    better = Evaluation("validation", evaluation.ids, evaluation.labels, scores)
    assert gains[0] == pytest.approx(better.at(HALF).f1 - evaluation.at(HALF).f1)


def test_recall_is_told_among_mails_like_the_group_and_elsewhere() -> None:
    evaluation, frame = planted()
    of = {
        g.ids[0].rstrip("0123456789"): g
        for g in groups.group_errors(evaluation, HALF, frame).groups
    }
    assert of["race"].inside == 0
    assert of["race"].alike == 18
    assert of["bank"].inside == pytest.approx(0.5, abs=0.1)  # 12 of 24 were caught
    assert of["bank"].outside == pytest.approx(100 / 118, abs=0.02)


def test_groups_are_the_same_again_and_whatever_the_order() -> None:
    evaluation, frame = planted()
    first = groups.group_errors(evaluation, HALF, frame)
    assert groups.group_errors(evaluation, HALF, frame.sample(frac=1, random_state=3)) == first


def test_a_sample_of_the_correct_mails_stands_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluation, frame = planted()
    full = groups.group_errors(evaluation, HALF, frame)
    monkeypatch.setattr(groups, "OTHERS", 150)
    some = groups.group_errors(evaluation, HALF, frame)
    assert [g.ids for g in some.groups] == [g.ids for g in full.groups]
    assert any("150" in note for note in some.notes)
    for a, b in zip(some.groups, full.groups, strict=True):
        assert a.alike == pytest.approx(b.alike, abs=8)


def test_few_errors_are_not_parted_and_it_is_said() -> None:
    evaluation, frame = planted(each=1)
    found = groups.group_errors(evaluation, OperatingPoint(0.8), frame)
    assert "1 false positive: too few to be divided by content." in found.notes
    lost = next(g for g in found.groups if g.kind == error_analysis.FALSE_POSITIVE)
    assert np.isnan(lost.inside)


@pytest.mark.parametrize("body", ["", "12 34", "one", "$$$ \x1b[31m"])
def test_mails_without_words_are_no_trouble(body: str) -> None:
    n = 20
    frame = pd.DataFrame({"id": [f"m{i}" for i in range(n)], "subject": "", "body": body})
    labels = np.arange(n) % 2
    evaluation = Evaluation("validation", tuple(frame["id"]), labels, np.full(n, 0.9))
    (group,) = groups.group_errors(evaluation, HALF, frame).groups
    assert len(group.ids) == 10
    assert group.words == ()


def test_no_error_no_group() -> None:
    evaluation, frame = planted()
    perfect = Evaluation("validation", evaluation.ids, evaluation.labels, evaluation.labels)
    assert groups.group_errors(perfect, HALF, frame).groups == ()


def test_a_planted_reason_is_more_than_luck_and_a_common_one_is_not() -> None:
    evaluation, frame = planted()
    short = {f"race{i}" for i in range(18)}
    frame = frame.assign(
        body=["bet now" if i in short else f"{b} {b}" for i, b in frame[["id", "body"]].to_numpy()],
        sender=None,
        date=pd.NaT,
    )
    values = reasons.compute_reasons(
        MailFacts(frame, properties=properties.compute_properties(frame))
    ).set_axis(list(frame["id"]))
    alone = pd.Series(np.arange(len(frame)), frame["id"])
    table = overrepresented.find_overrepresented(
        evaluation, HALF, values, properties.compute_properties(frame), alone
    )
    first = table[table["what"] == "reason"].iloc[0]
    assert (first["value"], first["standing"]) == ("short text", "worse")
    assert first["mails"] == first["errors"] == 18
    assert first["share_of_errors"] == pytest.approx(18 / 42)
    assert first["share_of_correct"] == 0
    assert first["p_corrected"] < 1e-6
    assert "worse than the rest: 100% of 18 spam wrong" in first["verdict"]
    # "unsubscribe" is a word of easy spam, so that errors have it less often
    assert "worse" not in set(table["standing"][table["value"] == "newsletter-like"])


def test_reasons_that_follow_from_the_scores_are_not_tested() -> None:
    evaluation, frame = planted()
    facts = MailFacts(
        frame, spam=evaluation.labels == 1, scores=evaluation.scores,
        others={"other": HALF.call(evaluation.scores)},
        suspicion=np.where((evaluation.scores >= 0.5) != evaluation.labels, 0.9, 0.0),
    )  # fmt: skip
    values = reasons.compute_reasons(facts).set_axis(list(frame["id"]))
    alone = pd.Series(np.arange(len(frame)), frame["id"])
    none = pd.DataFrame(index=list(frame["id"]))
    asked = evaluation, HALF, values, none, alone
    table = overrepresented.find_overrepresented(*asked, untested=["suspicious label"]).set_index(
        "value"
    )
    for name in ("suspicious label", "wrong in all models"):
        assert table.loc[name, "standing"] == overrepresented.FOLLOWS
        assert table.loc[name, "errors"] == 42
        assert table.loc[name, "f1_gain"] == pytest.approx(1 - evaluation.at(HALF).f1)
    tested = overrepresented.find_overrepresented(*asked).set_index("value")
    assert tested.loc["suspicious label", "standing"] == "worse"


def test_the_table_has_a_kind_for_the_band_and_a_column_a_reason() -> None:
    frame = mails(8, share=0.5).sort_values("id", ignore_index=True)
    spam = (frame["label"] == "spam").to_numpy()
    scores = np.where(spam, [0.9, 0.1, 0.4, 0.9] * 2, [0.1, 0.9, 0.4, 0.1] * 2)
    evaluation = Evaluation("validation", tuple(frame["id"]), spam, scores)
    found = error_analysis.build_error_table(evaluation, OperatingPoint(0.5, 0.3), frame)
    kind = found.set_index("id")["kind"]
    assert set(kind[found.set_index("id")["score"] == 0.4]) == {"unsure"}
    without = error_analysis.build_error_table(evaluation, HALF, frame).set_index("id")["kind"][
        kind.index
    ]
    assert "unsure" not in set(without)
    moved = kind != without
    assert set(without[moved]) <= {"false negative", "correct"}
    assert found["wrong_by"].is_monotonic_decreasing
    assert found["short text"].gt(10).all()
    assert (found["reasons"] == "").eq(~found["near the threshold"].lt(0.15)
                                       | (found["kind"] == "correct")).all()  # fmt: skip


def test_the_course_of_a_mail_through_the_runs() -> None:
    wrong = pd.DataFrame(
        {
            "first": [True, False, True, True, False, False],
            "second": [True, False, False, True, False, True],
            "third": [True, True, True, False, False, False],
        },
        index=list("abcdef"),
    )
    found = history.build_history(wrong, "third").set_index("id")
    assert found["pattern"].to_dict() == {
        "a": "stays",
        "b": "new",
        "c": "comes and goes",
        "d": "fixed",
        "e": "never wrong",
        "f": "fixed",
    }
    assert found["wrong_in"].tolist() == [3, 1, 2, 2, 0, 1]
    assert found["course"]["c"] == "✗·✗"
    earlier = history.build_history(wrong, "first").set_index("id")["pattern"]
    assert earlier[["a", "b", "c", "d"]].tolist() == ["stays", "comes and goes", "new", "new"]


def test_errors_by_run_are_parted_without_a_rest() -> None:
    wrong = pd.DataFrame({"first": [True, True, False], "second": [True, False, True]})
    found = history.count_by_run(wrong).set_index("run")
    assert found.loc["first"].to_dict() == {"errors": 2, "stays": 1, "new": 1, "comes and goes": 0}
    assert found.loc["second"].to_dict() == {"errors": 2, "stays": 1, "new": 1, "comes and goes": 0}


def test_with_one_run_its_errors_are_new() -> None:
    wrong = pd.DataFrame({"only": [True, False]}, index=["a", "b"])
    assert history.build_history(wrong, "only")["pattern"].tolist() == ["new", "never wrong"]


def test_a_terminal_gets_no_sign_that_does_something() -> None:
    evaluation, frame = planted()
    frame["subject"] = "\x1b[31mred\x07 \u202egnp.exe\nnext line " + "x" * 100
    frame = frame.assign(sender=None, date=pd.NaT)
    found = groups.group_errors(evaluation, HALF, frame)
    table = error_analysis.build_error_table(evaluation, HALF, frame)
    printed = as_text.format_errors(table, found.groups, found.notes)
    assert all(c.isprintable() or c == "\n" for c in printed)
    assert len(printed.splitlines()) == len(table) + len(found.groups) + len(found.notes) + 6
    assert "\\x1b[31mred" in printed


def test_html_and_addresses_make_no_group() -> None:
    evaluation, frame = planted()
    plain = groups.group_errors(evaluation, HALF, frame)
    wrapped = frame.assign(
        body="<style>p {color: red}</style><table class='x'><td>&nbsp;"
        + frame["body"]
        + "</td></table> http://www.example.com/verify?x=horse"
    )
    assert groups.group_errors(evaluation, HALF, wrapped) == plain


def test_errors_that_are_left_out_are_in_no_group_and_no_figure() -> None:
    evaluation, frame = planted()
    found = groups.group_errors(evaluation, HALF, frame, [f"race{i}" for i in range(18)] + ["m0"])
    assert {i.rstrip("0123456789") for g in found.groups for i in g.ids} == {"bank", "news"}
