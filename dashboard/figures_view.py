"""The figures of several runs in one table."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

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
