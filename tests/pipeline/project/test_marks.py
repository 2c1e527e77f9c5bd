"""Tags and notes: they are kept as written, by the mail, whatever runs and versions come."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import BadData, BadSpec
from pipeline.mail.dataset import Dataset
from pipeline.project import Project, correct_mails, divide_mails, import_dataset, marks
from pipeline.project.marks import Mark
from pipeline.specs import SplitSpec
from tests.mails import mails

words = st.text(max_size=marks.LONGEST_TAG)


@pytest.fixture
def project(workspace: Path) -> Project:
    made = Project.create("marked")
    frame = mails(120)
    import_dataset(made, Dataset("marked", frame), frame.iloc[:0])
    return made


@given(words)
def test_a_tag_is_one_line_and_stays_the_same_when_read_again(written: str) -> None:
    try:
        tag = marks.clean_tag(written)
    except BadSpec:
        return
    assert tag == marks.clean_tag(tag)
    assert len(tag.splitlines()) <= 1
    assert marks.BETWEEN.strip() not in tag
    assert not any(ord(c) < 32 for c in tag)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(words, max_size=5), st.lists(words, max_size=5), st.text(max_size=300))
def test_what_is_written_is_read_again(
    project: Project, first: list[str], second: list[str], note: str
) -> None:
    (project.path / marks.FILE).unlink(missing_ok=True)
    marks.change_tags(project, "m1", first)
    marks.write_note(project, "m1", note)
    marks.change_tags(project, "m1", second)
    found = marks.read_marks(project).get("m1", Mark())
    expected = [tag for tag in dict.fromkeys(map(marks.clean_tag, first + second)) if tag]
    assert list(found.tags) == expected
    assert found.note == note.strip()
    table = marks.tabulate_marks(marks.read_marks(project), ["m0", "m1"])
    assert list(table["tags"]) == ["", marks.BETWEEN.join(expected)]
    marks.change_tags(project, "m1", remove=expected)
    marks.write_note(project, "m1", "")
    assert marks.read_marks(project) == {}


def test_two_tabs_do_not_undo_each_other(project: Project) -> None:
    marks.change_tags(project, "m1", ["one"])
    marks.change_tags(project, "m1", ["two"])  # a tab that did not see the first
    marks.write_note(project, "m1", "seen")
    marks.change_tags(project, "m2", ["two"])
    assert marks.read_marks(project)["m1"].tags == ("one", "two")
    assert marks.read_marks(project)["m1"].note == "seen"
    assert marks.list_tags(marks.read_marks(project)) == ["two", "one"]


def test_too_long_too_many_and_unknown_mails_are_refused(project: Project) -> None:
    with pytest.raises(BadSpec, match="at most 60 characters"):
        marks.change_tags(project, "m1", ["x" * 61])
    with pytest.raises(BadSpec, match="at most 4,000 characters"):
        marks.write_note(project, "m1", "x" * 4001)
    with pytest.raises(BadSpec, match="tags of a mail"):
        marks.change_tags(project, "m1", map(str, range(marks.MOST_TAGS + 1)))
    with pytest.raises(BadData, match="no mail 'nobody'"):
        marks.change_tags(project, "nobody", ["x"])
    assert marks.read_marks(project) == {}


def test_marks_outlive_a_new_version_and_tell_that_the_text_changed(project: Project) -> None:
    marks.change_tags(project, "m1", ["kept"])
    seen = project.mails.visible()
    assert seen is not None
    frame = seen.frame.copy()
    here = frame["id"] == "m1"
    before = marks.read_marks(project)["m1"].text
    assert before == marks.hash_text(frame[here].iloc[0])
    frame.loc[here, "body"] = "another text"
    parent = project.settings.dataset
    correct_mails(project, Dataset("marked", frame, parent, "One text was corrected."))
    mail = project.mails.reader().take(["m1"]).iloc[0]
    assert marks.read_marks(project)["m1"].tags == ("kept",)
    assert marks.read_marks(project)["m1"].text != marks.hash_text(mail)


def test_what_is_written_at_a_sealed_mail_is_not_given_out(workspace: Path) -> None:
    project = Project.create("sealed")
    frame = mails(120)
    import_dataset(project, Dataset("sealed", frame), frame.iloc[:0])
    for mail_id in frame["id"]:
        marks.change_tags(project, mail_id, ["early"])
    split = divide_mails(project, SplitSpec())
    assert split.test
    assert set(marks.read_marks(project)) == {*split.train, *split.validation}
    with pytest.raises(BadData):
        marks.change_tags(project, split.test[0], ["late"])
