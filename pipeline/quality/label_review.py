"""Finds labels that look wrong: a model that has not read the mail gives it the other label.

Confident learning (Northcutt, Jiang and Chuang 2021, implemented by cleanlab) on out-of-fold scores
of the baseline. Only train and validation are examined; the test part stays sealed.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from pipeline import features, models
from pipeline.errors import BadData
from pipeline.mail.dataset import Dataset, encode_labels
from pipeline.models.model import Mails
from pipeline.specs import FeatureSpec, ModelSpec
from pipeline.splits import Split
from pipeline.vault import select_unsealed
from pipeline.wording import format_count
from pipeline.workspace.progress import Progress, ignore_progress

COLUMNS = ("id", "label", "suggested", "confidence", "quality", "suspicious")
DECISIONS = ("keep", "flip", "drop")
FOLDS = 5
C = 30.0
"""Inverse regularisation strength. A model that fits wrong labels closely repeats them on similar
mails. With clusters kept together it matters little: when 3% of the labels were flipped, 93% of the
mails listed as suspicious were flipped ones, and 92% with the C that training chooses
(`benchmarks/label_review.py`)."""


def review_labels(
    dataset: Dataset,
    split: Split | None,
    *,
    clusters: np.ndarray | None = None,
    progress: Progress = ignore_progress,
) -> pd.DataFrame:
    """List the mails of train and validation with the labels that their texts suggest.

    Each mail is scored by a model that learnt from the other folds. Mails of one cluster are in one
    fold, because a model that has read a copy repeats the copy's label: if whole campaigns have the
    wrong label, the first 6% of the list contain all of their mails, but only 55 to 90% of them
    where only exact copies are kept together. Takes 3 s for 5,000 mails, 50 s and 2 GB for 66,000.

    Args:
        split: its test part is neither learnt from nor listed; None if there is no split yet.
        clusters: the cluster of near-duplicates of each row of ``dataset.frame``, int [rows].
            Without it, or if a class has fewer than 5 clusters because a long footer makes all its
            mails alike, only mails with the same subject and body are kept together.
        progress: told after each fold.

    Returns:
        Columns id; label (the present one); suggested; confidence (P of the suggested label, 0.5 to
        1); quality (cleanlab's label quality: P of the present label, 0 to 1; with two classes its
        other scores rank alike); suspicious (whether cleanlab counts it among the label issues).
        Suspicious mails come first, those of lowest quality first.

    Raises:
        BadData: if a class has too few different mails.
    """
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    mails = dataset.frame.reset_index(drop=True)
    # sorted, because the order of the file must not matter
    mails = select_unsealed(mails, split).sort_values("id")
    y = encode_labels(mails["label"]).astype(int)
    copies = mails.groupby(["subject", "body"], sort=False).ngroup().to_numpy()
    near = copies if clusters is None else pd.factorize(clusters[mails.index])[0]
    together = near if min(_count_clusters(y, near)) >= FOLDS else copies
    scores = np.zeros(len(y))
    for done, (rest, out) in enumerate(_folds(y, together), start=1):
        scores[out] = _score(mails.iloc[rest], mails.iloc[out])
        progress("Scoring each mail by a model that has not read it", done / FOLDS)
    probabilities = np.column_stack([1 - scores, scores])
    rows = pd.DataFrame(
        {
            "id": mails["id"].to_numpy(),
            "label": mails["label"].to_numpy(),
            "suggested": np.where(scores >= 0.5, "spam", "ham"),
            "confidence": probabilities.max(axis=1),
            "quality": get_label_quality_scores(y, probabilities),
            # A worker of Dask is daemonic: it cannot start processes.
            "suspicious": find_label_issues(y, probabilities, n_jobs=1),
        }
    )
    order = ["suspicious", "quality", "id"]
    return rows.sort_values(order, ascending=[False, True, True], ignore_index=True)


def apply_decisions(dataset: Dataset, decisions: Mapping[str, str]) -> Dataset:
    """Build a new version with labels flipped and mails dropped.

    Args:
        decisions: "keep", "flip" or "drop" by mail id.

    Raises:
        BadData: if nothing would change, if a mail is not in the dataset, or if too few mails of a
            class would remain.

    >>> frame = pd.DataFrame({
    ...     "id": [f"{i:02}" for i in range(50)], "label": ["ham", "spam"] * 25, "subject": "",
    ...     "body": "", "sender": None, "date": pd.to_datetime([None] * 50, utc=True),
    ...     "group": None,
    ... })
    >>> new = apply_decisions(Dataset("tiny", frame), {"00": "flip", "01": "drop"})
    >>> new.correction, new.counts
    ('1 label flipped and 1 mail dropped after review', {'ham': 24, 'spam': 25})
    """
    frame = dataset.frame
    flip, drop = (frame["id"].isin(_select_ids(decisions, d)) for d in ("flip", "drop"))
    if len(gone := set(decisions) - set(frame["id"])):
        raise BadData(
            f"the dataset no longer contains {format_count(len(gone), 'mail')} that you decided "
            f"about, such as {min(gone)!r}. Look for wrong labels again."
        )
    if not (flip | drop).any():
        raise BadData("no label was flipped and no mail dropped; decide about a mail first.")
    opposite = frame["label"].map({"ham": "spam", "spam": "ham"})
    changed = frame.assign(label=frame["label"].where(~flip, opposite))[~drop]
    done = [
        f"{format_count(int(n.sum()), noun)} {verb}"
        for n, noun, verb in ((flip, "label", "flipped"), (drop, "mail", "dropped"))
        if n.any()
    ]
    new = Dataset(
        dataset.name,
        changed.reset_index(drop=True),
        dataset.fingerprint,
        f"{' and '.join(done)} after review",
    )
    new.require_enough_mails()
    return new


def _select_ids(decisions: Mapping[str, str], decision: str) -> list[str]:
    return [mail_id for mail_id, made in decisions.items() if made == decision]


def _folds(y: np.ndarray, clusters: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the rows to learn from and those to score; stratified, no cluster on both sides."""
    from sklearn.model_selection import StratifiedGroupKFold

    for n, name in zip(_count_clusters(y, clusters), ("ham", "spam"), strict=True):
        if n < FOLDS:
            raise BadData(
                f"at least {FOLDS} different mails of each class are needed to find labels that "
                f"look wrong; found {n} {name}. Add {name} mails."
            )
    for rest, out in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(
        y, y, clusters
    ):
        if len(np.unique(y[rest])) < 2:
            raise BadData(
                "nearly all mails of a class are copies of one text, so no model can learn from "
                "some of them and score the others. Add different mails."
            )
        yield rest, out


def _count_clusters(y: np.ndarray, clusters: np.ndarray) -> tuple[int, int]:
    """Count the clusters that contain ham and those that contain spam."""
    return len(np.unique(clusters[y == 0])), len(np.unique(clusters[y == 1]))


def _score(rest: pd.DataFrame, out: pd.DataFrame) -> np.ndarray:
    """Score the mails of `out` with a baseline whose words and weights were learnt from `rest`."""
    transformer = features.build(FeatureSpec())
    y = encode_labels(rest["label"])
    train: Mails = (transformer.fit_transform(rest, list(y)), y)
    held = transformer.transform(out)
    model = models.build(ModelSpec("logistic", {"C": C}))
    return model.fit(train, (held, encode_labels(out["label"]))).score(held)
