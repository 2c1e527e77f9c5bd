"""The choices on the Errors page and its open mail; most of them are in the URL as well."""

import streamlit as st

ERRORS_KIND = "errors_looked_at"
ERRORS_RUN, ERRORS_SHOW, ERRORS_MAIL, ERRORS_LIKE = "run", "show", "mail", "like"
ERRORS_LIST, ERRORS_PLACE = "errors_list_of", "errors_place"
LAST_TAG = "last_tag"
SLICE_PROPERTY, SLICE = "slice_of", "slice"
GROUP, GROUPS_OPEN = "errors_chosen", "errors_groups"


def errors_kind() -> str | None:
    """Return the kind of mails that the Errors page showed last; its widget forgets it."""
    return st.session_state.get(ERRORS_KIND) or st.query_params.get(ERRORS_SHOW)


def choose_errors_kind(kind: str) -> None:
    """Choose the kind of mails that the Errors page shows: a key of `confusion_view.KINDS`."""
    st.session_state[ERRORS_KIND] = kind


def name_errors_in_url(run_id: str, kind: str) -> None:
    """Put run and kind into the URL of the Errors page, so that a reload shows the same list."""
    st.query_params[ERRORS_RUN], st.query_params[ERRORS_SHOW] = run_id, kind


def opened_mail() -> tuple[str | None, int]:
    """Return the id of the open mail, and its position in the list when it was opened, from 0.

    If the mail has left the list, the next mail has its position.
    """
    mail_id = st.session_state.get(ERRORS_MAIL) or st.query_params.get(ERRORS_MAIL)
    return mail_id, st.session_state.get(ERRORS_PLACE, 0)


def open_mail(mail_id: str | None, place: int) -> None:
    """Open a mail on the Errors page, also after a reload; None opens the mail at that position."""
    st.session_state[ERRORS_MAIL], st.session_state[ERRORS_PLACE] = mail_id, place
    if mail_id is None:
        st.query_params.pop(ERRORS_MAIL, None)
    else:
        st.query_params[ERRORS_MAIL] = mail_id


def start_errors_list(choice: str) -> None:
    """Begin a list of the mails that fit a choice; another choice starts at its first mail."""
    if st.session_state.get(ERRORS_LIST, choice) != choice:
        st.session_state.pop(ERRORS_PLACE, None)
    st.session_state[ERRORS_LIST] = choice


def leave_mail() -> None:
    """Close the open mail, and list more than the near-duplicates of one mail."""
    for name in (ERRORS_MAIL, ERRORS_PLACE, ERRORS_LIKE):
        st.session_state.pop(name, None)
        st.query_params.pop(name, None)


def chosen_like() -> str | None:
    """Return the id of the mail whose near-duplicates the Errors page lists; None for all mails.

    It is put into the URL of the page.
    """
    mail_id = st.session_state.get(ERRORS_LIKE) or st.query_params.get(ERRORS_LIKE)
    if mail_id:
        choose_like(mail_id)
    return mail_id


def choose_like(mail_id: str | None) -> None:
    """List only the near-duplicates of a mail on the Errors page; None for all mails."""
    if mail_id is None:
        st.session_state.pop(ERRORS_LIKE, None)
        st.query_params.pop(ERRORS_LIKE, None)
    else:
        st.session_state[ERRORS_LIKE] = mail_id
        st.query_params[ERRORS_LIKE] = mail_id


def last_tag() -> str | None:
    """Return the tag that the user last gave in this session."""
    return st.session_state.get(LAST_TAG)


def keep_last_tag(tag: str) -> None:
    """Remember the tag that the keyboard shortcut gives to the next mail."""
    st.session_state[LAST_TAG] = tag


def choose_slice(name: str, value: str) -> None:
    """List only the mails with one value of a property on the Errors page, until `leave_slice`."""
    leave_slice()
    st.session_state[SLICE] = (name, value)


def chosen_slice() -> tuple[str, str] | None:
    """Return the property and the value of the chosen slice, and put them into the URL."""
    name, value = st.query_params.get(SLICE_PROPERTY), st.query_params.get(SLICE)
    if name and value:
        st.session_state[SLICE] = (name, value)
    chosen = st.session_state.get(SLICE)
    if chosen:
        st.query_params[SLICE_PROPERTY], st.query_params[SLICE] = chosen
    return chosen


def leave_slice() -> None:
    """List the mails of all slices again."""
    st.session_state.pop(SLICE, None)
    for name in (SLICE_PROPERTY, SLICE):
        st.query_params.pop(name, None)


def choose_group(sort: str, name: str) -> None:
    """List only some mails of the error report on the Errors page, until `leave_group`.

    Args:
        sort, name: as `error_report.select_mails` takes them.
    """
    st.session_state[GROUP] = (sort, name)
    st.session_state[GROUPS_OPEN] = False  # folds the groups, because the list is below them


def chosen_group() -> tuple[str, str] | None:
    """Return the choice of `choose_group`, or None for all mails."""
    return st.session_state.get(GROUP)


def leave_group() -> None:
    """List the mails of all groups again."""
    st.session_state.pop(GROUP, None)
