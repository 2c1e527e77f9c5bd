"""Labels that look wrong: the mails that a model which has not read them calls by the other word.

Confident learning (Northcutt, Jiang and Chuang 2021, as cleanlab has it) on out-of-fold scores of
the baseline. Only train and validation are looked at; the test part stays sealed.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd

from pipeline import features, models
from pipeline.errors import BadData
from pipeline.mail.dataset import Dataset, encode_labels
from pipeline.models.model import Mails
from pipeline.specs import FeatureSpec, ModelSpec
from pipeline.splits import Split
from pipeline.vault import unsealed
from pipeline.wording import counted

COLUMNS = ("id", "label", "suggested", "confidence", "quality", "suspicious")
DECISIONS = ("keep", "flip", "drop")
FOLDS = 5
C = 30.0
"""Inverse strength of the regularisation. A model that fits wrong labels closely repeats them on
similar mails; with clusters kept together it matters little: with 3 % of labels flipped, 93 % of
the mails called suspicious were flipped ones, 92 % with the C that training chooses
(benchmarks/label_review.py)."""


def review(
    dataset: Dataset,
    split: Split | None,
    *,
    clusters: np.ndarray | None = None,
    report: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """Each mail of train and validation with the label that its text suggests, the worst first.

    Each mail is scored by a model that learnt from the other folds; mails of one cluster are in one
    fold, because a model that has read a copy repeats the copy's label: of campaigns labelled
    wrongly as a whole, the first 6 % of the list hold all mails, and 55 to 90 % where only exact
    copies are kept together. 3 s on 5,000 mails, 50 s and 2 GB on 66,000.

    Args:
        split: its test part is neither learnt from nor listed; None when there is none yet.
        clusters: for each row of ``dataset.frame`` a number that is the same for mails of nearly
            one text. None, or when fewer than 5 clusters hold a class because one long footer makes
            all mails alike: mails with the same subject and body.
        report: is told the share that is done, 0 to 1.

    Returns:
        Columns id; label (the given one); suggested; confidence (P of the suggested label, 0.5 to
        1); quality (cleanlab's label quality: P of the given label, 0 to 1; with two classes its
        other scores rank alike); suspicious (cleanlab counts it among the label issues). Suspicious
        mails first, those of least quality first.

    Raises:
        BadData: a class has too few different mails.
    """
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    mails = dataset.frame.reset_index(drop=True)
    mails = unsealed(mails, split).sort_values("id")  # the order of the file must not count
    y = encode_labels(mails["label"]).astype(int)
    copies = mails.groupby(["subject", "body"], sort=False).ngroup().to_numpy()
    near = copies if clusters is None else pd.factorize(clusters[mails.index])[0]
    together = near if min(_different(y, near)) >= FOLDS else copies
    scores = np.zeros(len(y))
    for done, (rest, out) in enumerate(_folds(y, together), start=1):
        scores[out] = _score(mails.iloc[rest], mails.iloc[out])
        if report:
            report(done / FOLDS)
    both = np.column_stack([1 - scores, scores])
    rows = pd.DataFrame(
        {
            "id": mails["id"].to_numpy(),
            "label": mails["label"].to_numpy(),
            "suggested": np.where(scores >= 0.5, "spam", "ham"),
            "confidence": both.max(axis=1),
            "quality": get_label_quality_scores(y, both),
            # a worker has no processes of its own to hand out
            "suspicious": find_label_issues(y, both, n_jobs=1),
        }
    )
    order = ["suspicious", "quality", "id"]
    return rows.sort_values(order, ascending=[False, True, True], ignore_index=True)


def corrected(dataset: Dataset, decisions: Mapping[str, str]) -> Dataset:
    """A new version with labels flipped and mails dropped; "keep" changes nothing.

    Args:
        decisions: "keep", "flip" or "drop" by the id of the mail.

    Raises:
        BadData: nothing would change, a mail is not there, or too few mails of a class would be
            left.
    """
    frame = dataset.frame
    flip, drop = (frame["id"].isin(_ids(decisions, d)) for d in ("flip", "drop"))
    if len(gone := set(decisions) - set(frame["id"])):
        raise BadData(
            f"{counted(len(gone), 'mail')} to decide about, such as {min(gone)!r}, not among the "
            "mails any more. Look for wrong labels again."
        )
    if not (flip | drop).any():
        raise BadData("no label was flipped and no mail dropped; decide about a mail first.")
    other = frame["label"].map({"ham": "spam", "spam": "ham"})
    changed = frame.assign(label=frame["label"].where(~flip, other))[~drop]
    done = [
        f"{counted(int(n.sum()), noun)} {verb}"
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


def _ids(decisions: Mapping[str, str], wanted: str) -> list[str]:
    return [mail_id for mail_id, decision in decisions.items() if decision == wanted]


def _folds(y: np.ndarray, clusters: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows to learn from and rows to score, each class spread evenly, no cluster on both sides."""
    from sklearn.model_selection import StratifiedGroupKFold

    for n, name in zip(_different(y, clusters), ("ham", "spam"), strict=True):
        if n < FOLDS:
            raise BadData(
                f"at least {FOLDS} different mails of each class are needed to tell which labels "
                f"look wrong; found {n} {name}. Add {name} mails."
            )
    for rest, out in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(
        y, y, clusters
    ):
        if len(np.unique(y[rest])) < 2:
            raise BadData(
                "nearly all mails of a class are copies of one text, so no model can learn from "
                "some of them and be asked about the others. Add different mails."
            )
        yield rest, out


def _different(y: np.ndarray, clusters: np.ndarray) -> tuple[int, int]:
    """How many clusters hold ham and how many spam."""
    return len(np.unique(clusters[y == 0])), len(np.unique(clusters[y == 1]))


def _score(rest: pd.DataFrame, out: pd.DataFrame) -> np.ndarray:
    """P(spam) of the mails of `out` by the baseline that learnt, words and all, from `rest`."""
    transformer = features.build(FeatureSpec())
    y = encode_labels(rest["label"])
    train: Mails = (transformer.fit_transform(rest, list(y)), y)
    held = transformer.transform(out)
    model = models.build(ModelSpec("logistic", {"C": C}))
    return model.fit(train, (held, encode_labels(out["label"]))).score(held)
