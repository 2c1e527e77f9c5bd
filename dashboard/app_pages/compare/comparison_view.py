"""Runs against each other: the answer, what was changed, the tests, the fusion, the curves."""

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import charts
from dashboard.app_pages.compare.differences_view import number
from dashboard.app_pages.compare.form import Entry
from dashboard.components import chart_view, widgets
from pipeline import comparison
from pipeline.comparison import CommonMails, Comparison, verdicts

ANSWER = "f1"
"""The figure that the answer rests on, chosen before anybody looks: the field's usual one."""
WORDS = {
    "dataset": "mails (fingerprint)",
    "features.blocks": "feature blocks",
    "model.kind": "kind of model",
    "model.seed": "seed",
}


def answer(chosen: Sequence[Entry], shared: CommonMails, comparisons: Sequence[Comparison]) -> None:
    """One sentence a comparison, and what all of them rest on."""
    base = widgets.literal(chosen[0].name)
    for entry, found in zip(chosen[1:], comparisons, strict=True):
        told = found.differences[ANSWER]
        sentence = verdicts.write_headline(
            chosen[0].name, entry.name, told, found.n, len(comparisons)
        )
        box, icon = {
            "better": (st.success, ":material/trending_up:"),
            "worse": (st.error, ":material/trending_down:"),
        }.get(told.verdict, (st.info, ":material/trending_flat:"))
        fixed, broken = len(found.fixed), len(found.broken)
        traded = (
            f"It fixes {_mails(fixed)} that {base} {_did_not_get_right(entry, chosen[0])}, and "
            f"breaks {_mails(broken)} that {base} got right."
        )
        if not (fixed or broken):
            traded = say_nothing_traded(found)
        box(f"**{widgets.literal(sentence)}** {traded}", icon=icon)
    first = comparisons[0]
    text = (
        f"On {_mails(first.n)} of validation"
        + (f" in {first.clusters:,} groups of near-duplicates" if first.clusters < first.n else "")
        + ", from which none of the runs learned; each run at its own threshold. Intervals: whole "
        "groups of near-duplicates are drawn again and again, the same for all runs."
    )
    if shared.left_out:
        text += f" {shared.left_out:,} other mails are left out because not all runs have them"
        text += (
            f", or, {shared.sealed:,} of them, because they are sealed for testing now."
            if shared.sealed
            else "."
        )
    if any(entry.has_band for entry in chosen):
        text += (
            " An unsure mail is not decided rightly; the figures count it as not called spam, for "
            "it stays in the inbox."
        )
    if len(comparisons) > 1:
        text += (
            f" As {len(comparisons)} runs are compared with {base}, luck has as many chances: "
            "verdicts and p-values are corrected for that (Holm)."
        )
    if any(len(entry.runs) > 1 for entry in chosen):
        text += (
            " Of a run with several seeds the mean counts, and its interval covers the luck of "
            "the seeds too; decisions and curves are those of the seed in the middle by F1."
        )
    st.caption(text)


def say_nothing_traded(found: Comparison) -> str:
    """Where no mail is fixed or broken; an unsure mail is decided rightly by nobody."""
    if found.agreement.same == 1:
        return "Both decide every mail alike."
    return "Both decide the same mails rightly."


def _did_not_get_right(*pair: Entry) -> str:
    return "did not get right" if any(entry.has_band for entry in pair) else "got wrong"


def _mails(n: int) -> str:
    return "1 mail" if n == 1 else f"{n:,} mails"


def pick(chosen: Sequence[Entry]) -> int:
    """Which of the compared runs is looked at below; its place in `chosen`."""
    if len(chosen) == 2:
        return 1
    names = [entry.name for entry in chosen[1:]]
    name = st.segmented_control(
        f"Look closer, against {widgets.literal(chosen[0].name)}",
        names,
        default=names[0],
        required=True,
        key="compare_pick_" + "_".join(entry.runs[0].id for entry in chosen),
        wrap=True,
    )
    return names.index(name) + 1


def changes(pair: tuple[Entry, Entry]) -> None:
    """Only the entries in which the specs differ; more than one thing is flagged."""
    several = any(len(entry.runs) > 1 for entry in pair)
    table = comparison.tabulate_changes(
        {entry.name: entry.runs[0].spec for entry in pair}, seeds=not several
    )
    things = comparison.summarize_changes(table)
    if not things:
        st.markdown("Nothing: the two were asked for alike.")
        return
    st.dataframe(
        table.rename(index=WORDS).reset_index(),
        hide_index=True,
        width="stretch",
        height=widgets.table_height(len(table)),
        key="compare_changes",
    )
    if len(things) == 1:
        text = "Same: everything else, so this is what makes the difference."
        if things == ["model.kind"]:
            text += " The settings that only one kind of model has are on the Runs page."
        st.caption(text)
        return
    number = {2: "Two", 3: "Three", 4: "Four"}.get(len(things), f"{len(things)}")
    st.warning(
        f"{number} things were changed at once, so nobody can tell which did it. Train a run with "
        "only one of the changes to know.",
        icon=":material/call_split:",
    )


def tests(pair: tuple[Entry, Entry], found: Comparison, comparisons: int) -> None:
    """McNemar's test of the decisions and DeLong's of the ranking, in words."""
    base, other = (widgets.literal(entry.name) for entry in pair)
    one = found.mcnemar
    p = found.mcnemar_adjusted
    corrected = f", corrected for {comparisons} comparisons" if comparisons > 1 else ""
    if not (one.fixed or one.broken):
        said = say_nothing_traded(found)
        said = said[0].lower() + said[1:-1]
        st.markdown(f"**Decisions** (McNemar's exact test): {said}: p = 1.")
    else:
        st.markdown(
            f"**Decisions** (McNemar's exact test): if fixing and breaking were equally likely, "
            f"{one.clusters_fixed:,} fixed and {one.clusters_broken:,} broken, or a result even "
            f"more one-sided, would come about by luck with **p = {_p(p)}**{corrected}: {_luck(p)}."
        )
        st.caption(
            "Near-duplicates count once, for the run that decides more of them rightly. Every mail "
            f"by itself: {one.fixed:,} fixed, {one.broken:,} broken, p = {_p(one.p)}."
        )
    ranks = found.delong
    if ranks is None:
        st.markdown("**Ranking** (DeLong's test): it needs two ham and two spam at least.")
        return
    p = found.delong_adjusted
    st.markdown(
        f"**Ranking** (DeLong's test of the area under the ROC curve): {ranks.a:.5f} for {base}, "
        f"{ranks.b:.5f} for {other}, **p = {_p(p)}**{corrected}: {_luck(p)}."
    )
    st.caption(
        f"Near-duplicates fare alike in this p. Every mail by itself: z = {ranks.z:.2f}, "
        f"p = {_p(ranks.p)}, standard error {ranks.standard_error:.5f}."
    )


def _p(p: float) -> str:
    if math.isnan(p):
        return "unknown"
    if p < 0.0001:
        return "0.0001 or less"
    return f"{p:.4f}" if p < 0.01 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _luck(p: float) -> str:
    return "more than luck" if p <= 0.05 else "luck cannot be ruled out"


def together(pair: tuple[Entry, Entry], shared: CommonMails, found: Comparison) -> None:
    """How alike both are, and what a fusion of both would give."""
    one = found.agreement
    widgets.metrics(
        {
            "Decided alike": f"{one.same:.2%}",
            "Cohen's kappa": "–" if math.isnan(one.kappa) else f"{one.kappa:.3f}",
            "Correlation of scores": "–"
            if math.isnan(one.correlation)
            else f"{one.correlation:.3f}",
            "F1 of both together": f"{one.fusion['f1']:.4f}",
            "(1-ROCA)% of both together": number("{:.4%}", one.fusion["one_minus_auc"]),
        }
    )
    summaries = [entry.on(shared)[entry.middle(shared)] for entry in pair]
    each = " and ".join(f"{j.evaluation.at(j.point).f1:.4f}" for j in summaries)
    st.caption(
        "Kappa is the agreement beyond chance: 0 is none, 1 is complete. The correlation is "
        "Spearman's, of the order in which both put the mails. Together: the mean of both "
        f"log-odds of spam. F1 of each alone is {each}; the fusion's threshold was chosen on the "
        "same mails, so its F1 is on the optimistic side."
    )


def curves(chosen: Sequence[Entry], shared: CommonMails) -> None:
    """Precision-recall and ROC of all compared runs in one chart each."""
    middle = {e.name: e.on(shared)[e.middle(shared)] for e in chosen}
    first = middle[chosen[0].name].evaluation
    if not (first.n_ham and first.n_spam):
        st.caption("The mails are all of one class, so there are no curves to draw.")
        return
    kinds = [entry.runs[0].kind for entry in chosen]
    summaries = {n: j.evaluation.summary(j.point) for n, j in middle.items()}
    pr = {n: j.evaluation.precision_recall() for n, j in middle.items()}
    roc = {n: j.evaluation.roc() for n, j in middle.items()}
    at_pr = {n: (s["recall"], s["precision"]) for n, s in summaries.items()}
    at_roc = {n: (s["hm"], s["recall"]) for n, s in summaries.items()}
    drawings = {
        "precision-recall": (charts.precision_recall(pr, kinds, at_pr), pr),
        "roc": (charts.roc(roc, kinds, at_roc, ham=first.n_ham), roc),
    }
    for place, (name, (drawing, data)) in zip(st.columns(2), drawings.items(), strict=True):
        with place:
            table = pd.concat([frame.assign(run=n) for n, frame in data.items()])
            chart_view.draw(drawing, key=f"compare_{name}", data=table, name=f"compare-{name}")
    st.caption("The diamonds mark each run's threshold.")
