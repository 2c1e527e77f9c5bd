"""What is kept is asked for again when, and only when, its answer could be another one."""

import ast
from pathlib import Path

import pandas as pd
import pytest

from dashboard import cache
from dashboard.cache.cached import cached
from pipeline.errors import BadWorkspace
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project, divide_mails, import_dataset, marks
from pipeline.specs import SplitSpec
from tests.mails import dataset

ROOT = Path(cache.__file__).parents[1]


@pytest.fixture
def project() -> Project:
    made = Project.create("p")
    import_dataset(made, dataset(), dataset().frame.iloc[:0])
    return made


def test_mails_are_read_again_when_they_or_their_split_change(project: Project) -> None:
    whole = cache.mails(project)
    assert cache.mails(Project("p")) is whole
    assert len(whole) == 120
    split = divide_mails(project, SplitSpec())
    visible = cache.mails(project)
    assert len(visible) == 120 - len(split.test)
    project.change(seen=["evaluate"])
    assert cache.mails(project) is visible
    import_dataset(project, dataset(60, seed=3), dataset().frame.iloc[:0])
    assert len(cache.mails(project)) == 60


def test_marks_are_read_again_when_one_is_written(project: Project) -> None:
    mail_id = cache.mails(project).heads["id"].iloc[0]
    assert cache.marks(project) == {}
    marks.change_tags(project, mail_id, ["seen"])
    assert cache.marks(project)[mail_id].tags == ("seen",)
    assert cache.marks(project) is cache.marks(project)


def test_the_suggestion_outlives_the_split_and_the_count_does_not(project: Project) -> None:
    divide_mails(project, SplitSpec())
    before, suggested = cache.part_counts(project), cache.suggested_split(project)
    divide_mails(project, SplitSpec(train=0.5, validation=0.25, test=0.25))
    assert cache.suggested_split(project) == suggested
    assert not cache.part_counts(project).equals(before)


def test_a_copy_for_each_caller_unless_it_is_shared() -> None:
    calls = []

    @cached(entries=2)
    def copied(number: int) -> pd.DataFrame:
        calls.append(number)
        return pd.DataFrame({"number": [number]})

    first = copied(1)
    first["number"] = 2
    assert copied(1)["number"].tolist() == [1]
    copied(2)
    copied(3)
    copied(1)
    assert calls == [1, 2, 3, 1], "two are kept"


def test_an_operating_point_is_what_it_calls_whatever_led_to_it() -> None:
    calls = []

    @cached(entries=4, shared=True)
    def asked(point: OperatingPoint) -> float:
        calls.append(point)
        return point.threshold

    asked(OperatingPoint(0.5, why="by hand"))
    asked(OperatingPoint(0.5, why="its own"))
    asked(OperatingPoint(0.5, 0.25))
    assert [point.unsure_from for point in calls] == [None, 0.25]


def test_a_version_that_cannot_be_read_says_why(project: Project) -> None:
    def broken(project: Project) -> tuple[str, ...]:
        raise BadWorkspace("the folder cannot be read.")

    @cached(entries=1, version=broken)
    def asked(project: Project) -> int:
        return 1

    with pytest.raises(BadWorkspace, match="the folder cannot be read"):
        asked(project)


def test_only_the_cache_keeps_answers() -> None:
    for path in ROOT.rglob("*.py"):
        if path.name == "cached.py" or (path.name == "work.py" and path.parent.name == "cache"):
            continue
        names = {n.attr for n in ast.walk(ast.parse(path.read_text("utf-8")))
                 if isinstance(n, ast.Attribute)}  # fmt: skip
        assert not names & {"cache_data", "cache_resource"}, path
