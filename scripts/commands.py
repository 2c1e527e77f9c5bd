"""Write docs/reference/commands.md from the parsers of the command line.

``python -m scripts.commands`` rewrites the page; a test says when it is out of date.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from pipeline.cli import COMMANDS, build_parser

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "commands.md"
HEADER = """# Commands

Everything that `spamlab` takes, as its parsers declare it. Written by `python -m scripts.commands`;
change `pipeline/cli/`, not this page. In the project's folder, write `uv run spamlab`; the
[tutorial](../tutorial.md#the-same-without-a-browser) has the commands in their order.

Exit codes: 0 done, 2 your input (one sentence on standard error), 1 an error in Spamlab itself,
130 interrupted.

| variable | what it does |
|---|---|
| `SPAMLAB_HOME` | the folder of the workspace, where everything lives; by default `workspace` |
| `SPAMLAB_SCHEDULER` | the address of a Dask cluster to work on, such as `tcp://host:8786` |
| `MLFLOW_TRACKING_URI` | a team's MLflow server for the runs; by default a file in the workspace |
"""


def render() -> str:
    """The page as Markdown."""
    lines = [HEADER]
    for name, parser in find_parsers().items():
        lines += _section(name, parser)
    return "\n".join(lines)


def find_parsers() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command, by its name."""
    actions = build_parser()._actions
    (commands,) = [a for a in actions if isinstance(a, argparse._SubParsersAction)]
    assert list(commands.choices) == list(COMMANDS)
    return dict(commands.choices)


def _section(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    yield f"## `spamlab {name}`\n"
    yield f"{parser.description}\n"
    yield "| argument | what it does |"
    yield "|---|---|"
    together = {id(a): group for group in parser._mutually_exclusive_groups
                for a in group._group_actions}  # fmt: skip
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        sentences = [action.help or ""]
        if action.choices:
            sentences.append(f"one of {', '.join(f'`{choice}`' for choice in action.choices)}")
        if action.default not in (None, False, "", []):
            sentences.append(f"by default `{action.default}`")
        if id(action) in together:
            others = [a.option_strings[0] for a in together[id(action)]._group_actions
                      if a is not action]  # fmt: skip
            sentences.append(f"not together with {', '.join(f'`{o}`' for o in others)}")
        yield f"| `{_write_argument(action)}` | {'; '.join(filter(None, sentences))} |"
    yield ""


def _write_argument(action: argparse.Action) -> str:
    """The argument as one types it."""
    if action.option_strings:
        option = max(action.option_strings, key=len)
        if action.nargs == 0:
            return option
        return f"{option} {action.metavar or action.dest.upper()}"
    name = str(action.metavar or action.dest).upper()
    return f"{name} …" if action.nargs == "*" else name


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(render(), encoding="utf-8")
