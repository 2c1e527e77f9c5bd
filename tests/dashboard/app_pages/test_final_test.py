"""The page of the final test: closed, open, with the run deleted, with another test part."""

from collections.abc import Callable

import pytest

from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.export.bundle import Bundle
from pipeline.mail import hidden
from pipeline.project import divide_mails
from pipeline.reports import final_test
from pipeline.reports.opening import open_test
from pipeline.runs import store
from pipeline.specs import SplitSpec
from tests.dashboard.conftest import HOSTILE, Stage
from tests.dashboard.test_hostile_mail import assert_nothing_hostile_is_markdown

from .test_pages import choose_row

AtStage = Callable[[str], Stage]


def test_before_the_opening_there_is_nothing_to_read(at_stage: AtStage) -> None:
    app = at_stage("trained").open("final_test")
    assert not app.exception
    assert not app.dataframe
    assert not app.get("download_button")
    assert app.button(key="final_test_open").disabled


def test_after_the_opening_the_page_answers_and_lists_the_errors(
    at_stage: AtStage, downloads: dict[str, Callable[[], bytes]]
) -> None:
    here = at_stage("tested")
    app = here.open("final_test")
    assert not app.exception
    said = [b.value for b in (*app.success, *app.warning, *app.info)]
    assert any("Test F1" in text and "validation" in text for text in said)
    titles = [s.value for s in app.subheader]
    assert titles == ["What happened to the test mails", "The errors", "Take it home"]
    table = final_test.list_errors(here.project)
    tables = {t.key: t.value for t in app.dataframe if t.key}
    if len(table):
        assert list(tables["final_test_errors"]["id"]) == list(table["id"])
    opening = here.project.seal.ledger.opening()
    assert opening is not None
    run = store.read_run(opening.run)
    markdown = downloads["final_test_card_md"]().decode()
    assert markdown.startswith(f"# Model card: {run.name}")
    assert "The final test" in markdown
    html = downloads["final_test_card_html"]().decode()
    assert not [text for text in HOSTILE[:2] if text in html]  # the run's note holds them


def test_an_error_is_read_character_for_character(at_stage: AtStage) -> None:
    here = at_stage("trained")
    # at a threshold of 1 all spam is missed, so that there is something to read
    open_test(here.project, here.run("logistic").id, OperatingPoint(1.0))
    app = here.open("final_test")
    keys = [table.key for table in app.dataframe]
    choose_row(app, 1, table=keys.index("final_test_errors"))
    for hostile in HOSTILE:
        assert f"\n{hidden.make_visible(hostile)}" in app.code[1].value
    assert_nothing_hostile_is_markdown(app)
    assert not app.main.button  # read-only: no label to decide about


def test_a_deleted_run_leaves_its_figures(at_stage: AtStage) -> None:
    here = at_stage("tested")
    opening = here.project.seal.ledger.opening()
    assert opening is not None
    store.delete_run(opening.run)
    app = here.open("final_test")
    assert not app.exception
    assert any("deleted since" in i.value for i in app.info)
    assert "test" in app.dataframe[0].value.columns


def test_another_test_part_shows_the_old_figures_and_no_errors(at_stage: AtStage) -> None:
    here = at_stage("tested")
    divide_mails(here.project, SplitSpec(seed=8))
    app = here.open("final_test")
    assert not app.exception
    assert any("stays closed for ever" in w.value for w in app.warning)
    assert "The errors" not in [s.value for s in app.subheader]
    assert "test" in app.dataframe[0].value.columns


@pytest.mark.parametrize("page", ["runs", "score"])
def test_a_card_is_offered_where_a_run_is(
    at_stage: AtStage, downloads: dict[str, Callable[[], bytes]], page: str
) -> None:
    here = at_stage("trained")
    app = here.open(page)
    if page == "runs":
        choose_row(app, 0)
    assert not app.exception
    html = downloads[f"{page}_card_html"]().decode()
    assert html.startswith("<!doctype html>")
    if page == "score":
        model = Bundle.from_bytes(downloads["score_model"]())
        assert model.about["card"].startswith("# Model card")
