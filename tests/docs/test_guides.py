"""The guides to adding things are followed to the letter, in a copy of the project."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs import guides
from tests.docs.markdown import ROOT

FOLLOWED = ("adding-a-model.md", "adding-a-block.md", "adding-a-page.md",
            "adding-a-figure-or-format.md")  # fmt: skip
COPIED = ("pipeline", "dashboard", "scripts", "tests", "pyproject.toml")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A copy of the project in which all guides were followed, and the paths of its new files."""
    root = tmp_path_factory.mktemp("followed") / "project"
    root.mkdir()
    for name in COPIED:
        source = ROOT / name
        # compiled bytecode comes along, which saves the time to compile it again
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, root / name)
    made = [path for guide in FOLLOWED for path in guides.follow(guide, root)]
    return root, made


def run(root: Path, *command: str) -> None:
    """Run Python in the copy; its output is shown when it fails."""
    done = subprocess.run(
        [sys.executable, *command], cwd=root, env=environment(root), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def environment(root: Path) -> dict[str, str]:
    """That of a shell in the copy: not that of the pytest which runs here."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV"))}
    return {**kept, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}


def test_the_new_files_are_formatted_and_without_lint(copy: tuple[Path, list[str]]) -> None:
    root, made = copy
    changed = ["pipeline", "dashboard"]
    run(root, "-m", "ruff", "check", "--no-cache", *changed)
    run(root, "-m", "ruff", "format", "--no-cache", "--check", *changed)
    assert len(made) == 6


def test_the_rooms_stay_in_order(copy: tuple[Path, list[str]]) -> None:
    root, _ = copy
    code = "from importlinter.cli import lint_imports_command as lint; lint()"
    run(root, "-c", code, "--no-cache")


@pytest.mark.slow
def test_what_was_added_is_everywhere(copy: tuple[Path, list[str]]) -> None:
    root, _ = copy
    run(
        root,
        *("-m", "pytest", "-o", "addopts=-q --import-mode=importlib", "-p", "no:cacheprovider"),
        *("-k", "centroids or markup or followed"),
        "tests/docs/after_the_guides.py",
        "tests/pipeline/models/test_contract.py",
        "tests/pipeline/features/test_contract.py",
        "tests/pipeline/test_parameters.py",
    )


def test_a_change_whose_place_is_gone_is_refused() -> None:
    assert guides.patch("a\nb\nc\n", " a\n-b\n+d\n@@\n c\n+e\n") == "a\nd\nc\ne\n"
    with pytest.raises(AssertionError, match="not once"):
        guides.patch("a\na\n", " a\n+b\n")
