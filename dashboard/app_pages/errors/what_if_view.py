"""What a mail would score with another text, and the fewest words that decide about it."""

import pandas as pd
import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.errors import live_text, score_bar, shaded_text, struck_text
from dashboard.app_pages.errors.why_view import probability, signed
from dashboard.components import mail_view, widgets
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.explain.what_if import EDITABLE, Change, Cut
from pipeline.models import describe
from pipeline.project import Project
from pipeline.runs.store import Run

ROWS = 8
"""Words of the difference that are listed; a cut is always said."""

HELP = "How often it is in the text."
PLURAL = {"word": "words", "sign": "signs", "word and sign": "words and signs"}


@st.fragment
def show(project: Project, run: Run, mail_id: str) -> None:
    """Fields with the mail's text, and how the score that a run gives it moves as one types."""
    if not describe(run.kind).reads_mail:
        st.caption("This model does not read mails: no word of this one changes its score.")
        return
    text, rest = parts(cache.one_mail(project, mail_id).iloc[0])
    point = cache.operating_point(project, run)
    score = st.container()
    if any(rest):
        st.caption(
            f"The first {EDITABLE:,} characters can be edited; the {len(''.join(rest)):,} behind "
            "them stay as they are, and count as far as the model reads."
        )
    key, first = state.what_if(mail_id, text)
    typed = live_text.edit(*first, most=EDITABLE, key=key)
    state.keep_what_if(typed)
    with st.container(horizontal=True):
        st.button(
            "Back to the mail as it is",
            disabled=typed == text,
            key="what_if_back",
            on_click=state.begin_what_if,
            args=(mail_id, text),
        )
        asks = st.button("Smallest cut that flips it", key="what_if_cut")
    asked = (run.id, point, mail_id, typed)
    if asks:
        state.ask_cut(asked)
    now = (typed[0] + rest[0], typed[1] + rest[1])
    with score:
        change = _score(project, run, mail_id, now, point)
    if typed != text:
        _difference(change)
    if state.asked_cut() == asked:
        cut = cache.cut(project, run.id, point, mail_id, *now)
        less = cut.subject.removesuffix(rest[0]), cut.body.removesuffix(rest[1])
        _cut(cut, now, point, mail_id, less)


def parts(mail: pd.Series) -> tuple[tuple[str, str], tuple[str, str]]:
    """Subject and body as far as they can be edited, and the rest of both."""
    subject, body = str(mail["subject"]), str(mail["body"])
    here = max(0, EDITABLE - len(subject) - 1)
    return (subject[:EDITABLE], body[:here]), (subject[EDITABLE:], body[here:])


def _score(
    project: Project, run: Run, mail_id: str, text: tuple[str, str], point: OperatingPoint
) -> Change:
    """The number, what the mail is called, and the bar."""
    change = cache.change(project, run.id, mail_id, *text)
    was, now = change.before.score, change.after.score
    with st.container(horizontal=True, gap="medium"):
        same = was == now
        st.metric(
            "P(spam)",
            probability(now),
            None if same else f"was {probability(was)}",
            delta_color="off",
            delta_arrow="off",
            width=185,
        )
        st.metric(
            "Log-odds of spam",
            signed(change.after.log_odds),
            None if same else signed(change.total),
            delta_color="off",
            delta_arrow="off",
            width=130,
        )
        st.metric("Called", str(point.call(now)), width=110)
    st.html(score_bar.bar(now, was, point))
    return change


def in_words(change: Change) -> str:
    """The difference in log-odds and what it is made of: "+3.90 → −0.80 log-odds (−4.70): …"."""
    parts = {
        "words taken out": change.gone,
        "words put in": change.come,
        "the rest of the text": change.kept,
        "links, shape and other measures": change.others,
        "not assigned": change.residual,
    }
    terms = [f"{name} {signed(value)}" for name, value in parts.items() if abs(value) >= 0.005]
    made = f": {', '.join(terms)}" if terms else ""
    return (
        f"Log-odds of spam {signed(change.before.log_odds)} → {signed(change.after.log_odds)}, "
        f"a difference of {signed(change.total)}{made}."
    )


def _difference(change: Change) -> None:
    exact = change.after.exact
    st.markdown(
        widgets.escape_markdown(in_words(change)),
        help="The rest of the text changes as well: in a shorter text each word counts for more, "
        "and the model also reads words together with their neighbours. Sender, header fields, "
        "HTML and attachments stay as they are."
        + ("" if exact else " By integrated gradients, which leave a little unassigned."),
    )
    words = change.words[change.words["change"].abs() >= 0.005]
    if words.empty:
        return
    shown = words.head(ROWS)
    _table(
        pd.DataFrame(
            {
                "log-odds": shown["change"],
                "word": shown["piece"].str[:80].map(shaded_text.visible),
                "before": shown["times_before"],
                "now": shown["times_after"],
            }
        )
    )
    if len(words) > ROWS:
        st.caption(f"The {ROWS} largest of {len(words):,} changes.")


def _cut(
    cut: Cut, text: tuple[str, str], point: OperatingPoint, mail_id: str, less: tuple[str, str]
) -> None:
    """The words of a cut struck out in the text, and a button to do so in the fields.

    Args:
        less: what the fields then hold.
    """
    if not cut.flips:
        st.info(
            widgets.escape_markdown(f"No small cut flips it: {cut.why_not}"),
            icon=":material/block:",
        )
        return
    st.markdown(
        widgets.escape_markdown(cut_in_words(cut, point)),
        help="Each word is taken out wherever it stands, in any case. The words that count most go "
        "first, and those that turn out not to be needed are put back, so that no word of the cut "
        "can be spared; another choice of words might still be smaller. Every step is scored by "
        "the model itself.",
    )
    st.html(struck_text.struck("\n".join(text)[:EDITABLE], cut.spans))
    st.button(
        "Take the cut over into the text above",
        key="what_if_take",
        on_click=state.begin_what_if,
        args=(mail_id, less),
    )
    _table(
        pd.DataFrame(
            {
                "log-odds": cut.words["contribution"],
                "word": cut.words["piece"].str[:80].map(shaded_text.visible),
                "times": cut.words["times"],
            }
        )
    )


def cut_in_words(cut: Cut, point: OperatingPoint) -> str:
    """How many words, where they are, and what their removal does."""
    n, places = len(cut.words), int(cut.words["times"].sum())
    signs = sum(not any(c.isalnum() for c in piece) for piece in cut.words["piece"])
    kinds = "word" if not signs else "sign" if signs == n else "word and sign"
    words = f"this {kinds}" if n == 1 else f"these {n} {PLURAL[kinds]}"
    many = "" if places == n else f", which occur {places} times,"
    needed = ""
    if n > 1:
        needed = " Each of them is needed." if cut.minimal else " Not all of them may be needed."
    return (
        f"Without {words}{many} P(spam) goes from {probability(cut.score)} to "
        f"{probability(cut.score_after)}, and the mail is called "
        f"{point.call(cut.score_after)}.{needed}"
    )


def _table(rows: pd.DataFrame) -> None:
    st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        height=mail_view.compute_height(len(rows)),
        column_config={
            "log-odds": st.column_config.NumberColumn(format="%+.2f", width=75),
            "word": st.column_config.TextColumn(width=150),
            **{
                name: st.column_config.NumberColumn(width=60, help=HELP)
                for name in rows.columns[2:]
            },
        },
    )
