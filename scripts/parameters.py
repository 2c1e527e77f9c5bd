"""Write docs/reference/parameters.md from what the models and the feature blocks declare.

``python -m scripts.parameters`` rewrites the page; a test says when it is out of date.
"""

from collections.abc import Iterator
from pathlib import Path

from pipeline.features import FEATURES
from pipeline.features.block import Block
from pipeline.models import MODELS
from pipeline.models.model import Model
from pipeline.parameters import Parameter, list_parameters

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "parameters.md"
LONGEST_DEFAULT = 60
"""Characters of a default value in a table; of a longer list only the length is told."""
HEADER = """# Parameters

All that can be set of a model or a feature block, as their code declares it. Written by
`python -m scripts.parameters`; change the declarations, not this page.
"""


def render() -> str:
    """The page as Markdown."""
    lines = [HEADER, "## Models\n"]
    for name in MODELS:
        lines += _section(name, MODELS[name])
    lines.append("## Feature blocks\n")
    for name in FEATURES:
        lines += _section(name, FEATURES[name])
    return "\n".join(lines)


def _section(name: str, owner: type[Model] | type[Block]) -> Iterator[str]:
    yield f"### {owner.title} (`{name}`)\n"
    yield f"{owner.summary}\n"
    parameters = list_parameters(owner)
    if not parameters:
        yield "It has no parameters.\n"
        return
    yield "| parameter | values | default | what it does |"
    yield "|---|---|---|---|"
    for parameter_name, parameter in parameters.items():
        yield f"| {' | '.join(_row(parameter_name, parameter))} |"
    yield ""


def _row(name: str, parameter: Parameter) -> tuple[str, ...]:
    default = parameter.write(parameter.default)
    return (
        f"`{name}`",
        _literal(parameter.expected),
        f"`{default}`" if len(default) <= LONGEST_DEFAULT else f"{default.count(',') + 1} names",
        f"**{parameter.title}.** {_literal(parameter.help)}",
    )


def _literal(text: str) -> str:
    """Text in which Markdown sees no mark of its own."""
    return text.replace("*", r"\*")


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(render(), encoding="utf-8")
