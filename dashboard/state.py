"""Which project and run the user is looking at; the only file that names session keys and
query parameters.

The URL names the project, so that a reload, a second tab or a colleague's link shows the same
place. Streamlit drops the query parameters when a page is changed in the navigation; the session
remembers them and puts them back.
"""

import streamlit as st

from pipeline.errors import BadSpec
from pipeline.workspace import Project

PROJECT = "project"
RUN = "run"
MESSAGE = "message"
UPLOAD = "data_upload"
FEATURES_VIEW = "features_looked_at"
ERRORS_KIND = "errors_looked_at"
EVALUATE_VIEW = "evaluate_looked_at"
SLICE_PROPERTY, SLICE = "slice_of", "slice"
GROUP = "errors_chosen"
LABEL_NEXT, LABEL_STEP = "label_next", "label_step"
FEATURES_FORM, FEATURES_SHOWN = "features_form", "features_shown"


def follow_url() -> None:
    """Bring the session and the URL in line; called once at the start of every script run."""
    named = st.query_params.get(PROJECT)
    if named:
        st.session_state[PROJECT] = named
    elif st.session_state.get(PROJECT):
        st.query_params[PROJECT] = st.session_state[PROJECT]


def project() -> Project | None:
    """The project in the URL, or None when none is chosen or there is none of that name."""
    name = st.session_state.get(PROJECT)
    if not name:
        return None
    try:
        found = Project(name)
    except BadSpec:
        return None
    return found if found.exists else None


def unknown_project() -> str | None:
    """The name in the URL when no such project exists."""
    name = st.session_state.get(PROJECT)
    return name if name and project() is None else None


def choose_project(chosen: Project | None) -> None:
    """Look at another project, or at none."""
    if chosen is None:
        st.session_state.pop(PROJECT, None)
        st.query_params.pop(PROJECT, None)
    else:
        st.session_state[PROJECT] = chosen.name
        st.query_params[PROJECT] = chosen.name
    st.session_state.pop(RUN, None)
    leave_slice()
    leave_group()


def chosen_run() -> str | None:
    """The id of the run that was last looked at."""
    return st.session_state.get(RUN)


def choose_run(run_id: str | None) -> None:
    """Remember which run is looked at, across pages."""
    st.session_state[RUN] = run_id


def say_next(message: str) -> None:
    """Keep a sentence that the next script run shows once, as a toast."""
    st.session_state[MESSAGE] = message


def said() -> str | None:
    """The sentence kept by `say_next`, once."""
    return st.session_state.pop(MESSAGE, None)


def upload_key() -> str:
    """The key of the uploader; see `empty_uploader`."""
    return f"{UPLOAD}_{st.session_state.get(UPLOAD, 0)}"


def empty_uploader() -> None:
    """Let the next script run draw a new uploader: the old one's files are in memory until then."""
    st.session_state[UPLOAD] = st.session_state.get(UPLOAD, 0) + 1


def features_view() -> str | None:
    """Which part of the Features page was last looked at; a widget forgets it with its page."""
    return st.session_state.get(FEATURES_VIEW)


def choose_features_view(view: str) -> None:
    """Remember which part of the Features page is looked at, across pages."""
    st.session_state[FEATURES_VIEW] = view


def evaluate_view() -> str | None:
    """Which part of the Evaluate page was last looked at; a widget forgets it with its page."""
    return st.session_state.get(EVALUATE_VIEW)


def choose_evaluate_view(view: str) -> None:
    """Remember which part of the Evaluate page is looked at, across pages."""
    st.session_state[EVALUATE_VIEW] = view


def errors_kind() -> str | None:
    """Which kind of mails the Errors page was last asked for; a widget forgets it with its page."""
    return st.session_state.get(ERRORS_KIND)


def choose_errors_kind(kind: str) -> None:
    """Let the Errors page show one kind of mails; a key of `confusion_view.KINDS`."""
    st.session_state[ERRORS_KIND] = kind


def choose_slice(name: str, value: str) -> None:
    """Let the Errors page show only the mails with one value of a property, until it is left."""
    leave_slice()
    st.session_state[SLICE] = (name, value)


def chosen_slice() -> tuple[str, str] | None:
    """The property and its value that the Errors page keeps to; also in that page's URL."""
    name, value = st.query_params.get(SLICE_PROPERTY), st.query_params.get(SLICE)
    if name and value:
        st.session_state[SLICE] = (name, value)
    found = st.session_state.get(SLICE)
    if found:
        st.query_params[SLICE_PROPERTY], st.query_params[SLICE] = found
    return found


def leave_slice() -> None:
    """Show all mails again."""
    st.session_state.pop(SLICE, None)
    for name in (SLICE_PROPERTY, SLICE):
        st.query_params.pop(name, None)


def choose_group(what: str, name: str) -> None:
    """Let the Errors page show only some mails of the error report, until it is left.

    Args:
        what, name: as `error_report.chosen` takes them.
    """
    st.session_state[GROUP] = (what, name)
    st.session_state[ERRORS_KIND] = "All mails"  # of these; which they are is said by the choice
    st.session_state.pop("errors_kind", None)  # the widget would hold on to its former kind


def chosen_group() -> tuple[str, str] | None:
    """What of the error report the Errors page keeps to."""
    return st.session_state.get(GROUP)


def leave_group() -> None:
    """Show all mails again."""
    st.session_state.pop(GROUP, None)


def next_label() -> tuple[str | None, int]:
    """The id of the mail to decide about next, and how many decisions this session has seen."""
    return st.session_state.get(LABEL_NEXT), st.session_state.get(LABEL_STEP, 0)


def go_to_label(mail_id: str | None) -> None:
    """After a decision: the mail to decide about next, None for the first of the list."""
    st.session_state[LABEL_NEXT] = mail_id
    st.session_state[LABEL_STEP] = st.session_state.get(LABEL_STEP, 0) + 1


def features_form(shown: str) -> str:
    """The prefix of the keys of the features form; a new one when it is to show other features.

    What a widget holds outlives the value it was drawn with. So when the features were changed
    elsewhere (back to the default, a second tab, another project), the widgets are new ones.
    """
    if st.session_state.get(FEATURES_SHOWN) != shown:
        st.session_state[FEATURES_FORM] = st.session_state.get(FEATURES_FORM, 0) + 1
        features_form_shows(shown)
    return f"{FEATURES_FORM}_{st.session_state[FEATURES_FORM]}"


def features_form_shows(shown: str) -> None:
    """The widgets of the form hold these features already."""
    st.session_state[FEATURES_SHOWN] = shown
