"""Why a mail got its score: the shaded text, the strongest pieces, and how they add up."""

import pandas as pd
import streamlit as st

from dashboard import cache, charts
from dashboard.app_pages.errors import shaded_text
from dashboard.components import chart_view, widgets
from pipeline import models
from pipeline.explain.why import Why
from pipeline.features import FEATURES
from pipeline.project import Project
from pipeline.runs.store import Run

SHOWN = 20_000
"""Characters of the text that are shaded; a cut is always said."""
PIECES, MEASURES, TOKENS = 10, 12, 50
LEAST = 0.005
"""Log-odds from which a contribution is shown; a smaller one would read 0.00."""
HELP = (
    "Log-odds are ln(P(spam) / P(ham)): 0 is even odds, +1 makes spam 2.7 times as likely as ham, "
    "−1 the reverse. The base is the score of a mail in which the model finds nothing."
)


def draw_explanation(project: Project, run: Run, mail_id: str) -> None:
    """Draw which parts of a mail moved the score that a run gives it."""
    why = cache.why(project, run.id, mail_id)
    st.markdown(widgets.escape_markdown(describe_sum(why)), help=HELP)
    reads_mail = models.MODELS.describe(run.kind).reads_mail
    st.caption(describe_method(why, reads_mail))
    if not reads_mail:
        return
    _draw_text(why)
    _draw_pieces(why)
    measured = why.others[why.others["written"] != ""]
    if not measured.empty:
        _draw_measures(project, run, measured)
    tokens = why.others[why.others["written"] == ""]
    if not tokens.empty:
        _draw_tokens(tokens)


def describe_sum(why: Why) -> str:
    """The sum, as in "base −2.10 + text +5.42 + headers −0.30 = +3.02 log-odds of spam, …"."""
    parts = {"base": why.base}
    for block, value in why.sums().items():
        title = block if block == "text" else FEATURES.describe(block).title.lower()
        parts[title] = value
    if not why.exact:
        parts["not assigned"] = why.residual
    terms = " + ".join(f"{name} {format_signed(value)}" for name, value in parts.items())
    total = f"{format_signed(why.log_odds)} log-odds of spam"
    return f"{terms} = {total}, that is P(spam) {format_probability(why.score)}."


def describe_method(why: Why, reads_mail: bool) -> str:
    """How the contributions were computed, and how exact they are."""
    if not reads_mail:
        return "This model does not read mails: each gets the share of spam in train as its score."
    if why.exact:
        return "Exact: the parts add up to the score of this linear model."
    return (
        "Computed by integrated gradients, along the path from an empty mail to this one. They "
        f"leave {why.missed:.2%} of the distance from the base to the score unassigned."
    )


def format_signed(value: float) -> str:
    """A number with its sign and two decimals; a very small one with one significant digit."""
    is_small = 0.00005 < abs(value) < 0.005
    return f"{value:+.1g}".replace("-", "−") if is_small else f"{value:+.2f}".replace("-", "−")


def format_probability(score: float) -> str:
    """A probability with three decimals, never 0 or 1."""
    if score < 0.001:
        return "below 0.001"
    return "above 0.999" if score > 0.999 else f"{score:.3f}"


def _draw_text(why: Why) -> None:
    if not why.text:
        st.caption("No feature block of this run reads the text of a mail.")
        return
    st.html(shaded_text.render_shaded(why.text[:SHOWN], why.shares[:SHOWN].tolist(), why.subject))
    notes = ["Darker characters moved the score more, relative to the strongest ones of this mail."]
    if len(why.text) > SHOWN:
        notes.append(f"The first {SHOWN:,} of {len(why.text):,} characters that the model read.")
    if why.unread:
        notes.append(f"The model did not read the {why.unread:,} characters after this.")
    st.caption(" ".join(notes))


def _draw_pieces(why: Why) -> None:
    if not why.text:
        return
    strongest = why.strongest(PIECES)
    for place, label in zip(st.columns(2), ("spam", "ham"), strict=True):
        pieces = strongest[
            (strongest["toward"] == label) & (strongest["contribution"].abs() >= LEAST)
        ]
        with place:
            st.markdown(f"**Strongest towards {label}**")
            if pieces.empty:
                st.caption(f"No word moves the score towards {label}.")
                continue
            _draw_table(
                pd.DataFrame(
                    {
                        "log-odds": pieces["contribution"],
                        "word": pieces["piece"].map(shaded_text.show_invisible),
                        "times": pieces["times"],
                    }
                )
            )


def _draw_measures(project: Project, run: Run, measured: pd.DataFrame) -> None:
    usual = cache.usual_values(project, run.id)
    rows = measured.merge(usual, on=["position", "column"], how="left")
    rows = rows[rows["contribution"].abs() >= LEAST]
    st.markdown("**Links, shape and sender**")
    if rows.empty:
        st.caption(f"None of these measures moved the log-odds by {LEAST} or more.")
        return
    shown = rows.head(MEASURES)
    chart_view.draw_chart(
        charts.plot_measures(shown),
        key=f"why_measures_{run.id}",
        data=rows[["feature", "written", "contribution", "ham", "spam"]],
        name="measures",
    )
    cut = f" The {MEASURES} strongest of {len(rows)}." if len(rows) > MEASURES else ""
    st.caption(
        "Beside each bar is the value in this mail, below it the usual range: the middle half of "
        f"the train mails of each class.{cut}"
    )


def _draw_tokens(tokens: pd.DataFrame) -> None:
    st.markdown("**Header fields**")
    tokens = tokens[tokens["contribution"].abs() >= LEAST]
    if tokens.empty:
        st.caption(f"None of them moved the log-odds by {LEAST} or more.")
        return
    if len(tokens) > TOKENS:
        st.caption(f"The {TOKENS} strongest of {len(tokens):,}.")
    shown = tokens.head(TOKENS)
    _draw_table(
        pd.DataFrame(
            {
                "log-odds": shown["contribution"],
                "token": shown["feature"].map(shaded_text.show_invisible),
            }
        )
    )


def _draw_table(rows: pd.DataFrame) -> None:
    st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        column_config={
            "log-odds": st.column_config.NumberColumn(format="%+.2f", width="small"),
            "times": st.column_config.NumberColumn(
                width="small",
                help="How often it occurs in the part of the mail that the model read.",
            ),
        },
    )
