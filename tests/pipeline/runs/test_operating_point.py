"""The threshold in use: the project's rule, what was set by hand, and a run's own."""

from datetime import UTC, datetime

import numpy as np
import pytest

from pipeline.errors import BadSpec
from pipeline.evaluation import Evaluation
from pipeline.evaluation.thresholds import resolve_operating_point
from pipeline.project import Project, choose_threshold, divide_mails, import_dataset
from pipeline.runs.store import Run
from pipeline.specs import RunSpec, SplitSpec, ThresholdSpec
from tests.mails import dataset, mails

RUN = Run("r", "logistic-1", "p", RunSpec("d"), "finished", datetime.now(UTC), threshold=0.4)
LABELS = np.array([0] * 300 + [1] * 100)
SCORES = np.concatenate([np.linspace(0, 0.8, 300), np.linspace(0.2, 1, 100)])
EVALUATION = Evaluation("validation", tuple(map(str, range(400))), LABELS, SCORES)


def test_a_run_stands_at_its_own_until_something_is_chosen() -> None:
    spec = Project.create("p").settings.threshold_spec(RUN.id)
    assert spec == ThresholdSpec()
    assert resolve_operating_point(EVALUATION, spec, own=RUN.threshold).threshold == 0.4


def test_by_hand_each_run_has_its_own_and_the_rule_is_the_projects() -> None:
    project = Project.create("p")
    choose_threshold(project, ThresholdSpec("hand", 0.7, 0.3), "r")
    assert project.settings.threshold_spec("r") == ThresholdSpec("hand", 0.7, 0.3)
    other = project.settings.threshold_spec("other")
    assert resolve_operating_point(EVALUATION, other, own=RUN.threshold).threshold == 0.4
    choose_threshold(project, ThresholdSpec("cost", 9, 0.01))
    assert (
        project.settings.threshold_spec("r")
        == Project("p").settings.threshold_spec()
        == ThresholdSpec("cost", 9, 0.01)
    )
    choose_threshold(project, ThresholdSpec("hand"))
    assert project.settings.threshold_spec("r") == ThresholdSpec("hand", 0.7, 0.3), (
        "it is remembered"
    )
    with pytest.raises(BadSpec, match="'hand' for one run"):
        choose_threshold(project, ThresholdSpec("cost", 9), "r")


def test_the_one_threshold_of_an_older_project_is_that_of_all_its_runs() -> None:
    project = Project.create("p")
    project.change(threshold=0.25)
    assert project.settings.threshold_spec("r") == ThresholdSpec("hand", 0.25)
    choose_threshold(project, ThresholdSpec("hand", 0.7), "r")
    assert project.settings.threshold_spec("r") == ThresholdSpec("hand", 0.7)
    assert project.settings.threshold_spec("other") == ThresholdSpec("hand", 0.25)


def test_another_split_keeps_a_rule_and_lets_go_what_was_set_by_hand() -> None:
    project = Project.create("p")
    import_dataset(project, dataset(), mails(0))
    divide_mails(project, SplitSpec())
    budget = ThresholdSpec("budget", 100)
    choose_threshold(project, budget)
    divide_mails(project, SplitSpec(seed=1))
    assert project.settings.threshold_spec("r") == budget
    choose_threshold(project, ThresholdSpec("hand", 0.7), "r")
    divide_mails(project, SplitSpec(seed=1))
    assert project.settings.threshold_spec("r") == ThresholdSpec("hand", 0.7)
    divide_mails(project, SplitSpec(seed=2))
    assert project.settings.threshold_spec() == ThresholdSpec()


def test_a_rule_that_a_run_cannot_keep_leaves_it_its_own_and_says_so() -> None:
    point = resolve_operating_point(EVALUATION, ThresholdSpec("budget", 1000), own=RUN.threshold)
    assert point.threshold == 0.4
    assert "the 300 ham of validation" in point.why
    assert point.why.endswith("The balanced threshold is used instead.")
    alike = resolve_operating_point(
        EVALUATION, ThresholdSpec("budget", 100), np.arange(400) // 10, RUN.threshold
    )
    assert "the 30 ham" in alike.why
    kept = resolve_operating_point(EVALUATION, ThresholdSpec("budget", 50), own=RUN.threshold)
    assert kept.threshold > 0.7
