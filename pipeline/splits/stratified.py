"""Each part has the same share of spam; exact copies stay on one side."""

import hashlib

import numpy as np
import pandas as pd

from pipeline.specs import SplitSpec


def parts(frame: pd.DataFrame, spec: SplitSpec) -> np.ndarray:
    """Mails of one text or one group stay together; within each class they are cut by share.

    The order in which they are cut is that of a keyed hash of their first id. A hash instead of a
    random generator: the order of the rows in the file cannot matter, and no library version can
    change who is sealed away in the test part.
    """
    mails = pd.DataFrame(
        {"id": frame["id"], "spam": frame["label"] == "spam", "cluster": clusters(frame)}
    )
    by_cluster = mails.groupby("cluster").agg(
        first=("id", "min"), spam=("spam", "mean"), size=("id", "size")
    )
    by_cluster["order"] = [order(spec.seed, str(mail_id)) for mail_id in by_cluster["first"]]
    by_cluster["part"] = "train"
    for is_spam in (False, True):
        mine = by_cluster[(by_cluster["spam"] >= 0.5) == is_spam].sort_values("order")
        before = mine["size"].cumsum() - mine["size"]
        test = max(1, round(mine["size"].sum() * spec.test))
        validation = max(1, round(mine["size"].sum() * spec.validation))
        by_cluster.loc[mine.index[before < test], "part"] = "test"
        second = (before >= test) & (before < test + validation)
        by_cluster.loc[mine.index[second], "part"] = "validation"
    return mails["cluster"].map(by_cluster["part"]).to_numpy(dtype=object)


def clusters(frame: pd.DataFrame) -> np.ndarray:
    """A number a mail; equal for mails with the same subject and body, or of the same group."""
    same_text = frame.groupby(["subject", "body"], sort=False).ngroup().to_numpy()
    return join(same_text, frame["group"]) if frame["group"].notna().any() else same_text


def join(numbers: np.ndarray, values: pd.Series) -> np.ndarray:
    """Clusters in which mails with the same value hang together too; missing values join nothing.

    Args:
        numbers: the cluster of each mail, from 0, fewer than there are mails.
        values: a text or a missing value a mail.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    # mails, clusters and values as nodes: whatever hangs together must stay together
    n, known = len(numbers), values.notna().to_numpy()
    codes = values.astype("category").cat.codes.to_numpy().astype(int)  # codes are int8
    start = np.concatenate([np.arange(n), np.flatnonzero(known)])
    end = np.concatenate([n + numbers, 2 * n + codes[known]])
    graph = coo_matrix((np.ones(len(start)), (start, end)), shape=(3 * n, 3 * n))
    return connected_components(graph, directed=False)[1][:n]


def order(seed: int, mail_id: str) -> bytes:
    """8 bytes that put mails into an order that has nothing to do with what is in them."""
    return hashlib.blake2b(f"{seed}\x1f{mail_id}".encode(errors="replace"), digest_size=8).digest()
