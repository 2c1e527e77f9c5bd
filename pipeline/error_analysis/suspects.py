"""How surely the label of a mail is wrong: by the review of the labels, or else by the scores."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def by_review(listed: pd.DataFrame, ids: Sequence[str]) -> np.ndarray:
    """P(the other label) of the mails that the review called suspicious, 0 of all others.

    Args:
        listed: what `label_review.review_labels` gave.
    """
    found = listed[listed["suspicious"]].set_index("id")
    return (1 - found["quality"]).reindex(list(ids)).fillna(0.0).to_numpy(np.float64)


def by_scores(spam: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The same by the scores of models that have not learnt from these mails.

    Confident learning (Northcutt, Jiang and Chuang 2021, as cleanlab has it). It knows no more
    than the run that is looked at, so that it cannot tell a wrong label from a blind spot.

    Args:
        spam: True for each mail labelled spam, [n].
        scores: P(spam), [n].
    """
    if len(np.unique(spam)) < 2:
        return np.zeros(len(spam))
    from cleanlab.filter import find_label_issues

    both = np.column_stack([1 - scores, scores])
    # a worker has no processes of its own to hand out
    wrong = find_label_issues(spam.astype(int), both, n_jobs=1)
    return np.where(wrong, np.where(spam, 1 - scores, scores), 0.0)
