"""Mails that try to be more than text, made here; nothing of them may act, whatever shows them."""

import csv
import io

from tests.mails import mails

AWAY = "198.51.100.7"
"""An address of no machine (RFC 5737): a request to it was made by a mail."""

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![picture](http://evil.example/p.png)",
    "[link](http://evil.example)",
    "$x^2$",
    ":smile:",
    ":red[red]",
    "# head",
    "**bold**",
    "`code`",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    ":material/skull:",
    ":streamlit:",
    "[j](javascript:alert(1))",
    f"http://{AWAY}/bare and www.evil.example and a@evil.example",
    "<a href='javascript:alert(1)' onmouseover=alert(1)>here</a>",
    "<svg/onload=alert(1)>",
    "<style>*{position:fixed;inset:0;background:red}</style>",
    "a -> b <-> c -- d",
    "&lt;b&gt; &amp;amp; &#60;i&#62;",
    "| a | b |",
    "Vi\u200bagra\u00ad",
    "%{x} {{7*7}} ${7*7}",
    "=HYPERLINK(1)",
)
"""What a mail may hold and what must be shown as the characters it is."""

ACTIVE = (
    f"<script>window.hit=1;fetch('http://{AWAY}/run')</script>"
    f"<img src='http://{AWAY}/seen.gif' onerror='window.hit=2;alert(2)'>"
    f"<iframe src='http://{AWAY}/frame' srcdoc='<script>parent.hit=3</script>'></iframe>"
    f"<style>@import 'http://{AWAY}/s.css';body{{display:none!important}}</style>"
    f"<link rel=stylesheet href='http://{AWAY}/l.css'><base href='http://{AWAY}/'>"
    f"<form action='http://{AWAY}/form'><button autofocus onfocus='window.hit=4'>OK</button></form>"
    f"<svg onload='window.hit=5'></svg><a href='javascript:window.hit=6'>my bank</a>"
    f"![p](http://{AWAY}/p.png) [l](http://{AWAY}/l) http://{AWAY}/bare"
)
"""HTML and Markdown that would leave a mark or ask another machine, were it more than text."""

COLUMN = "**team** <img src=x onerror=alert(1)>"
TEAMS = (f"# a <b>![x](http://{AWAY}/t.png)", ":smile: \u202eb $y$")
"""A further column of the file and its values."""


def text_of(body: str) -> str:
    """The plain text of a message: some words, every hostile text, a quote, and an end."""
    quote = "On Mon, 3 Jan 2005, <script>window.hit=7</script> wrote:\n" + "> :smile: $x$\n" * 6
    return "\n".join((body, *HOSTILE, ACTIVE, quote, "End."))


def message(i: int, subject: str, body: str) -> str:
    """A raw message with hostile text in its head, its text, its HTML and its attachment."""
    every = " ".join(HOSTILE)
    fields = "".join(f"X-{n}: {text}\n" for n, text in enumerate((*HOSTILE, ACTIVE)))
    return (
        f'From: "{every}" <a{i}@example.org>\n'
        f"Subject: {subject} {every}\n"
        f"Date: Mon, {1 + i % 28} Jan 2005 10:00:00 +0000\n{fields}"
        'Content-Type: multipart/mixed; boundary="xx"\n\n'
        f"--xx\nContent-Type: text/plain; charset=utf-8\n\n{text_of(body)}\n"
        f"--xx\nContent-Type: text/html; charset=utf-8\n\n<p>{body}</p>{ACTIVE}\n"
        f'--xx\nContent-Type: image/gif; name="<img src=x onerror=alert(1)> **a**.gif"\n\nGIF8\n'
        "--xx--\n"
    )


def body_of(number: int, n: int = 120) -> str:
    """The text of the mail in `table` whose id begins with a number."""
    return text_of(str(mails(n)["body"][number]))


def table(n: int = 120) -> bytes:
    """A CSV of `n` easy mails, each hostile in every place that a mail has."""
    target = io.StringIO()
    rows = csv.writer(target)
    rows.writerow(["id", "label", "message", COLUMN])
    for i, mail in mails(n).iterrows():
        text = message(int(str(i)), mail["subject"], mail["body"])
        name = f"{i} {HOSTILE[int(str(i)) % len(HOSTILE)]}"
        rows.writerow([name, mail["label"], text, TEAMS[int(str(i)) % len(TEAMS)]])
    return target.getvalue().encode()
