"""Pages that a script writes are what the script writes today."""

from types import ModuleType

import pytest

from scripts import benchmarks, commands, formats, parameters, python_functions

SCRIPTS = (benchmarks, commands, formats, parameters, python_functions)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_a_generated_page_is_what_its_script_writes(script: ModuleType) -> None:
    page = script.PAGE.read_text(encoding="utf-8")
    assert page == script.render(), f"run `python -m {script.__name__}`"
