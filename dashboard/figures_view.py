"""The threshold that every number obeys, and the figures of several runs in one table."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from pipeline.store import Run
from pipeline.workspace import Project

ROWS = (
    ("accuracy", "Accuracy", "{:.4f}", "share of mails called rightly"),
    ("precision", "Precision", "{:.4f}", "of the mails called spam, how many are"),
    ("recall", "Recall", "{:.4f}", "of the spam, how much was caught"),
    ("f1", "F1", "{:.4f}", "harmonic mean of precision and recall"),
    ("mcc", "MCC", "{:.4f}", "correlation of label and decision, -1 to 1"),
    ("roc_auc", "ROC-AUC", "{:.5f}", "chance that a spam scores above a ham"),
    ("average_precision", "Average precision", "{:.5f}", "area under precision-recall"),
    ("log_loss", "Log loss", "{:.4f}", "nats a mail; lower is better"),
    ("hm", "hm%", "{:.2%}", "ham called spam; lower is better"),
    ("sm", "sm%", "{:.2%}", "spam let through; lower is better"),
    ("lam", "lam%", "{:.2%}", "both errors averaged as log-odds; lower is better"),
    ("one_minus_auc", "(1-ROCA)%", "{:.4%}", "ranking mistakes; lower is better"),
)


def table(summaries: Mapping[str, Mapping[str, float]]) -> None:
    """One row a figure, one column a run, and what the figure means.

    Args:
        summaries: by the run's name, the figures of `Evaluation.summary`.
    """
    rows = [
        {
            "figure": title,
            **{name: form.format(summary[key]) for name, summary in summaries.items()},
            "what it says": meaning,
        }
        for key, title, form, meaning in ROWS
    ]
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, width="stretch", height=35 * (len(rows) + 1) + 3
    )
    mails = {n: f"{s['n_ham']:,.0f} ham and {s['n_spam']:,.0f} spam" for n, s in summaries.items()}
    if len(set(mails.values())) == 1:
        st.caption(f"On {next(iter(mails.values()))}.")
    else:
        st.caption("; ".join(f"{name}: {text}" for name, text in mails.items()) + ".")


def threshold_control(project: Project, runs: Sequence[Run]) -> dict[str, float]:
    """Let the user set one threshold for all runs or leave each its own; by the run's id.

    The choice is kept with the project and obeyed by every page, export and downloaded model.
    """
    common = project.settings().get("threshold")
    own = {run.id: run.threshold if run.threshold is not None else 0.5 for run in runs}
    toggle, slider = f"evaluate_common_{project.name}", f"evaluate_threshold_{project.name}"
    # what the project says is shown, also when another tab changed it; only a hand on the control
    # writes it back
    st.session_state[toggle] = common is not None

    def switch() -> None:
        project.change(threshold=0.5 if st.session_state[toggle] else None)

    def move() -> None:
        project.change(threshold=st.session_state[slider])

    left, right = st.columns([1, 2], vertical_alignment="center")
    left.toggle(
        "One threshold for all runs",
        key=toggle,
        on_change=switch,
        help="A mail whose score reaches the threshold is called spam. Off: each run uses its own, "
        "the one nearest to 0.5 whose F1 on validation is as good as the best. Errors, scores and "
        "downloaded models follow.",
    )
    if common is not None:
        st.session_state[slider] = float(common)
        right.slider("Threshold", 0.0, 1.0, step=0.001, format="%.3f", key=slider, on_change=move)
    else:
        right.caption(
            "Each run at its own: " + ", ".join(f"{r.name} at {own[r.id]:.3f}" for r in runs)
        )
    return {run.id: project.threshold_of(own[run.id]) for run in runs}
