"""The code on the pages runs: Python in one namespace a page, commands that are marked `run`."""

import re
import shlex
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline import cli
from pipeline.runs import store
from scripts import commands
from tests.docs import markdown
from tests.docs.markdown import CodeBlock
from tests.mails import raw_mails

MAILS = 400
"""Of the sample corpus: enough for every command, and few enough for quick ones."""
SAMPLE = markdown.ROOT / "data" / "sample_emails.csv"
RUN_ID = "RUN"
"""Stands in commands for the id of the newest run."""


def is_run(block: CodeBlock) -> bool:
    return (block.language == "python" and not block.words) or block.words == "run"


PAGES = [page for page in markdown.list_pages() if any(map(is_run, markdown.read_blocks(page)))]


@pytest.fixture
def folder(tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: the sample and files of one's own, as the pages name them."""
    here = tmp_path / "folder"
    (here / "data").mkdir(parents=True)
    frame = pd.read_csv(SAMPLE, dtype=str, keep_default_na=False).head(MAILS)
    frame.to_csv(here / "data" / SAMPLE.name, index=False)
    frame.to_csv(here / "mails.csv", index=False)
    frame.head(40).drop(columns="label").to_csv(here / "new.csv", index=False)
    for label, mails in raw_mails(200).groupby("label"):
        messages = [
            f"From x Mon Jan  1 00:00:00 2001\n{mail.headers}\n\n{mail.body}\n\n"
            for mail in mails.itertuples()
        ]
        (here / f"{label}.mbox").write_text("".join(messages), encoding="utf-8")
    monkeypatch.chdir(here)
    return here


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=markdown.name_page)
def test_the_code_of_a_page_runs(page: Path, folder: Path) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in filter(is_run, markdown.read_blocks(page)):
        if block.language == "python":
            # as many empty lines before it as the page has, so that a traceback names the place
            code = compile("\n" * (block.line - 1) + block.code, str(page), "exec")
            exec(code, namespace)
        else:
            run_commands(block)


def run_commands(block: CodeBlock) -> None:
    """Run each `spamlab …` in this process."""
    assert block.language == "sh"
    for line in block.code.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        words = words[2:] if words[:2] == ["uv", "run"] else words
        assert words[0] == "spamlab", f"only spamlab is run, not: {line}"
        known = [store.list_runs(None)[0].id if word == RUN_ID else word for word in words[1:]]
        assert cli.main(known) == 0, line


@pytest.mark.parametrize("page", markdown.list_pages(), ids=markdown.name_page)
def test_every_block_says_what_it_is(page: Path) -> None:
    """A misspelt word behind the language would keep a block from being run."""
    for block in markdown.read_blocks(page):
        assert block.language in ("python", "sh", "diff", "text", "toml", "csv"), block
        assert block.words in ("", "run") or block.file, block


@pytest.mark.parametrize("page", markdown.list_pages(), ids=markdown.name_page)
def test_every_spamlab_command_and_its_options_exist(page: Path) -> None:
    """Also those that are not run, and those in the middle of a sentence."""
    options = {name: parser.format_help() for name, parser in commands.find_parsers().items()}
    inline = re.findall(r"`(spamlab [^`]+)`", page.read_text(encoding="utf-8"))
    blocks = [b.code.replace("\\\n", " ") for b in markdown.read_blocks(page) if b.language == "sh"]
    lines = re.findall(r"^(?:uv run )?(spamlab .*)$", "\n".join(blocks), re.MULTILINE)
    for line in [*inline, *lines]:
        name, *words = shlex.split(line.rstrip("…"), comments=True)[1:]
        for option in (word for word in words if word.startswith("--")):
            assert re.search(rf"{option}\b", options[name]), f"{line}: there is no {option}"
