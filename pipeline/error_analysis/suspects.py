"""Estimates how likely the label of a mail is wrong, from the label review or from the scores."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def read_suspicion(listed: pd.DataFrame, ids: Sequence[str]) -> np.ndarray:
    """Read P(the opposite label) of the mails that the label review suspects; 0 for all others.

    Args:
        listed: from `label_review.review_labels`.
    """
    suspicious = listed[listed["suspicious"]].set_index("id")
    return np.asarray(
        (1 - suspicious["quality"]).reindex(list(ids)).fillna(0.0).to_numpy(np.float64)
    )


def estimate_suspicion(spam: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Estimate the same from the scores of models that have not learnt from these mails.

    Confident learning (Northcutt, Jiang and Chuang 2021, implemented by cleanlab). It knows no more
    than the run itself, so it cannot distinguish a wrong label from a blind spot of the run.

    Args:
        spam: True for each mail labelled spam, [n].
        scores: P(spam), [n].
    """
    if len(np.unique(spam)) < 2:
        return np.zeros(len(spam))
    from cleanlab.filter import find_label_issues

    probabilities = np.column_stack([1 - scores, scores])
    # A worker of Dask is daemonic: it cannot start processes.
    wrong = find_label_issues(spam.astype(int), probabilities, n_jobs=1)
    return np.where(wrong, np.where(spam, 1 - scores, scores), 0.0)
