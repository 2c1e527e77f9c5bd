"""What the user marks a mail with: tags, a note, and whether its label is wrong."""

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
"""The tag of a mail that was put on the review list."""


def draw_marks(project: Project, mail_id: str, label: str) -> None:
    """Draw the controls for a mail of train or validation; a change is saved at once.

    Args:
        label: the label that the mail has, "ham" or "spam".
    """
    mark = cache.marks(project).get(mail_id, Mark())
    with st.container(horizontal=True, vertical_alignment="center"):
        _draw_last_tag(project, mail_id, mark)
        _draw_note(project, mail_id, mark)
        _draw_wrong_label(project, mail_id, label)
    _draw_tags(project, mail_id, mark)
    if mark and mark.text != cache.text_hash(project, mail_id):
        st.caption("The text of this mail has changed since it was tagged or noted.")


def _draw_last_tag(project: Project, mail_id: str, mark: Mark) -> None:
    """Draw the last tag as a button with a key: tagging ten newsletters takes ten presses."""
    tag = state.last_tag() or SUGGESTED[0]
    is_tagged = tag in mark.tags
    st.button(
        widgets.escape_markdown(f"{'Untag' if is_tagged else 'Tag'}: {tag}"),
        key="errors_tag_last",
        icon=":material/label_off:" if is_tagged else ":material/label:",
        shortcut="t",
        help="The last tag you gave; choose another one below.",
        on_click=partial(
            _tag, project, mail_id, [] if is_tagged else [tag], [tag] if is_tagged else []
        ),
    )


def _draw_tags(project: Project, mail_id: str, mark: Mark) -> None:
    """Draw all tags of the mail; what another tab writes meanwhile is kept."""
    offered = [*mark.tags, *marks.list_tags(cache.marks(project))[:MOST_OFFERED], *SUGGESTED]
    # a new box for a new set of tags: the old one still holds what it was drawn with
    tags = state.Field[list[str]](f"errors_tags_{mail_id}_{'|'.join(mark.tags)}")

    def changed() -> None:
        add = [t for t in tags.value if t not in mark.tags]
        _tag(project, mail_id, add, [t for t in mark.tags if t not in tags.value])

    st.multiselect(
        "Tags",
        list(dict.fromkeys(offered)),
        default=list(mark.tags),
        key=tags.key,
        accept_new_options=True,
        placeholder="Choose, or type a tag of your own",
        on_change=changed,
    )


def _tag(
    project: Project, mail_id: str, add: list[str], remove: list[str], remember: bool = True
) -> None:
    try:
        marks.change_tags(project, mail_id, add, remove)
    except SpamlabError as error:
        state.say_next(str(error))
    else:
        if remember and add and (tag := marks.clean_tag(add[-1])):
            state.keep_last_tag(tag)


def _draw_note(project: Project, mail_id: str, mark: Mark) -> None:
    """Draw the note in a popover."""
    number = zlib.crc32(mark.note.encode("utf-8", "replace"))
    note = state.Field[str](f"errors_note_{mail_id}_{number}")

    def changed() -> None:
        try:
            marks.write_note(project, mail_id, note.value)
        except SpamlabError as error:
            state.say_next(str(error))

    icon = "sticky_note_2" if mark.note else "note_add"
    with st.popover(
        "Note" if mark.note else "Add a note",
        icon=f":material/{icon}:",
        key=f"errors_note_of_{mail_id}",
    ):
        st.text_area(
            "What to remember about this mail",
            mark.note,
            max_chars=marks.LONGEST_NOTE,
            key=note.key,
            on_change=changed,
            help="Saved when you leave the field, and exported with the mail.",
        )


def _draw_wrong_label(project: Project, mail_id: str, label: str) -> None:
    """Draw the button that puts the mail on the review list, or takes it off again."""
    other = "ham" if label == "spam" else "spam"
    is_listed = cache.decided_labels(project).get(mail_id) == "flip"

    def decide() -> None:
        try:
            decisions.record_decision(project, [mail_id], None if is_listed else "flip")
        except SpamlabError as error:
            state.say_next(str(error))
            return
        _tag(project, mail_id, *(([], [WRONG]) if is_listed else ([WRONG], [])), remember=False)

    st.button(
        f"Keep {label} after all" if is_listed else "Wrong label",
        key="errors_wrong_label",
        icon=":material/undo:" if is_listed else ":material/flag:",
        help="Takes it off the review list of the Labels page."
        if is_listed
        else f"This mail is {other}. Puts it on the review list of the Labels page, where your "
        "decisions become a new version of the mails. The label itself stays until then.",
        on_click=decide,
    )
    if is_listed:
        pages.link_to("labels", f"On the review list as {other}", project=project)
