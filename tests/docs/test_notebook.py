"""The notebook in the docs runs, and shows what it says."""

import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"
CELLS = [
    cell
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    if cell["cell_type"] == "code"
]


def test_the_way_to_the_misclassified_mails_takes_at_most_fifteen_lines() -> None:
    last = next(n for n, cell in enumerate(CELLS) if "list_errors" in "".join(cell["source"]))
    lines = [line for cell in CELLS[: last + 1] for line in cell["source"] if line.strip()]
    assert len(lines) <= 15


@pytest.mark.slow
def test_every_cell_runs_and_the_errors_are_those_it_shows(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for cell in CELLS:
        exec("".join(cell["source"]), names)
    (shown,) = (cell["outputs"] for cell in CELLS if "list_errors" in "".join(cell["source"]))
    text = "".join(shown[0]["data"]["text/plain"])
    # another machine may round the scores otherwise, but not so that other mails are wrong
    assert names["errors"]["id"].map(text.count).eq(1).all()
    assert len(names["errors"]) > 3
