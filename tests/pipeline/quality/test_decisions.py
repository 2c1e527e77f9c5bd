"""Decisions outlive a reload, count only for the label they were about, and become a version."""

import json

import pandas as pd
import pytest

from pipeline.errors import BadData, BadSpec
from pipeline.mail.dataset import Dataset
from pipeline.project import Project, divide_mails, import_dataset
from pipeline.quality import decisions, label_review
from pipeline.specs import SplitSpec
from tests.mails import dataset


@pytest.fixture
def undivided() -> Project:
    made = Project.create("undivided")
    small = dataset()
    import_dataset(made, small, small.frame.iloc[:0])
    return made


def learnt_from(project: Project) -> list[str]:
    split = project.split
    assert split is not None
    return list(split.train)


def test_the_list_is_kept_and_belongs_to_one_dataset_and_split(undivided: Project) -> None:
    assert decisions.read_review(undivided) is None
    table = decisions.review_project_labels(undivided)
    assert len(table) == 120
    kept = decisions.read_review(Project("undivided"))
    assert kept is not None
    pd.testing.assert_frame_equal(kept, table)
    split = divide_mails(undivided, SplitSpec())
    assert decisions.read_review(undivided) is None
    assert set(decisions.review_project_labels(undivided)["id"]) == {
        *split.train,
        *split.validation,
    }


def test_a_project_without_mails_is_told_so() -> None:
    empty = Project.create("empty")
    assert decisions.read_decisions(empty) == {}
    with pytest.raises(BadData, match="import a file first"):
        decisions.review_project_labels(empty)


def test_decisions_are_stored_changed_and_taken_back(project: Project) -> None:
    a, b, c = learnt_from(project)[:3]
    decisions.record_decision(project, [a, b], "flip")
    decisions.record_decision(project, [c], "keep")
    decisions.record_decision(project, [b], "drop")
    assert decisions.read_decisions(Project(project.name)) == {a: "flip", b: "drop", c: "keep"}
    decisions.record_decision(project, [a], None)
    decisions.record_decision(project, [a], None)
    assert decisions.read_decisions(project) == {b: "drop", c: "keep"}


def test_a_decision_about_a_label_that_changed_since_does_not_count(undivided: Project) -> None:
    small = dataset()
    a, b = small.frame["id"].head(2)
    decisions.record_decision(undivided, [a, b], "keep")
    other = label_review.apply_decisions(small, {a: "flip"})
    import_dataset(undivided, other, other.frame.iloc[:0])
    assert decisions.read_decisions(undivided) == {b: "keep"}
    less = Dataset("small", small.frame[small.frame["id"] != b])
    import_dataset(undivided, less, less.frame.iloc[:0])
    assert decisions.read_decisions(undivided) == {a: "keep"}


def test_nothing_can_be_decided_about_a_sealed_mail(undivided: Project) -> None:
    ids = list(dataset().frame["id"])
    decisions.record_decision(undivided, ids, "drop")
    split = divide_mails(undivided, SplitSpec())
    # decided before it was sealed: it no longer counts
    assert set(decisions.read_decisions(undivided)) == {*split.train, *split.validation}
    before = (undivided.path / decisions.FILE).read_text()
    with pytest.raises(BadData, match="train and validation"):
        decisions.record_decision(undivided, [split.train[0], split.test[0]], "flip")
    assert (undivided.path / decisions.FILE).read_text() == before


def test_other_words_are_refused(project: Project) -> None:
    with pytest.raises(BadSpec, match="expected keep, flip or drop, received 'burn'"):
        decisions.record_decision(project, learnt_from(project)[:1], "burn")
    assert not (project.path / decisions.FILE).exists()


def test_decisions_become_a_version_and_keep_stays_known(project: Project) -> None:
    a, b, c = learnt_from(project)[:3]
    old, sealed = project.mails.complete(), project.split
    assert old is not None
    assert sealed is not None
    with pytest.raises(BadData, match="decide about a mail first"):
        decisions.apply_decisions(project)
    for mail_id, decision in ((a, "flip"), (b, "drop"), (c, "keep")):
        decisions.record_decision(project, [mail_id], decision)
    decisions.apply_decisions(project)
    now, split = project.mails.complete(), project.split
    assert now is not None
    assert split is not None
    assert now.fingerprint != old.fingerprint
    labels = now.frame.set_index("id")["label"]
    assert set(labels.index) == set(old.frame["id"]) - {b}
    changed = labels[labels != old.frame.set_index("id")["label"][labels.index]]
    assert list(changed.index) == [a]
    assert now.parent == old.fingerprint
    assert now.correction == "1 label flipped and 1 mail dropped after review"
    assert split.test == sealed.test
    assert b not in split.train
    assert decisions.read_decisions(project) == {c: "keep"}
    # a mail that is back under its old label is decided about once more, by the user
    assert json.loads((project.path / decisions.FILE).read_text())[c]["decision"] == "keep"


def test_near_duplicates_are_judged_by_models_that_read_none_of_them(
    undivided: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = dataset().frame
    text = " ".join(f"word{k}" for k in range(60))
    campaign = frame["id"].isin(frame["id"].head(5))
    frame.loc[campaign, "body"] = [f"{text} number{k}" for k in range(5)]
    frame.loc[campaign, "subject"] = "one of many"
    whole = Dataset("campaign", frame)
    import_dataset(undivided, whole, frame.iloc[:0])
    asked = []
    score = label_review._score
    monkeypatch.setattr(
        label_review, "_score", lambda rest, out: asked.append(out) or score(rest, out)
    )
    decisions.review_project_labels(undivided)
    holds = [int(out["id"].isin(frame["id"][campaign]).sum()) for out in asked]
    assert sorted(holds) == [0, 0, 0, 0, 5]
