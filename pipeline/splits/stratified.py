"""Divides so that each part has the same share of spam; exact copies stay in one part."""

import hashlib

import numpy as np
import pandas as pd

from pipeline.specs import SplitSpec


def assign_parts(frame: pd.DataFrame, spec: SplitSpec) -> np.ndarray:
    """Assign parts, object [mails]: mails with the same text or group stay together.

    Within each class they are sorted by a keyed hash of their first id, then cut by share. With a
    hash instead of a random generator the order of the rows cannot matter, and no library version
    can change which mails are sealed in the test part.
    """
    mails = pd.DataFrame(
        {"id": frame["id"], "spam": frame["label"] == "spam", "cluster": assign_clusters(frame)}
    )
    by_cluster = mails.groupby("cluster").agg(
        first=("id", "min"), spam=("spam", "mean"), size=("id", "size")
    )
    by_cluster["order"] = [hash_id(spec.seed, str(mail_id)) for mail_id in by_cluster["first"]]
    by_cluster["part"] = "train"
    for is_spam in (False, True):
        of_class = by_cluster[(by_cluster["spam"] >= 0.5) == is_spam].sort_values("order")
        before = of_class["size"].cumsum() - of_class["size"]
        test = max(1, round(of_class["size"].sum() * spec.test))
        validation = max(1, round(of_class["size"].sum() * spec.validation))
        by_cluster.loc[of_class.index[before < test], "part"] = "test"
        second = (before >= test) & (before < test + validation)
        by_cluster.loc[of_class.index[second], "part"] = "validation"
    return np.asarray(mails["cluster"].map(by_cluster["part"]), dtype=object)


def assign_clusters(frame: pd.DataFrame) -> np.ndarray:
    """Number the clusters, int64 [mails]: mails with the same text or of the same group."""
    same_text = frame.groupby(["subject", "body"], sort=False).ngroup().to_numpy()
    return merge_clusters(same_text, frame["group"]) if frame["group"].notna().any() else same_text


def merge_clusters(numbers: np.ndarray, values: pd.Series) -> np.ndarray:
    """Merge the clusters whose mails have a value in common; missing values join nothing.

    Args:
        numbers: the cluster of each mail, 0 to n - 1, int [n].
        values: a text or a missing value per mail [n].

    >>> merge_clusters(np.array([0, 0, 1, 2]), pd.Series([None, "x", "x", None])).tolist()
    [0, 0, 0, 1]
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    # Mails, clusters and values are the nodes; each connected component must stay together.
    n, known = len(numbers), values.notna().to_numpy()
    codes = values.astype("category").cat.codes.to_numpy().astype(int)  # codes are int8
    start = np.concatenate([np.arange(n), np.flatnonzero(known)])
    end = np.concatenate([n + numbers, 2 * n + codes[known]])
    graph = coo_matrix((np.ones(len(start)), (start, end)), shape=(3 * n, 3 * n))
    return np.asarray(connected_components(graph, directed=False)[1][:n])


def hash_id(seed: int, mail_id: str) -> bytes:
    """Hash an id to 8 bytes that sort mails independently of their content."""
    return hashlib.blake2b(f"{seed}\x1f{mail_id}".encode(errors="replace"), digest_size=8).digest()
