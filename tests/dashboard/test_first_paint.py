"""What is slow to import is imported after the first page is on the screen."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import APP, NAME, Stage

SCRIPT = """
import sys
from streamlit.testing.v1 import AppTest
from dashboard import cache
from dashboard.components import sidebar

def slow():
    return sorted({{"tensorflow", "keras", "mlflow", "sklearn", "distributed"}} & set(sys.modules))

when_drawn, fill = [], sidebar.draw_checklist

def fill_later(place):
    when_drawn.append(slow())
    fill(place)

sidebar.draw_checklist = fill_later
cache.jobs = lambda: None
app = AppTest.from_file({app!r}, default_timeout=60)
app.query_params["project"] = {project!r}
app.run()
assert not app.exception
assert len(app.title) == 1
assert app.button(key="start_sample")
print(when_drawn, slow())
"""


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["empty", "data", "trained"])
def test_the_start_page_is_drawn_before_anything_slow_is_imported(
    at_stage: Callable[[str], Stage], stage: str
) -> None:
    at_stage(stage)
    script = SCRIPT.format(app=str(APP), project="" if stage == "empty" else NAME)
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(APP).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    at_the_page, at_the_end = done.stdout.splitlines()[-1].rsplit(" [", 1)
    assert at_the_page == "[[]]"
    # the checklist lists the runs, which takes MLflow but never TensorFlow
    allowed = {"", "'mlflow'", "'mlflow', 'sklearn'"} if stage == "trained" else {""}
    assert at_the_end.rstrip("]") in allowed
