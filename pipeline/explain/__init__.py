"""The features of a mail and the weights a linear model learnt for them, in readable words.

Names of columns are looked up in train mails only, so no name can reveal what the test part holds.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from pipeline.errors import BadData, BadModel, Sealed
from pipeline.explain import usual, visible, what_if, why
from pipeline.explain.visible import SEALED
from pipeline.export.bundle import Bundle
from pipeline.mail.dataset import Dataset
from pipeline.project import Project
from pipeline.specs import FeatureSpec
from pipeline.splits import Split
from pipeline.training.prepare import Prepared, prepare_features

__all__ = [
    "LOOKED_AT",
    "describe_features",
    "find_strongest_features",
    "usual",
    "visible",
    "what_if",
    "why",
]

LOOKED_AT = 100
"""The name of a column is looked up in at most 100 train mails, which bounds the work."""


def describe_features(
    project: Project, spec: FeatureSpec, mail_id: str, most: int = 30
) -> pd.DataFrame:
    """Describe the features of one train or validation mail, block by block, as a model gets them.

    Args:
        spec: the features; they are fitted on train, once for each spec, split and data.
        most: at most this many rows for each block.

    Returns:
        position: the block's place in `spec`, from 0; block: its kind.
        feature: what the column stands for; value: above 0, in the unit of the block.
        present: how many columns of this block are above 0 in this mail, shown or not.
        Block after block, the largest value first; a block without any value above 0 has no row.

    Raises Sealed for a test mail, BadData for an unknown one or without a split.
    """
    dataset, split = _require_parts(project)
    if mail_id in set(split.test):
        raise Sealed(SEALED)
    mail = dataset.frame[dataset.frame["id"] == mail_id]
    if mail.empty:
        raise BadData(f"there is no mail {mail_id!r} among these mails; choose another.")
    prepared = prepare_features(dataset, split, spec, project.path / "features")
    row = prepared.features.transform(mail).toarray()[0]
    tables = []
    for position, block, start, end in prepared.features.list_column_ranges():
        here = row[start:end]
        present = int(np.count_nonzero(here))
        columns = start + np.argsort(-here, kind="stable")[: min(most, present)]
        tables.append(
            pd.DataFrame(
                {
                    "position": position,
                    "block": block,
                    "column": columns,
                    "value": row[columns],
                    "present": present,
                }
            )
        )
    table = pd.concat(tables, ignore_index=True)
    table["feature"], _ = _name_columns(prepared, dataset, split, table["column"].to_numpy())
    return table[["position", "block", "feature", "value", "present"]]


def find_strongest_features(project: Project, model: Path, k: int = 20) -> pd.DataFrame:
    """Find the features with the largest weights toward each class.

    Args:
        model: the ``.spamlab`` file of a run on the project's present mails and split.
        k: at most this many features of each class.

    Returns:
        label: "spam" or "ham", the class that the feature speaks for; block: its kind.
        feature: what the column stands for.
        weight: in log-odds of spam per unit of the feature; above 0 for spam, below 0 for ham.
        mails: the train mails in which the feature is above 0.
        Spam first; within a class the strongest first.

    Raises BadModel when the model has no such weights, BadData when it was trained on other mails.
    """
    dataset, split = _require_parts(project)
    bundle = Bundle.load(model)
    weights = bundle.model.linear_weights()
    if weights is None:
        raise BadModel(
            f"a model with one weight a feature was expected, received {bundle.model_spec.kind!r}; "
            "choose a run of the baseline."
        )
    trained_on = (bundle.about.get("dataset"), bundle.about.get("split"))
    if trained_on != (project.settings.dataset, split.fingerprint):
        raise BadData("this run was trained on other mails or another split; train again.")
    order = np.argsort(weights, kind="stable")
    spam, ham = order[::-1][:k], order[:k]
    columns = np.concatenate([spam[weights[spam] > 0], ham[weights[ham] < 0]])
    prepared = prepare_features(dataset, split, bundle.feature_spec, project.path / "features")
    names, mails = _name_columns(prepared, dataset, split, columns)
    spans = prepared.features.list_column_ranges()
    ends = [end for *_, end in spans]
    return pd.DataFrame(
        {
            "label": np.where(weights[columns] > 0, "spam", "ham"),
            "block": [spans[i][1] for i in np.searchsorted(ends, columns, "right")],
            "feature": names,
            "weight": weights[columns].astype(np.float64),
            "mails": mails,
        }
    )


def _require_parts(project: Project) -> tuple[Dataset, Split]:
    dataset, split = project.mails.visible(), project.split
    if dataset is None or split is None:
        raise BadData("features are fitted on train mails; divide the mails into three parts.")
    return dataset, split


def _name_columns(
    prepared: Prepared, dataset: Dataset, split: Split, columns: np.ndarray
) -> tuple[list[str], np.ndarray]:
    """Name each column, and count the train mails in which it is above 0."""
    holders = _find_holders(prepared.X_train, columns)
    rows = np.unique(holders.groupby("column").head(LOOKED_AT)["mail"])
    frame = dataset.frame.set_index("id", drop=False)
    train = frame.loc[[split.train[i] for i in rows]]
    sizes = holders["column"].value_counts().reindex(columns, fill_value=0)
    return prepared.features.describe(columns, train), sizes.to_numpy()


def _find_holders(X: csr_matrix, columns: np.ndarray) -> pd.DataFrame:
    """Find which mails (rows of X) have which of these columns: one row a pair, mail and column."""
    is_asked = np.zeros(X.shape[1], bool)
    is_asked[columns] = True
    places = np.flatnonzero(is_asked[X.indices] & (X.data != 0))
    mails = np.searchsorted(X.indptr, places, "right") - 1
    return pd.DataFrame({"mail": mails, "column": X.indices[places]})
