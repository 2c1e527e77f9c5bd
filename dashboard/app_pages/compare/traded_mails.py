"""The mails that only one of two runs gets right; a row opens the mail."""

import pandas as pd
import streamlit as st

from dashboard import cache
from dashboard.app_pages.compare.answer import say_nothing_traded
from dashboard.app_pages.compare.run_choice import Entry
from dashboard.components import mail_view, tables, widgets
from pipeline.comparison import CommonMails, Comparison
from pipeline.project import Project


def list_traded_mails(
    project: Project, pair: tuple[Entry, Entry], shared: CommonMails, comparison: Comparison
) -> None:
    """List the mails that the second run fixed or broke; show the chosen one."""
    fixed, broken = comparison.fixed, comparison.broken
    base, other = (widgets.escape_markdown(entry.name) for entry in pair)
    st.caption(
        f"Fixed: {other} gets them right and {base} does not. Broken: the other way round. "
        f"{len(fixed):,} − {len(broken):,} = {_describe_net(comparison, pair)}."
    )
    if not (fixed or broken):
        st.info(say_nothing_traded(comparison), icon=":material/check:")
        return
    lists = {f"Fixed ({len(fixed):,})": fixed, f"Broken ({len(broken):,})": broken}
    run_ids = f"{pair[0].runs[0].id}_{pair[1].runs[0].id}"
    title = st.segmented_control(
        "Show",
        list(lists),
        default=next(title for title, ids in lists.items() if ids),
        required=True,
        key=f"compare_mails_{run_ids}",
    )
    ids = list(lists[title])
    scores = {entry.name: _read_scores(entry, shared) for entry in pair}
    if not ids:
        st.info("There is no such mail.", icon=":material/check:")
    else:
        key = f"compare_table_{title.split()[0]}_{run_ids}"
        mail_id = mail_view.browse_mails(
            cache.mails(project), ids, key, ", the score that moved most first. Choose a row."
        )
        if mail_id is not None:
            widgets.draw_metrics(
                {f"P(spam) by {n}": f"{s[mail_id]:.4f}" for n, s in scores.items()}
            )
            mail_view.draw_mail(cache.mails(project).take([mail_id]).iloc[0], "compare_mail")
    both = [*fixed, *broken]
    frame = pd.DataFrame(
        {
            "change": ["fixed"] * len(fixed) + ["broken"] * len(broken),
            **{f"score of {n}": s[both].to_numpy() for n, s in scores.items()},
        }
    )
    frame = frame.join(cache.mails(project).take(both, ("label", "subject")))
    tables.offer_csv("Download both lists as CSV", frame, "compare-mails", "compare_download_mails")


def _read_scores(entry: Entry, shared: CommonMails) -> pd.Series:
    """The scores of an entry's median seed, by mail."""
    run = entry.runs[entry.median_seed(shared)]
    return pd.Series(shared.evaluations[run.id].scores, index=list(shared.ids))


def _describe_net(comparison: Comparison, pair: tuple[Entry, Entry]) -> str:
    """How many errors more or fewer the second run makes."""
    net = len(comparison.fixed) - len(comparison.broken)
    noun, nouns = "error", "errors"
    if any(entry.has_band for entry in pair):  # an unsure call is no error
        noun, nouns = "wrong or unsure mail", "wrong or unsure mails"
    if not net:
        return f"0, as many {nouns} as before"
    amount = f"{net:+,}".replace("-", "−")
    return (
        f"{amount} ({abs(net):,} {noun if abs(net) == 1 else nouns} "
        f"{'fewer' if net > 0 else 'more'})"
    )
