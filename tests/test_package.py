"""The wheel runs anywhere: installed into a fresh environment, from the sample to a score."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pandas as pd
import psutil
import pytest

ROOT = Path(__file__).parents[1]
UPLOAD = """
from pathlib import Path
import dashboard
from streamlit.testing.v1 import AppTest
app = AppTest.from_file(Path(dashboard.__file__).parent / "app.py", default_timeout=300).run()
app.button(key="start_sample").click().run()
assert not app.exception, app.exception
from pipeline.project import list_projects
print(*[project.name for project in list_projects()])
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """What a command prints; it must end well."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env={**kept, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder far from the repository, in which the commands are called."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(scope="module")
def programs(folder: Path) -> Path:
    """The `bin` folder of an environment that holds the wheel and what it depends on."""
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("this test builds the package with uv: pip install uv")
    run(uv, "build", "--wheel", "--out-dir", folder / "dist", cwd=ROOT)
    (wheel,) = (folder / "dist").glob("*.whl")
    versions = folder / "versions.txt"
    run(uv, "export", "--frozen", "--no-dev", "--no-emit-project", "-o", versions, cwd=ROOT)
    venv = folder / "venv"
    run(uv, "venv", "--python", sys.executable, venv, cwd=folder)
    python = venv / "bin" / "python"
    run(uv, "pip", "install", "--python", python, "-r", versions, cwd=folder)
    run(uv, "pip", "install", "--python", python, "--no-deps", wheel, cwd=folder)
    return venv / "bin"


def test_the_command_line_goes_from_the_sample_to_a_score(programs: Path, folder: Path) -> None:
    sample = run(
        programs / "python", "-c", "import pipeline; print(pipeline.sample_file())", cwd=folder
    ).strip()
    assert Path(sample).is_relative_to(programs.parent)
    model = folder / "my.spamlab"
    run(programs / "spamlab", "train", sample, "--export", model, cwd=folder)
    scores = pd.read_csv(StringIO(run(programs / "spamlab", "score", model, sample, cwd=folder)))
    truth = pd.read_csv(ROOT / "data" / "sample_truth.csv")
    assert scores["id"].tolist() == truth["id"].tolist()
    assert (scores["label"] == truth["true_label"]).mean() > 0.9


def test_the_dashboard_takes_in_the_sample(programs: Path, folder: Path) -> None:
    printed = run(
        programs / "python", "-c", UPLOAD, cwd=folder, SPAMLAB_HOME=str(folder / "by-hand")
    )
    assert printed.split("\n")[-2] == "Sample mails"


@pytest.fixture
def served(programs: Path, folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    """The port and the process of a dashboard that `spamlab app` started."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    with (folder / "app.log").open("w") as log:
        process = subprocess.Popen(
            [programs / "spamlab", "app", "--port", str(port)], cwd=folder, stdout=log, stderr=log
        )
    server = psutil.Process(process.pid)
    yield port, server
    for child in [*server.children(recursive=True), server]:
        child.terminate()
    process.wait(30)


def test_the_dashboard_runs_with_our_own_settings(served: tuple[int, psutil.Process]) -> None:
    port, server = served
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health") as answer:
                assert answer.status == 200
            break
        except OSError:
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.1)
    listening = [
        connection.laddr.ip
        for process in [server, *server.children(recursive=True)]
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
    ]
    assert set(listening) == {"127.0.0.1"}
