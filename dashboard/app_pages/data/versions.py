"""The versions of a project's mails: what was done to each, and the way back to an earlier one."""

import streamlit as st

from dashboard import cache, state
from dashboard.components import widgets
from pipeline.errors import SpamlabError
from pipeline.project import Project, return_to_version


def list_versions(project: Project) -> None:
    """List the versions in order; each but the current one has a button that returns to it."""
    versions = project.versions.all()
    if len(versions) == 1:
        st.caption(
            "These are the mails as they were read. Applying a remedy or reviewing labels makes a "
            "new version and keeps this one."
        )
        return
    st.caption("Each version corrects the one before it. A run belongs to the version it read.")
    for number, version in enumerate(versions, 1):
        ham, spam = version.counts["ham"], version.counts["spam"]
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            correction = version.correction or "As the mails were read."
            st.markdown(f"**{number}** {widgets.escape_markdown(correction)}", width="stretch")
            st.caption(f"{ham:,} ham, {spam:,} spam, {version.time[:10]}", width="content")
            if version.present:
                st.badge("current", width="content")
            elif st.button("Go back to it", key=f"data_version_{version.fingerprint}"):
                try:
                    cache.jobs().call(return_to_version, project, version.fingerprint)
                except SpamlabError as error:
                    widgets.end_with_error(error)
                again = "" if project.settings.split else " Divide them again."
                state.say_next(f"The mails are back at version {number}.{again}")
                st.rerun()
