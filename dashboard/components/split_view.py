"""What a split came to: sizes, what crosses it, what its parts can show, what it rests on."""

import pandas as pd
import streamlit as st

from dashboard import cache, charts
from dashboard.components import chart_view, widgets
from pipeline.evaluation.twins import compare_without_twins
from pipeline.project import Project
from pipeline.runs.store import Run
from pipeline.splits import Split, by_time, size


def seen_before(project: Project) -> None:
    """Say so when somebody in this workspace has seen test mails of this split already."""
    if not project.seal.is_intact():
        st.error(
            "The ledger of this project was changed by another hand. Its test part stays closed, "
            "and every run is marked *after test*.",
            icon=":material/gavel:",
        )
    version = project.settings.project_version
    if version > 1:
        st.warning(
            f"This is version {version} of the project: its test part was exchanged after the "
            "opening. All runs since then are marked *after test*, and no test part opens "
            "here again.",
            icon=":material/history:",
        )
    total = (project.settings.sizes or {}).get("test", 0)
    for overlap in project.seal.earlier_openings():
        st.warning(
            f"{overlap.mails:,} of the {total:,} test mails were opened on {overlap.time[:10]} in "
            f"project {widgets.literal(overlap.project)}: whoever trains here may know them, so "
            "runs are marked *after test*.",
            icon=":material/history:",
        )


def parts(project: Project) -> None:
    """How many mails of each class each part holds, and the shares that were reached."""
    counts = cache.part_counts(project)
    sealed = counts["ham"].isna()
    bars = counts[["ham", "spam"]].fillna(0).astype(int)
    if sealed["test"]:
        bars["sealed"] = counts["mails"].where(sealed, 0).astype(int)
    chart_view.draw(charts.parts(bars), "split_parts", bars.reset_index(), "parts")
    spam = (counts["spam"] / counts["mails"] * 100).astype("Float64")
    rows = pd.DataFrame(
        {
            "part": counts.index,
            **{
                label: [f"{n:,}" if pd.notna(n) else "sealed" for n in counts[label]]
                for label in ("ham", "spam")
            },
            "mails": counts["mails"].astype(int).to_numpy(),
            "share of all (%)": (counts["mails"] / counts["mails"].sum() * 100).astype(float),
            "share of spam (%)": [f"{n:.2f}" if pd.notna(n) else "sealed" for n in spam],
        }
    )
    st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        column_config={
            "mails": st.column_config.NumberColumn(format="localized"),
            "share of all (%)": st.column_config.NumberColumn(format="%.2f"),
        },
    )
    ham, spam_mails = int(counts.loc["validation", "ham"]), int(counts.loc["validation", "spam"])
    st.caption(size.describe_claims(ham, spam_mails))
    for sentence in size.list_warnings(ham, spam_mails):
        st.warning(widgets.literal(sentence), icon=":material/straighten:")


def crossings(project: Project, split: Split) -> None:
    """The proof that nothing leaks, or how much does."""
    found = cache.crossings(project)
    lines = {"train to validation": found.validation, "train and validation to test": found.test}
    if not any(c.pairs or c.mails for c in lines.values()):
        st.success(
            "0 pairs cross: no copy and no near-duplicate (similarity of "
            f"{found.threshold:.2f} or more) is on two sides.",
            icon=":material/verified:",
        )
    else:
        st.warning(
            "Some mails have a copy or a near-duplicate on another side, where they are known by "
            "heart. The grouped way to divide keeps them together.",
            icon=":material/content_copy:",
        )
    st.dataframe(
        [
            {
                "from": name,
                "pairs with the same words": c.exact,
                "pairs nearly the same": c.near,
                "mails with a twin": c.mails,
            }
            for name, c in lines.items()
        ],
        hide_index=True,
        width="stretch",
    )
    if split.spec.strategy == "time" and (n := by_time.count_undated(cache.spare_columns(project))):
        st.info(f"{n:,} mails have no date; all of them are in train.", icon=":material/event:")
    runs = cache.usable_runs(project)
    if found.twins and runs:
        show_without_twins(project, runs[0])


def show_without_twins(project: Project, run: Run) -> None:
    """How much of a run's validation score rests on mails that have a twin in train."""
    twins = cache.crossings(project).twins
    if not twins:
        return
    point = cache.operating_point(project, run)
    found = compare_without_twins(cache.evaluation(run.id), twins, point)
    at = f"at a threshold of {point.threshold:.3f}"
    st.markdown(f"**What the score of {run.name} rests on**, {at}")
    st.dataframe(
        [
            {
                "validation mails": title,
                "mails": int(found[key]["mails"]),
                "F1": found[key]["f1"],
                "recall": found[key]["recall"],
                "(1-ROCA)%": found[key]["one_minus_auc"] * 100,
            }
            for key, title in (("with", "all"), ("without", "without those with a twin in train"))
        ],
        hide_index=True,
        width="stretch",
        column_config={
            c: st.column_config.NumberColumn(format="%.4f") for c in ("F1", "recall", "(1-ROCA)%")
        },
    )
