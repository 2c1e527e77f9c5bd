"""Write docs/reference/python.md from the functions for notebooks and their docstrings.

``python -m scripts.python_functions`` rewrites the page; a test says when it is out of date.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pipeline
from pipeline import workflow

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "python.md"
HEADER = """# Python

What `import pipeline` gives to notebooks and scripts. Written by
`python -m scripts.python_functions` from `pipeline/workflow.py`; change the docstrings there, not
this page. The [notebook](../notebook.ipynb) goes from a CSV to the misclassified mails; the
[tutorial](../tutorial.md#the-same-without-a-browser) and the guides have more examples.
"""
ENTRY = re.compile(r"^    ([\w, ]+): ", re.MULTILINE)
"""Matches the beginning of an argument, or of an error, in a docstring."""
PATHS = re.compile(r"\b(?:pathlib|collections|typing|pandas|pipeline)(?:\.[a-z_]\w*)*\.")
"""Matches what stands before the name of a type."""


def render() -> str:
    """The page as Markdown."""
    about = (workflow.__doc__ or "").split("\n\n")
    lines = [HEADER, *(f"{_join(paragraph)}\n" for paragraph in about)]
    order = [name for name in vars(workflow) if name in pipeline.__all__]
    for name in [*order, *(name for name in pipeline.__all__ if name not in order)]:
        lines += _section(name, getattr(pipeline, name))
    return "\n".join(lines)


def _section(name: str, function: Callable[..., Any]) -> Iterator[str]:
    yield f"## `{name}`\n"
    yield f"```text\n{_write_signature(name, function)}\n```\n"
    paragraphs = inspect.cleandoc(function.__doc__ or "").split("\n\n")
    for paragraph in paragraphs:
        title, _, rest = paragraph.partition(":\n")
        if title in ("Args", "Raises"):
            yield f"**{'Arguments' if title == 'Args' else title}**\n"
            yield from _list(rest)
        elif title == "Returns":
            yield f"**Returns** {_join(rest)}\n"
        else:
            yield f"{_join(paragraph)}\n"


def _list(entries: str) -> Iterator[str]:
    starts = [match.start() for match in ENTRY.finditer(entries)]
    for start, end in zip(starts, [*starts[1:], len(entries)], strict=True):
        names, _, text = _join(entries[start:end]).partition(": ")
        yield f"- {', '.join(f'`{name}`' for name in names.split(', '))}: {text}"
    yield ""


def _write_signature(name: str, function: Callable[..., Any]) -> str:
    """One argument a line, without the paths of the types."""
    signature = inspect.signature(function)
    arguments = []
    is_keyword = False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not is_keyword:
            arguments.append("*")
            is_keyword = True
        arguments.append(str(parameter))
    inside = "".join(f"\n    {argument}," for argument in arguments)
    inside += "\n" if inside else ""
    returned = inspect.formatannotation(signature.return_annotation)
    whole = f"{name}({inside}) -> {returned}"
    return PATHS.sub("", whole)


def _join(text: str) -> str:
    return " ".join(text.split()).replace("``", "`")


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
