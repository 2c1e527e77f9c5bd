"""Each property on mails made for it; what they give on any mail; hostile content."""

import time

import pandas as pd
import pytest

from pipeline.mail.dataset import CANONICAL
from pipeline.slices import properties
from pipeline.slices.properties import COLUMN, LENGTHS, PROPERTIES, compute_properties
from tests.dashboard.conftest import HOSTILE
from tests.mails import mails, raw_mails


def one(**cells: object) -> pd.DataFrame:
    """A frame of one mail."""
    plain = {"id": "m", "label": "ham", "subject": "", "body": "", "sender": None, "date": pd.NaT}
    frame = pd.DataFrame([plain | {"group": None} | cells])
    frame["date"] = pd.to_datetime(frame["date"], utc=True)
    return frame.astype({"sender": "str", "group": "str"})


def value(name: str, **cells: object) -> str:
    found = PROPERTIES[name](one(**cells))
    assert found is not None
    return str(found.iloc[0])


@pytest.mark.parametrize(
    ("words", "bin"),
    [
        *((0, "up to 10 words"), (10, "up to 10 words"), (11, "11 to 50 words")),
        *((50, "11 to 50 words"), (51, "51 to 200 words"), (200, "51 to 200 words")),
        *((201, "201 to 1,000 words"), (1000, "201 to 1,000 words")),
        *((1001, "more than 1,000 words"), (900_000, "more than 1,000 words")),
    ],
)
def test_length(words: int, bin: str) -> None:
    assert value("length", body="word " * words) == bin


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    [
        (
            "link",
            ["see http://a.example.com", "HTTPS://B.EXAMPLE", "www.c.example", '<a href="x">y</a>'],
            ["no link", "the www", "http:", "a href"],
        ),
        ("HTML", ["<p>hello", "<BR/>", "x<b >y"], ["a < b", "<anna@example.org>", "2 <p"]),
        (
            "newsletter-like",
            ["To UNSUBSCRIBE, click", "opt-out", "hier abbestellen", "pour se désinscrire"],
            ["I subscribe to that", "a newsletter for you"],
        ),
    ],
)
def test_what_a_text_has(name: str, yes: list[str], no: list[str]) -> None:
    assert [value(name, body=text) for text in yes] == ["yes"] * len(yes)
    assert [value(name, body=text) for text in no] == ["no"] * len(no)


def test_a_raw_mail_tells_by_its_parts() -> None:
    raw = {"headers": "", "html": "", "attachments": "", "reading": ""}
    assert value("HTML", **raw | {"html": "<p>x</p>"}) == "yes"
    assert value("link", **raw | {"html": '<a class="b" href="http://a.example">x</a>'}) == "yes"
    assert value("attachment", **raw | {"attachments": "application/pdf a.pdf"}) == "yes"
    assert value("attachment", **raw) == "no"
    assert PROPERTIES["attachment"](one()) is None
    for line in ("List-Unsubscribe: <x>", "list-id: a", "Precedence: bulk", "X-BeenThere: l"):
        assert value("newsletter-like", **raw | {"headers": f"From: a\n{line}\nTo: b"}) == "yes"
    assert value("newsletter-like", **raw | {"headers": "X-Precedence: bulk\nTo: list-id: a"}) == (
        "no"
    )
    assert value("reply or forward", **raw | {"headers": "A: b\nIn-Reply-To: <x>"}) == "reply"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        *(("Re: x", "reply"), ("AW: x", "reply"), ("re[2]: x", "reply"), (" RE : x", "reply")),
        *(("Fwd: x", "forward"), ("FW: re: x", "forward"), ("WG: x", "forward")),
        *(("[Fwd: x]", "forward"), ("Regarding: x", "neither"), ("are: you", "neither")),
        ("", "neither"),
    ],
)
def test_reply_or_forward(subject: str, expected: str) -> None:
    assert value("reply or forward", subject=subject) == expected


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("Anna <anna@mail.example.co.uk>", "example.co.uk"),
        ("a@EXAMPLE.org", "example.org"),
        ("a@10.0.0.1", "10.0.0.1"),
        ("Anna", "no domain"),
        (None, "no sender"),
    ],
)
def test_sender_domain(sender: str | None, expected: str) -> None:
    assert value("sender domain", sender=sender) == expected


def test_months_or_years() -> None:
    dates = pd.date_range("2004-11-30", periods=90, freq="D", tz="UTC")
    frame = pd.concat([mails(90).assign(date=dates), one(id="undated")], ignore_index=True)
    found = compute_properties(frame)["month"]
    assert list(found.cat.categories) == ["2004-11", "2004-12", "2005-01", "2005-02", "no date"]
    assert found["undated"] == "no date"
    long = pd.date_range("1999-01-01", periods=90, freq="60D", tz="UTC")
    assert list(compute_properties(mails(90).assign(date=long))["month"].cat.categories)[:2] == [
        "1999",
        "2000",
    ]


def test_columns_of_the_file() -> None:
    n = 100
    frame = mails(n)
    frame["file:team"] = ["a", "b ", "", None] * 25
    frame["file:age"] = [str(i) for i in range(n - 1)] + ["unknown"]
    frame["file:name"] = [f"name {i}" for i in range(n)]
    frame["file:same"] = "x"
    frame["file:wide"] = ["x" * 100 + str(i % 40) for i in range(n)]
    found = compute_properties(frame)
    assert found[COLUMN + "team"].value_counts().to_dict() == {"(empty)": 50, "a": 25, "b": 25}
    bins = ["up to 24", "above 24, up to 49", "above 49, up to 74", "above 74", "not a number"]
    assert list(found[COLUMN + "age"].cat.categories) == bins
    assert found[COLUMN + "age"].value_counts().min() == 1
    of_age = dict(zip(frame["file:age"], found[COLUMN + "age"], strict=True))
    assert (of_age["24"], of_age["25"], of_age["98"]) == (bins[0], bins[1], bins[3])
    assert not {COLUMN + name for name in ("name", "same", "wide")} & set(found)


def test_numbers_of_which_most_are_one_and_the_same() -> None:
    frame = mails(200)
    frame["file:n"] = [str(max(0, i - 120)) for i in range(200)]
    found = compute_properties(frame)[COLUMN + "n"]
    assert set(found.cat.categories) == {"up to 0", "above 0, up to 29", "above 29"}


@pytest.mark.parametrize("frame", [mails(80), raw_mails(80), mails(80)[["id", "subject", "body"]]])
def test_every_mail_has_a_value_of_each_property(frame: pd.DataFrame) -> None:
    if len(frame.columns) == 3:
        frame = frame.reindex(columns=list(CANONICAL)).astype({"sender": "str"})
        frame["date"] = pd.to_datetime(frame["date"], utc=True)
    turned = frame.iloc[::-1]
    found = compute_properties(turned)
    assert list(found.index) == list(turned["id"])
    assert found.notna().all(axis=None)
    assert all(isinstance(v, str) for name in found for v in found[name].cat.categories)
    assert (found.nunique() > 1).all()
    assert (
        compute_properties(frame.set_axis(range(7, 87)))
        .loc[found.index]
        .astype("str")
        .equals(found.astype("str"))
    )


def test_few_mails() -> None:
    assert compute_properties(mails(40).head(1)).empty
    assert compute_properties(mails(40).head(0)).empty
    assert len(compute_properties(mails(40).head(3))) == 3


def test_only_what_is_needed_is_read() -> None:
    columns = [*CANONICAL, "headers", "html", "attachments", "reading", "file:x"]
    assert "reading" not in properties.select_columns(columns)
    frame = raw_mails(60)
    assert compute_properties(frame[properties.select_columns(list(frame))]).equals(
        compute_properties(frame)
    )


def test_hostile_mails_take_no_longer_and_break_nothing() -> None:
    nasty = [
        *HOSTILE,
        *(piece * 200_000 for piece in ("<a ", " ", "re", "[", "www.", "a", "\u202e", "é ")),
        "\x00\ud7ff￿",
    ]
    frame = pd.concat([mails(60), *(one(id=f"h{i}", subject=t, body=t, sender=t[:5000] or None)
                                    for i, t in enumerate(nasty))], ignore_index=True)  # fmt: skip
    frame["file:x"] = frame["body"]
    start = time.perf_counter()
    found = compute_properties(frame)
    assert time.perf_counter() - start < 3
    assert found.notna().all(axis=None)
    assert set(found["length"].cat.categories) <= set(LENGTHS)
