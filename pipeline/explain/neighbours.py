"""The train mails that are most like a mail, as a run's features see them."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import norm

from pipeline.errors import BadData
from pipeline.explain.visible import read_visible_mail
from pipeline.export.bundle import Bundle
from pipeline.project import Project
from pipeline.training.prepare import prepare_features

K = 5
"""At most 5 neighbours of each class are listed."""
SUSPICIOUS = 0.8
"""If 80 % of the neighbours have the other label, the mail's own label is worth a look."""


@dataclass(frozen=True)
class Neighbours:
    """The nearest train mails of one mail.

    `nearest` has id, label and similarity: the cosine between the two rows of features, from 0 (no
    feature in common) to 1 (the same). The nearest comes first, ties in the order of train; there
    are at most `K` of each class, all with a similarity above 0. `labels` are those of the nearest
    mails of both classes together, at most twice as many.
    """

    label: str
    nearest: pd.DataFrame = field(repr=False)
    labels: tuple[str, ...]

    def select_label(self, label: str) -> pd.DataFrame:
        """Select the neighbours of one class."""
        return self.nearest[self.nearest["label"] == label].reset_index(drop=True)

    @property
    def otherwise(self) -> int:
        """How many of `labels` differ from the mail's own label."""
        return len(self.labels) - self.labels.count(self.label)

    def in_words(self) -> str:
        """Say in a sentence whether the neighbours have another label."""
        n, other = len(self.labels), "ham" if self.label == "spam" else "spam"
        if not n:
            return "No train mail has anything in common with this one: to the model it is new."
        if self.otherwise >= SUSPICIOUS * n:
            return (
                f"{_count_in_words(self.otherwise, n)} {other}, and it is labelled {self.label}: "
                "its label is worth a look."
            )
        if 2 * self.otherwise >= n:
            return (
                f"{_count_in_words(self.otherwise, n)} {other}, though it is labelled "
                f"{self.label}: these features hardly tell it from the other class."
            )
        return f"{_count_in_words(n - self.otherwise, n)} {self.label}, as it is labelled itself."


def _count_in_words(count: int, n: int) -> str:
    if n == 1:
        return "The only train mail with anything in common is"
    return f"{'All' if count == n else f'{count} of'} its {n} nearest train mails are"


def find_neighbours(project: Project, model: Path, mail_id: str, k: int = K) -> Neighbours:
    """Find the nearest train mails of a visible mail.

    The first call for a run reads its features, which then stay in the memory of this process until
    a call for another run.

    Args:
        model: the ``.spamlab`` file of a run on the project's present mails and split.
        k: at most this many of each class.

    Raises Sealed for a mail of a sealed test part, BadData for an unknown one or when the model was
    trained on other mails or another split.
    """
    mail = read_visible_mail(project, mail_id)
    bundle = Bundle.load(model)
    settings = project.settings
    trained_on = (bundle.about.get("dataset"), bundle.about.get("split"))
    if trained_on != (settings.dataset, settings.split):
        raise BadData("this run was trained on other mails or another split; train again.")
    train = _read_train(project, *trained_on, model)
    similarity = train.cosines(bundle.features.transform(mail))
    similarity[train.ids == mail_id] = 0.0  # a mail is not its own neighbour
    order = np.argsort(-similarity, kind="stable")
    order = order[similarity[order] > 0]
    spam = train.spam[order]
    chosen = np.sort(np.concatenate([np.flatnonzero(spam)[:k], np.flatnonzero(~spam)[:k]]))
    rows = order[chosen]
    words = np.array(["ham", "spam"])
    nearest = pd.DataFrame(
        {
            "id": train.ids[rows],
            "label": words[train.spam[rows].astype(int)],
            "similarity": similarity[rows],
        }
    )
    labels = words[spam[: 2 * k].astype(int)].tolist()
    return Neighbours(str(mail["label"].iloc[0]), nearest, tuple(labels))


def find_copies(clusters: pd.Series, mail_id: str) -> list[str]:
    """Find the other mails in the near-duplicate cluster of a mail.

    Args:
        clusters: what `pipeline.project.cluster_mails` returned; it holds no sealed mail.
    """
    if mail_id not in clusters.index:
        return []
    mine = clusters.index[clusters == clusters.loc[mail_id]]
    return [str(other) for other in mine if other != mail_id]


@dataclass(frozen=True)
class _Train:
    """The train mails: ids, which are spam, their features, and the Euclidean length of each."""

    ids: np.ndarray
    spam: np.ndarray
    X: csr_matrix
    lengths: np.ndarray

    def cosines(self, x: csr_matrix) -> np.ndarray:
        """The cosine between each train mail and the row x, 0 to 1 [n]; 0 for rows of zeros."""
        lengths = self.lengths * norm(x)
        products = (self.X @ x.T).toarray().ravel().astype(np.float64)
        cosines = np.divide(products, lengths, out=np.zeros(len(products)), where=lengths > 0)
        return np.asarray(np.minimum(cosines, 1.0))


@lru_cache(maxsize=1)
def _read_train(project: Project, dataset: str, split: str, model: Path) -> _Train:
    there, parts = project.mails.visible(), project.split
    assert there is not None
    assert parts is not None
    spec = Bundle.load(model).feature_spec
    prepared = prepare_features(there, parts, spec, project.path / "features")
    ids = np.array(parts.train, dtype=object)
    X = prepared.X_train
    # scipy's norm copies X three times, which takes a second for 20,000 mails
    squares = csr_matrix((X.data**2, X.indices, X.indptr), shape=X.shape)
    lengths = np.sqrt(squares @ np.ones(X.shape[1]))
    return _Train(ids, prepared.y_train == 1, X, lengths)
