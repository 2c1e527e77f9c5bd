"""The settings of a project, as this version and the ones before wrote them."""

import json

import pytest

from pipeline.project import Project, Settings, choose_threshold
from pipeline.specs import ThresholdSpec

# as it was written in October 2026: no rule for thresholds, no versions, and a key of that time
OLD = {
    "created": "2026-10-01T10:00:00+00:00",
    "files": ["mails.csv"],
    "dataset": "0" * 16,
    "counts": {"ham": 60, "spam": 40},
    "split": None,
    "threshold": 0.25,
    "file": "mails.csv",
}


def write(values: dict) -> Project:
    project = Project.create("old")
    (project.path / "project.json").write_text(json.dumps(values), encoding="utf-8")
    return project


def test_settings_of_an_older_version_are_read_and_nothing_is_lost() -> None:
    project = write(OLD)
    settings = project.settings
    assert settings.files == ("mails.csv",)
    assert settings.dataset == OLD["dataset"]
    assert (settings.split, settings.sizes, settings.project_version) == (None, None, 1)
    assert settings.threshold_spec("any") == ThresholdSpec("hand", 0.25)
    assert settings.unknown == {"file": "mails.csv"}
    assert [entry["fingerprint"] for entry in project.versions.entries()] == [OLD["dataset"]]
    project.change(seen=["evaluate:1"])
    stored = json.loads((project.path / "project.json").read_text("utf-8"))
    assert stored == {**OLD, "seen": ["evaluate:1"]}
    assert project.settings.seen == ("evaluate:1",)


def test_null_means_what_a_missing_key_means() -> None:
    project = write(dict.fromkeys(("files", "reading", "versions", "seen", "project_version")))
    assert project.settings == Settings()


def test_a_threshold_of_one_run_leaves_those_of_the_others() -> None:
    project = write(OLD)
    choose_threshold(project, ThresholdSpec("hand", 0.75, 0.5), "one")
    choose_threshold(project, ThresholdSpec("hand", 0.5), "two")
    settings = project.settings
    assert settings.threshold_spec("one") == ThresholdSpec("hand", 0.75, 0.5)
    assert settings.threshold_spec("two") == ThresholdSpec("hand", 0.5)
    assert settings.threshold_spec("three") == ThresholdSpec("hand", 0.25)


def test_settings_are_a_value_that_nobody_changes() -> None:
    settings = Project.create("p").settings
    with pytest.raises(AttributeError):
        settings.dataset = "another"  # type: ignore[misc]
