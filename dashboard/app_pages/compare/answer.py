"""The answer of a comparison, in a sentence, and what it rests on."""

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.compare.run_choice import Entry
from dashboard.components import widgets
from pipeline.comparison import CommonMails, Comparison, verdicts
from pipeline.wording import format_count

ANSWER = "f1"
"""The figure that the answer rests on, chosen before anybody looks: the field's usual one."""


def answer(chosen: Sequence[Entry], shared: CommonMails, comparisons: Sequence[Comparison]) -> None:
    """Say for each compared run whether it is better, and what all the answers rest on."""
    baseline = chosen[0]
    base = widgets.escape_markdown(baseline.name)
    for entry, comparison in zip(chosen[1:], comparisons, strict=True):
        difference = comparison.differences[ANSWER]
        headline = verdicts.write_headline(
            baseline.name, entry.name, difference, comparison.n, len(comparisons)
        )
        box, icon = {
            "better": (st.success, ":material/trending_up:"),
            "worse": (st.error, ":material/trending_down:"),
        }.get(difference.verdict, (st.info, ":material/trending_flat:"))
        fixed, broken = len(comparison.fixed), len(comparison.broken)
        failed = "did not get right" if entry.has_band or baseline.has_band else "got wrong"
        trade = (
            f"It fixes {format_count(fixed, 'mail')} that {base} {failed}, and breaks "
            f"{format_count(broken, 'mail')} that {base} got right."
        )
        if not (fixed or broken):
            trade = say_nothing_traded(comparison)
        box(f"**{widgets.escape_markdown(headline)}** {trade}", icon=icon)
    st.caption(" ".join(_explain(chosen, shared, comparisons)))


def _explain(
    chosen: Sequence[Entry], shared: CommonMails, comparisons: Sequence[Comparison]
) -> list[str]:
    """What the answers rest on, in sentences."""
    first = comparisons[0]
    clusters = f" in {first.clusters:,} clusters of near-duplicates"
    sentences = [
        f"Judged on {format_count(first.n, 'mail')} of validation"
        + (clusters if first.clusters < first.n else "")
        + ", from which none of the runs learned, each run at its own threshold. The intervals "
        "come from resampling whole clusters of near-duplicates, the same ones for all runs."
    ]
    if shared.left_out:
        sealed = (
            f", {shared.sealed:,} of them because they are now sealed for testing"
            if shared.sealed
            else ""
        )
        verb = "is" if shared.left_out == 1 else "are"
        sentences.append(
            f"{format_count(shared.left_out, 'other mail')} {verb} left out because not all runs "
            f"have them{sealed}."
        )
    if any(entry.has_band for entry in chosen):
        sentences.append(
            "An unsure mail is not decided correctly; the figures count it as not called spam, "
            "because it stays in the inbox."
        )
    if len(comparisons) > 1:
        sentences.append(
            f"Comparing {len(comparisons)} runs with "
            f"{widgets.escape_markdown(chosen[0].name)} gives luck as many chances: verdicts and "
            "p-values are corrected for that (Holm)."
        )
    if any(len(entry.runs) > 1 for entry in chosen):
        sentences.append(
            "For a run with several seeds the mean counts, and its interval covers the luck of the "
            "seeds too; decisions and curves are those of the seed with the median F1."
        )
    return sentences


def say_nothing_traded(comparison: Comparison) -> str:
    """The sentence when no mail is fixed or broken; nobody decides an unsure mail correctly."""
    if comparison.agreement.same == 1:
        return "Both runs agree on every mail."
    return "Both runs get the same mails right."


def choose_comparison(chosen: Sequence[Entry]) -> int:
    """Let the user choose which of the compared runs to look at; its position in `chosen`."""
    if len(chosen) == 2:
        return 1
    names = [entry.name for entry in chosen[1:]]
    name = st.segmented_control(
        f"Look closer, against {widgets.escape_markdown(chosen[0].name)}",
        names,
        default=names[0],
        required=True,
        key="compare_pick_" + "_".join(entry.runs[0].id for entry in chosen),
        wrap=True,
    )
    return names.index(name) + 1
