"""Figures that can be counted by hand, and a finding for each thing that is wrong."""

import math

import pandas as pd
import pytest

from pipeline.dataset import CANONICAL, Dataset
from pipeline.quality import BINS, report


def dataset(ham: int = 150, spam: int = 150, **columns: list) -> Dataset:
    n = ham + spam
    frame = pd.DataFrame(
        {
            "id": [f"m{i}" for i in range(n)],
            "label": ["ham"] * ham + ["spam"] * spam,
            "subject": ["subject"] * n,
            "body": [f"body number {i:04}" for i in range(n)],
            "sender": ["ann@example.org"] * n,
            "date": pd.to_datetime(["2001-05-01"] * n, utc=True),
            "group": [None] * n,
        }
    )
    for name, values in columns.items():
        frame.loc[: len(values) - 1, name] = values
    return Dataset("made", frame[list(CANONICAL)])


def sentences(data: Dataset, level: str) -> list[str]:
    return [f.sentence for f in report(data).findings if f.level == level]


def test_sound_data_has_no_findings() -> None:
    quality = report(dataset())
    assert quality.findings == ()
    assert quality.counts == {"ham": 150, "spam": 150}
    assert quality.spam_share == 0.5
    assert quality.missing == {"subject": 0, "body": 0, "sender": 0, "date": 0}
    assert (quality.repeats, quality.contradictions) == (0, 0)


def test_repeats_and_contradictions() -> None:
    data = dataset(body=["a", "a", "a", "b"])
    data.frame.loc[299, "body"] = "b"  # b is once ham, once spam
    quality = report(data)
    assert (quality.repeats, quality.contradictions) == (3, 2)
    serious, warning = quality.findings
    assert serious.level == "serious"
    assert serious.sentence.startswith("2 mails carry both labels")
    assert serious.ids == ("m3", "m299")
    assert warning.sentence.startswith("3 mails (1.0%) that an earlier one has")
    assert warning.ids == ("m1", "m2", "m299")


def test_few_and_rare_spam() -> None:
    found = sentences(dataset(ham=950, spam=50), "warning")
    assert found[0].startswith("Only 50 spam mails; a test part of 15 % holds 8 of them")
    assert found[1].startswith("5.0% of the mails are spam; a filter that never says spam is right")


def test_missing_texts_and_columns_that_give_the_label_away() -> None:
    data = dataset(body=["", " "], sender=[None] * 100)
    assert report(data).missing == {"subject": 0, "body": 2, "sender": 100, "date": 0}
    assert sentences(data, "info")[0].startswith("2 mails with a subject but no text")
    assert sentences(data, "warning")[0].startswith('"sender" is missing in 67% of ham and 0% of')


def test_dates_with_no_day_in_common() -> None:
    early = dataset(date=list(pd.to_datetime(["2000-01-01", "2000-02-01"] * 75, utc=True)))
    assert report(early).dates["ham"][1] == pd.Timestamp("2000-02-01", tz="UTC")
    assert sentences(early, "warning")[0].startswith("Ham is from 2000-01-01 to 2000-02-01 and")
    assert report(dataset(date=[pd.NaT] * 150)).dates.keys() == {"spam"}


def test_lengths_count_subject_and_body() -> None:
    quality = report(dataset(ham=4, spam=1, body=["", "x" * 3, "x" * 93, "x" * 10**8]))
    ham = quality.lengths["ham"]
    assert ham.median == pytest.approx((10 + 100) / 2)
    assert ham.longest == 10**8 + 7
    assert sum(ham.histogram) == 4
    assert len(ham.histogram) == len(BINS) - 1
    assert ham.histogram[8] == 1  # 100 characters: from 10^2 to 10^2.25
    assert ham.histogram[-1] == 1  # what is longer than the last edge is in the last bin
    assert math.isclose(BINS[8], 100)


def test_one_class_alone_can_be_reported() -> None:
    quality = report(dataset(spam=0))
    assert quality.lengths.keys() == {"ham"}
    assert quality.spam_share == 0
