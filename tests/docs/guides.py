"""Does what a guide tells its reader to do: makes new files, and adds lines to others."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from tests.docs import markdown

GUIDES = markdown.ROOT / "docs" / "guides"


def follow(guide: str, root: Path) -> list[str]:
    """Follow a guide in a copy of the project; returns the paths of the new files.

    Blocks with ``file=PATH`` are new files, or where their language is `diff`, changes of a file
    that exists.
    """
    made = []
    for block in markdown.read_blocks(GUIDES / guide):
        if block.file is None:
            continue
        path = root / block.file
        if block.language == "diff":
            path.write_text(patch(path.read_text(encoding="utf-8"), block.code), encoding="utf-8")
            continue
        assert not path.exists(), f"{guide} makes {block.file}, which exists"
        path.parent.mkdir(exist_ok=True)
        path.write_text(block.code, encoding="utf-8")
        made.append(block.file)
    return made


def patch(text: str, changes: str) -> str:
    """Apply a diff without line numbers; a line ``@@`` stands between changes apart.

    Raises AssertionError unless the lines before the change stand exactly once in the text.
    """
    for change in changes.split("@@\n"):
        lines = change.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        assert text.count(before) == 1, f"these lines are not there, or not once:\n{before}"
        text = text.replace(before, after)
    return text


def load_module(guide: str, file: str) -> ModuleType:
    """The module that a guide makes, under the name that it would have in the project."""
    (block,) = [b for b in markdown.read_blocks(GUIDES / guide) if b.file == file]
    name = file.removesuffix(".py").replace("/", ".")
    spec = importlib.util.spec_from_loader(name, loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses look for it
    exec(compile(block.code, f"{guide}: {file}", "exec"), module.__dict__)
    return module
