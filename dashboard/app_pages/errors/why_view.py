"""Why a mail got its score: the text shaded, the strongest pieces, and how it all adds up."""

import pandas as pd
import streamlit as st

from dashboard import cache, charts
from dashboard.app_pages.errors import shaded_text
from dashboard.components import chart_view, widgets
from pipeline import features, models
from pipeline.explain.why import Why
from pipeline.project import Project
from pipeline.runs.store import Run

SHOWN = 20_000
"""Characters of the text that are shaded; a cut is always said."""
PIECES, MEASURES, TOKENS = 10, 12, 50
LEAST = 0.005
"""Log-odds that are told; less would read 0.00."""
HELP = (
    "Log-odds are ln(P(spam) / P(ham)): 0 is even, +1 makes spam 2.7 times as likely against ham, "
    "−1 the same for ham. The base is what the model says of a mail in which it finds nothing."
)


def show(project: Project, run: Run, mail_id: str) -> None:
    """Which parts of a mail that may be looked at moved the score that a run gives it."""
    why = cache.why(project, run.id, mail_id)
    st.markdown(widgets.escape_markdown(in_numbers(why)), help=HELP)
    reads_mail = models.describe(run.kind).reads_mail
    st.caption(how(why, reads_mail))
    if not reads_mail:
        return
    _text(why)
    _pieces(why)
    measured = why.others[why.others["written"] != ""]
    if not measured.empty:
        _measures(project, run, measured)
    tokens = why.others[why.others["written"] == ""]
    if not tokens.empty:
        _tokens(tokens)


def in_numbers(why: Why) -> str:
    """The sum: "base −2.10 + text +5.42 + headers −0.30 = +3.02 log-odds of spam, …"."""
    parts = {"base": why.base}
    for block, value in why.sums().items():
        parts["text" if block == "text" else features.describe(block).title.lower()] = value
    if not why.exact:
        parts["not assigned"] = why.residual
    terms = " + ".join(f"{name} {signed(value)}" for name, value in parts.items())
    total = f"{signed(why.log_odds)} log-odds of spam"
    return f"{terms} = {total}, that is P(spam) {probability(why.score)}."


def how(why: Why, reads_mail: bool) -> str:
    """How the shares were found, and how exact they are."""
    if not reads_mail:
        return "This model does not read mails: it gives each the share of spam in train."
    if why.exact:
        return "Exact: the parts add up to the score of this linear model."
    return (
        "By integrated gradients, along the way from an empty mail to this one. They leave "
        f"{why.missed:.2%} of the way from the base to the score unassigned."
    )


def signed(value: float) -> str:
    """A number with its sign, two digits behind the point; one digit of a smaller one."""
    small = 0.00005 < abs(value) < 0.005
    return f"{value:+.1g}".replace("-", "−") if small else f"{value:+.2f}".replace("-", "−")


def probability(score: float) -> str:
    """Three digits, and never 0 or 1."""
    if score < 0.001:
        return "below 0.001"
    return "above 0.999" if score > 0.999 else f"{score:.3f}"


def _text(why: Why) -> None:
    if not why.text:
        st.caption("No block of features of this run reads the text of a mail.")
        return
    st.html(shaded_text.shaded(why.text[:SHOWN], why.shares[:SHOWN].tolist(), why.subject))
    notes = ["Darker moved the score more, against the strongest characters of this mail."]
    if len(why.text) > SHOWN:
        notes.append(f"The first {SHOWN:,} of {len(why.text):,} characters that the model read.")
    if why.unread:
        notes.append(f"{why.unread:,} characters behind this were not read by the model.")
    st.caption(" ".join(notes))


def _pieces(why: Why) -> None:
    if not why.text:
        return
    found = why.strongest(PIECES)
    for place, label in zip(st.columns(2), ("spam", "ham"), strict=True):
        mine = found[(found["toward"] == label) & (found["contribution"].abs() >= LEAST)]
        with place:
            st.markdown(f"**Strongest towards {label}**")
            if mine.empty:
                st.caption(f"No word moves the score towards {label}.")
                continue
            _table(
                pd.DataFrame(
                    {
                        "log-odds": mine["contribution"],
                        "word": mine["piece"].map(shaded_text.visible),
                        "times": mine["times"],
                    }
                )
            )


def _measures(project: Project, run: Run, measured: pd.DataFrame) -> None:
    usual = cache.usual(project, run.id)
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
        "Beside each bar the value in this mail; below it what is usual: the middle half of the "
        f"train mails of each class.{cut}"
    )


def _tokens(tokens: pd.DataFrame) -> None:
    st.markdown("**Header fields**")
    tokens = tokens[tokens["contribution"].abs() >= LEAST]
    if tokens.empty:
        st.caption(f"None of them moved the log-odds by {LEAST} or more.")
        return
    if len(tokens) > TOKENS:
        st.caption(f"The {TOKENS} strongest of {len(tokens):,}.")
    shown = tokens.head(TOKENS)
    _table(
        pd.DataFrame(
            {"log-odds": shown["contribution"], "token": shown["feature"].map(shaded_text.visible)}
        )
    )


def _table(rows: pd.DataFrame) -> None:
    st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        column_config={
            "log-odds": st.column_config.NumberColumn(format="%+.2f", width="small"),
            "times": st.column_config.NumberColumn(
                width="small", help="How often it is in the part of the mail that was read."
            ),
        },
    )
