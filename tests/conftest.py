"""What every test gets: a workspace of its own, and nothing left over from the test before."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir
from xdist.scheduler import LoadScopeScheduling

from pipeline.project import Project, divide_mails, import_dataset
from pipeline.runs import server
from pipeline.specs import SplitSpec
from tests.mails import dataset

set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "spamlab-hypothesis")  # not the repository
settings.register_profile(
    "here",
    database=None,  # it would be written to the repository
    deadline=None,  # the cores are shared
    derandomize=True,  # a red test is red again
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("here")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Two processes run the tests, a whole file at a time; one alone runs those in the browser.

    Two servers, each with its cluster and a browser that draws without a graphics card, put a load
    of 13 on two cores that had nothing else to do.
    """

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "browser" if nodeid.startswith("tests/browser/") else nodeid.split("::")[0]

    return Scheduling(config, log)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no test: an archive holds the time, and both processes must see the same names."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: one of two minutes at the end would have the other process wait."""
    longest = ("tests/test_seal.py", "tests/dashboard/")
    items.sort(
        key=lambda item: next(
            (n for n, name in enumerate(longest) if item.nodeid.startswith(name)), len(longest)
        )
    )
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            # only to end what hangs: the seal takes two minutes, and five on a busy machine
            item.add_marker(pytest.mark.timeout(900))


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """SPAMLAB_HOME is an empty folder (not yet made), MLflow's database is in it."""
    home = tmp_path / "workspace"
    monkeypatch.setenv("SPAMLAB_HOME", str(home))
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("SPAMLAB_SCHEDULER", raising=False)
    yield home
    server.connect_to.cache_clear()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's tables, made once a session because making them takes 1.5 s."""
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPAMLAB_HOME", str(path.parent))
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        server.connect()
    server.connect_to.cache_clear()
    return path


@pytest.fixture
def database(workspace: Path, empty_database: Path) -> Path:
    """The workspace holds an empty list of runs; ask for this wherever a run is made."""
    workspace.mkdir(exist_ok=True)
    shutil.copy(empty_database, workspace / "mlflow.db")
    return workspace / "mlflow.db"


@pytest.fixture
def project(database: Path) -> Project:
    """A project with 120 easy mails and a split, ready to train."""
    small = dataset()
    made = Project.create("small")
    import_dataset(made, small, small.frame.iloc[:0])
    divide_mails(made, SplitSpec())
    return made
