"""The mails that only one of two runs decides rightly; a row opens the mail."""

import pandas as pd
import streamlit as st

from dashboard import cache
from dashboard.app_pages.compare.comparison_view import say_nothing_traded
from dashboard.app_pages.compare.form import Entry
from dashboard.components import mail_view, widgets
from pipeline.comparison import CommonMails, Comparison
from pipeline.project import Project


def show(
    project: Project, pair: tuple[Entry, Entry], shared: CommonMails, found: Comparison
) -> None:
    """The mails that only one of the two decides rightly; a row opens the mail."""
    lists = {
        f"Fixed ({len(found.fixed):,})": found.fixed,
        f"Broken ({len(found.broken):,})": found.broken,
    }
    base, other = (widgets.literal(entry.name) for entry in pair)
    st.caption(
        f"Fixed: {other} decides them rightly and {base} does not. Broken: the other way round. "
        f"{len(found.fixed):,} − {len(found.broken):,} = {_fewer(found, pair)}."
    )
    if not (found.fixed or found.broken):
        st.info(say_nothing_traded(found), icon=":material/check:")
        return
    which = st.segmented_control(
        "Show", list(lists), default=next(k for k, ids in lists.items() if ids), required=True,
        key=f"compare_mails_{pair[0].runs[0].id}_{pair[1].runs[0].id}",
    )  # fmt: skip
    ids = list(lists[which])
    scores = {
        entry.name: pd.Series(
            shared.evaluations[entry.runs[place].id].scores, index=list(shared.ids)
        )
        for entry, place in ((e, e.middle(shared)) for e in pair)
    }
    if not ids:
        st.info("There is no such mail.", icon=":material/check:")
    else:
        key = f"compare_table_{which.split()[0]}_{pair[0].runs[0].id}_{pair[1].runs[0].id}"
        chosen = mail_view.browse(
            cache.mails(project), ids, key, ", the score that moved most first. Choose a row."
        )
        if chosen is not None:
            widgets.metrics({f"P(spam) by {n}": f"{s[chosen]:.4f}" for n, s in scores.items()})
            mail_view.show(cache.mails(project).take([chosen]).iloc[0], "compare_mail")
    everything = [*found.fixed, *found.broken]
    frame = pd.DataFrame(
        {
            "what": ["fixed"] * len(found.fixed) + ["broken"] * len(found.broken),
            **{f"score of {n}": s[everything].to_numpy() for n, s in scores.items()},
        }
    )
    frame = frame.join(cache.mails(project).take(everything, ("label", "subject")))
    st.download_button(
        "Download both lists as CSV",
        lambda: mail_view.csv(frame),
        file_name="compare-mails.csv",
        mime="text/csv",
        key="compare_download_mails",
        icon=":material/download:",
        on_click="ignore",
    )


def _fewer(found: Comparison, pair: tuple[Entry, Entry]) -> str:
    net = len(found.fixed) - len(found.broken)
    errors = {"one": "error", "many": "errors"}
    if any(entry.has_band for entry in pair):  # who is unsure makes no error
        errors = {"one": "wrong or unsure mail", "many": "wrong or unsure mails"}
    if not net:
        return f"0, as many {errors['many']} as before"
    return f"{net:+,} ".replace("-", "−") + (
        f"({abs(net):,} {errors['one' if abs(net) == 1 else 'many']} "
        f"{'fewer' if net > 0 else 'more'})"
    )
