"""A split: its parts, the copies that cross them, and how much of a score rests on these."""

import pandas as pd
import streamlit as st

from dashboard import cache, charts
from dashboard.components import chart_view, widgets
from pipeline.evaluation.twins import compare_without_twins
from pipeline.project import Project
from pipeline.runs.store import Run
from pipeline.splits import Split, by_time, size


def warn_if_seen(project: Project) -> None:
    """Warn if somebody in this workspace may have seen test mails of this split."""
    if not project.seal.is_intact():
        st.error(
            "The ledger of this project was changed outside Spamlab. Its test part stays sealed, "
            "and every run is marked *after test*.",
            icon=":material/gavel:",
        )
    version = project.settings.project_version
    if version > 1:
        st.warning(
            f"This is version {version} of the project: its test part was replaced after "
            "it had been opened. All runs since then are marked *after test*, and no test part "
            "opens here again.",
            icon=":material/history:",
        )
    total = (project.settings.sizes or {}).get("test", 0)
    for overlap in project.seal.earlier_openings():
        st.warning(
            f"{overlap.mails:,} of the {total:,} test mails were opened on {overlap.time[:10]} in "
            f"project {widgets.escape_markdown(overlap.project)}. Whoever trains here may know "
            "them, so runs are marked *after test*.",
            icon=":material/history:",
        )


def draw_parts(project: Project) -> None:
    """Draw how many mails of each class each part has, and the resulting shares."""
    counts = cache.part_counts(project)
    sealed = counts["ham"].isna()
    right = st.column_config.TextColumn(alignment="right")  # numbers, or the word "sealed"
    bars = counts[["ham", "spam"]].fillna(0).astype(int)
    if sealed["test"]:
        bars["sealed"] = counts["mails"].where(sealed, 0).astype(int)
    chart_view.draw_chart(charts.plot_parts(bars), "split_parts", bars.reset_index(), "parts")
    spam_shares = (counts["spam"] / counts["mails"] * 100).astype("Float64")
    rows = pd.DataFrame(
        {
            "part": counts.index,
            **{
                label: [f"{n:,}" if pd.notna(n) else "sealed" for n in counts[label]]
                for label in ("ham", "spam")
            },
            "mails": counts["mails"].astype(int).to_numpy(),
            "share of all (%)": (counts["mails"] / counts["mails"].sum() * 100).astype(float),
            "share of spam (%)": [f"{n:.2f}" if pd.notna(n) else "sealed" for n in spam_shares],
        }
    )
    st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        column_config={
            **dict.fromkeys(("ham", "spam", "share of spam (%)"), right),
            "mails": st.column_config.NumberColumn(format="localized"),
            "share of all (%)": st.column_config.NumberColumn(format="%.2f"),
        },
    )
    ham, spam = int(counts.loc["validation", "ham"]), int(counts.loc["validation", "spam"])
    st.caption(size.describe_claims(ham, spam))
    for sentence in size.list_warnings(ham, spam):
        st.warning(widgets.escape_markdown(sentence), icon=":material/straighten:")


def draw_crossings(project: Project, split: Split) -> None:
    """Draw how many copies and near-duplicates cross the parts."""
    crossings = cache.crossings(project)
    directions = {
        "train to validation": crossings.validation,
        "train and validation to test": crossings.test,
    }
    if not any(crossing.pairs or crossing.mails for crossing in directions.values()):
        st.success(
            "0 pairs cross: no copy and no near-duplicate (similarity of "
            f"{crossings.threshold:.2f} or more) is in another part.",
            icon=":material/verified:",
        )
    else:
        st.warning(
            "Some mails have a copy or near-duplicate in another part, so the model has already "
            "seen the answer. A grouped split keeps them together.",
            icon=":material/content_copy:",
        )
    st.dataframe(
        [
            {
                "from": name,
                "pairs of copies": crossing.exact,
                "pairs of near-duplicates": crossing.near,
                "mails concerned": crossing.mails,
            }
            for name, crossing in directions.items()
        ],
        hide_index=True,
        width="stretch",
    )
    if split.spec.strategy == "time" and (n := by_time.count_undated(cache.spare_columns(project))):
        st.info(f"{n:,} mails have no date and are all in train.", icon=":material/event:")
    runs = cache.usable_runs(project)
    if crossings.twins and runs:
        draw_score_without_twins(project, runs[0])


def draw_score_without_twins(project: Project, run: Run) -> None:
    """Compare a run's validation figures with those on the mails without a twin in train."""
    twins = cache.crossings(project).twins
    if not twins:
        return
    point = cache.operating_point(project, run)
    scores = compare_without_twins(cache.evaluation(run.id), twins, point)
    st.markdown(
        f"**What the score of {run.name} owes to near-duplicates**, at a threshold of "
        f"{point.threshold:.3f}"
    )
    st.dataframe(
        [
            {
                "validation mails": title,
                "mails": int(scores[key]["mails"]),
                "F1": scores[key]["f1"],
                "recall": scores[key]["recall"],
                "(1-ROCA)%": scores[key]["one_minus_auc"] * 100,
            }
            for key, title in (
                ("with", "all"),
                ("without", "those without a near-duplicate in train"),
            )
        ],
        hide_index=True,
        width="stretch",
        column_config={
            c: st.column_config.NumberColumn(format="%.4f") for c in ("F1", "recall", "(1-ROCA)%")
        },
    )
