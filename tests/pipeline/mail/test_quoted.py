"""Quotes are told from what the sender wrote; joined, the parts are the text, in linear time."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mail.quoted import OWN, QUOTED, split_quotes

LINES = st.sampled_from(
    ["> a", ">", ">> b", ">From me", " > c", "own", "", "\t", "\r", "-----Original Message-----",
     "On Mon, Jan 3, 2005, Ann wrote:", "Ann <a@b.org>", "wrote:", "Am 3.1.2005 schrieb Ann:"]
)  # fmt: skip


def kinds(text: str) -> list[tuple[str, str]]:
    return [(part.kind, part.text) for part in split_quotes(text)]


@given(st.lists(LINES).map("\n".join) | st.text())
def test_the_parts_joined_are_the_text(text: str) -> None:
    found = split_quotes(text)
    assert "".join(part.text for part in found) == text
    assert all(part.text for part in found)
    assert all(one.kind != other.kind for one, other in pairwise(found))


@given(st.lists(LINES).map("\n".join))
def test_a_marked_line_is_always_quoted(text: str) -> None:
    for part in split_quotes(text):
        if part.kind == OWN:
            lines = part.text.split("\n")
            assert not [line for line in lines if line.lstrip(" \t").startswith((">>", "> "))]


def test_a_quote_takes_its_introduction_and_its_gaps() -> None:
    quote = "On Monday Ann\nwrote:\n\n> when?\n\n> Ann\n"
    assert kinds(f"Hello,\n\n{quote}\nAt noon.\n") == [
        (OWN, "Hello,\n\n"),
        (QUOTED, quote),
        (OWN, "\nAt noon.\n"),
    ]


@pytest.mark.parametrize(
    "start",
    [
        "-----Original Message-----",
        "---------- Forwarded message ----------",
        "----- Forwarded by Ann on 01/03/2005 -----",
        "Begin forwarded message:",
        "-----Ursprüngliche Nachricht-----",
        "On Mon, Jan 3, 2005 at 10:00 AM, Ann <a@b.org> wrote:",
        "On Mon, Jan 3, 2005 at 10:00 AM, Ann\n<a@b.org> wrote:",
        "Am 03.01.2005 um 10:00 schrieb Ann <a@b.org>:",
        "Le 3 janv. 2005 à 10:00, Ann a écrit :",
        "El 3 ene 2005, a las 10:00, Ann escribió:",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_all_from_the_head_of_a_former_mail_on_is_quoted(start: str, end: str) -> None:
    own, former = "Yes.\n\n".replace("\n", end), f"{start}\n\nShall we?\nAnn".replace("\n", end)
    assert kinds(own + former) == [(OWN, own), (QUOTED, former)]


@pytest.mark.parametrize(
    "text",
    [
        "On the phone Bob wrote:\nbuy milk",  # no date: maybe the sender's own
        ">From here to there",  # how an mbox writes "From"
        "a > b\nx -> y",
        "The original message was lost",
        "--\nAnn\n---\n",
        "He wrote: 2005 was the year 2005",
    ],
)
def test_what_only_looks_like_a_quote_is_not_one(text: str) -> None:
    assert kinds(text) == [(OWN, text)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    ["> a\nb\n", "\n", " ", "\t>", "On 1/2 x wrote:\n\n", "wrote ", "wrote:", ">\n\n", "-", "a"],
)
def test_a_mail_of_a_megabyte_takes_a_moment(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    begin = time.process_time()
    assert "".join(part.text for part in split_quotes(text)) == text
    assert time.process_time() - begin < 5
