"""Write docs/reference/python.md from the docstrings of the functions that `pipeline` exports.

``python -m scripts.python_api`` rewrites the page; a test says when it is out of date.
"""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

import pipeline

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "python.md"
ORDER = (
    "sample_file",
    "import_mails",
    "open_project",
    "list_findings",
    "split_mails",
    "train_model",
    "list_runs",
    "choose_threshold",
    "evaluate_run",
    "compare_runs",
    "list_errors",
    "explain_mail",
    "open_test",
    "export_model",
    "score_mails",
)
"""The functions in the order of the work."""
HEADER = """# Python functions

What a notebook or a script needs; [a notebook](../notebook.ipynb) uses most of it. Written by
`python -m scripts.python_api`; change the docstrings in `pipeline/workflow.py`, not this page.

The functions work in the workspace of the dashboard (`SPAMLAB_HOME`, by default the folder
`workspace`), so that a run trained here can be inspected there. Each takes what another gave:

```python
import pipeline

project = pipeline.import_mails("mails.csv")
pipeline.split_mails(project)
run = pipeline.train_model(project, "logistic")
errors = pipeline.list_errors(run)
```

Mistakes that you can mend raise a subclass of `pipeline.errors.SpamlabError` with a sentence that
says how.
"""
SECTIONS = {"Args": "Takes", "Returns": "Gives", "Raises": "Raises"}
"""The sections of a docstring, and what they are called on the page."""


def render() -> str:
    """The page as Markdown."""
    assert sorted(ORDER) == pipeline.__all__
    lines = [HEADER]
    for name in ORDER:
        lines += _section(getattr(pipeline, name))
    return "\n".join(lines).rstrip() + "\n"


def _section(function: FunctionType) -> Iterator[str]:
    signature = str(inspect.signature(function))
    signature = re.sub(r"(?:\w+\.)+(\w+)", r"\1", signature)  # DataFrame, not pandas.….DataFrame
    yield f"## `{function.__name__}`\n"
    yield f"`pipeline.{function.__name__}{signature}`\n"
    text = inspect.cleandoc(function.__doc__ or "")
    head, *rest = re.split(r"\n\n(Args|Returns|Raises):\n", text)
    yield f"{_join_lines(head)}\n"
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        yield f"**{SECTIONS[title]}**\n"
        if title == "Returns":
            yield f"{_join_lines(inspect.cleandoc(body))}\n"
            continue
        for item in re.split(r"\n(?=\S)", inspect.cleandoc(body)):
            names, _, sentence = item.partition(": ")
            yield f"- `{names}`: {_join_lines(sentence)}"
        yield ""


def _join_lines(text: str) -> str:
    """Join the lines of each paragraph, so that the page wraps them where it is shown."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
