import numpy as np
import pandas as pd
import pytest

from pipeline.features.links import MOST_LINKS, Links

NAMES = ["links", "domains", "ip", "short", "other", "punycode", "mailto", "density"]


def measured(body: str = "", html: str = "", subject: str = "") -> dict[str, float]:
    """The counts that are not 0; the density apart."""
    columns = {"subject": [subject], "body": [body], "html": [html]}
    (row,) = np.expm1(Links().measure(pd.DataFrame(columns, dtype=object)))
    counts = dict(zip(NAMES, row.tolist(), strict=True))
    return {name: round(n, 6) for name, n in counts.items() if n and name != "density"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("no link here. None.", {}),
        ("see http://a.example.com/x.", {"links": 1, "domains": 1}),
        ("HTTPS://A.EXAMPLE.COM www.b.example.com", {"links": 2, "domains": 1}),
        ("http://a.co.uk http://b.co.uk", {"links": 2, "domains": 2}),
        ("http://user:pw@a.example.com:8080/", {"links": 1, "domains": 1}),
        ("http://10.0.0.1/ http://3232235777/x", {"links": 2, "domains": 2, "ip": 2}),
        ("http://0xC0A80101/ http://192.168.0.1:80", {"links": 2, "domains": 2, "ip": 2}),
        ("http://bit.ly/abc https://t.co/x", {"links": 2, "domains": 2, "short": 2}),
        ("http://xn--pypal-4ve.com/", {"links": 1, "domains": 1, "punycode": 1}),
        ("mailto:a@b.org, <mailto:c@d.org>", {"mailto": 2}),
    ],
)
def test_links_of_plain_text(body: str, expected: dict[str, float]) -> None:
    assert measured(body) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>nothing</p>", {}),
        ('<a name="x">x</a><a href="#top">up</a><a href="page.html">relative</a>', {}),
        ('<a href="http://a.example.com">here</a>', {"links": 1, "domains": 1}),
        ("<A HREF=//a.example.com/x>here</A>", {"links": 1, "domains": 1}),
        ('<a href="MAILTO:a@b.org">write</a>', {"mailto": 1}),
        (
            '<a href="http://evil.com">www.bank.com</a>',
            {"links": 1, "domains": 1, "other": 1},
        ),
        (
            '<a href="http://10.1.1.1/x">https://<b>bank</b>.com/login</a>',
            {"links": 1, "domains": 1, "ip": 1, "other": 1},
        ),
        ('<a href="http://www.bank.com/x">bank.com</a>', {"links": 1, "domains": 1}),
        ('<a href="http://a.com">read index.html, 1.5 MB</a>', {"links": 1, "domains": 1}),
        ('<!-- <a href="http://a.com">x</a> --><area href="http://b.com">', {}),
        ('<a href="http://a.com">info@b.com</a>', {"links": 1, "domains": 1}),
    ],
)
def test_links_of_html(html: str, expected: dict[str, float]) -> None:
    assert measured(html=html) == expected


def test_a_link_in_both_forms_counts_once() -> None:
    html = '<a href="http://a.com/x">here</a>'
    assert measured("here [http://a.com/x] and http://b.com", html) == {"links": 2, "domains": 2}


def test_links_per_1000_characters() -> None:
    def density(body: str) -> float:
        columns = {"subject": [""], "body": [body]}
        return np.expm1(Links().measure(pd.DataFrame(columns)))[0, -1]

    assert density("http://a.com") == pytest.approx(1)  # a short mail counts as 1,000 characters
    assert density("http://a.com".ljust(4000)) == pytest.approx(0.25)


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "html",
    [
        "<a href='http://a.com'>" * 100_000,
        "<a href='http://a.com'>x</a>" * 100_000,
        "<div>" * 100_000 + "<a href='http://a.com'>x",
        "<a href=http://a.com><b><i><p>" * 50_000,
        "<font><b><i><u><div>" * 10_000,
        "<a" * 100_000,
        "</a <" * 100_000,
        "<a href='" * 100_000,
        "<!--" * 100_000,
        "<a href='http://" + "a." * 500_000 + "'>" + "b." * 500_000,
        "<a href='" + "http:" * 200_000,
    ],
)
def test_hostile_links_are_counted_only_so_far(html: str) -> None:
    assert measured(html, html).get("links", 0) <= MOST_LINKS
