import errno
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import workspace as ws
from pipeline.errors import BadData, BadSpec, BadWorkspace, Sealed
from pipeline.mail.dataset import Dataset
from pipeline.project import (
    Project,
    Settings,
    correct_mails,
    count_crossings,
    count_parts,
    divide_mails,
    estimate_counts,
    find_free_name,
    find_pairs,
    import_dataset,
    list_projects,
    record_opening,
    return_to_version,
    suggest_split,
)
from pipeline.similarity import near_duplicates
from pipeline.specs import SplitSpec
from pipeline.workspace import replacing, write_text
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
    assert list_projects() == [Project(name)]


@given(st.text() | st.from_regex(r"[\w .-]{0,80}", fullmatch=True))
def test_a_free_name_is_always_valid(wanted: str) -> None:
    assert Project(find_free_name(wanted)).name


def test_a_free_name_is_not_taken() -> None:
    assert find_free_name("enron.csv") == "enron.csv"
    for expected in ("mails", "mails 2", "mails 3"):
        assert find_free_name("mails") == expected
        Project.create(expected)
    assert find_free_name("../../etc/passwd") == "etc-passwd"
    long = find_free_name("x" * 300)
    Project.create(long)
    assert Project(find_free_name("x" * 300)).name != long


def test_folders_that_are_no_projects_are_passed_over(workspace: Path) -> None:
    Project.create("good")
    for name in ("a..b", ".hidden", "a."):
        (workspace / "projects" / name).mkdir()
        (workspace / "projects" / name / "project.json").write_text("{}")
    (workspace / "projects" / "empty").mkdir()
    assert list_projects() == [Project("good")]


def test_the_project_changed_last_comes_first() -> None:
    for name in ("a", "b"):
        Project.create(name)
    os.utime(Project("a").path / "project.json", (1, 1))
    assert [p.name for p in list_projects()] == ["b", "a"]
    os.utime(Project("b").path / "project.json", (0, 0))
    assert [p.name for p in list_projects()] == ["a", "b"]


def test_settings_survive_and_are_changed_one_by_one() -> None:
    project = Project.create("p")
    assert project.exists
    project.change(threshold=0.25, file="ü.csv")
    Project.create("p").change(threshold=0.5)
    settings = Project("p").settings
    assert (settings.threshold, settings.unknown["file"]) == (0.5, "ü.csv")
    assert settings.created
    assert Project("none").settings == Settings()
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
    import_dataset(project, small, small.frame.iloc[:0])
    before = project.settings

    def full(self: Dataset, path: Path) -> None:
        path.write_bytes(b"PAR1 half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Dataset, "save", full)
    with pytest.raises(BadWorkspace):
        import_dataset(project, other, other.frame.iloc[:0])
    assert project.settings == before
    found = project.mails.complete()
    assert found is not None
    assert found.fingerprint == small.fingerprint
    assert len(list((project.path / "datasets").iterdir())) == 2


@pytest.mark.parametrize("home", ["/proc/x", "/dev/null/x"])
def test_a_workspace_that_cannot_be_written_is_a_sentence(monkeypatch, home: str) -> None:
    monkeypatch.setenv("SPAMLAB_HOME", home)
    with pytest.raises(BadWorkspace, match=f"in the workspace {home}"):
        Project.create("p")
    assert list_projects() == []


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
    assert project.mails.complete() is None
    assert project.mails.left_out().empty
    small = dataset()
    left_out = pd.DataFrame({"row": [3], "reason": ["no label"]})
    import_dataset(project, small, left_out, file="a.csv")
    found = Project("p").mails.complete()
    assert found is not None
    assert found.fingerprint == small.fingerprint
    assert project.mails.left_out().equals(left_out)
    assert project.settings.unknown["file"] == "a.csv"


def test_a_split_needs_mails() -> None:
    with pytest.raises(BadData, match="import a file first"):
        divide_mails(Project.create("p"), SplitSpec())


def test_other_mails_let_the_split_go_and_the_same_mails_keep_it() -> None:
    project = Project.create("p")
    small = dataset()
    import_dataset(project, small, small.frame.iloc[:0])
    assert project.split is None
    split = divide_mails(project, SplitSpec())
    project.change(threshold=0.3)
    assert Project("p").split == split
    import_dataset(project, Dataset("renamed", small.frame[::-1]), small.frame.iloc[:0])
    assert project.split == split
    assert project.settings.threshold == 0.3
    import_dataset(project, dataset(seed=1), small.frame.iloc[:0])
    assert project.split is None
    assert project.settings.threshold is None


def test_another_split_lets_the_threshold_go_and_the_same_one_keeps_it() -> None:
    project = Project.create("p")
    import_dataset(project, dataset(), mails(0))
    divide_mails(project, SplitSpec())
    project.change(threshold=0.3)
    divide_mails(project, SplitSpec())
    assert project.settings.threshold == 0.3
    divide_mails(project, SplitSpec(seed=1))
    assert project.settings.threshold is None


def opened(name: str = "p") -> tuple[Project, Dataset]:
    """A project whose test part was opened, for a run that nobody made."""
    project, small = Project.create(name), dataset()
    import_dataset(project, small, mails(0))
    divide_mails(project, SplitSpec())
    record_opening(project, "run", 0.5, {"f1": 0.9})
    return project, small


def test_after_the_opening_the_same_again_is_no_change() -> None:
    project, small = opened()
    import_dataset(project, small, mails(0))
    divide_mails(project, SplitSpec())
    assert project.settings.project_version == 1
    assert project.seal.is_opened()


@pytest.mark.parametrize("change", ["mails", "split"])
def test_another_test_part_after_the_opening_is_another_version_that_never_opens(
    change: str,
) -> None:
    project, _ = opened()
    if change == "mails":
        import_dataset(project, dataset(seed=1), mails(0))
        divide_mails(project, SplitSpec())
    else:
        divide_mails(project, SplitSpec(seed=1))
    assert project.settings.project_version == 2
    assert not project.seal.is_opened()
    assert project.seal.may_be_known()
    line = project.seal.ledger.read_lines()[-1]
    assert (line["what"], line["version"]) == ("reopened project", 2)
    assert project.seal.ledger.is_intact
    with pytest.raises(Sealed, match="can be opened only once"):
        record_opening(project, "another", 0.5, {})


def test_a_correction_of_train_after_the_opening_is_no_new_version_of_the_project() -> None:
    project, _ = opened()
    correct_mails(project, flipped(project, 3))
    assert project.settings.project_version == 1
    assert project.seal.is_opened()


def flipped(project: Project, number: int) -> Dataset:
    """The visible mails with the labels of the first ones turned round."""
    seen = project.mails.visible()
    assert seen is not None
    frame = seen.frame.copy()
    turned = frame["label"].head(number).map({"ham": "spam", "spam": "ham"})
    frame["label"] = turned.reindex(frame.index).fillna(frame["label"])
    return Dataset("p", frame, project.settings.dataset, f"{number} labels turned round.")


def split_project() -> Project:
    project = Project.create("p")
    import_dataset(project, dataset(), mails(0))
    divide_mails(project, SplitSpec())
    return project


def test_only_visible_mails_are_visible() -> None:
    project = Project.create("p")
    assert project.mails.visible() is None
    import_dataset(project, dataset(), mails(0))
    seen, whole = project.mails.visible(), project.mails.complete()
    assert seen is not None
    assert whole is not None
    assert seen.fingerprint == whole.fingerprint
    split = divide_mails(project, SplitSpec())
    seen = project.mails.visible()
    assert seen is not None
    assert set(seen.frame["id"]) == {*split.train, *split.validation}
    assert project.settings.counts == seen.counts


def test_a_correction_keeps_the_split_and_the_test_mails_to_the_letter() -> None:
    project = split_project()
    before, split = project.mails.complete(), project.split
    assert before is not None
    assert split is not None
    correction = flipped(project, 5)
    dropped = set(correction.frame["id"].iloc[10:13])
    kept = correction.frame[~correction.frame["id"].isin(dropped)]
    correct_mails(project, Dataset("p", kept, correction.parent, correction.correction))
    after, carried = project.mails.complete(), project.split
    assert after is not None
    assert carried is not None
    assert after.parent == before.fingerprint
    assert after.correction == "5 labels turned round."
    assert carried.test == split.test
    assert set(carried.train) == set(split.train) - dropped
    assert set(carried.validation) == set(split.validation) - dropped
    assert carried.spec == replace(split.spec, inherited=split.fingerprint)
    sealed = [f.frame.set_index("id").loc[list(split.test)] for f in (before, after)]
    pd.testing.assert_frame_equal(*sealed)
    project.seal.verify()
    seen = project.mails.visible()
    assert seen is not None
    assert project.settings.counts == seen.counts
    assert project.settings.sizes["train"] == len(carried.train)


def test_versions_are_listed_and_returned_to_with_their_split() -> None:
    project = split_project()
    before, split = project.mails.complete(), project.split
    assert before is not None
    correct_mails(project, flipped(project, 5))
    correct_mails(project, flipped(project, 2))
    versions = project.versions.all()
    assert [v.correction for v in versions] == [
        "",
        "5 labels turned round.",
        "2 labels turned round.",
    ]
    assert [v.present for v in versions] == [False, False, True]
    assert [v.parent for v in versions] == [None, *[v.fingerprint for v in versions[:-1]]]
    assert {sum(v.counts.values()) for v in versions} == {102}
    return_to_version(project, before.fingerprint)
    found = project.mails.complete()
    assert found is not None
    assert found.fingerprint == before.fingerprint
    assert project.split == split
    assert project.versions.all()[0].present
    assert len(project.versions.all()) == 3
    with pytest.raises(BadData, match="no version"):
        return_to_version(project, "0" * 16)


def test_mails_that_come_back_and_were_never_divided_end_the_split() -> None:
    project = Project.create("p")
    small = dataset()
    import_dataset(project, small, mails(0))
    few = small.frame.iloc[4:].reset_index(drop=True)
    correct_mails(project, Dataset("p", few, small.fingerprint, "4 mails dropped."))
    split = divide_mails(project, SplitSpec())
    counted = [sum(v.counts.values()) for v in project.versions.all()]
    assert counted == [120 - len(split.test), 116 - len(split.test)]
    return_to_version(project, small.fingerprint)
    assert project.split is None, "they may be copies of sealed mails"
    assert sum(project.settings.counts.values()) == 120
    assert project.settings.project_version == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [("parent", "make it again"), ("sentence", "says what was done"), ("stranger", "1 of its")],
)
def test_a_correction_that_is_not_one_is_refused(wrong: str, words: str) -> None:
    project = split_project()
    right, split = flipped(project, 1), project.split
    assert split is not None
    frame, parent, done = right.frame.copy(), right.parent, right.correction
    if wrong == "parent":
        parent = "0" * 16
    elif wrong == "sentence":
        done = ""
    else:
        frame.loc[0, "id"] = split.test[0]
    before = project.settings
    with pytest.raises(BadData, match=words):
        correct_mails(project, Dataset("p", frame, parent, done))
    assert project.settings == before


def test_runs_of_a_new_project_with_opened_mails_are_after_test(workspace: Path) -> None:
    first, small = opened("first")
    split = first.split
    assert split is not None
    second = Project.create("second")
    frame = small.frame.assign(id="other-" + small.frame["id"], body=small.frame["body"] + " \n")
    import_dataset(second, Dataset("second", frame), mails(0))
    divide_mails(second, SplitSpec())
    mine = second.split
    assert mine is not None
    texts = small.frame.assign(text=small.frame["subject"] + small.frame["body"])
    seen = set(texts[texts["id"].isin(split.test)]["text"])
    known = texts[texts["id"].isin({i.removeprefix("other-") for i in mine.test})]["text"]
    (overlap,) = second.seal.earlier_openings()
    assert overlap.mails == known.isin(seen).sum() > 0
    assert overlap.project == "first"
    assert second.seal.may_be_known()
    assert not first.seal.earlier_openings()
    first.delete()
    assert second.seal.earlier_openings() == [overlap]
    third = Project.create("third")
    import_dataset(third, dataset(seed=7), mails(0))
    divide_mails(third, SplitSpec())
    assert not third.seal.may_be_known()
    kept = "".join(p.read_text() for p in (workspace / "openings").iterdir())
    assert not any(word in kept for word in ("lottery", "meeting", "spam"))


@pytest.mark.parametrize("what", ["deleted", "emptied", "another split", "copied elsewhere"])
def test_a_ledger_that_was_taken_away_opens_nothing(workspace: Path, what: str) -> None:
    project, _ = opened()
    if what == "emptied":
        project.seal.ledger.path.write_text("")
    else:
        project.seal.ledger.path.unlink()
    if what == "another split":
        divide_mails(project, SplitSpec(seed=1))
    if what == "copied elsewhere":
        shutil.copytree(project.path, workspace / "projects" / "copy")
        project = Project("copy")
    assert project.seal.ledger.opening() is None
    assert project.seal.ledger.is_intact
    assert project.seal.is_intact() == (what == "copied elsewhere")
    assert project.seal.may_be_known()
    words = "opened before" if what == "copied elsewhere" else "modified outside Spamlab"
    with pytest.raises(Sealed, match=words):
        record_opening(project, "another", 0.5, {})
    assert project.seal.ledger.opening() is None
    assert len([*(workspace / "openings").iterdir()]) == 1


def part_of(name: str, known: slice, new: int) -> Project:
    """A project whose test part has some of the test mails of `opened`, and new ones."""
    split, old = Project("p").split, dataset().frame
    assert split is not None
    others, fresh = dataset(60, seed=8).frame, dataset(60, seed=9).frame.iloc[:new]
    parts = [
        ("train", others.iloc[:30]),
        ("validation", others.iloc[30:]),
        ("test", old[old["id"].isin(split.test)].iloc[known]),
        ("test", fresh),
    ]
    frame = pd.concat([rows.assign(**{"file:part": part}) for part, rows in parts])
    frame["id"] = [f"{name}{i}" for i in range(len(frame))]
    project = Project.create(name)
    import_dataset(project, Dataset(name, frame.reset_index(drop=True)), mails(0))
    divide_mails(project, SplitSpec(strategy="column", column="part"))
    return project


def test_mails_of_which_half_were_opened_before_do_not_open_in_a_new_project() -> None:
    first, _ = opened()
    day = first.seal.ledger.read_lines()[0]["time"][:10]
    half = part_of("half", slice(0, 8), 8)
    with pytest.raises(Sealed, match=f"8 of the 16 test mails .+on {day} in project p.+new mails"):
        record_opening(half, "run", 0.5, {})
    assert half.seal.ledger.opening() is None
    less = part_of("less", slice(0, 8), 9)
    assert less.seal.may_be_known()
    record_opening(less, "run", 0.5, {})
    assert less.seal.is_opened()
    assert less.seal.earlier_openings()[0].mails == 8
    # 8 of these 22 were opened in p and 9 others in less, neither of them half
    both = part_of("both", slice(10, 18), 14)
    assert sorted(overlap.mails for overlap in both.seal.earlier_openings()) == [8, 9]
    with pytest.raises(Sealed, match="17 of the 22 test mails"):
        both.seal.require_sealed()


def test_a_broken_memory_of_an_opening_stops_nothing_else(workspace: Path) -> None:
    project, _ = opened()
    (kept,) = (workspace / "openings").iterdir()
    for text in ("{", "[]", '{"time": 1}', "\0"):
        kept.write_text(text)
        assert project.seal.earlier_openings() == []
        with pytest.raises(Sealed, match="can be opened only once"):
            project.seal.require_sealed()


def test_runs_made_while_the_vault_is_away_are_after_test() -> None:
    project = split_project()
    split = project.split
    assert split is not None
    assert not project.seal.may_be_known()
    (project.path / "vault" / f"{split.fingerprint}.json").unlink()
    assert project.seal.may_be_known()


def test_other_labels_of_test_mails_after_the_opening_are_another_version_of_the_project() -> None:
    project, small = Project.create("p"), dataset()
    import_dataset(project, small, mails(0))
    correct_mails(project, flipped(project, 40))
    divide_mails(project, SplitSpec())
    record_opening(project, "run", 0.5, {})
    return_to_version(project, small.fingerprint)
    assert project.settings.project_version == 2
    assert not project.seal.is_opened()
    assert "other labels" in project.seal.ledger.read_lines()[-1]["why"]
    with pytest.raises(Sealed, match="can be opened only once"):
        project.seal.require_sealed()


def test_a_version_without_some_test_mails_is_refused_and_changes_nothing() -> None:
    project, small = Project.create("p"), dataset()
    import_dataset(project, small, mails(0))
    few = small.frame.iloc[60:].reset_index(drop=True)
    correct_mails(project, Dataset("p", few, small.fingerprint, "60 mails dropped."))
    less = project.settings.dataset
    return_to_version(project, small.fingerprint)
    divide_mails(project, SplitSpec())
    record_opening(project, "run", 0.5, {})
    before = project.settings
    with pytest.raises(BadData, match="sealed test part"):
        return_to_version(project, less)
    assert project.settings == before
    assert project.seal.is_opened()
    assert len(project.seal.ledger.read_lines()) == 1


def test_a_deleted_project_is_gone() -> None:
    project = Project.create("p")
    import_dataset(project, dataset(), mails(0))
    project.delete()
    assert not project.exists
    assert list_projects() == []
    project.delete()


def test_the_record_of_an_opened_test_outlives_its_project() -> None:
    project = Project.create("mine")
    data = dataset()
    import_dataset(project, data, data.frame.iloc[:0])
    divide_mails(project, SplitSpec())
    record_opening(project, "r1", 0.5, {})
    project.delete()
    assert list_projects() == []
    assert [p.name for p in project.path.iterdir()] == [project.seal.ledger.path.name]
    assert find_free_name("mine") == "mine 2"
    again = Project.create("mine")
    import_dataset(again, data, data.frame.iloc[:0])
    divide_mails(again, SplitSpec(seed=1))
    with pytest.raises(Sealed, match="can be opened only once"):
        record_opening(again, "r2", 0.5, {})
    assert not again.seal.is_opened()


def test_near_duplicates_are_looked_for_once_and_kept_with_the_mails(monkeypatch) -> None:
    project, small = Project.create("p"), dataset()
    frame = small.frame.copy()
    frame.loc[1, ["subject", "body"]] = frame.loc[0, ["subject", "body"]]
    import_dataset(project, Dataset("p", frame), mails(0))
    pairs = find_pairs(project)
    assert (pairs.first.tolist(), pairs.second.tolist()) == ([0], [1])
    monkeypatch.setattr(near_duplicates, "find_near_duplicates", lambda *_: 1 / 0)
    assert find_pairs(project).to_frame().equals(pairs.to_frame())
    spec, why = suggest_split(project)
    assert spec.strategy == "grouped"
    assert "2 mails have a copy" in why
    divide_mails(project, spec)
    found = count_crossings(project)
    assert (found.validation.pairs, found.test.pairs, found.twins) == (0, 0, ())


def test_without_near_duplicates_the_stratified_way_is_suggested() -> None:
    project = Project.create("p")
    import_dataset(project, dataset(), mails(0))
    assert suggest_split(project)[0] == SplitSpec()


def test_after_the_split_nothing_counts_the_labels_of_the_test_part() -> None:
    project = split_project()
    split = project.split
    assert split is not None
    counts = count_parts(project)
    assert counts.loc["test", ["ham", "spam"]].isna().all()
    assert counts["mails"].tolist() == [len(split.train), len(split.validation), len(split.test)]
    assert sum(estimate_counts(project).values()) == 120
    record_opening(project, "run", 0.5, {})
    whole = project.mails.complete()
    assert whole is not None
    labels = whole.frame.set_index("id")["label"][list(split.test)].value_counts()
    assert count_parts(project).loc["test", ["ham", "spam"]].tolist() == [
        labels["ham"],
        labels["spam"],
    ]


def test_near_duplicates_belong_to_the_mails_they_were_looked_for_among(monkeypatch) -> None:
    project, small, other = Project.create("p"), dataset(), dataset(60, seed=3)
    import_dataset(project, small, mails(0))
    search = near_duplicates.find_near_duplicates

    def slow(texts: list[str], progress: object = None) -> near_duplicates.Pairs:
        import_dataset(project, other, mails(0))  # in another tab, meanwhile
        return search(texts)

    with monkeypatch.context() as patch:
        patch.setattr(near_duplicates, "find_near_duplicates", slow)
        find_pairs(project)
    assert not project.mails.pairs_path.exists()
    assert project.mails.pairs_path.with_name(f"{small.fingerprint}.pairs.parquet").exists()
