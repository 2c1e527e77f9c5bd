"""What the Errors page lists, and which mail of it is open; most of it also in the URL."""

import streamlit as st

ERRORS_KIND = "errors_looked_at"
ERRORS_RUN, ERRORS_SHOW, ERRORS_MAIL, ERRORS_LIKE = "run", "show", "mail", "like"
ERRORS_LIST, ERRORS_PLACE = "errors_list_of", "errors_place"
LAST_TAG = "last_tag"
SLICE_PROPERTY, SLICE = "slice_of", "slice"
GROUP, GROUPS_OPEN = "errors_chosen", "errors_groups"


def errors_kind() -> str | None:
    """Which kind of mails the Errors page was last asked for; a widget forgets it with its page."""
    return st.session_state.get(ERRORS_KIND) or st.query_params.get(ERRORS_SHOW)


def choose_errors_kind(kind: str) -> None:
    """Let the Errors page show one kind of mails; a key of `confusion_view.KINDS`."""
    st.session_state[ERRORS_KIND] = kind


def name_errors_in_url(run_id: str, kind: str) -> None:
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


def start_errors_list(choice: str) -> None:
    """The Errors page lists what fits this choice; of another one, the first mail is the next."""
    if st.session_state.get(ERRORS_LIST, choice) != choice:
        st.session_state.pop(ERRORS_PLACE, None)
    st.session_state[ERRORS_LIST] = choice


def leave_mail() -> None:
    """No mail is open, and the list is not kept to those like one."""
    for name in (ERRORS_MAIL, ERRORS_PLACE, ERRORS_LIKE):
        st.session_state.pop(name, None)
        st.query_params.pop(name, None)


def chosen_like() -> str | None:
    """The id of the mail to whose cluster the Errors page keeps; also in that page's URL."""
    mail_id = st.session_state.get(ERRORS_LIKE) or st.query_params.get(ERRORS_LIKE)
    if mail_id:
        choose_like(mail_id)
    return mail_id


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
    chosen = st.session_state.get(SLICE)
    if chosen:
        st.query_params[SLICE_PROPERTY], st.query_params[SLICE] = chosen
    return chosen


def leave_slice() -> None:
    """Show all mails again."""
    st.session_state.pop(SLICE, None)
    for name in (SLICE_PROPERTY, SLICE):
        st.query_params.pop(name, None)


def choose_group(sort: str, name: str) -> None:
    """Let the Errors page show only some mails of the error report, until it is left.

    Args:
        sort, name: as `error_report.select_mails` takes them.
    """
    st.session_state[GROUP] = (sort, name)
    st.session_state[GROUPS_OPEN] = False  # the list of the mails is below the groups


def chosen_group() -> tuple[str, str] | None:
    """What of the error report the Errors page keeps to."""
    return st.session_state.get(GROUP)


def leave_group() -> None:
    """Show all mails again."""
    st.session_state.pop(GROUP, None)
