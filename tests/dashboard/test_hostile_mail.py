"""Text of a mail, a note, a file or a URL is shown as the characters it is, never as Markdown."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pipeline.mail import hidden
from pipeline.project import Project, uploads
from tests.dashboard.app_pages.test_pages import PAGES, choose_row

from .conftest import HOSTILE, Stage, markdown, open_page

AtStage = Callable[[str], Stage]


def assert_nothing_hostile_is_markdown(app: AppTest) -> None:
    assert not app.exception
    for text in markdown(app):
        for hostile in HOSTILE:
            assert hostile not in text
    assert not [m for m in app.markdown if m.allow_html]
    assert not app.get("iframe")
    assert not app.get("imgs")
    for node in app.get("html"):
        assert not node.proto.unsafe_allow_javascript
        body = re.sub("<style>[^<]*</style>", "", node.proto.body)
        assert set(re.findall(r"<(\w+)", body)) <= {"div", "span", "del"}
        assert not re.search(r"<\w+[^>]*\s(?:on\w+|href|src)\s*=", body)


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["data", "trained", "tested"])
@pytest.mark.parametrize("page", PAGES)
def test_no_page_hands_hostile_text_to_markdown(at_stage: AtStage, page: str, stage: str) -> None:
    assert_nothing_hostile_is_markdown(at_stage(stage).open(page))


@pytest.mark.parametrize("page", ["data", "errors"])
def test_a_mail_is_shown_character_for_character(at_stage: AtStage, page: str) -> None:
    app = at_stage("trained").open(page)
    if page == "errors":
        app.segmented_control(key="errors_kind").set_value("All mails").run()
    choose_row(app, 3)
    head, body = app.code[0], app.code[1]
    assert head.language == body.language == "plaintext"
    for hostile in HOSTILE:
        # a subject is one clean line
        assert hidden.make_visible(hostile.replace("\x1b", "")) in head.value
        assert f"\n{hidden.make_visible(hostile)}" in body.value
    assert_nothing_hostile_is_markdown(app)


def test_the_headers_of_a_message_are_shown_as_they_are(at_stage: AtStage) -> None:
    at_stage("empty")
    target = io.StringIO()
    rows = csv.writer(target)
    rows.writerow(["text", "label"])
    for i in range(80):
        fields = "".join(f"X-{n}: {hostile}\n" for n, hostile in enumerate(HOSTILE))
        kind = 'Content-Type: image/gif; name="**a**.gif"\n'
        message = f"From: a{i}@b.org\nSubject: mail {i}\n{fields}{kind}\nGIF8"
        rows.writerow([message, ("ham", "spam")[i % 2]])
    uploads.start_project("raw", {"raw.csv": target.getvalue().encode()})
    assert uploads.read_upload("raw").problem is None
    app = choose_row(open_page("data", "raw"), 3)
    attachments, headers = app.code[2], app.code[3]
    assert "Subject: mail" in headers.value
    for hostile in HOSTILE:
        assert hidden.make_visible(hostile.replace("\x1b", "")) in headers.value
    assert attachments.value == "image/gif **a**.gif"
    assert_nothing_hostile_is_markdown(app)


def test_a_hostile_note_is_shown_as_it_is(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app = choose_row(here.open("runs"), 1)
    run = here.run("logistic")
    assert app.text_area(key=f"note_text_{run.id}").value == run.note
    assert all(hostile in run.note for hostile in HOSTILE[:10])
    assert_nothing_hostile_is_markdown(app)


def test_hostile_label_words_are_asked_about_as_they_are(at_stage: AtStage) -> None:
    at_stage("empty")
    words = ("![x](http://evil.example/p.png)", "<b>$x$</b> :smile:")
    rows = [f"mail number {i},{words[i % 2]}" for i in range(80)]
    content = "\n".join(["text,label", *rows]).encode()
    project = uploads.start_project("words", {"a ![y](http://evil.example/q.png).csv": content})
    app = open_page("data", project.name)
    assert not app.exception
    assert not app.metric
    for text in markdown(app):
        outside_code = "".join(text.split("`")[::2])
        assert "![" not in outside_code
        assert "<b>" not in outside_code
        assert "$x$" not in outside_code
    for number, (word, meaning) in enumerate(zip(words, ("ham", "spam"), strict=True)):
        box = next(b for b in app.selectbox if (b.key or "").startswith(f"data_word_{number}_"))
        assert word[:40] in (box.key or "")
        box.select(meaning)
    app.button(key="FormSubmitter:data_reading-Read the file again").click().run()
    assert not app.exception
    assert Project("words").settings.counts == {"ham": 40, "spam": 40}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "box"),
    [("errors", "errors_view"), ("evaluate", "evaluate_view"), ("features", "features_view")],
)
def test_no_view_of_a_page_hands_hostile_text_to_markdown(
    at_stage: AtStage, page: str, box: str
) -> None:
    app = at_stage("trained").open(page)
    if page == "errors":
        app.segmented_control(key="errors_kind").set_value("All mails").run()
        app.toggle(key="errors_groups").set_value(True).run()
    views = app.segmented_control(key=box).options
    assert len(views) > 1
    for view in views:
        app.segmented_control(key=box).set_value(view).run()
        assert_nothing_hostile_is_markdown(app)
