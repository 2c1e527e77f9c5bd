"""The Errors page: one mail is always open, and what is decided about it stays."""

import io
import mailbox
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app_pages.errors import mail_list
from pipeline.project import marks
from pipeline.quality import decisions
from tests.dashboard.conftest import HOSTILE, NAME, Stage, markdown

AtStage = Callable[[str], Stage]
ALL = "All mails"


def listed(app: AppTest) -> pd.DataFrame:
    return next(t.value for t in app.dataframe if (t.key or "").startswith("errors_table"))


def opened(app: AppTest) -> str:
    """The id of the mail whose text is shown; the URL names the same."""
    head = next(c.value for c in app.code if "Id: " in c.value)
    mail_id = head.split("Id:")[1].split()[0]
    assert app.query_params["mail"] in (mail_id, [mail_id])
    return mail_id


def all_mails(here: Stage) -> AppTest:
    app = here.open("errors")
    app.segmented_control(key="errors_kind").set_value(ALL).run()
    assert not app.exception
    return app


def test_next_and_previous_go_through_the_list_and_over_its_pages(
    at_stage: AtStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_list, "ROWS", 4)
    app = all_mails(at_stage("trained"))
    first = list(listed(app)["id"])
    assert len(first) == 4
    assert app.button(key="errors_previous").disabled
    seen = [opened(app)]
    for _ in range(5):
        app.button(key="errors_next").click().run()
        seen.append(opened(app))
    assert seen[:4] == first
    assert list(listed(app)["id"])[:2] == seen[4:]
    app.button(key="errors_previous").click().run()
    app.button(key="errors_previous").click().run()
    assert opened(app) == first[3]
    assert any("4 of 2" in c.value for c in app.caption)


def test_a_reload_shows_the_same_list_and_mail(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app = all_mails(here)
    app.button(key="errors_next").click().run()
    app.button(key="errors_next").click().run()
    again = AppTest.from_file(str(Path("dashboard/app.py").absolute()), default_timeout=60)
    again.query_params["project"] = NAME
    again.run()
    for name, value in app.query_params.items():
        again.query_params[name] = value
    again.switch_page("app_pages/errors/page.py")
    for name, value in app.query_params.items():
        again.query_params[name] = value
    again.run()
    assert opened(again) == opened(app)
    assert list(listed(again)["id"]) == list(listed(app)["id"])


def test_tags_notes_and_a_wrong_label_stay_and_can_be_taken_back(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app = all_mails(here)
    mail_id = opened(app)
    app.button(key="errors_tag_last").click().run()
    assert marks.read_marks(here.project)[mail_id].tags == ("newsletter",)
    assert "newsletter" in set(listed(app)["tags"])
    (box,) = app.multiselect
    box.set_value(["newsletter", *HOSTILE[:3]]).run()
    assert marks.read_marks(here.project)[mail_id].tags == ("newsletter", *HOSTILE[:3])
    app.button(key="errors_wrong_label").click().run()
    assert decisions.read_decisions(here.project) == {mail_id: "flip"}
    assert marks.read_marks(here.project)[mail_id].tags[-1] == "wrong label"
    assert app.button(key="errors_wrong_label").label.startswith("Keep")
    (note,) = app.text_area
    note.set_value(" ".join(HOSTILE[:6])).run()
    assert marks.read_marks(here.project)[mail_id].note == " ".join(HOSTILE[:6])
    for text in markdown(app):
        assert not any(hostile in text for hostile in HOSTILE)
    app.button(key="errors_wrong_label").click().run()
    assert decisions.read_decisions(here.project) == {}
    # by another session
    app = all_mails(here)
    app.selectbox(key="errors_tag").set_value(HOSTILE[0]).run()
    assert list(listed(app)["id"]) == [mail_id]
    # the key gives the tag that was given last; here that is for taking it away
    app.button(key="errors_tag_remove").click().run()
    assert len(listed(app)) > 1


def test_a_mail_that_leaves_the_list_makes_way_for_the_next(at_stage: AtStage) -> None:
    app = all_mails(at_stage("trained"))
    app.button(key="errors_tag_last").click().run()  # now there are tags to choose from
    app.selectbox(key="errors_tag").set_value("no tag").run()
    app.button(key="errors_next").click().run()
    before = list(listed(app)["id"])
    assert opened(app) == before[1]
    app.button(key="errors_tag_last").click().run()
    assert opened(app) == before[2]
    assert before[1] not in set(listed(app)["id"])


def test_filters_are_taken_away_by_one_click_and_none_is_a_dead_end(at_stage: AtStage) -> None:
    app = all_mails(at_stage("trained"))
    everything = len(listed(app))
    app.text_input(key="errors_find").set_value("no such word anywhere").run()
    assert any("Remove a filter" in s.value for s in app.success)
    app.button(key="errors_find_remove").click().run()
    assert len(listed(app)) == everything
    app.text_input(key="errors_sender").set_value("anna@").run()
    assert set(listed(app)["sender"]) == {"anna@example.org"}
    app.button(key="errors_sender_remove").click().run()
    app.toggle(key="errors_pattern").set_value(True).run()
    app.text_input(key="errors_find").set_value("^no|(viagra|lottery)").run()
    assert 0 < len(listed(app)) < everything
    app.text_input(key="errors_find").set_value("(viagra").run()
    assert not app.exception
    assert any("expected a regular expression" in e.value for e in app.error)
    app.button(key="errors_find_remove").click().run()
    assert len(listed(app)) == everything


def test_both_and_only_one_part_the_errors_of_two_runs(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app = here.open("errors")
    run, rival = here.run("mlp"), here.run("logistic")
    ids = {}
    for whose in (run.id, rival.id, "both", "only one of them"):
        app.segmented_control(key=f"errors_whose_{run.id}_{rival.id}").set_value(whose).run()
        assert not app.exception
        tables = [t for t in app.dataframe if (t.key or "").startswith("errors_table")]
        ids[whose] = set(tables[0].value["id"]) if tables else set()
    assert ids["both"] == ids[run.id] & ids[rival.id]
    assert ids["only one of them"] == ids[run.id] ^ ids[rival.id]
    assert ids[run.id] | ids[rival.id]


def test_the_list_and_its_mails_go_home_with_tags_and_notes(
    at_stage: AtStage, downloads: dict[str, Callable[[], bytes]], tmp_path: Path
) -> None:
    here = at_stage("trained")
    app = all_mails(here)
    mail_id = opened(app)
    marks.change_tags(here.project, mail_id, ["=1+1", "b"])
    marks.write_note(here.project, mail_id, "+note\nBcc: x@example.org")
    app.run()
    saved = pd.read_csv(io.BytesIO(downloads["errors_download"]())).set_index("id")
    assert saved.loc[mail_id, "tags"] == "'=1+1; b"
    assert str(saved.loc[mail_id, "note"]).startswith("'+note")
    assert list(saved.index) == list(listed(app)["id"])
    (tmp_path / "box").write_bytes(downloads["errors_mails.mbox"]())
    box = mailbox.mbox(tmp_path / "box")
    there = {message["X-Spamlab-Id"]: message for message in box}
    assert set(there) == set(saved.index)
    assert there[mail_id]["X-Spamlab-Tags"] == "=1+1; b"
    assert "Bcc" not in there[mail_id]
    assert downloads["errors_mails.zip"]()[:2] == b"PK"
    box.close()


def test_wrong_labels_become_a_version_without_a_look_through_all(at_stage: AtStage) -> None:
    here = at_stage("trained")
    app = all_mails(here)
    mail_id = opened(app)
    label = here.project.mails.reader().take([mail_id])["label"].iloc[0]
    app.button(key="errors_wrong_label").click().run()
    app.switch_page("app_pages/labels/page.py").run()
    app.button(key="labels_apply").click().run()
    assert not app.exception
    assert here.project.mails.reader().take([mail_id])["label"].iloc[0] != label
    assert marks.read_marks(here.project)[mail_id].tags == ("wrong label",)
