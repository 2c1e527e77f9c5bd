"""Dates of many forms, one moment."""

import pandas as pd
import pytest

from pipeline.intake.dates import parse_dates

MOMENT = pd.Timestamp("1999-12-31 10:16", tz="UTC")


@pytest.mark.parametrize(
    "text",
    [
        "1999-12-31 10:16",
        "1999-12-31T10:16:00",
        "1999-12-31T10:16:00Z",
        "1999-12-31 10:16:00 UTC",
        "1999-12-31T05:16:00-05:00",
        "Fri, 31 Dec 1999 05:16:00 -0500",
        "Fri, 31 Dec 1999 05:16:00 -0500 (EST)",
        "Fri Dec 31 10:16:00 1999",
        "12/31/1999 10:16",
        "31/12/1999 10:16",
        "31.12.1999 10:16:00",
        "12/31/99 10:16",
        "Dec 31, 1999 10:16 AM",
        "946635360",
        "946635360.0",
        "946635360000",
        "946635360000000",
        "946635360000000000",
    ],
)
def test_many_forms(text: str) -> None:
    found = parse_dates(pd.Series([text, "", None, text], index=[5, 6, 7, 8], dtype="str"))
    assert str(found.dtype) == "datetime64[us, UTC]"
    assert found.index.to_list() == [5, 6, 7, 8]
    assert found.dropna().to_dict() == {5: MOMENT, 8: MOMENT}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "9999-12-31",
            "Fri, 31 Dec 9999 23:59:59 -0500",
            "0001-01-01",
            "1969-12-31",
            "2100-01-01",
        ),
        *("2004-02-30", "2001-13-45", "hello", "12", "2001", "-1", "1e308", "99999999999999999999"),
        *("Mon, 99 Foo 2001", "1" * 400, "Mon, 1 Jan 2001 10:00:00 +9999999999"),
    ],
)
def test_what_is_no_date_of_a_mail(text: str) -> None:
    assert parse_dates(pd.Series([text], dtype="str")).isna().all()


def test_the_other_rows_decide_between_month_and_day() -> None:
    found = parse_dates(pd.Series(["03/04/2001", "25/04/2001", "05/04/2001"], dtype="str"))
    assert found.dt.strftime("%m-%d").to_list() == ["04-03", "04-25", "04-05"]


@pytest.mark.parametrize("values", [[], [None, None], ["", " "]])
def test_nothing_to_read(values: list) -> None:
    found = parse_dates(pd.Series(values, dtype="str"))
    assert str(found.dtype) == "datetime64[us, UTC]"
    assert found.isna().all()
