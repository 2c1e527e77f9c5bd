"""Draw the order of pipeline's rooms into docs/architecture.md, from the contract that holds it.

``python -m scripts.layers`` rewrites the table between the two marks of that page. The order is the
`layers` contract in pyproject.toml, which import-linter checks; what a room is for is the first
sentence of its docstring. Neither is written a second time.
"""

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- layers: begin -->", "<!-- layers: end -->"


def read_layers() -> list[list[str]]:
    """The rooms of pipeline from the top; those of one layer do not import each other."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    (contract,) = [c for c in contracts if c["id"] == "layers"]
    return [layer.split(" | ") for layer in contract["layers"]]


def describe_room(name: str) -> str:
    """The first sentence of a room's docstring."""
    folder = ROOT / "pipeline" / name
    file = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(docstring.split("\n\n")[0].split())
    return paragraph.split(". ")[0].rstrip(".").replace("``", "`")


def draw_table() -> str:
    """The layers as a Markdown table, the top one first."""
    rows = [
        f"| {number} | `{name}` | {describe_room(name)} |"
        for number, layer in enumerate(reversed(read_layers()), start=1)
        for name in layer
    ]
    return "\n".join(["| layer | room | what is in it |", "|---|---|---|", *reversed(rows)])


def fill_page(page: str) -> str:
    """The page with the table of today between its marks.

    Raises ValueError when a mark is missing.
    """
    head, rest = page.split(BEGIN)
    _, tail = rest.split(END)
    return f"{head}{BEGIN}\n{draw_table()}\n{END}{tail}"


if __name__ == "__main__":
    PAGE.write_text(fill_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
