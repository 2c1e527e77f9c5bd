"""The rows that fit a choice are those that a plain loop over the mails finds."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from dashboard.app_pages.errors.filters import ANY_TAG, BOTH, NO_TAG, ONE, Filters, select_rows
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project.marks import Mark

N = 200
ANN = "Ann <a@Example.org>"
POINTS = {"a": OperatingPoint(0.6, 0.3, ""), "b": OperatingPoint(0.4, None, "")}
COLUMNS = {"a": "score", "b": "score of b"}
WRITTEN = {"m1": Mark(("x", "y")), "m2": Mark(("y",)), "m3": Mark((), "only a note")}


def table() -> pd.DataFrame:
    dice = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "id": [f"m{i}" for i in range(N)],
            "label": dice.choice(["ham", "spam"], N),
            "score": dice.random(N).round(2),
            "score of b": dice.random(N).round(2),
            "reasons": dice.choice(["", "very short", "very short, long", "not very short"], N),
            "sender": pd.Series(dice.choice([ANN, "b@c.d", None], N)).astype("str"),
            "date": pd.to_datetime(
                [None if i % 9 == 0 else f"2005-01-{1 + i % 28:02d}T23:30" for i in range(N)],
                utc=True,
            ),
        }
    )  # fmt: skip


def ids(wanted: Filters, **given: object) -> list[str]:
    return list(select_rows(table(), wanted, POINTS, COLUMNS, WRITTEN, **given)["id"])  # type: ignore[arg-type]


def wrong(label: str, score: float, threshold: float, unsure_from: float | None = None) -> bool:
    """Whether a mail is an error; one in the band is none."""
    if label == "ham":
        return score >= threshold
    return score < (threshold if unsure_from is None else unsure_from)


@pytest.mark.parametrize("whose", ["a", "b", BOTH, ONE])
def test_errors_of_either_run_of_both_and_of_one(whose: str) -> None:
    expected = set()
    for row in table().to_dict("records"):
        a = wrong(row["label"], row["score"], 0.6, 0.3)
        b = wrong(row["label"], row["score of b"], 0.4)
        if {"a": a, "b": b, BOTH: a and b, ONE: a != b}[whose]:
            expected.add(row["id"])
    found = ids(Filters("All errors", whose))
    assert set(found) == expected
    assert 0 < len(found) < N


def test_unsure_mails_are_those_in_the_band() -> None:
    rows = table().set_index("id")
    found = rows.loc[ids(Filters("Unsure spam", "a"))]
    assert found["score"].between(0.3, 0.59).all()
    assert set(found["label"]) == {"spam"}
    assert ids(Filters("Unsure spam", "b")) == []


def test_the_filters_are_exact_and_add_up() -> None:
    rows = table().set_index("id")
    by_sender = ids(Filters("All mails", "a", sender="EXAMPLE.org"))
    assert set(by_sender) == set(rows.index[rows["sender"] == ANN])
    assert ids(Filters("All mails", "a", sender=".*")) == []  # the characters, no pattern
    days = Filters("All mails", "a", since=date(2005, 1, 5), until=date(2005, 1, 6))
    assert {rows.loc[i, "date"].day for i in ids(days)} == {5, 6}  # half past eleven is inside
    by_reason = ids(Filters("All mails", "a", reason="very short"))
    assert set(rows.loc[by_reason, "reasons"]) == {"very short", "very short, long"}
    assert set(ids(Filters("All mails", "a", tag="y"))) == {"m1", "m2"}
    assert set(ids(Filters("All mails", "a", tag=ANY_TAG))) == {"m1", "m2"}
    assert len(ids(Filters("All mails", "a", tag=NO_TAG))) == N - 2
    assert set(ids(Filters("All mails", "a"), matching=["m5", "m6", "gone"], cluster=["m6"])) == {
        "m6"
    }
    assert ids(Filters("All mails", "a", tag="y", sender="nobody")) == []


def test_the_orders() -> None:
    rows = table().set_index("id")
    first = rows.loc[ids(Filters("All mails", "a"))]
    # from where a mail would be called by its label: ham below the band, spam above it
    distance = np.where(first["label"] == "ham", first["score"] - 0.3, 0.6 - first["score"])
    assert (np.diff(distance) <= 1e-12).all()
    apart = rows.loc[ids(Filters("All mails", "a", sort="disagreement"))]
    assert (np.diff((apart["score"] - apart["score of b"]).abs()) <= 1e-12).all()
    for sort, sign in (("newest", 1), ("oldest", -1)):
        dates = rows.loc[ids(Filters("All mails", "a", sort=sort)), "date"]
        known = dates.dropna()
        assert (np.diff(known.astype("int64")) * sign <= 0).all()
        assert dates.isna().to_numpy()[len(known) :].all()  # those without a date are last
    suspect = pd.Series({"m7": 0.9, "m8": 0.1})
    assert ids(Filters("All mails", "a", sort="suspect"), suspect=suspect)[:2] == ["m7", "m8"]
