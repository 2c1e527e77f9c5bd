"""The upload form: what can be uploaded, and why a file could not be read."""

from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

import streamlit as st

from dashboard import state
from dashboard.components import widgets
from pipeline.errors import SpamlabError
from pipeline.project import Project, uploads
from pipeline.workspace import live
from pipeline.workspace.live import Failure


def upload_files(project: Project | None) -> None:
    """Draw the uploader; switch to the project that new files went to."""
    with st.expander("Upload a file", expanded=project is None, icon=":material/upload:"):
        uploaded = _draw_uploader(project)
    if uploaded:
        state.choose_project(uploaded)
        st.rerun()
    if project is None and (missing := state.unknown_project()):
        st.warning(widgets.escape_markdown(f"There is no project {missing!r} in this workspace."))


def _draw_uploader(project: Project | None) -> Project | None:
    st.caption(
        "Upload a table of mails (CSV, JSON lines, Parquet) with a column that says ham or spam, "
        "or raw mail: an mbox (Gmail Takeout included), .eml files, or a zip or tar of these or of "
        "a Maildir. The folder, the Gmail label or the file name tells whether raw mail is ham or "
        "spam; you can upload several files together, such as ham.mbox and spam.mbox. Each upload "
        "becomes a project of its own, so nothing you already have is lost."
    )
    files = st.file_uploader("Labelled mails", accept_multiple_files=True, key=state.upload_key())
    if not files:
        return None
    state.empty_uploader()
    content = {f"{i}-{f.name}" if i else f.name: f.getbuffer() for i, f in _number_names(files)}
    try:
        if project is not None and uploads.needs_more_mails(project):
            return uploads.add_files(project, content)
        return uploads.start_project(uploads.find_common_name(list(content)), content)
    except SpamlabError as error:
        widgets.end_with_error(error)


def explain_failure(project: Project, failure: Failure) -> NoReturn:
    """Say why the files could not be read, and end the page.

    A project whose only files can never be read is deleted with them.
    """
    if failure.kind == "BadFile" and project.settings.dataset is None:
        live.clear(uploads.name_reading_job(project))
        project.delete()
        state.choose_project(None)
    elif st.button("Read the files again", key="data_again", icon=":material/refresh:"):
        live.clear(uploads.name_reading_job(project))
        st.rerun()
    st.error(widgets.escape_markdown(failure.sentence), icon=":material/error:")
    raise widgets.EndOfPage


def _number_names(files: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    """Each file with how many earlier files have the same name."""
    seen: dict[str, int] = {}
    for file in files:
        seen[file.name] = seen.get(file.name, -1) + 1
        yield seen[file.name], file
