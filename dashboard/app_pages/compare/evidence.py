"""The evidence of a comparison: significance tests, agreement, and the curves at all thresholds."""

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import charts
from dashboard.app_pages.compare.answer import say_nothing_traded
from dashboard.app_pages.compare.figure_table import format_figure
from dashboard.app_pages.compare.run_choice import Entry
from dashboard.components import chart_view, widgets
from pipeline.comparison import CommonMails, Comparison

SIGNIFICANT = 0.05
"""A p-value up to this is called more than luck."""


def report_tests(pair: tuple[Entry, Entry], comparison: Comparison, comparisons: int) -> None:
    """Report McNemar's test of the decisions and DeLong's of the ranking, in words.

    Args:
        comparisons: how many the p-values are corrected for.
    """
    corrected = f", corrected for {comparisons} comparisons" if comparisons > 1 else ""
    _report_decisions(comparison, corrected)
    _report_ranking(pair, comparison, corrected)


def _report_decisions(comparison: Comparison, corrected: str) -> None:
    test, p = comparison.mcnemar, comparison.mcnemar_adjusted
    if not (test.fixed or test.broken):
        sentence = say_nothing_traded(comparison)
        sentence = sentence[0].lower() + sentence[1:-1]
        st.markdown(f"**Decisions** (McNemar's exact test): {sentence}, p = 1.")
        return
    st.markdown(
        "**Decisions** (McNemar's exact test): if fixing and breaking were equally likely, "
        f"{test.clusters_fixed:,} fixed and {test.clusters_broken:,} broken, or a result even "
        f"more one-sided, would come about by luck with **p = {_format_p(p)}**{corrected}: "
        f"{_judge_luck(p)}."
    )
    st.caption(
        "Near-duplicates count once, for the run that gets more of them right. Counting every "
        f"mail: {test.fixed:,} fixed, {test.broken:,} broken, p = {_format_p(test.p)}."
    )


def _report_ranking(pair: tuple[Entry, Entry], comparison: Comparison, corrected: str) -> None:
    test, p = comparison.delong, comparison.delong_adjusted
    if test is None:
        st.markdown("**Ranking** (DeLong's test): it needs at least two ham and two spam.")
        return
    base, other = (widgets.escape_markdown(entry.name) for entry in pair)
    st.markdown(
        f"**Ranking** (DeLong's test of the area under the ROC curve): {test.a:.5f} for {base}, "
        f"{test.b:.5f} for {other}, **p = {_format_p(p)}**{corrected}: {_judge_luck(p)}."
    )
    st.caption(
        "This p treats near-duplicates as one. Counting every mail: "
        f"z = {test.z:.2f}, p = {_format_p(test.p)}, standard error {test.standard_error:.5f}."
    )


def _format_p(p: float) -> str:
    if math.isnan(p):
        return "unknown"
    if p < 0.0001:
        return "0.0001 or less"
    return f"{p:.4f}" if p < 0.01 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _judge_luck(p: float) -> str:
    return "more than luck" if p <= SIGNIFICANT else "luck cannot be ruled out"


def report_agreement(
    pair: tuple[Entry, Entry], shared: CommonMails, comparison: Comparison
) -> None:
    """Report how far both runs agree, and how good their average would be."""
    agreement = comparison.agreement
    widgets.draw_metrics(
        {
            "Same decision": f"{agreement.same:.2%}",
            "Cohen's kappa": _format_or_dash(agreement.kappa),
            "Correlation of scores": _format_or_dash(agreement.correlation),
            "F1 of both averaged": f"{agreement.fusion['f1']:.4f}",
            "(1-ROCA)% of both averaged": format_figure(
                "{:.4%}", agreement.fusion["one_minus_auc"]
            ),
        }
    )
    judged = [entry.judge(shared)[entry.median_seed(shared)] for entry in pair]
    each = " and ".join(f"{j.evaluation.at(j.point).f1:.4f}" for j in judged)
    st.caption(
        "Kappa is the agreement beyond chance: 0 is none, 1 is complete. The correlation is "
        "Spearman's, of the order in which both rank the mails. Averaged: the mean of both "
        f"log-odds of spam. Alone, the runs reach an F1 of {each}; the threshold of the average "
        "was chosen on the same mails, so its F1 is optimistic."
    )


def _format_or_dash(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def draw_curves(chosen: Sequence[Entry], shared: CommonMails) -> None:
    """Draw precision-recall and ROC curves of all compared runs, a chart each."""
    judged = {entry.name: entry.judge(shared)[entry.median_seed(shared)] for entry in chosen}
    first = judged[chosen[0].name].evaluation
    if not (first.n_ham and first.n_spam):
        st.caption("The mails are all of one class, so there are no curves to draw.")
        return
    kinds = [entry.runs[0].kind for entry in chosen]
    summaries = {name: j.evaluation.summary(j.point) for name, j in judged.items()}
    precision_recall = {name: j.evaluation.precision_recall() for name, j in judged.items()}
    roc = {name: j.evaluation.roc() for name, j in judged.items()}
    at_precision_recall = {n: (s["recall"], s["precision"]) for n, s in summaries.items()}
    at_roc = {n: (s["hm"], s["recall"]) for n, s in summaries.items()}
    drawn = {
        "precision-recall": (
            charts.plot_precision_recall(precision_recall, kinds, at_precision_recall),
            precision_recall,
        ),
        "roc": (charts.plot_roc(roc, kinds, at_roc, ham=first.n_ham), roc),
    }
    for place, (name, (chart, curves)) in zip(st.columns(2), drawn.items(), strict=True):
        with place:
            table = pd.concat([curve.assign(run=run) for run, curve in curves.items()])
            chart_view.draw_chart(chart, key=f"compare_{name}", data=table, name=f"compare-{name}")
    st.caption("The diamonds mark each run's threshold.")
