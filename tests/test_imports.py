"""Who may import whom: the contracts in pyproject.toml, and what is imported at run time."""

import os
import subprocess
import sys
from pathlib import Path

from scripts import layers

ROOT = Path(__file__).parents[1]


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
    )


def test_every_contract_is_kept() -> None:
    code = "from importlinter.cli import lint_imports_command as lint; lint()"
    result = python(code, "--no-cache")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


def test_the_page_on_the_architecture_draws_the_layers_of_today() -> None:
    page = layers.PAGE.read_text(encoding="utf-8")
    assert layers.fill_page(page) == page, "run `python -m scripts.layers`"
    assert all(f"`{room}`" in page for layer in layers.read_layers() for room in layer)


def test_only_the_room_of_the_state_touches_the_session() -> None:
    files = [path.relative_to(ROOT / "dashboard") for path in ROOT.glob("dashboard/**/*.py")]
    touching = {p for p in files if "session_state" in (ROOT / "dashboard" / p).read_text("utf-8")}
    assert {path.parts[0] for path in touching} == {"state"}, touching


def test_the_way_to_the_first_paint_imports_nothing_heavy() -> None:
    code = """
import sys
import dashboard.cache, dashboard.components.widgets, dashboard.state
heavy = {"tensorflow", "keras", "mlflow", "sklearn"}
print(sorted(heavy & set(sys.modules)))
"""
    result = python(code)
    assert result.stdout == "[]\n", result.stderr
