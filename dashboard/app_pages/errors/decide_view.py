"""What the user decides about a mail: its tags, a note, and whether its label is wrong."""

import zlib
from functools import partial

import streamlit as st

from dashboard import cache, state
from dashboard.components import pages, widgets
from pipeline.errors import SpamlabError
from pipeline.project import Project, marks
from pipeline.project.marks import SUGGESTED, Mark
from pipeline.quality import decisions

MOST_OFFERED = 200
WRONG = "wrong label"
"""The tag that a mail gets whose label is on the review list."""


def show(project: Project, mail_id: str, label: str) -> None:
    """The controls for one mail of train or validation; what is set is written at once.

    Args:
        label: the one that the mail has, "ham" or "spam".
    """
    mark = cache.marks(project).get(mail_id, Mark())
    with st.container(horizontal=True, vertical_alignment="center"):
        _last_tag(project, mail_id, mark)
        _note(project, mail_id, mark)
        _wrong_label(project, mail_id, label)
    _tags(project, mail_id, mark)
    if mark and mark.text != cache.text_of(project, mail_id):
        st.caption("The text of this mail was another one when it was tagged or noted.")


def _last_tag(project: Project, mail_id: str, mark: Mark) -> None:
    """The tag given last, by a key: reading ten newsletters takes ten presses."""
    tag = state.last_tag() or SUGGESTED[0]
    there = tag in mark.tags
    st.button(
        widgets.escape_markdown(f"{'Untag' if there else 'Tag'}: {tag}"),
        key="errors_tag_last",
        icon=":material/label_off:" if there else ":material/label:",
        shortcut="t",
        help="The tag that was given last; choose another one below.",
        on_click=partial(_tag, project, mail_id, [] if there else [tag], [tag] if there else []),
    )


def _tags(project: Project, mail_id: str, mark: Mark) -> None:
    """All tags of the mail; what another tab writes meanwhile stays."""
    offered = [*mark.tags, *marks.used(cache.marks(project))[:MOST_OFFERED], *SUGGESTED]
    # another set of tags, another box: the one that was drawn holds what it was drawn with
    key = f"errors_tags_{mail_id}_{'|'.join(mark.tags)}"

    def changed() -> None:
        chosen = st.session_state[key]
        add = [t for t in chosen if t not in mark.tags]
        _tag(project, mail_id, add, [t for t in mark.tags if t not in chosen])

    st.multiselect(
        "Tags",
        list(dict.fromkeys(offered)),
        default=list(mark.tags),
        key=key,
        accept_new_options=True,
        placeholder="Choose, or write a word of your own",
        on_change=changed,
    )


def _tag(
    project: Project, mail_id: str, add: list[str], remove: list[str], remember: bool = True
) -> None:
    try:
        marks.tag(project, mail_id, add, remove)
    except SpamlabError as error:
        state.say_next(str(error))
    else:
        if remember and add and (tag := marks.tag_of(add[-1])):
            state.keep_last_tag(tag)


def _note(project: Project, mail_id: str, mark: Mark) -> None:
    """The note, in a small window of its own."""
    key = f"errors_note_{mail_id}_{zlib.crc32(mark.note.encode('utf-8', 'replace'))}"

    def changed() -> None:
        try:
            marks.note(project, mail_id, st.session_state[key])
        except SpamlabError as error:
            state.say_next(str(error))

    icon = "sticky_note_2" if mark.note else "note_add"
    with st.popover(
        "Note" if mark.note else "Add a note",
        icon=f":material/{icon}:",
        key=f"errors_note_of_{mail_id}",
    ):
        st.text_area(
            "What is to be remembered of this mail",
            mark.note,
            max_chars=marks.LONGEST_NOTE,
            key=key,
            on_change=changed,
            help="Kept when you leave the field, and exported with the mail.",
        )


def _wrong_label(project: Project, mail_id: str, label: str) -> None:
    """Put the mail on the review list as labelled wrongly, or take it off again."""
    other = "ham" if label == "spam" else "spam"
    listed = cache.decided(project).get(mail_id) == "flip"

    def decide() -> None:
        try:
            decisions.record_decision(project, [mail_id], None if listed else "flip")
        except SpamlabError as error:
            state.say_next(str(error))
            return
        _tag(project, mail_id, *(([], [WRONG]) if listed else ([WRONG], [])), remember=False)

    st.button(
        f"Keep {label} after all" if listed else "Wrong label",
        key="errors_wrong_label",
        icon=":material/undo:" if listed else ":material/flag:",
        help="Takes it off the list of the Labels page."
        if listed
        else f"This mail is {other}. Puts it on the list of the Labels page, where a new version "
        "of the mails is made of all that was decided. The label itself stays until then.",
        on_click=decide,
    )
    if listed:
        pages.link_to("labels", f"On the review list as {other}", project=project)
