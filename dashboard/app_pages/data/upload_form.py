"""The way in for files: what can be uploaded, and what is said when it cannot be read."""

from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

import streamlit as st

from dashboard import state
from dashboard.components import widgets
from pipeline.errors import SpamlabError
from pipeline.project import Project, uploads
from pipeline.workspace import live
from pipeline.workspace.live import Failure


def show(project: Project | None) -> Project | None:
    """Draw the uploader; the project that new files went to, or None."""
    st.caption(
        "A table of mails (CSV, JSON lines, Parquet) with a column that says ham or spam; or raw "
        "mail: an mbox (Gmail Takeout too), .eml files, a zip or tar of them or of a Maildir. Raw "
        "mail is ham or spam by its folder, its Gmail label or the name of its file; put in "
        "several together, say ham.mbox and spam.mbox. Each upload becomes a project of its own, "
        "so nothing that is there is lost."
    )
    files = st.file_uploader("Labelled mails", accept_multiple_files=True, key=state.upload_key())
    if not files:
        return None
    state.empty_uploader()
    content = {f"{i}-{f.name}" if i else f.name: f.getbuffer() for i, f in _numbered(files)}
    try:
        if project is not None and uploads.waits_for_more(project):
            return uploads.add_files(project, content)
        return uploads.start_project(uploads.name_of(list(content)), content)
    except SpamlabError as error:
        widgets.refuse(error)


def explain(project: Project, failure: Failure) -> NoReturn:
    """Say why a file could not be read; a file that never can be takes its project with it."""
    if failure.kind == "BadFile" and project.settings.dataset is None:
        live.clear(uploads.work(project))
        project.delete()
        state.choose_project(None)
    elif st.button("Read the files again", key="data_again", icon=":material/refresh:"):
        live.clear(uploads.work(project))
        st.rerun()
    st.error(widgets.literal(failure.sentence), icon=":material/error:")
    raise widgets.EndOfPage


def _numbered(files: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    """Files with a number that is 0 unless an earlier one has the same name."""
    seen: dict[str, int] = {}
    for file in files:
        seen[file.name] = seen.get(file.name, -1) + 1
        yield seen[file.name], file
