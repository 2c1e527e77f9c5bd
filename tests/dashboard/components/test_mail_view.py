"""One mail on the screen: all of its text is there, folded, cut and said, quickly."""

import time
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components import mail_view, tables, text_view
from tests.dashboard.conftest import markdown
from tests.hostile_mails import ACTIVE, HOSTILE, text_of

QUOTE = "On Monday Ann wrote:\n" + "> when?\n" * 5


def page(mail: dict) -> None:
    """A page with one mail; Streamlit copies this source."""
    import pandas as pd

    from dashboard.components import mail_view

    mail_view.draw_mail(pd.Series(mail))


def shown(**fields: Any) -> AppTest:
    mail = {"id": "a/../<b>", "label": "ham", "subject": "Hello", "sender": None, "body": ""}
    mail |= {"date": pd.NaT} | fields
    app = AppTest.from_function(page, args=(mail,), default_timeout=60).run()
    assert not app.exception
    return app


def texts(app: AppTest) -> list[str]:
    """The boxes below the head."""
    assert all(box.language == "plaintext" for box in app.code)
    return [box.value for box in app.code][1:]


def test_a_plain_mail_is_one_box_and_nothing_is_said() -> None:
    app = shown(body="  Hello,\n\tBob\n")
    assert texts(app) == ["  Hello,\n\tBob"]
    assert not app.caption
    assert not app.expander


def test_a_quote_is_folded_between_what_the_sender_wrote() -> None:
    app = shown(body=f"Hello,\n{QUOTE}At noon.")
    (fold,) = app.expander
    assert fold.label == "Quoted from an earlier mail: 6 lines"
    assert [box.value for box in fold.code] == [QUOTE.rstrip("\n")]
    assert texts(app) == ["Hello,", QUOTE.rstrip("\n"), "At noon."]


@pytest.mark.parametrize("body", [QUOTE, f"\n{QUOTE}\n", "-----Original Message-----\n" * 9])
def test_a_mail_that_is_all_quote_is_open(body: str) -> None:
    app = shown(body=body)
    assert not app.expander
    assert len(texts(app)) == 1


def test_a_short_quote_stays_where_it_is() -> None:
    body = "> when?\nAt noon.\n> where?\nHere."
    assert texts(shown(body=body)) == [body]


def test_a_mail_of_a_thousand_quotes_is_still_one_page() -> None:
    quote = "> a\n" * 5
    body = "".join(f"{quote}own {n}\n" for n in range(1000))
    app = shown(body=body)
    assert len(app.code) <= text_view.MOST_PARTS + 3
    assert "".join(f"{text}\n" for text in texts(app)) == "\n".join(body.split("\n")[:2000]) + "\n"


def test_the_text_is_shown_first_and_the_source_of_its_html_on_demand() -> None:
    app = shown(body="my bank", html=ACTIVE)
    assert texts(app) == ["my bank"]
    app.segmented_control(key="mail_as").set_value(mail_view.SOURCE).run()
    assert texts(app) == [ACTIVE]
    assert not app.get("html")
    assert not app.get("iframe")


def test_hidden_characters_are_counted_and_named() -> None:
    app = shown(body="\u202egpj.exe\x1b[1m\x1b[0m")
    assert texts(app) == ["⟦RLO⟧gpj.exe⟦ESC⟧[1m⟦ESC⟧[0m"]
    (said,) = app.caption
    assert said.value.startswith("3 characters that cannot be seen")
    assert "⟦ESC⟧ escape (2), ⟦RLO⟧ right-to-left override (1)." in said.value


HUGE = {
    "one line": "x" * 5_000_000,
    "words": "word " * 1_000_000,
    "lines": "line\n" * 100_000,
    "quotes": "> a\nb\n" * 50_000,
    "hidden": "\u202e\u200b" * 500_000,
    "tags": "<p>" * 1_000_000,
}


@pytest.mark.parametrize("kind", HUGE)
def test_a_huge_mail_is_cut_said_and_offered_whole(
    kind: str, downloads: dict[str, Callable[[], bytes]]
) -> None:
    body = HUGE[kind]
    begin = time.process_time()
    app = shown(body=body, html=body, headers=f"X: {body}", subject=body, sender=body)
    assert time.process_time() - begin < 10
    assert sum(len(box.value) for box in app.code) < 10 * text_view.MOST
    assert any(f"of {len(body):,} characters" in said.value for said in app.caption)
    assert downloads["mail_text_whole"]() == body.encode()


def test_every_field_of_a_hostile_mail_is_text() -> None:
    every = " ".join(HOSTILE)
    further = {f"file:{name}": name for name in HOSTILE}
    app = shown(
        subject=every, sender=every, id=every, body=text_of("Hello"), html=ACTIVE, headers=every,
        attachments=f"image/gif {every}", reading=every, **further,
    )  # fmt: skip
    for text in markdown(app):
        assert not [hostile for hostile in HOSTILE if hostile in text]
    assert [fold.label for fold in app.expander] == [
        "Quoted from an earlier mail: 7 lines", "Attachments (1)", "Headers",
        "Other columns of the file",
    ]  # fmt: skip
    assert not app.markdown


def test_a_table_holds_symbols_and_no_megabyte() -> None:
    frame = pd.DataFrame({"score": [0.5], "text": ["\u202eexe" + "x" * 5000], "date": [pd.NaT]})
    shown = tables.render_cells(frame)
    assert shown["text"][0].startswith("⟦RLO⟧exe")
    assert len(shown["text"][0]) < 1100
    assert shown["score"].equals(frame["score"])
    assert pd.isna(shown["date"][0])
