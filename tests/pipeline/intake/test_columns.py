"""The roles of the columns, on the headers that published spam files have."""

import pandas as pd
import pytest

from pipeline.errors import BadData
from pipeline.intake.columns import Columns, guess_columns
from pipeline.intake.csv import Table

N = 40
TEXT = [f"please read this mail number {i}, it has some words" for i in range(N)]
SHORT = [f"about thing {i}" for i in range(N)]
WORDS = ["ham", "spam"] * (N // 2)
BITS = ["0", "1"] * (N // 2)
IDS = [f"m{i}" for i in range(N)]
NUMBERS = [str(3 * i) for i in range(N)]
ADDRESSES = [f"Ann <a{i}@example.org>" for i in range(N)]
DATES = [f"Fri, {i % 28 + 1} Dec 1999 10:00:00 -0500" for i in range(N)]
PEOPLE = [f"Ann{i % 7}" for i in range(N)]
NOTHING = [""] * N


def table(columns: dict[str, list[str]]) -> Table:
    frame = pd.DataFrame(columns, dtype="str")
    frame.index = pd.RangeIndex(1, N + 1, name="row")
    return Table.of_frame(frame)


FILES = {
    "ours": (
        {"id": IDS, "subject": SHORT, "text": TEXT, "label": WORDS},
        Columns(body="text", label="label", subject="subject", id="id"),
    ),
    "sms, Kaggle": ({"v1": WORDS, "v2": TEXT}, Columns(body="v2", label="v1")),
    "sms, numbered": ({"column 1": WORDS, "column 2": TEXT}, Columns("column 2", "column 1")),
    "Category": ({"Category": WORDS, "Message": TEXT}, Columns("Message", "Category")),
    "emails.csv": ({"text": TEXT, "spam": BITS}, Columns("text", "spam")),
    "words before digits": (
        {"Unnamed: 0": NUMBERS, "label_num": BITS, "text": TEXT, "label": WORDS},
        Columns("text", "label", id="Unnamed: 0"),
    ),
    "Enron, Kaggle": (
        {
            "Message ID": NUMBERS,
            "Subject": SHORT,
            "Message": TEXT,
            "Spam/Ham": WORDS,
            "Date": DATES,
        },
        Columns("Message", "Spam/Ham", "Subject", None, "Date", "Message ID"),
    ),
    "CEAS": (
        {
            "sender": ADDRESSES,
            "receiver": ADDRESSES,
            "date": DATES,
            "subject": SHORT,
            "body": TEXT,
            "label": BITS,
            "urls": BITS,
        },
        Columns("body", "label", "subject", "sender", "date"),
    ),
    "TREC": (
        {
            "label": BITS,
            "subject": SHORT,
            "email_to": ADDRESSES,
            "email_from": ADDRESSES,
            "message": TEXT,
        },
        Columns("message", "label", "subject", "email_from"),
    ),
    "YouTube": (
        {"COMMENT_ID": IDS, "AUTHOR": PEOPLE, "DATE": DATES, "CONTENT": TEXT, "CLASS": BITS},
        Columns("CONTENT", "CLASS", None, "AUTHOR", "DATE", "COMMENT_ID"),
    ),
    "phishing": (
        {
            "Unnamed: 0": NUMBERS,
            "Email Text": TEXT,
            "Email Type": ["Safe Email", "Phishing Email"] * (N // 2),
        },
        Columns("Email Text", "Email Type", id="Unnamed: 0"),
    ),
    "email is the body": ({"email": TEXT, "is_spam": BITS}, Columns("email", "is_spam")),
    "email is the sender": (
        {"email": ADDRESSES, "title": SHORT, "content": TEXT, "type": WORDS},
        Columns("content", "type", "title", "email"),
    ),
    "a date that is none": (
        {"sent": BITS, "text": TEXT, "time": NUMBERS, "target": BITS},
        Columns("text", "target"),
    ),
    "an id that repeats": ({"id": PEOPLE, "text": TEXT, "label": WORDS}, Columns("text", "label")),
    "an index that repeats": (
        {"Unnamed: 0": PEOPLE, "text": TEXT, "label": WORDS},
        Columns("text", "label"),
    ),
    "names that say nothing": ({"a": TEXT, "b": WORDS, "c": NUMBERS}, Columns("a", "b")),
    "empty subjects": (
        {"subject": NOTHING, "text": TEXT, "label": WORDS},
        Columns("text", "label", "subject"),
    ),
    "topics and spam": (
        {"class": ["sport", "work", "home", "1"] * (N // 4), "text": TEXT, "spam": BITS},
        Columns("text", "spam"),
    ),
    "only subjects": ({"subject": SHORT, "label": WORDS}, Columns("subject", "label")),
    "German": (
        {"Betreff": SHORT, "Nachricht": TEXT, "Datum": ["31.12.1999"] * N, "Klasse": WORDS},
        Columns("Nachricht", "Klasse", "Betreff", None, "Datum"),
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_published_headers(name: str) -> None:
    columns, expected = FILES[name]
    assert guess_columns(table(columns)) == expected


def test_scoring_needs_no_label_and_takes_none() -> None:
    files = {"text": TEXT, "label": WORDS, "subject": SHORT}
    assert guess_columns(table(files), labelled=False) == Columns("text", subject="subject")
    assert guess_columns(table({"note": TEXT}), labelled=False) == Columns("note")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"label": WORDS, "n": NUMBERS}, ["no column contains the text", '"label", "n"']),
        ({"text": TEXT, "n": NUMBERS}, ["no column looks like a label", '"text", "n"', "yourself"]),
        ({"text": TEXT, "zeros": BITS}, ["no column looks like a label"]),
        ({"text": TEXT, "label": NOTHING}, ["no column looks like a label"]),
    ],
)
def test_a_missing_role_is_told(columns: dict[str, list[str]], words: list[str]) -> None:
    with pytest.raises(BadData) as caught:
        guess_columns(table(columns))
    assert [word for word in words if word not in str(caught.value)] == []


def test_a_label_of_many_values_is_none() -> None:
    rows = 5000
    frame = pd.DataFrame(
        {"text": ["some words here"] * rows, "label": [str(i) for i in range(rows)]}, dtype="str"
    )
    with pytest.raises(BadData, match=r"5,000 distinct values.*not look like a label column"):
        guess_columns(Table.of_frame(frame))


def test_columns_survive_json() -> None:
    columns = Columns("text", "label", sender="from")
    assert Columns.from_dict(columns.to_dict()) == columns
    assert columns.used == {"text", "label", "from"}
    assert hash(columns) == hash(Columns("text", "label", sender="from"))
