"""The findings as a page shows them: every number, every mail on demand, and the remedy pressed."""

import re

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import charts
from dashboard.app_pages.data import findings
from dashboard.components import widgets
from pipeline import quality
from pipeline.mail import hidden
from pipeline.mail.dataset import Dataset
from pipeline.quality import Quality
from pipeline.similarity import near_duplicates
from tests.dashboard.conftest import HOSTILE, figure, markdown
from tests.mails import dataset, mails

from .test_pages import choose_row


def hostile_dataset() -> Dataset:
    """Mails with faults of every kind, and hostile text in each place that a sentence may name."""
    frame = mails(160)
    text = " ".join(HOSTILE)
    frame["subject"] += " " + text
    frame.loc[frame["label"] == "spam", "body"] += f" {text}"
    frame.loc[:5, ["subject", "body"]] = [text, text]  # copies, and both labels
    frame.loc[6:9, "body"] = ""
    for hostile in HOSTILE:
        frame[f"file:{hostile}"] = frame["label"] + hostile
    frame[f"file:same {text}"] = text
    frame["file:gap"] = frame["label"].where(frame["label"] == "ham")
    return Dataset("hostile", frame)


def reported(data: Dataset) -> Quality:
    pairs = near_duplicates.find_near_duplicates(near_duplicates.join_texts(data.frame).to_list())
    return quality.build_quality_report(data, pairs)


def assert_nothing_hostile_is_markdown(app: AppTest) -> None:
    assert not app.exception
    for text in markdown(app):
        unescaped = re.sub(r"\\.", "", text)
        assert not [hostile for hostile in HOSTILE if hostile in unescaped]
    assert not [m for m in app.markdown if m.allow_html]


def page(data: Dataset, report: Quality) -> AppTest:
    """A page that holds the findings and writes down which remedy was pressed."""

    def script(frame, report):  # AppTest takes it as text, without the imports of this file
        import streamlit as st

        from dashboard.app_pages.data import findings

        def some(ids):
            return frame[frame["id"].isin(set(ids))]

        pressed = findings.draw_findings(report, some, "f")
        findings.draw_quality_charts(report, "figures")
        if pressed:
            st.text(f"pressed {pressed[0].kind} {pressed[1].kind}")

    kwargs = {"frame": data.frame, "report": report}
    return AppTest.from_function(script, kwargs=kwargs, default_timeout=30).run()


@pytest.fixture(scope="module")
def hostile() -> tuple[Dataset, Quality]:
    data = hostile_dataset()
    return data, reported(data)


def test_every_finding_is_shown_and_nothing_hostile_is_markdown(
    hostile: tuple[Dataset, Quality],
) -> None:
    data, report = hostile
    kinds = {f.kind for f in report.findings}
    assert kinds >= {"both_labels", "copies", "subject_only", "gives_away", "constant", "missing"}
    app = page(data, report)
    assert_nothing_hostile_is_markdown(app)
    assert len(app.markdown) >= len(report.findings)
    levels = [f.level for f in report.findings]
    assert app.caption[0].value.startswith(f"{levels.count('serious')} serious, ")


@pytest.mark.slow
def test_details_and_mails_are_shown_as_they_are(hostile: tuple[Dataset, Quality]) -> None:
    data, report = hostile
    for number, finding in enumerate(report.findings):
        key = f"f_{number}_{finding.kind}"
        app = page(data, report)
        for option in (findings.DETAILS, findings.MAILS):
            if option == findings.MAILS and not finding.ids:
                continue
            if option == findings.DETAILS and finding.table is None:
                continue
            app.segmented_control(key=f"{key}_view").set_value(option).run()
            assert_nothing_hostile_is_markdown(app)
            shown = app.dataframe[0].value
            if option == findings.DETAILS:
                assert len(shown) == len(finding.table)  # type: ignore[arg-type]
            else:
                assert set(shown["id"]) == set(finding.ids)
    number = next(i for i, f in enumerate(report.findings) if f.kind == "both_labels")
    app = page(data, report)
    app.segmented_control(key=f"f_{number}_both_labels_view").set_value("Mails").run()
    choose_row(app, 0)
    assert app.code[0].language == "plaintext"
    assert all(hidden.make_visible(hostile) in app.code[1].value for hostile in HOSTILE)


@pytest.mark.slow
def test_a_remedy_is_returned_when_its_button_is_pressed_and_only_then(
    hostile: tuple[Dataset, Quality],
) -> None:
    data, report = hostile
    app = page(data, report)
    assert not app.text
    for number, finding in enumerate(report.findings):
        for remedy in finding.remedies:
            app.button(key=f"f_{number}_{finding.kind}_{remedy.kind}").click().run()
            assert [text.value for text in app.text] == [f"pressed {finding.kind} {remedy.kind}"]
            assert not app.exception


def test_nothing_found_is_said() -> None:
    report = quality.build_quality_report(dataset(300, share=0.5))
    empty = Quality(**{**report.__dict__, "findings": ()})
    app = page(dataset(300), empty)
    assert "Nothing stands out" in app.caption[0].value


def test_the_figures_hold_the_numbers_of_the_report(hostile: tuple[Dataset, Quality]) -> None:
    data, report = hostile
    app = page(data, report)
    missing = figure(app, "figures_missing")["data"]
    assert {bar["name"]: bar["x"] for bar in missing}.keys() == {"ham", "spam"}
    assert "Over time" in [tab.label for tab in app.tabs]


def test_over_time_counts_and_shares() -> None:
    counts = pd.DataFrame(
        {"period": pd.to_datetime(["2001-01-01", "2001-02-01"]), "ham": [3, 0], "spam": [1, 0]}
    )
    drawn = charts.plot_over_time(counts, "month")
    ham, spam, share = drawn.data
    assert (list(ham.y), list(spam.y)) == ([3, 0], [1, 0])
    assert share.y[0] == 0.25
    assert pd.isna(share.y[1])  # of no mails there is no share
    assert drawn.layout.xaxis.title.text == "Month"
    assert drawn.layout.yaxis2.title.text == "Share of spam"


def test_bars_by_class_name_each_row_once_and_as_text() -> None:
    shares = pd.DataFrame({"column": ["<b>x</b>", "y" * 99], "ham": [0.5, 0], "spam": [1, 0.25]})
    drawn = charts.plot_by_class(shares, "column", "Share of the class without it")
    assert drawn.layout.yaxis.ticktext[0] == "&lt;b&gt;x&lt;/b&gt;"
    assert len(drawn.layout.yaxis.ticktext[1]) == 40
    assert list(drawn.data[1].x) == [1, 0.25]
    assert drawn.layout.xaxis.title.text == "Share of the class without it"


@pytest.mark.parametrize("address", ["me@evil.example", "http://evil.example", "WWW.evil.example"])
def test_an_address_in_a_sentence_is_no_live_link(address: str) -> None:
    # Streamlit's Markdown makes links of these after the escapes are read
    unescaped = re.sub(r"\\(.)", r"\1", widgets.escape_markdown(f"write to {address}."))
    assert unescaped.replace("\u2060", "") == f"write to {address}."
    assert not re.search(r"@\w|://\w|www\.\w", unescaped, re.IGNORECASE)
