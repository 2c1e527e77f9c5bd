"""Every link between the project's own pages leads somewhere."""

from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs import markdown

PAGES = markdown.list_pages()
MOST_BYTES = 6000
"""Of the README: what a visitor reads in two minutes."""


@pytest.mark.parametrize("page", PAGES, ids=markdown.name_page)
def test_every_link_leads_to_a_file_and_a_heading_that_exist(page: Path) -> None:
    for link in markdown.list_links(page):
        if link.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} of {markdown.name_page(page)}: no such file"
        assert target.is_relative_to(markdown.ROOT), f"{link} leads out of the project"
        if anchor:
            assert anchor in markdown.list_anchors(target), f"{link}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=markdown.name_page)
def test_a_page_begins_with_its_title(page: Path) -> None:
    assert page.read_text(encoding="utf-8").startswith("# ")


def test_every_page_of_the_docs_is_in_the_table_of_contents() -> None:
    contents = markdown.ROOT / "docs" / "README.md"
    listed = {(contents.parent / link.partition("#")[0]).resolve() for link in
              markdown.list_links(contents)}  # fmt: skip
    folders = {path for path in listed if path.is_dir()}
    for page in PAGES:
        if contents.parent in page.parents and page != contents:
            assert page in listed or folders & set(page.parents), markdown.name_page(page)


def test_the_readme_is_short() -> None:
    assert len((markdown.ROOT / "README.md").read_bytes()) <= MOST_BYTES


def test_headings_have_the_anchors_of_github(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A `code` title, no. 2\n## [Link](a.md)\n## Twice\n## Twice\n```sh\n# no heading\n```\n"
    )
    assert markdown.list_anchors(page) == {"a-code-title-no-2", "link", "twice", "twice-1"}


def test_links_are_found_outside_code(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[a](b.md#c) `[x](y)` ![p](q.png)\n```text\n[m](n)\n```\n[[1]](two.md)\n")
    assert list(markdown.list_links(page)) == ["b.md#c", "q.png", "two.md"]
