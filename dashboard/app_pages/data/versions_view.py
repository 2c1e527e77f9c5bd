"""The versions of a project's mails: what was done to each, and the way back to an earlier one."""

import streamlit as st

from dashboard import cache, state
from dashboard.components import widgets
from pipeline.errors import SpamlabError
from pipeline.project import Project, return_to_version


def show(project: Project) -> None:
    """A line a version, the present one marked; the others have a button that returns to them."""
    versions = project.versions.all()
    if len(versions) == 1:
        st.caption(
            "These are the mails as they were read. A remedy or a review of labels makes another "
            "version; this one stays."
        )
        return
    st.caption("Each version corrects the one before it. Runs belong to the version they read.")
    for number, version in enumerate(versions, 1):
        ham, spam = version.counts["ham"], version.counts["spam"]
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            what = version.done or "As the mails were read."
            st.markdown(f"**{number}** {widgets.literal(what)}", width="stretch")
            st.caption(f"{ham:,} ham, {spam:,} spam, {version.time[:10]}", width="content")
            if version.present:
                st.badge("present", width="content")
            elif st.button("Go back to it", key=f"data_version_{version.fingerprint}"):
                try:
                    cache.jobs().call(return_to_version, project, version.fingerprint)
                except SpamlabError as error:
                    widgets.refuse(error)
                again = "" if project.settings.split else " Divide them again."
                state.say_next(f"The mails are at version {number} again.{again}")
                st.rerun()
