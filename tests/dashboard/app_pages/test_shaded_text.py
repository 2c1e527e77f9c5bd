"""Every character of a mail is text: no element, no attribute and no reference is made from it."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.app_pages.errors.shaded_text import LEVELS, render_shaded, show_invisible
from tests.dashboard.conftest import HOSTILE

ATTACKS = (
    *HOSTILE,
    "</div></div><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    '"><iframe src=//evil.example>',
    "&lt;b&gt; &#60;script&#62; &amp;",
    "<style>body{display:none}</style>",
    "<!-- --!> <![CDATA[ ]]> <?php ?>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=x>'>",
    "{{constructor.constructor('alert(1)')()}} ${7*7} <%= 7 %>",
)


class Read(HTMLParser):
    """The elements of a page, and what a reader sees of the mail."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[tuple[str, str]] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.parts: list[str] = []
        self.shades: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.elements.add((tag, re.sub(r"\d", "", named.get("class") or "")))
        self.attributes |= set(named)
        self.open.append(named.get("class") or tag)

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if "why-text" in self.open:
            self.parts.append(data)
            self.shades += [self.open[-1]] * len(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    handle_decl = handle_pi = unknown_decl = handle_comment


ELEMENTS = {
    ("style", ""),
    ("div", ""),
    ("div", "why-text"),
    ("div", "why-subject"),
    ("div", "why-legend"),
    ("span", ""),
    ("span", "why-spam"),
    ("span", "why-ham"),
    ("span", "why-sign"),
}


def read(body: str) -> Read:
    found = Read()
    found.feed(body)
    found.close()
    assert found.elements <= ELEMENTS
    assert found.attributes <= {"class", "dir", "tabindex"}
    assert not found.open
    return found


def check(text: str, subject: int) -> None:
    shares = [(-1) ** i * (i % 7) / 7 for i in range(len(text))]
    body = render_shaded(text, shares, subject)
    found = read(body)
    assert show_invisible("".join(found.parts)) == show_invisible(
        text[:subject] + text[subject + 1 :]
    )
    body.encode()  # no half character is left
    assert "\n" not in body  # Streamlit would trim lines


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_text(attack: str) -> None:
    check(f"{attack}\n{attack}", len(attack))
    read(render_shaded(attack, [0.0] * len(attack), 0))


@given(st.text(st.characters(codec=None), max_size=80) | st.text("<>&\"'/= !-\0\x1b\u202e\ud800a"))
def test_any_text_is_text(text: str) -> None:
    check(f"subject\n{text}", 7)


def test_what_cannot_be_seen_is_written_out() -> None:
    assert show_invisible("a\x00b\x1b[1m\x7f") == "a⟦NUL⟧b⟦ESC⟧[1m⟦DEL⟧"
    assert (
        show_invisible("\u202egnp.exe \u200b\ud800\u2028") == "⟦RLO⟧gnp.exe ⟦ZWSP⟧⟦U+D800⟧⟦U+2028⟧"
    )
    assert show_invisible("naïve 贏 😀\u3000\u00a0x") == "naïve 贏 😀\u3000\u00a0x"
    text = "\u202egnp\ttab\n line"
    found = read(render_shaded(f"\n{text}", [0.0] * (len(text) + 1), 0))
    assert "".join(found.parts) == "⟦RLO⟧gnp\ttab\n line"


def test_a_character_is_shaded_by_its_share() -> None:
    text, shares = "s\nabcde", [1.0, 0.0, 1.0, 0.5, 0.01, -0.5, -1.0]
    found = read(render_shaded(text, shares, 1))
    shade = dict(zip("".join(found.parts), found.shades, strict=True))
    assert shade["s"] == shade["a"] == f"why-spam{LEVELS}"
    assert shade["e"] == f"why-ham{LEVELS}"
    assert shade["c"] == "div"  # too faint
    middle = int(shade["b"].removeprefix("why-spam"))
    assert 1 < middle < LEVELS
    assert shade["d"] == f"why-ham{middle}"


def test_every_shade_has_a_rule_and_both_directions_differ_without_colour() -> None:
    body = render_shaded("", [], 0)
    for name, line in (("spam", "solid"), ("ham", "dotted")):
        for level in range(1, LEVELS + 1):
            assert re.search(rf"\.why-{name}{level}{{[^}}]*2px {line}", body)


def test_nothing_moved_the_score_means_no_shade() -> None:
    found = read(render_shaded("\nabc", [0.0] * 4, 0))
    assert set(found.shades) == {"div"}
