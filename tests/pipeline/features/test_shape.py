import numpy as np
import pandas as pd
import pytest

from pipeline.features.shape import Shape

NAMES = list(Shape.measures)
COUNTS = [
    "length",
    "longest run of punctuation",
    "words of mixed scripts",
    "invisible characters",
    "currency signs",
    "“unsubscribe”",
    "text hidden by HTML",
    "attachments",
]


def measured(body: str = "", subject: str = "", **raw: str) -> dict[str, float]:
    columns = {"subject": [subject], "body": [body]} | {k: [v] for k, v in raw.items()}
    (row,) = Shape().measure(pd.DataFrame(columns, dtype=object))
    values = dict(zip(NAMES, row.tolist(), strict=True))
    return {k: np.expm1(v) if k in COUNTS else v for k, v in values.items()}


# a mail is its subject, a line break and its body: one character more than the two
@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("length", "", 0),
        ("length", "four", 4),
        ("length", "x" * 10_000_000, 10_000_000),
        ("share of capitals", "ABc", 2 / 4),
        ("share of capitals", "ÉЖ中", 2 / 4),
        ("share of digits", "1a2", 2 / 4),
        ("share of punctuation", "a!", 1 / 3),
        ("share of punctuation", "a+“", 2 / 4),
        ("longest run of punctuation", "no", 0),
        ("longest run of punctuation", "a! b?!?! c..", 4),
        ("longest run of punctuation", "!!!", 3),
        ("share of non-ASCII characters", "aé€", 2 / 4),
        ("words of mixed scripts", "viagra виагра λόγος", 0),
        ("words of mixed scripts", "vi\u0430gra p\u03b1ypal \u0440aypal ok", 3),
        ("invisible characters", "a\u200bb\u202ec\ufeff", 3),
        ("currency signs", "$5, 5€ or 5£", 3),
        ("“unsubscribe”", "Unsubscribe here to UNSUBSCRIBE", 2),
    ],
)
def test_characters_are_measured(name: str, body: str, expected: float) -> None:
    assert measured(body)[name] == pytest.approx(expected)


@pytest.mark.parametrize(("subject", "expected"), [("", 1), (" \u3000", 1), ("x", 0)])
def test_a_missing_subject_is_noticed(subject: str, expected: float) -> None:
    assert measured("x", subject)["no subject"] == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>seen</p>", 0),
        ('<p style="display:none">', 1),
        ('<p style="DISPLAY : none; visibility: hidden">', 2),
        ('<p style="font-size:0">', 1),
        ('<p style="font-size: 0px; font-size:0.9em; font-size:10px">', 1),
        ('<font color="#FFFFFF"><font color=white><p style="color:#fff">', 3),
        ('<p style="background-color:white" bgcolor="#ffffff"><font color="whitesmoke">', 0),
    ],
)
def test_hidden_text_is_noticed(html: str, expected: int) -> None:
    assert measured("x", html=html)["text hidden by HTML"] == pytest.approx(expected)


def test_html_and_attachments_are_measured_or_missing() -> None:
    plain = measured("text")
    assert np.isnan(plain["share of HTML"])
    assert np.isnan(plain["attachments"])
    raw = measured("text", html="<p>text</p>!", attachments="image/png a.png\napplication/pdf")
    assert raw["share of HTML"] == pytest.approx(12 / 16)
    assert raw["attachments"] == pytest.approx(2)
    raw = measured("text", html="", attachments="")
    assert raw["share of HTML"] == raw["attachments"] == 0


def test_values_are_shares_of_the_99th_percentile_cut_at_two() -> None:
    rng = np.random.default_rng(0)
    bodies = ["!" * n + "a" * 100 for n in rng.integers(0, 50, 300)]
    train = pd.DataFrame({"subject": "x", "body": bodies})
    block = Shape(scale=3.0).fit(train)
    raw, unit = block.measure(train), 3.0 / np.sqrt(len(NAMES))
    column = NAMES.index("share of punctuation")
    usual = np.percentile(raw[:, column], 99)
    found = block.transform(train).toarray()[:, column]
    assert np.allclose(found, np.minimum(raw[:, column] / usual, 2) * unit, atol=1e-6)
    extreme = pd.DataFrame({"subject": ["x"], "body": ["!" * 1_000_000]})
    assert block.transform(extreme).max() == pytest.approx(2 * unit)
    # nothing in train was a digit: one digit in a hundred characters is still little
    (digit,) = block.transform(pd.DataFrame({"subject": ["x"], "body": ["1" + "a" * 99]})).toarray()
    assert 0 < digit[NAMES.index("share of digits")] < 0.5 * unit


def test_what_is_missing_has_a_column_of_its_own() -> None:
    train = pd.DataFrame({"subject": "x", "body": ["a", "b"], "html": ["<p>a</p>", None]})
    block = Shape()
    found = block.fit_transform(train).toarray() * np.sqrt(len(NAMES))
    names = block.describe(np.arange(block.width), train)
    html, no_html = names.index("share of HTML"), names.index("not known: share of HTML")
    assert found[0, html] > 0
    assert found[1, html] == found[0, no_html] == 0
    assert found[1, no_html] == pytest.approx(1)


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "html", ["color:" + " " * 1_000_000, "display " * 100_000, "font-size:" * 100_000]
)
def test_hostile_styles_take_no_time(html: str) -> None:
    assert measured(html, html=html)["text hidden by HTML"] == 0
