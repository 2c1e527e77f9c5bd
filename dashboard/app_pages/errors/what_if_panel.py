"""What a mail would score with another text, and the fewest words that flip its call."""

import pandas as pd
import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.errors import live_text, score_bar, shaded_text, strikethrough
from dashboard.app_pages.errors.explanation import format_probability, format_signed
from dashboard.components import tables, widgets
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.explain.smallest_cut import Cut
from pipeline.explain.what_if import EDITABLE, Change
from pipeline.models import MODELS
from pipeline.project import Project
from pipeline.runs.store import Run

ROWS = 8
"""Words of the difference that are listed; a cut is always said."""

HELP = "How often it occurs in the text."
PLURAL = {"word": "words", "sign": "signs", "word and sign": "words and signs"}


@st.fragment
def draw_what_if(project: Project, run: Run, mail_id: str) -> None:
    """Draw fields with the text of a mail, and the score of a run that follows the typing."""
    if not MODELS.describe(run.kind).reads_mail:
        st.caption("This model does not read mails: no word of this one can change its score.")
        return
    text, rest = split_editable(cache.mail(project, mail_id).iloc[0])
    point = cache.operating_point(project, run)
    score = st.container()
    if any(rest):
        st.caption(
            f"The first {EDITABLE:,} characters can be edited; the {len(''.join(rest)):,} after "
            "them stay as they are, and count as far as the model reads."
        )
    key, first = state.open_what_if(mail_id, text)
    typed = live_text.edit_text(*first, most=EDITABLE, key=key)
    state.keep_what_if(typed)
    with st.container(horizontal=True):
        st.button(
            "Back to the mail as it is",
            disabled=typed == text,
            key="what_if_back",
            on_click=state.begin_what_if,
            args=(mail_id, text),
        )
        is_pressed = st.button("Smallest cut that flips it", key="what_if_cut")
    question = (run.id, point, mail_id, typed)
    if is_pressed:
        state.remember_cut(question)
    text_now = (typed[0] + rest[0], typed[1] + rest[1])
    with score:
        change = _draw_score(project, run, mail_id, text_now, point)
    if typed != text:
        _draw_difference(change)
    if state.remembered_cut() == question:
        cut = cache.smallest_cut(project, run.id, point, mail_id, *text_now)
        shortened = cut.subject.removesuffix(rest[0]), cut.body.removesuffix(rest[1])
        _draw_cut(cut, text_now, point, mail_id, shortened)


def split_editable(mail: pd.Series) -> tuple[tuple[str, str], tuple[str, str]]:
    """Split subject and body into the part that can be edited and the rest."""
    subject, body = str(mail["subject"]), str(mail["body"])
    length = max(0, EDITABLE - len(subject) - 1)
    return (subject[:EDITABLE], body[:length]), (subject[EDITABLE:], body[length:])


def _draw_score(
    project: Project, run: Run, mail_id: str, text: tuple[str, str], point: OperatingPoint
) -> Change:
    """Draw the score, the call, and the bar."""
    change = cache.rescored(project, run.id, mail_id, *text)
    was, now = change.before.score, change.after.score
    with st.container(horizontal=True, gap="medium"):
        same = was == now
        st.metric(
            "P(spam)",
            format_probability(now),
            None if same else f"was {format_probability(was)}",
            delta_color="off",
            delta_arrow="off",
            width=185,
        )
        st.metric(
            "Log-odds of spam",
            format_signed(change.after.log_odds),
            None if same else format_signed(change.total),
            delta_color="off",
            delta_arrow="off",
            width=130,
        )
        st.metric("Called", str(point.call(now)), width=150)
    st.html(score_bar.render_bar(now, was, point))
    return change


def describe_change(change: Change) -> str:
    """The difference in log-odds and its terms, in a sentence."""
    parts = {
        "words removed": change.gone,
        "words added": change.come,
        "the rest of the text": change.kept,
        "links, shape and other measures": change.others,
        "not assigned": change.residual,
    }
    terms = [
        f"{name} {format_signed(value)}" for name, value in parts.items() if abs(value) >= 0.005
    ]
    made = f": {', '.join(terms)}" if terms else ""
    return (
        f"Log-odds of spam {format_signed(change.before.log_odds)} → "
        f"{format_signed(change.after.log_odds)}, a difference of "
        f"{format_signed(change.total)}{made}."
    )


def _draw_difference(change: Change) -> None:
    exact = change.after.exact
    st.markdown(
        widgets.escape_markdown(describe_change(change)),
        help="The rest of the text changes as well: in a shorter text each word counts for more, "
        "and the model also reads words together with their neighbours. Sender, header fields, "
        "HTML and attachments stay the same."
        + ("" if exact else " Computed by integrated gradients, which leave a little unassigned."),
    )
    words = change.words[change.words["change"].abs() >= 0.005]
    if words.empty:
        return
    shown = words.head(ROWS)
    _draw_table(
        pd.DataFrame(
            {
                "log-odds": shown["change"],
                "word": shown["piece"].str[:80].map(shaded_text.show_invisible),
                "before": shown["times_before"],
                "now": shown["times_after"],
            }
        )
    )
    if len(words) > ROWS:
        st.caption(f"The {ROWS} largest of {len(words):,} changes.")


def _draw_cut(
    cut: Cut,
    text: tuple[str, str],
    point: OperatingPoint,
    mail_id: str,
    shortened: tuple[str, str],
) -> None:
    """Draw the words of a cut struck out in the text, and a button to cut them in the fields.

    Args:
        shortened: subject and body without the words of the cut.
    """
    if not cut.flips:
        st.info(
            widgets.escape_markdown(f"No small cut flips it: {cut.why_not}"),
            icon=":material/block:",
        )
        return
    st.markdown(
        widgets.escape_markdown(describe_cut(cut, point)),
        help="Each word is removed everywhere, in upper and lower case. The words that count most "
        "go first, and those that turn out not to be needed are put back, so every word of the cut "
        "is needed; another choice of words might still be smaller. The model itself scores every "
        "step.",
    )
    st.html(strikethrough.render_strikethrough("\n".join(text)[:EDITABLE], cut.spans))
    st.button(
        "Take the cut over into the text above",
        key="what_if_take",
        on_click=state.begin_what_if,
        args=(mail_id, shortened),
    )
    _draw_table(
        pd.DataFrame(
            {
                "log-odds": cut.words["contribution"],
                "word": cut.words["piece"].str[:80].map(shaded_text.show_invisible),
                "times": cut.words["times"],
            }
        )
    )


def describe_cut(cut: Cut, point: OperatingPoint) -> str:
    """How many words a cut has, how often they occur, and what removing them does."""
    n, places = len(cut.words), int(cut.words["times"].sum())
    signs = sum(not any(c.isalnum() for c in piece) for piece in cut.words["piece"])
    kinds = "word" if not signs else "sign" if signs == n else "word and sign"
    words = f"this {kinds}" if n == 1 else f"these {n} {PLURAL[kinds]}"
    occurrences = "" if places == n else f", which occur {places} times,"
    needed = ""
    if n > 1:
        needed = " Each of them is needed." if cut.minimal else " Not all of them may be needed."
    return (
        f"Without {words}{occurrences} P(spam) goes from {format_probability(cut.score)} to "
        f"{format_probability(cut.score_after)}, and the mail is called "
        f"{point.call(cut.score_after)}.{needed}"
    )


def _draw_table(rows: pd.DataFrame) -> None:
    st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        height=tables.compute_height(len(rows)),
        column_config={
            "log-odds": st.column_config.NumberColumn(format="%+.2f", width=75),
            "word": st.column_config.TextColumn(width=150),
            **{
                name: st.column_config.NumberColumn(width=60, help=HELP)
                for name in rows.columns[2:]
            },
        },
    )
