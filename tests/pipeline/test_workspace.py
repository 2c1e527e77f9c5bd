import errno
import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import workspace as ws
from pipeline.dataset import Dataset
from pipeline.errors import BadData, BadSpec, BadWorkspace, Sealed
from pipeline.specs import SplitSpec
from pipeline.workspace import Project, free_name, projects, replacing, write_text
from tests.mails import dataset, mails

BAD_NAMES = ["a..b", "~", "a" * 61, "a" * 200, "a:b", "<b>", ".hidden", "a."]


@pytest.mark.parametrize(
    "name",
    [
        *BAD_NAMES,
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "/etc",
        "a\\b",
        "a\0b",
        "a\n",
        "-a",
        "_a",
        " a",
        "a ",
    ],
)
def test_a_name_that_could_be_a_path_is_refused(name: str) -> None:
    with pytest.raises(BadSpec, match=r"(?s)^project name: expected .+ received .+\.$"):
        Project(name)


@pytest.mark.parametrize("name", ["a", "Mails 2005", "été", "x-1_y.z", "日本", "a" * 60])
def test_ordinary_names_are_taken_and_found_again(name: str) -> None:
    Project.create(name)
    assert projects() == [Project(name)]


@given(st.text() | st.from_regex(r"[\w .-]{0,80}", fullmatch=True))
def test_a_free_name_is_always_valid(wanted: str) -> None:
    assert Project(free_name(wanted)).name


def test_a_free_name_is_not_taken() -> None:
    assert free_name("enron.csv") == "enron.csv"
    for expected in ("mails", "mails 2", "mails 3"):
        assert free_name("mails") == expected
        Project.create(expected)
    assert free_name("../../etc/passwd") == "etc-passwd"
    long = free_name("x" * 300)
    Project.create(long)
    assert Project(free_name("x" * 300)).name != long


def test_folders_that_are_no_projects_are_passed_over(workspace: Path) -> None:
    Project.create("good")
    for name in ("a..b", ".hidden", "a."):
        (workspace / "projects" / name).mkdir()
        (workspace / "projects" / name / "project.json").write_text("{}")
    (workspace / "projects" / "empty").mkdir()
    assert projects() == [Project("good")]


def test_the_project_changed_last_comes_first() -> None:
    for name in ("a", "b"):
        Project.create(name)
    os.utime(Project("a").path / "project.json", (1, 1))
    assert [p.name for p in projects()] == ["b", "a"]
    os.utime(Project("b").path / "project.json", (0, 0))
    assert [p.name for p in projects()] == ["a", "b"]


def test_settings_survive_and_are_changed_one_by_one() -> None:
    project = Project.create("p")
    assert project.exists
    project.change(threshold=0.25, file="ü.csv")
    Project.create("p").change(threshold=0.5)
    settings = Project("p").settings()
    assert (settings["threshold"], settings["file"]) == (0.5, "ü.csv")
    assert settings["created"]
    assert Project("none").settings() == {}
    assert not Project("none").exists


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(workspace: Path) -> None:
    path = workspace / "folder" / "file.json"
    write_text(path, "old")

    def fill_the_disk() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half of the n")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(BadWorkspace, match=r"could not write 'file.json' .+No space left on dev"):
        fill_the_disk()
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_another_error_while_writing_is_passed_on_and_leaves_the_old_file(workspace: Path) -> None:
    path = workspace / "file.json"
    write_text(path, "old")

    def divide() -> None:
        with replacing(path) as temporary:
            temporary.write_text("new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        divide()
    assert path.read_text() == "old"
    assert list(workspace.iterdir()) == [path]


def test_a_full_disk_while_a_dataset_is_kept_leaves_the_project_as_it_was(monkeypatch) -> None:
    project = Project.create("p")
    small, other = dataset(), dataset(seed=1)
    project.set_dataset(small, small.frame.iloc[:0])
    before = project.settings()

    def full(self: Dataset, path: Path) -> None:
        path.write_bytes(b"PAR1 half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Dataset, "save", full)
    with pytest.raises(BadWorkspace):
        project.set_dataset(other, other.frame.iloc[:0])
    assert project.settings() == before
    found = project.dataset()
    assert found is not None
    assert found.fingerprint == small.fingerprint
    assert len(list((project.path / "datasets").iterdir())) == 2


@pytest.mark.parametrize("home", ["/proc/x", "/dev/null/x"])
def test_a_workspace_that_cannot_be_written_is_a_sentence(monkeypatch, home: str) -> None:
    monkeypatch.setenv("SPAMLAB_HOME", home)
    with pytest.raises(BadWorkspace, match=f"in the workspace {home}"):
        Project.create("p")
    assert projects() == []


def test_the_workspace_is_named_by_the_environment(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPAMLAB_HOME", str(tmp_path / "elsewhere"))
    assert ws.home() == tmp_path / "elsewhere"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPAMLAB_HOME", "")
    assert ws.home() == tmp_path / "workspace"
    monkeypatch.delenv("SPAMLAB_HOME")
    assert ws.home() == tmp_path / "workspace"


def test_a_dataset_comes_back_with_what_was_left_out() -> None:
    project = Project.create("p")
    assert project.dataset() is None
    assert project.left_out().empty
    small = dataset()
    left_out = pd.DataFrame({"row": [3], "reason": ["no label"]})
    project.set_dataset(small, left_out, file="a.csv")
    found = Project("p").dataset()
    assert found is not None
    assert found.fingerprint == small.fingerprint
    assert project.left_out().equals(left_out)
    assert project.settings()["file"] == "a.csv"


def test_a_split_needs_mails() -> None:
    with pytest.raises(BadData, match="import a file first"):
        Project.create("p").set_split(SplitSpec())


def test_other_mails_let_the_split_go_and_the_same_mails_keep_it() -> None:
    project = Project.create("p")
    small = dataset()
    project.set_dataset(small, small.frame.iloc[:0])
    assert project.split() is None
    split = project.set_split(SplitSpec())
    project.change(threshold=0.3)
    assert Project("p").split() == split
    project.set_dataset(Dataset("renamed", small.frame[::-1]), small.frame.iloc[:0])
    assert project.split() == split
    assert project.settings()["threshold"] == 0.3
    project.set_dataset(dataset(seed=1), small.frame.iloc[:0])
    assert project.split() is None
    assert project.settings()["threshold"] is None


def test_another_split_lets_the_threshold_go_and_the_same_one_keeps_it() -> None:
    project = Project.create("p")
    project.set_dataset(dataset(), mails(0))
    project.set_split(SplitSpec())
    project.change(threshold=0.3)
    project.set_split(SplitSpec())
    assert project.settings()["threshold"] == 0.3
    project.set_split(SplitSpec(seed=1))
    assert project.settings()["threshold"] is None


def test_after_the_opening_neither_mails_nor_split_can_be_changed() -> None:
    project = Project.create("p")
    small = dataset()
    project.set_dataset(small, mails(0))
    split = project.set_split(SplitSpec())
    project.ledger.record("run", small.fingerprint, split, 0.5, {})
    with pytest.raises(Sealed):
        project.set_dataset(dataset(seed=1), mails(0))
    with pytest.raises(Sealed):
        project.set_split(SplitSpec(seed=1))
    project.set_dataset(small, mails(0))  # the same again is no change
    assert project.set_split(SplitSpec()) == split
    found = project.dataset()
    assert found is not None
    assert found.fingerprint == small.fingerprint


def test_a_deleted_project_is_gone() -> None:
    project = Project.create("p")
    project.set_dataset(dataset(), mails(0))
    project.delete()
    assert not project.exists
    assert projects() == []
    project.delete()


def test_the_record_of_an_opened_test_outlives_its_project() -> None:
    project = Project.create("mine")
    data = dataset()
    project.set_dataset(data, data.frame.iloc[:0])
    split = project.set_split(SplitSpec())
    project.ledger.record("r1", data.fingerprint, split, 0.5, {})
    project.delete()
    assert projects() == []
    assert [p.name for p in project.path.iterdir()] == [project.ledger.path.name]
    assert free_name("mine") == "mine 2"
    again = Project.create("mine")
    again.set_dataset(data, data.frame.iloc[:0])
    with pytest.raises(Sealed, match="opens once"):
        again.set_split(SplitSpec(seed=1))
