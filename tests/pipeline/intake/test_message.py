"""A raw message to its fields: right where it is whole, and never an error where it is not."""

import random
import time
from base64 import b64encode
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.intake.html import html_to_text
from pipeline.intake.message import is_message, parse_bare_text, parse_message


def whole() -> bytes:
    """A message with text, HTML, a picture and a forwarded message."""
    inner = EmailMessage()
    inner["Subject"] = "inner"
    inner.set_content("forwarded words")
    mail = EmailMessage()
    mail["From"] = "Zoë <zoe@example.org>"
    mail["Subject"] = "Grüße aus Köln"
    mail["Date"] = "Mon, 05 Aug 2002 10:00:00 +0200"
    mail.set_content("Plain wörds\n")
    mail.add_alternative("<p>Rich <b>words</b></p>", subtype="html")
    mail.add_attachment(b"\x89PNG", "image", "png", filename="bild ü.png")
    mail.add_attachment(inner)
    return b"Received: from a.example.org\n\tby b.example.org\n" + mail.as_bytes().replace(
        mail.get_boundary().encode(), b"B0"
    )


def check(found: dict) -> None:
    """The promised types, and texts that can be written to a file."""
    assert list(found) == [
        *("subject", "body", "sender", "date", "html", "headers", "attachments", "reading")
    ]
    assert found["date"] is None or 1970 <= found["date"].year < 2100
    assert found["date"] is None or found["date"].tzinfo is UTC
    for name in found.keys() - {"date", "sender"}:
        assert isinstance(found[name], str)
    for text in (v for v in found.values() if isinstance(v, str)):
        assert "\0" not in text
        text.encode()
    assert "\n" not in found["subject"]


def test_a_whole_message() -> None:
    found = parse_message(whole())
    check(found)
    assert found["subject"] == "Grüße aus Köln"
    assert found["sender"] == "Zoë <zoe@example.org>"
    assert found["date"] == datetime(2002, 8, 5, 8, tzinfo=UTC)
    assert found["body"].split() == ["Plain", "wörds", "forwarded", "words"]
    assert found["html"].strip() == "<p>Rich <b>words</b></p>"
    assert found["attachments"] == "image/png bild ü.png"
    assert found["headers"].startswith("Received: from a.example.org by b.example.org\nFrom: Zoë <")


def test_line_ends_and_a_line_of_an_mbox_do_not_count() -> None:
    crlf = whole().replace(b"\n", b"\r\n")
    assert parse_message(crlf) == parse_message(whole())
    assert parse_message(b"\nFrom a@b.org Mon Aug  5 10:00:00 2002\n" + whole()) == parse_message(
        whole()
    )
    assert parse_message(" \r\n\t" + whole().decode()) == parse_message(whole())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?b?R3LDvA==?=\n =?utf-8?q?=C3=9Fe?=", "Grüße"),
        ("=?utf-8?q?Gr=C3?= =?utf-8?q?=BC?=", "Grü"),  # a character in two words
        ("=?koi8-r?B?8NLJ18XU?= you", "Привет you"),
        ("=?iso-8859-1?Q?Really?_Yes?=", "Really? Yes"),
        ("=?nonsense?q?a=FC?=", "=?nonsense?q?a=FC?="),
        ("=?utf-8?b?a?=", "=?utf-8?b?a?="),
        ("=?utf-8?q?=00=ED=A0=80a?=", "\ufffd\ufffd\ufffda"),
        ("plain\n\tfolded", "plain folded"),
        ("", ""),
    ],
)
def test_subjects(value: str, text: str) -> None:
    assert parse_message(f"Subject: {value}\n\nx".encode())["subject"] == text


def test_a_subject_in_bare_eight_bits_is_read_in_what_it_looks_like() -> None:
    assert parse_message("Subject: Grüße\n\n".encode("latin-1"))["subject"] == "Grüße"
    assert parse_message("Subject: Grüße\n\n".encode())["subject"] == "Grüße"


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("koi8-r", "Привет".encode(), "Привет"),  # decoded by whoever made the CSV
        ("koi8-r", "Привет".encode("koi8-r").decode("latin-1").encode(), "Привет"),  # and wrongly
        ("windows-1252", "“£5”".encode("cp1252").decode("latin-1").encode(), "“£5”"),
        ("us-ascii", "Grüße".encode("latin-1"), "Grüße"),
        ("nonsense", "Grüße".encode(), "Grüße"),
        ("nonsense", "Grüße".encode("latin-1"), "Grüße"),
        ("rot13", b"abc", "abc"),
        ("idna", b"abc", "abc"),
        ("unicode_escape", rb"\ud800", rb"\ud800".decode()),
        ("a\0b", b"abc", "abc"),
        ("x" * 100_000, b"abc", "abc"),
        ("utf-7", b"+2AA-", "?"),  # half a character
    ],
)
def test_charsets(charset: str, content: bytes, text: str) -> None:
    head = f'Subject: a\nContent-Type: text/plain; charset="{charset}"\n\n'.encode()
    found = parse_message(head + content)
    check(found)
    assert found["body"] == text


def test_transfer_encodings() -> None:
    def body(encoding: str, content: bytes) -> str:
        head = f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {encoding}"
        return parse_message(f"{head}\n\n".encode() + content)["body"]

    assert body("base64", b64encode("Grüße\r\nx".encode())) == "Grüße\nx"
    assert body("BASE64", b"R3L!DvA") == "Grü"  # dirt in it, and no padding
    assert body("quoted-printable", b"Gr=C3=BC=\n=C3=9Fe =Z") == "Grüße =Z"
    assert body("nonsense", b"as it is") == "as it is"
    assert body("x-uuencode", b"no uuencode") == "no uuencode"


def test_html_alone_is_the_text_and_kept() -> None:
    found = parse_message(
        b"Subject: a\nContent-Type: text/html\n\n<p>Click <a href=http://x.org>here</a>"
    )
    assert found["body"] == "Click here [http://x.org]"
    assert found["html"] == "<p>Click <a href=http://x.org>here</a>"


def test_attachments_are_listed_and_not_read() -> None:
    head = b"Content-Type: multipart/mixed; boundary=B\n\nnot shown\n"
    parts = [
        b"Content-Disposition: attachment\n\nsecret",
        b'Content-Type: text/html; name="a\n b.htm"\n\nsecret',
        b"Content-Type: application/pdf\n\nsecret",
        b"Content-Type: image/gif; name*1000=a; name*x=b\n\nsecret",
        b"\nshown",
    ]
    found = parse_message(
        head + b"".join(b"--B\n" + p + b"\n" for p in parts) + b"--B--\nnot shown"
    )
    assert found["attachments"].split("\n")[:3] == [
        *("text/plain", "text/html a b.htm", "application/pdf")
    ]
    assert found["attachments"].count("\n") == 3
    assert found["body"] == "shown"


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"", ""),
        (b"\n\n\n", ""),
        (b"no head at all", "no head at all"),
        (b"Subject: a", ""),
        (b"Subject: a\nnot a field\nbody", "not a field\nbody"),
        (b"Content-Type: multipart/mixed\n\nno boundary", "no boundary"),
        (b"Content-Type: multipart/mixed; boundary=B\n\nnever there", "never there"),
        (b"Content-Type: multipart/mixed; boundary=B\n\n--B\n\nnever closed", "never closed"),
        (b"Content-Type: multipart/mixed; boundary=B\n\n--B", ""),
        (b'Content-Type: multipart/mixed; boundary=""\n\n--\n\nx', "--\n\nx"),
        (b"Content-Type: ;;;\n\nx", "x"),
        (b"Content-Type: text/plain; charset*=x'y\n\nx", "x"),
        (b"Content-Type: message/rfc822\n\nSubject: b\n\ninner", "inner"),
        (b"Subject: a\n\n\0b\0", "b"),
    ],
)
def test_broken_messages(raw: bytes, body: str) -> None:
    check(parse_message(raw))
    assert parse_message(raw)["body"] == body


def test_what_is_missing() -> None:
    found = parse_message(b"To: a\n\nb")
    assert (found["subject"], found["sender"], found["date"]) == ("", None, None)


@pytest.mark.parametrize(
    "date",
    [
        *("Fri, 31 Dec 9999 23:59:59 -1200", "Mon, 01 Jan 1900 00:00:00 +1400", "yesterday", ""),
        *("Thu, 99 Feb 2002 99:99:99 +9999", "1 Jan 2100 00:00:00 +0000", "9" * 100_000),
        "Sun, 19 May 2002 14:52:00 -99999999999999999999",
    ],
)
def test_dates_that_are_none(date: str) -> None:
    assert parse_message(f"Date: {date}\n\n".encode())["date"] is None


BOMBS = {
    "nested parts": b"Subject: s\n"
    + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(10_000)
    ),
    "nested messages": b"Subject: s\n" + b"Content-Type: message/rfc822\n\n" * 10_000,
    "one boundary for all": b"Subject: s\n"
    + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 10_000,
    "many parts": b"Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\n\nx\n" * 1_000_000,
    "long field": b"Subject: s\nX: " + b"x" * 1_000_000,
    "encoded words": b"Subject: s\nX: " + b"=?a?q?x" * 150_000,
    "good encoded words": b"Subject: s\nX: " + b"=?utf-8?q?x?= " * 70_000,
    "folds": b"Subject: s\nX: " + b"\n x" * 300_000,
    "many fields": b"Subject: s\n" + b"X: y\n" * 200_000,
    "parameters": b"Subject: s\nContent-Type: text/plain" + b";a" * 500_000 + b"\n\nx",
    "quotes": b"Subject: s\nContent-Type: multipart/mixed; boundary=" + b'"\\' * 500_000,
    "no colon": b"Subject: s\n" + b"x" * 5_000_000,
    "punycode": b"Subject: s\nContent-Type: text/plain; charset=punycode\n\n" + b"a" * 1_000_000,
    "50 MB": b"Subject: s\nContent-Type: text/html\n\n" + b"<p>words and words " * 3_000_000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_time_is_bounded(bomb: str) -> None:
    start = time.perf_counter()
    found = parse_message(BOMBS[bomb])
    assert time.perf_counter() - start < 10  # all take below 2 s on an idle machine
    check(found)
    assert found["subject"] == "s"
    assert len(found["html"]) <= 50_000_000


@given(st.binary(max_size=400))
def test_any_bytes(raw: bytes) -> None:
    check(parse_message(raw))


HEADS = [
    *(b"Content-Type: ", b"Content-Transfer-Encoding: ", b"Subject: ", b"Date: ", b"From: "),
    *(b"Content-Disposition: ", b"multipart/mixed; boundary=", b"B", b"--B", b"--B--", b"\n"),
    *(b"\n\n", b"text/html", b"; charset=", b"utf-16", b"base64", b"x-uuencode", b"begin 644 a\n"),
    *(b"quoted-printable", b"=?utf-8?b?", b"?=", b"; name*=", b"utf-8''%ff", b'"', b"\xff", b"\0"),
    *(b"message/rfc822", b"<a href='", b"<script>", b"&#xd800;", b"&#" + b"9" * 5000, b"name*0*="),
    *(b"utf-7", b"hz", b"unicode_escape", b"\\x", b"+2AA-", b"Mon, 1 Jan ", b"9999", b" -0500"),
]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(HEADS), max_size=30))
def test_pieces_of_messages(pieces: list[bytes]) -> None:
    check(parse_message(b"".join(pieces)))


@settings(max_examples=200)
@given(st.randoms(use_true_random=False), st.binary(max_size=4))
def test_messages_cut_and_shuffled(dice: random.Random, dirt: bytes) -> None:
    lines = whole().splitlines(keepends=True)
    for _ in range(dice.randrange(5)):
        i, j = dice.randrange(len(lines)), dice.randrange(len(lines))
        lines[i], lines[j] = lines[j], lines[i]
    raw = b"".join(lines)
    cut = dice.randrange(len(raw))
    check(parse_message(raw[:cut] + dirt + raw[cut + dice.randrange(50) :]))
    check(parse_message((raw[:cut] + dirt).decode("utf-8", "surrogateescape")))


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("From: a\nSubject: b\n\nc", True),
        ("From a@b.org Mon Aug  5 10:00:00 2002\r\nReceived: a\r\n\tb\r\nDate: c\r\n\r\nd", True),
        ("\n\nReturn-Path: <a>\nX-Spam: b", True),
        ("MESSAGE-ID: <a>\nto: b\n\n", True),
        ("From: a\n\nSubject: b", False),
        ("Subject: only one\n\ntext", False),
        ("Hello,\nFrom: a\nSubject: b\n\nc", False),
        ("Note: a\nTodo: b\n\nFrom: c", False),
        ("From: \ud800\nSubject: b", True),
        ("", False),
        ("x" * 1_000_000, False),
    ],
)
def test_what_is_a_message(text: str, is_one: bool) -> None:
    assert is_message(text) is is_one


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two<br>Three", "One\n\nTwo\nThree"),
        ("a\n b&nbsp; <b>c</b>d", "a b cd"),
        ("<pre>a\n  b</pre>c\nd", "a\nb\nc d"),
        ('<a href="http://x.org">http://x.org/</a>', "http://x.org/"),
        ("<A HREF=' http://x.org?a=1&amp;b '>go</A>!", "go [http://x.org?a=1&b]!"),
        ("<a data-href=no>a</a><a name=b>b</a><a href=>c</a>", "abc"),
        ("<a href=x>a<a href=y>b", "a [x]b [y]"),
        ("<style>p {}</style>a<script>if (1 < 2) '</p>'</script>b<!-- c -->", "ab"),
        ("a<SCRIPT>never closed", "a"),
        ("<scripted>a", "a"),
        ('<img alt="a > b">c', "c"),
        ("<p class=it's>c", "c"),
        ("1 < 2 <3 &lt;b&gt; &#8364; &nosuch;", "1 < 2 <3 <b> € &nosuch;"),
        ("<!doctype html><?xml?></>a<", "a<"),
        ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";"),
        ("&#xd800;&#0;", "\ufffd\ufffd"),
        ("", ""),
    ],
)
def test_html(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        *("<div>", "<b>", "<a href=x>", "<a href=x><div>", "<table><tr><td>", "<font size=1><p>"),
        *(
            "<",
            "<!",
            "<!--",
            "<script>",
            "</script",
            "<a =",
            '<a b="',
            "<a b='\"",
            "<a ",
            "&",
            "&#",
        ),
        *("<style></style>", "<pre>", "= ", "<a href", "href=", " ", "<a href=x>t</a>", "<p>\n"),
        "<script></script",
    ],
)
@pytest.mark.parametrize("before", ["", "<a ", "<script>", "<a href=x>"])
def test_html_takes_linear_time(unit: str, before: str) -> None:
    start = time.perf_counter()
    html_to_text(before + unit * (1_000_000 // len(unit)))
    assert time.perf_counter() - start < 5  # 0.5 s on an idle machine


def parts(n: int, name: str = "B") -> bytes:
    head = b"Subject: s\nContent-Type: multipart/mixed; boundary=%s\n\n" % name.encode()
    return head + b"".join(b"--%s\n\nx\n" % name.encode() for _ in range(n))


def content(transfer: str, kind: str, body: bytes) -> bytes:
    head = f"Subject: s\nContent-Type: {kind}\nContent-Transfer-Encoding: {transfer}\n\n"
    return head.encode() + body


@pytest.mark.parametrize(
    ("raw", "remarks"),
    [
        (whole(), []),
        (b"Subject: a\n\nplain", []),
        (b"Subject: a\nDate: Mon, 05 Aug 2002 10:00:00 +0200\n\n", []),
        (content("8bit", "text/plain; charset=koi8-r", "Привет".encode("koi8-r")), []),
        (content("8bit", "text/plain", "Grüße".encode()), []),
        (content("base64", "text/plain; charset=utf-8", b64encode("Grüße".encode())), []),
        (b"no head at all", ["no head: all of it is text"]),
        (
            b"Subject: a\nDate: Fri, 31 Dec 9999 23:59:59 +0000\n\n",
            ["date that cannot be read or lies outside 1970 to 2099: ignored"],
        ),
        (content("8bit", "text/html", b"<p>a"), ["text from HTML, no plain text part"]),
        (
            content("8bit", "text/plain; charset=x-unknown", "ü".encode()),
            ["charset 'x-unknown' does not exist; read as UTF-8"],
        ),
        (
            content("8bit", "text/plain; charset=x-unknown", "“£5”".encode("cp1252")),
            ["charset 'x-unknown' does not exist; read as Windows-1252"],
        ),
        (
            content("8bit", "text/plain; charset=us-ascii", "“£5”".encode("cp1252")),
            ["not written in its charset us-ascii; read as Windows-1252"],
        ),
        (
            content("8bit", "text/plain; charset=us-ascii", "Привет".encode()),
            ["not written in its charset us-ascii; read as UTF-8"],
        ),
        (
            content("quoted-printable", "text/plain; charset=us-ascii", b"=C3=BC"),
            ["not written in its charset us-ascii; read as UTF-8"],
        ),
        (
            content("8bit", "text/plain", "“£5”".encode("cp1252")),
            ["no charset named; read as Windows-1252"],
        ),
        (
            content("base64", "text/plain", b"R3L!DvA"),
            ["base64 broken: read as far as it went"],
        ),
        (content("x-uuencode", "text/plain", b"a"), ["uuencode broken: left as it came"]),
        (
            content("8bit", "multipart/mixed", b"a"),
            ["no boundary between its parts: read as plain text"],
        ),
        (parts(100), []),
        (parts(1000), ["more than 200 parts: the rest is not read"]),
        (BOMBS["nested messages"], ["deeper than 20 parts in parts: not read"]),
        (BOMBS["nested parts"], ["deeper than 20 parts in parts: not read"]),
        (b"Subject: s\nX: " + b"x" * 1_000_001 + b"\n\nx", ["head longer than 1 MB: cut"]),
        (
            b"Subject: s\n\n" + b"x" * 50_000_000,
            ["message longer than 50 MB: cut"],
        ),
    ],
)
def test_how_it_was_read(raw: bytes, remarks: list[str]) -> None:
    assert [r for r in parse_message(raw)["reading"].split("\n") if r] == remarks


def test_what_somebody_decoded_before_is_not_told_to_be_in_another_charset() -> None:
    text = content("8bit", "text/plain; charset=koi8-r", b"").decode() + "Привет"
    assert (parse_message(text)["body"], parse_message(text)["reading"]) == ("Привет", "")


def test_remarks_are_few_and_of_one_line() -> None:
    kinds = [b'--B\nContent-Type: text/plain; charset="x\n %d"\n\n\xff\n' % i for i in range(90)]
    raw = b"Subject: s\nContent-Type: multipart/mixed; boundary=B\n\n" + b"".join(kinds)
    remarks = parse_message(raw)["reading"].split("\n")
    assert len(remarks) == 20
    assert remarks[1] == "charset 'x 1' does not exist; read as Windows-1252"


@pytest.mark.parametrize(
    ("raw", "subject", "body"),
    [
        (b"Subject: a  b\r\nc: d\r\n\r\ne", "a b", "c: d\n\ne"),
        (b"subject:a", "a", ""),
        (b"a\nSubject: b", "", "a\nSubject: b"),
        ("\ufeffSubject: ü\nß".encode(), "ü", "ß"),
        (b"", "", ""),
    ],
)
def test_a_text_without_a_head(raw: bytes, subject: str, body: str) -> None:
    found = parse_bare_text(raw)
    check({name: found[name] for name in parse_message(b"")})
    assert (found["subject"], found["body"]) == (subject, body)
