"""Figures that can be counted by hand, a finding for each planted fault, and none without one."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from pipeline.mail.dataset import CANONICAL, Dataset
from pipeline.quality import (
    BINS,
    LEVELS,
    Finding,
    association,
    build_quality_report,
    languages,
    lengths,
)
from pipeline.similarity import near_duplicates
from tests.mails import raw_mails

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def word(i: int) -> str:
    """A word of its own for each number; all of one length, so that length tells nothing."""
    return "".join(LETTERS[i // 26**k % 26] for k in range(5))


def dataset(ham: int = 150, spam: int = 150, **columns: list | dict[str, list]) -> Dataset:
    """Sound mails, ham and spam mixed; then the first of a column are replaced, by class too."""
    n = ham + spam
    labels = np.random.default_rng(0).permutation(["ham"] * ham + ["spam"] * spam)
    frame = pd.DataFrame(
        {
            "id": [f"m{i}" for i in range(n)],
            "label": labels,
            "subject": ["subject"] * n,
            "body": [f"{word(i)} {word(7 * i + 1)}" for i in range(n)],
            "sender": ["ann@example.org"] * n,
            "date": pd.to_datetime(["2001-05-01"] * n, utc=True),
            "group": [None] * n,
        }
    )
    for name, values in columns.items():
        name = name.replace("file_", "file:")
        if name not in frame:
            frame[name] = "same"
        by_label = values if isinstance(values, dict) else {"": values}
        for label, some in by_label.items():
            rows = np.flatnonzero(labels == label) if label else np.arange(n)
            frame.loc[rows[: len(some)], name] = some
    spare = [c for c in frame if c not in CANONICAL]
    return Dataset("made", frame[[*CANONICAL, *spare]])


def found(data: Dataset, kind: str, **arguments: object) -> Finding:
    """The one finding of a kind."""
    (finding,) = (f for f in build_quality_report(data, **arguments).findings if f.kind == kind)
    return finding


def kinds(data: Dataset) -> list[str]:
    return [f.kind for f in build_quality_report(data).findings]


def test_sound_data_has_no_findings() -> None:
    quality = build_quality_report(dataset(), near_duplicates.Pairs(*np.empty((3, 0), int)))
    assert quality.findings == ()
    assert quality.counts == {"ham": 150, "spam": 150}
    assert quality.spam_share == 0.5
    assert quality.missing == {"subject": 0, "body": 0, "sender": 0, "date": 0}
    assert (quality.repeats, quality.contradictions) == (0, 0)
    assert quality.missing_by_class.empty
    assert quality.over_time.to_dict("list")["ham"] == [150]


def test_copies_and_both_labels() -> None:
    data = dataset(body={"ham": ["a", "a", "a", "b"], "spam": ["b"]})
    quality = build_quality_report(data)
    assert (quality.repeats, quality.contradictions) == (3, 2)
    both, copies = quality.findings
    assert (both.kind, both.level) == ("both_labels", "serious")
    assert both.sentence.startswith("2 mails carry both labels: 1 text with")
    assert set(both.ids) == set(data.frame["id"][data.frame["body"] == "b"])
    assert both.table is not None
    assert both.table.loc[0, ["mails", "ham", "spam", "text"]].to_list() == [2, 1, 1, "b"]
    assert copies.kind == "copies"
    assert copies.sentence.startswith("2 mails (0.7%) repeat an earlier one")
    assert copies.ids == tuple(data.frame["id"][data.frame["body"] == "a"])[1:]


def test_near_copies_are_told_with_what_differs() -> None:
    text = " ".join(word(31 * i) for i in range(40))
    bodies = [f"{text} {end}" for end in ("one", "two", "two")]
    data = dataset(body={"ham": bodies, "spam": [text]})
    pairs = near_duplicates.find_near_duplicates(near_duplicates.join_texts(data.frame).to_list())
    near = found(data, "near_copies", pairs=pairs)
    assert near.sentence.startswith("3 mails (1.0%) are in 1 group of nearly the same text")
    assert near.table is not None
    assert (near.table["only in this"][0], near.table["only in another"][0]) == ("one", "two")
    twins = found(data, "near_both_labels", pairs=pairs)
    assert len(twins.ids) == 4
    assert twins.remedies == ()
    assert kinds(data) == ["copies"]  # without pairs nothing is said of near-duplicates


def test_few_and_rare_spam() -> None:
    data = dataset(ham=950, spam=50)
    assert found(data, "small_class").sentence.startswith(
        "Only 50 spam mails; a test part of 15% contains 8 of them"
    )
    assert found(data, "balance").sentence.startswith(
        "5.0% of the mails are spam; a filter that never says spam has an accuracy of 95.0%"
    )


def test_missing_texts_and_a_gap_that_gives_the_label_away() -> None:
    data = dataset(
        body=["", " ", ""], subject=["\n", "s"], sender={"ham": [None] * 100}, file_lang=[None] * 9
    )
    quality = build_quality_report(data)
    missing = {"subject": 1, "body": 3, "sender": 100, "date": 0, "file:lang": 9}
    assert quality.missing == missing
    assert found(data, "empty").ids == ("m0",)
    assert found(data, "subject_only").sentence.startswith("2 mails have a subject but no text")
    gap = found(data, "missing")
    assert gap.sentence.startswith('"sender" is missing in 67% of ham and 0% of spam')
    table = quality.missing_by_class.set_index("column")
    assert table.loc["sender"].to_list() == [pytest.approx(2 / 3), 0]
    assert "lang" in table.index


def test_a_constant_column_is_named_and_one_of_ids_is_not() -> None:
    data = dataset(file_lang=["en"] * 300, file_number=[f"n{i}" for i in range(300)])
    (constant,) = build_quality_report(data).findings
    assert constant.kind == "constant"
    assert constant.remedies[0].columns == ("file:lang",)


@pytest.mark.parametrize("right", [1.0, 0.9])
def test_a_column_that_gives_the_label_away(right: float) -> None:
    n = round(150 * right)
    column = {"ham": ["a"] * n + ["b"] * (150 - n), "spam": ["b"] * n + ["a"] * (150 - n)}
    finding = found(dataset(file_source=column), "gives_away")
    assert finding.level == "warning"
    assert finding.sentence.startswith(
        'The column "source" gives the label away: its value alone puts '
        f"{right:.0%} of the mails into the right class (50% without it)."
    )
    assert finding.table is not None
    assert sorted(finding.table["ham"]) == [150 - n, n]


def test_telling_is_mutual_information_where_values_are_many_and_nothing_for_ids() -> None:
    dice = np.random.default_rng(1)
    spam = dice.random(20_000) < 0.3
    values = pd.Series(np.where(dice.random(20_000) < 0.2, dice.integers(0, 2, 20_000), spam))
    from sklearn.metrics import mutual_info_score

    q = spam.mean()
    entropy = -(q * np.log(q) + (1 - q) * np.log(1 - q))
    expected = mutual_info_score(values, spam) / entropy
    assert association.measure_values(values, spam).information == pytest.approx(
        expected, abs=0.002
    )
    for chance in (pd.Series(np.arange(20_000)), pd.Series(dice.integers(0, 20_000, 20_000))):
        assert mutual_info_score(chance, spam) / entropy > 0.25  # what would be claimed uncorrected
        assert association.measure_values(chance, spam).information < 0.01
    assert association.measure_values(pd.Series(["x"] * 20_000), spam).information <= 0


def test_ids_with_the_label_in_them_and_sorted_mails() -> None:
    data = dataset()
    named = data.frame.assign(id=data.frame["label"] + "-" + data.frame["id"])
    finding = found(Dataset("named", named), "gives_away")
    assert finding.level == "info"
    assert finding.sentence.startswith('The ids give the label away: "ham" is in 100% of ham ids')
    in_order = data.frame.sort_values("label", kind="stable", ignore_index=True)
    assert kinds(Dataset("rows", in_order)) == ["sorted"]
    numbered = in_order.assign(id=[str(i) for i in range(300)]).sample(frac=1, random_state=0)
    (finding,) = build_quality_report(Dataset("ids", numbered.reset_index(drop=True))).findings
    assert "in the order of their ids" in finding.sentence


def test_senders_html_and_headers_of_raw_messages() -> None:
    frame = raw_mails(300)
    sentences = " ".join(f.sentence for f in build_quality_report(Dataset("raw", frame)).findings)
    assert "The domain of the sender alone puts 100% of the mails" in sentences
    assert "0% of ham and 100% of spam have HTML" in sentences
    assert 'The header "user-agent" is in 100% of ham and 0% of spam' in sentences


def test_classes_of_different_times() -> None:
    early = dataset(date={"ham": list(pd.to_datetime(["2000-01-01", "2000-02-01"] * 75, utc=True))})
    assert build_quality_report(early).dates["ham"][1] == pd.Timestamp("2000-02-01", tz="UTC")
    finding = found(early, "calendar")
    assert finding.sentence.startswith("Ham is from 2000-01-01 to 2000-02-01 and")
    none = build_quality_report(dataset(date={"ham": [pd.NaT] * 150}))
    assert none.dates.keys() == {"spam"}


def spread(spam_share: list[float], each: int = 60) -> Dataset:
    """Mails of consecutive months, each with its share of spam."""
    labels, dates = [], []
    for i, share in enumerate(spam_share):
        k = round(share * each)
        labels += ["spam"] * k + ["ham"] * (each - k)
        dates += [pd.Timestamp("2001-01-15", tz="UTC") + pd.DateOffset(months=i)] * each
    data = dataset(labels.count("ham"), labels.count("spam"))
    order = np.random.default_rng(2).permutation(len(labels))
    frame = data.frame.assign(label=labels, date=dates).iloc[order].reset_index(drop=True)
    return Dataset("spread", frame.assign(id=data.frame["id"]))


def test_a_drifting_share_of_spam_and_the_calendar() -> None:
    assert build_quality_report(spread([0.5] * 12)).findings == ()
    drift = found(spread([0.3] * 3 + [0.4, 0.5, 0.5, 0.6] + [0.65] * 4 + [0.7]), "drift")
    assert "from 30% (month 2001-01) to 70% (month 2001-12)" in drift.sentence
    apart = spread([0.05] * 6 + [0.95] * 6)
    calendar = found(apart, "calendar")
    assert calendar.level == "warning"
    assert calendar.sentence.startswith("The month alone puts 95% of the mails into the right")
    assert "drift" not in kinds(apart)
    quality = build_quality_report(apart)
    assert quality.unit == "month"
    assert quality.over_time["spam"].to_list() == [3] * 6 + [57] * 6


def test_odd_dates_are_listed_and_do_not_squeeze_the_periods() -> None:
    data = spread([0.5] * 12)
    frame = data.frame.copy()
    frame.loc[0, "date"] = pd.Timestamp("1980-01-01", tz="UTC")
    quality = build_quality_report(Dataset("odd", frame))
    (finding,) = quality.findings
    assert (finding.kind, finding.ids) == ("odd_dates", (frame.loc[0, "id"],))
    assert len(quality.over_time) == 12


def test_lengths_count_subject_and_body() -> None:
    quality = build_quality_report(
        dataset(ham=4, spam=1, body={"ham": ["", "x" * 3, "x" * 93, "x" * (2 * 10**7)]})
    )
    ham = quality.lengths["ham"]
    assert ham.median == pytest.approx((10 + 100) / 2)
    assert ham.longest == 2 * 10**7 + 7
    assert sum(ham.histogram) == 4
    assert len(ham.histogram) == len(BINS) - 1
    assert ham.histogram[8] == 1  # 100 characters: from 10^2 to 10^2.25
    assert ham.histogram[-1] == 1  # what is longer than the last edge is in the last bin
    assert math.isclose(BINS[8], 100)


def test_length_that_tells_the_classes_apart() -> None:
    longer = [word(i) * (i % 5 + 2) for i in range(150)]
    finding = found(dataset(body={"spam": longer}), "length")
    assert finding.sentence.startswith("In 80% of all ham-spam pairs spam is longer")
    dice = np.random.default_rng(3)
    values, spam = dice.integers(0, 9, 500), dice.random(500) < 0.4
    assert lengths.compute_auc(values, spam) == pytest.approx(roc_auc_score(spam, values))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I will send you the list of the mails that we have.", "English"),
        ("Ich habe das nicht gesehen, und die Liste ist auf dem Tisch.", "German"),
        ("Le chat est dans la maison avec les enfants et le chien.", "French"),
        ("Los niños y el perro se van por la calle con su madre.", "Spanish"),
        ("Привет, как дела? Meeting завтра", "Cyrillic"),
        ("会议在星期一", "Chinese"),
        ("会議は月曜日です", "Japanese"),
        ("ok lol", "unknown"),
        ("", "unknown"),
        ("!!! 123 €", "unknown"),
    ],
)
def test_a_language_is_told_by_its_small_words_and_a_script_by_its_letters(
    text: str, expected: str
) -> None:
    assert languages.detect_language(text) == expected


def test_classes_in_different_languages_and_broken_letters() -> None:
    data = dataset(
        body={
            "ham": [f"{word(i)} I will send you the list that we have" for i in range(150)],
            "spam": [f"{word(i)} das ist nicht die Liste, und ich" for i in range(140)],
        }
    )
    finding = found(data, "language")
    assert finding.level == "warning"
    assert "English 100% of ham and 0% of spam" in finding.sentence
    broken = dataset(body=["GrÃ¼ÃŸe aus MÃ¼nchen, schÃ¶n"])
    assert found(broken, "broken_letters").ids == ("m0",)


def test_tokens_that_only_one_class_has() -> None:
    data = dataset(body={"ham": [f"{word(i)} enron" for i in range(100)]})
    finding = found(data, "leaky_tokens")
    assert '"enron" (100 ham, no spam)' in finding.sentence


def test_one_class_alone_can_be_reported() -> None:
    quality = build_quality_report(dataset(spam=0))
    assert quality.lengths.keys() == {"ham"}
    assert quality.spam_share == 0
    single = dataset(ham=1, spam=0, file_lang=["en"])
    assert kinds(single) == ["small_class", "balance"]


def test_the_report_as_json_keeps_to_twenty_ids_and_the_order_of_levels() -> None:
    data = dataset(body={"ham": ["a"] * 60 + ["b"], "spam": ["b"]}, date=[pd.NaT] * 300)
    told = json.loads(json.dumps(build_quality_report(data).to_dict(), allow_nan=False))
    levels = [LEVELS.index(f["level"]) for f in told["findings"]]
    assert levels == sorted(levels)
    copies = next(f for f in told["findings"] if f["kind"] == "copies")
    assert (copies["mails"], len(copies["ids"])) == (59, 20)
    assert copies["remedies"] == [
        {"kind": "drop_copies", "title": "Drop the later copies", "takes_out": "59 mails"}
    ]
    assert copies["table"][0] == {"mails": 60, "label": "ham", "subject": "subject", "text": "a"}
