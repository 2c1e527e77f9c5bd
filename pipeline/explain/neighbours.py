"""The train mails that are most like a mail, as a run's features see them."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import norm

from pipeline.errors import BadData
from pipeline.explain.visible import one_mail
from pipeline.export.bundle import Bundle
from pipeline.project import Project
from pipeline.training.prepare import prepare

K = 5
"""Neighbours of each class."""
SUSPICIOUS = 0.8
"""From this share of neighbours with the other label on, the mail's own label is worth a look."""


@dataclass(frozen=True)
class Neighbours:
    """The nearest train mails of one mail.

    `nearest` has id, label and similarity: the cosine between the two rows of features, 0 (nothing
    in common) to 1 (the same); the nearest first, ties by their place in train. At most `K` of each
    class, and none with nothing in common. `labels` are those of the nearest mails of both classes
    together, at most twice as many.
    """

    label: str
    nearest: pd.DataFrame = field(repr=False)
    labels: tuple[str, ...]

    def of(self, label: str) -> pd.DataFrame:
        """The neighbours of one class."""
        return self.nearest[self.nearest["label"] == label].reset_index(drop=True)

    @property
    def otherwise(self) -> int:
        """How many of `labels` are not the mail's own."""
        return len(self.labels) - self.labels.count(self.label)

    def in_words(self) -> str:
        """Whether the neighbours were labelled otherwise, in a sentence."""
        n, other = len(self.labels), "ham" if self.label == "spam" else "spam"
        if not n:
            return "No train mail has anything in common with this one: to the model it is new."
        if self.otherwise >= SUSPICIOUS * n:
            return (
                f"{_of(self.otherwise, n)} {other}, and it is labelled {self.label}: its label is "
                "worth a look."
            )
        if 2 * self.otherwise >= n:
            return (
                f"{_of(self.otherwise, n)} {other}, though it is labelled {self.label}: these "
                "features hardly tell it from the other class."
            )
        return f"{_of(n - self.otherwise, n)} {self.label}, as it is labelled itself."


def _of(some: int, n: int) -> str:
    if n == 1:
        return "The only train mail with anything in common is"
    return f"{'All' if some == n else f'{some} of'} its {n} nearest train mails are"


def of_mail(project: Project, model: Path, mail_id: str, k: int = K) -> Neighbours:
    """The nearest train mails of a mail that may be looked at.

    The first mail of a run costs the reading of its features; they then stay in the memory of this
    process until another run is asked about.

    Args:
        model: the ``.spamlab`` file of a run on the project's present mails and split.
        k: of each class at most.

    Raises Sealed for a mail of a sealed test part, BadData for an unknown one or when the model was
    trained on other mails or another split.
    """
    mail = one_mail(project, mail_id)
    bundle = Bundle.load(model)
    settings = project.settings
    trained_on = (bundle.about.get("dataset"), bundle.about.get("split"))
    if trained_on != (settings.dataset, settings.split):
        raise BadData("this run was trained on other mails or another split; train again.")
    train = _train(project, *trained_on, model)
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


def copies(clusters: pd.Series, mail_id: str) -> list[str]:
    """The other mails of the near-duplicate cluster of a mail.

    Args:
        clusters: `pipeline.project.cluster_mails`, which knows only mails that may be looked at.
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
        """Between each train mail and the row x, 0 to 1; 0 for rows of zeros."""
        lengths = self.lengths * norm(x)
        products = (self.X @ x.T).toarray().ravel().astype(np.float64)
        found = np.divide(products, lengths, out=np.zeros(len(products)), where=lengths > 0)
        return np.minimum(found, 1.0)


@lru_cache(maxsize=1)
def _train(project: Project, dataset: str, split: str, model: Path) -> _Train:
    there, parts = project.mails.visible(), project.split
    assert there is not None
    assert parts is not None
    spec = Bundle.load(model).feature_spec
    prepared = prepare(there, parts, spec, project.path / "features")
    ids = np.array(parts.train, dtype=object)
    X = prepared.X_train
    # scipy's norm copies X three times, which takes a second for 20,000 mails
    squares = csr_matrix((X.data**2, X.indices, X.indptr), shape=X.shape)
    lengths = np.sqrt(squares @ np.ones(X.shape[1]))
    return _Train(ids, prepared.y_train == 1, X, lengths)
