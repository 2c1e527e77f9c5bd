"""Which project and run the user is looking at; the only file that names session keys and
query parameters.

The URL names the project, so that a reload, a second tab or a colleague's link shows the same
place. Streamlit drops the query parameters when a page is changed in the navigation; the session
remembers them and puts them back.
"""

import streamlit as st

from pipeline.errors import BadSpec
from pipeline.project import Project

PROJECT = "project"
RUN = "run"
MESSAGE = "message"
UPLOAD = "data_upload"
FEATURES_VIEW = "features_looked_at"
ERRORS_KIND = "errors_looked_at"
ERRORS_RUN, ERRORS_SHOW, ERRORS_MAIL, ERRORS_LIKE = "run", "show", "mail", "like"
ERRORS_LIST, ERRORS_PLACE = "errors_list_of", "errors_place"
LAST_TAG = "last_tag"
EVALUATE_VIEW = "evaluate_looked_at"
SLICE_PROPERTY, SLICE = "slice_of", "slice"
GROUP, GROUPS_OPEN = "errors_chosen", "errors_groups"
LABEL_NEXT, LABEL_STEP = "label_next", "label_step"
WHAT_IF, WHAT_IF_CUT = "what_if", "what_if_cut_asked"
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
    st.query_params.pop(ERRORS_RUN, None)
    leave_slice()
    leave_group()
    leave_mail()


def chosen_run() -> str | None:
    """The id of the run that was last looked at; a reload has it from the Errors page's URL."""
    return st.session_state.get(RUN) or st.query_params.get(ERRORS_RUN)


def choose_run(run_id: str | None) -> None:
    """Remember which run is looked at, across pages."""
    st.session_state[RUN] = run_id


def say_next(message: str) -> None:
    """Keep a sentence that the next script run shows once, as a toast and as plain text."""
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
    return st.session_state.get(ERRORS_KIND) or st.query_params.get(ERRORS_SHOW)


def choose_errors_kind(kind: str) -> None:
    """Let the Errors page show one kind of mails; a key of `confusion_view.KINDS`."""
    st.session_state[ERRORS_KIND] = kind


def errors_in_url(run_id: str, kind: str) -> None:
    """Name run and kind in the Errors page's URL, so that a reload shows the same list."""
    st.query_params[ERRORS_RUN], st.query_params[ERRORS_SHOW] = run_id, kind


def opened_mail() -> tuple[str | None, int]:
    """The id of the mail that the Errors page shows, and its place in the list when it was opened.

    The place is from 0; where the mail has left the list, the one that came after it is there.
    """
    mail_id = st.session_state.get(ERRORS_MAIL) or st.query_params.get(ERRORS_MAIL)
    return mail_id, st.session_state.get(ERRORS_PLACE, 0)


def open_mail(mail_id: str | None, place: int) -> None:
    """Let the Errors page show a mail, also after a reload; None for whichever has that place."""
    st.session_state[ERRORS_MAIL], st.session_state[ERRORS_PLACE] = mail_id, place
    if mail_id is None:
        st.query_params.pop(ERRORS_MAIL, None)
    else:
        st.query_params[ERRORS_MAIL] = mail_id


def errors_list(choice: str) -> None:
    """The Errors page lists what fits this choice; of another one, the first mail is the next."""
    if st.session_state.get(ERRORS_LIST, choice) != choice:
        st.session_state.pop(ERRORS_PLACE, None)
    st.session_state[ERRORS_LIST] = choice


def leave_mail() -> None:
    """No mail is open, and the list is not kept to those like one."""
    for name in (ERRORS_MAIL, ERRORS_PLACE, ERRORS_LIKE):
        st.session_state.pop(name, None)
        st.query_params.pop(name, None)


def like_mail() -> str | None:
    """The id of the mail to whose cluster the Errors page keeps; also in that page's URL."""
    found = st.session_state.get(ERRORS_LIKE) or st.query_params.get(ERRORS_LIKE)
    if found:
        choose_like(found)
    return found


def choose_like(mail_id: str | None) -> None:
    """Let the Errors page show only the near-duplicates of a mail; None for all again."""
    if mail_id is None:
        st.session_state.pop(ERRORS_LIKE, None)
        st.query_params.pop(ERRORS_LIKE, None)
    else:
        st.session_state[ERRORS_LIKE] = mail_id
        st.query_params[ERRORS_LIKE] = mail_id


def last_tag() -> str | None:
    """The tag that was last given in this session."""
    return st.session_state.get(LAST_TAG)


def keep_last_tag(tag: str) -> None:
    """Remember the tag that a key gives to the next mail."""
    st.session_state[LAST_TAG] = tag


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
    st.session_state[GROUPS_OPEN] = False  # the list of the mails is below the groups


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


def what_if(mail_id: str, text: tuple[str, str]) -> tuple[str, tuple[str, str]]:
    """The key of the fields for a mail's subject and body, and what they hold at first.

    That is the text given here, or what was typed before the page was left.
    """
    held = st.session_state.get(WHAT_IF)
    if held is None or held["mail"] != mail_id:
        begin_what_if(mail_id, text)
    elif held["key"] not in st.session_state:
        begin_what_if(mail_id, held["now"])
    held = st.session_state[WHAT_IF]
    return held["key"], held["first"]


def begin_what_if(mail_id: str, text: tuple[str, str]) -> None:
    """Let new fields hold this text."""
    number = st.session_state.get(WHAT_IF, {"number": 0})["number"] + 1
    st.session_state[WHAT_IF] = {
        "mail": mail_id,
        "number": number,
        "key": f"{WHAT_IF}_text_{number}",
        "first": text,
        "now": text,
    }


def keep_what_if(text: tuple[str, str]) -> None:
    """What is in the fields by now, for when the page is left."""
    st.session_state[WHAT_IF]["now"] = text


def ask_cut(asked: object) -> None:
    """Remember for which run, threshold and text the smallest cut is shown."""
    st.session_state[WHAT_IF_CUT] = asked


def asked_cut() -> object:
    """What `ask_cut` was last told."""
    return st.session_state.get(WHAT_IF_CUT)


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
