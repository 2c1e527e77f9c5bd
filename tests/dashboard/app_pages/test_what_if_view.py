"""The page asks the model about the text in the fields, and neighbours come from train alone."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import cache
from dashboard.app_pages.errors import live_text, what_if_panel
from pipeline.explain import smallest_cut, what_if
from pipeline.mail.mails import Mails
from pipeline.project import cluster_mails
from tests.dashboard.conftest import HOSTILE, Stage, markdown, run_box

from .test_pages import choose_row

AtStage = Callable[[str], Stage]


@pytest.fixture
def fields(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is in the fields: AppTest has no browser that could type. At first what they are given.

    `typed` replaces it; `first` and `key` are what the page gave them last.
    """
    told: dict[str, Any] = {"typed": None}

    def edit(subject: str, body: str, most: int, key: str) -> tuple[str, str]:
        if told.get("key") not in (None, key):
            told["typed"] = None  # new fields
        told.update(first=(subject, body), key=key)
        st.session_state.setdefault(key, "in the browser")
        return told["typed"] or (subject, body)

    monkeypatch.setattr(live_text, "edit_text", edit)
    return told


def on_errors(here: Stage, kind: str, view: str, row: int = 3) -> tuple[AppTest, str]:
    """The page with a mail and one of the ways to look at it, and the mail's id."""
    app = here.open("errors")
    run_box(app, "errors_run").set_value(here.run(kind).id).run()
    app.segmented_control(key="errors_kind").set_value("All mails").run()
    return app, look(choose_row(app, row), view)


def look(app: AppTest, view: str) -> str:
    """Look at the open mail in this way; its id."""
    app.segmented_control(key="errors_view").set_value("Mail").run()
    head = next(c.value for c in app.code if c.value.startswith("Label:"))
    app.segmented_control(key="errors_view").set_value(view).run()
    return head.rpartition("Id:")[2].strip()


def numbers(app: AppTest) -> dict[str, str]:
    return {m.label: m.value for m in app.metric}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["logistic", "mlp"])
def test_the_score_is_that_of_the_text_in_the_fields(
    at_stage: AtStage, fields: dict[str, Any], kind: str
) -> None:
    here = at_stage("trained")
    app, mail_id = on_errors(here, kind, "What if")
    assert not app.exception
    mail = cache.mail(here.project, mail_id)
    assert fields["first"] == (mail["subject"].iloc[0], mail["body"].iloc[0])
    bundle = cache.bundle(here.run(kind).id)
    assert numbers(app)["P(spam)"] == what_if_panel.format_probability(float(bundle.score(mail)[0]))
    assert app.button(key="what_if_back").disabled

    for text in (("lottery", "casino pills bonus viagra winner"), ("agenda", "minutes of meeting")):
        fields["typed"] = text
        app.run()
        score = float(bundle.score(mail.assign(subject=[text[0]], body=[text[1]]))[0])
        assert numbers(app)["P(spam)"] == what_if_panel.format_probability(score)
        assert numbers(app)["Called"] == ("spam" if score >= 0.5 else "ham")
        told = "\n".join(markdown(app)).replace("\\", "")
        found = what_if.rescore(bundle, mail, *text)
        assert what_if_panel.describe_change(found) in told
    app.button(key="what_if_back").click().run()
    assert fields["first"] == (mail["subject"].iloc[0], mail["body"].iloc[0])
    assert numbers(app)["P(spam)"] == what_if_panel.format_probability(float(bundle.score(mail)[0]))
    for told in markdown(app):
        assert not any(hostile in told for hostile in HOSTILE)


def test_a_cut_is_shown_and_taken_over(at_stage: AtStage, fields: dict[str, Any]) -> None:
    here = at_stage("trained")
    app, mail_id = on_errors(here, "logistic", "What if")
    fields["typed"] = ("meeting", "agenda budget the of to regards")
    app.run()
    app.button(key="what_if_cut").click().run()
    assert not app.exception
    bundle = cache.bundle(here.run("logistic").id)
    mail = cache.mail(here.project, mail_id)
    text = what_if.edit_mail(mail, [("meeting", "agenda budget the of to regards")])
    point = cache.operating_point(here.project, here.run("logistic"))
    cut = smallest_cut.find_smallest_cut(bundle, text, point)
    assert cut.flips
    assert what_if_panel.describe_cut(cut, point) in "\n".join(markdown(app)).replace("\\", "")
    (shown,) = [h.proto.body for h in app.get("html") if "struck-text" in h.proto.body]
    assert shown.count("<del>") == len(cut.spans)
    before = numbers(app)["Called"]
    app.button(key="what_if_take").click().run()
    assert fields["first"] == (cut.subject, cut.body)
    assert numbers(app)["Called"] != before
    assert not [h for h in app.get("html") if "struck-text" in h.proto.body]


def test_another_mail_has_its_own_text_and_a_page_that_comes_back_the_typed_one(
    at_stage: AtStage, fields: dict[str, Any]
) -> None:
    here = at_stage("trained")
    app, mail_id = on_errors(here, "logistic", "What if")
    fields["typed"] = ("typed", "by hand")
    app.run()
    del app.session_state[fields["key"]]  # what Streamlit does when the page is left
    app.run()
    assert fields["first"] == ("typed", "by hand")
    mail_id = look(choose_row(app, 5), "What if")
    mail = cache.mail(here.project, mail_id)
    assert fields["first"] == (mail["subject"].iloc[0], mail["body"].iloc[0])


def test_neighbours_are_train_mails_and_their_text_is_shown(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app, mail_id = on_errors(here, "logistic", "Like this one")
    assert not app.exception
    split = here.project.split
    assert split is not None
    found = cache.neighbours(here.project, here.run("logistic").id, mail_id)
    told = "\n".join(markdown(app))
    assert found.in_words() in told
    tables = {t.key: t for t in app.dataframe if (t.key or "").startswith("neighbours_")}
    for label in ("ham", "spam"):
        (key,) = [key for key in tables if key.startswith(f"neighbours_{label}")]
        listed = tables[key].value
        assert listed["id"].tolist() == found.select_label(label)["id"].tolist()
        assert set(listed["id"]) <= set(split.train)
        app.session_state[key] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    heads = [c.value for c in app.code if c.value.startswith("Label:")]
    for label in ("ham", "spam"):
        wanted = found.select_label(label)["id"].iloc[1]
        assert any(h.endswith(f" {wanted}") and label in h for h in heads)
    for text in markdown(app):
        assert not any(hostile in text for hostile in HOSTILE)


def test_near_duplicates_are_listed(at_stage: AtStage, monkeypatch: pytest.MonkeyPatch) -> None:
    here = at_stage("trained")
    mails: Mails = here.project.mails.reader()
    alike = cluster_mails(here.project)
    monkeypatch.setattr(cache, "clusters", lambda project: alike * 0)
    app, mail_id = on_errors(here, "logistic", "Like this one")
    (listed,) = [t.value for t in app.dataframe if (t.key or "").startswith("neighbours_cluster")]
    assert mail_id not in set(listed["id"])
    assert set(listed["id"]) <= set(mails.heads["id"])
    assert set(listed["part"]) <= {"train", "validation"}


def test_the_rest_of_a_huge_mail_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(what_if_panel, "EDITABLE", 10)
    text, rest = what_if_panel.split_editable(pd.Series({"subject": "abc", "body": "0123456789"}))
    assert (text, rest) == (("abc", "012345"), ("", "6789"))
    text, rest = what_if_panel.split_editable(pd.Series({"subject": "a" * 12, "body": "b"}))
    assert (text, rest) == (("a" * 10, ""), ("aa", "b"))


def test_line_ends_are_those_of_the_mail() -> None:
    assert live_text._restore_line_ends("a\nb", "a\r\nb") == "a\r\nb"
    assert live_text._restore_line_ends("a\nbc", "a\r\nb") == "a\r\nbc"
    assert live_text._restore_line_ends("a\nbc", "a\nb") == "a\nbc"
    assert (
        live_text._restore_line_ends("ab", "a\nb") == "a\nb"
    )  # a field of one line has no line breaks
