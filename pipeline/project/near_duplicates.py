"""The near-duplicates among a project's mails, looked for once and kept beside the mails."""

from typing import TYPE_CHECKING

import pandas as pd

from pipeline.errors import BadData
from pipeline.project.project import Project
from pipeline.workspace.folder import replacing
from pipeline.workspace.progress import Progress, ignore_progress

if TYPE_CHECKING:
    from pipeline.similarity.near_duplicates import Pairs


def find_pairs(project: Project, progress: Progress = ignore_progress) -> "Pairs":
    """Near-duplicates among all mails, by their place in the frame of `ProjectMails.complete`.

    Computed once (30 s for 75,000 mails) and kept beside the dataset. Raises BadData without
    mails.

    Args:
        progress: told how far the search is, now and then.
    """
    from pipeline.similarity.near_duplicates import Pairs, find_near_duplicates, join_texts

    path = project.mails.pairs_path
    if not path.exists():
        dataset = project.mails.complete()
        if dataset is None:
            raise BadData("there are no mails yet; import a file first.")
        # the search takes a while, and by its end other mails may be the present ones
        path = path.with_name(f"{dataset.fingerprint}.pairs.parquet")
        pairs = find_near_duplicates(join_texts(dataset.frame).tolist(), progress)
        with replacing(path) as target:
            pairs.to_frame().to_parquet(target, index=False)
    return Pairs.from_frame(pd.read_parquet(path))


def find_visible_pairs(project: Project) -> "Pairs":
    """Near-duplicates among the mails that may be looked at, by their place among those."""
    return find_pairs(project).among(project.mails.reader().heads.index.to_numpy())


def cluster_mails(project: Project) -> pd.Series:
    """A number for each mail that may be looked at, by its id; near-duplicates have the same.

    As alike as the split asks for, or `near_duplicates.DEFAULT_SIMILARITY`. Mails of one cluster
    fare alike, so what is resampled (`pipeline.evaluation.resampling`) are clusters.
    """
    from pipeline.similarity.near_duplicates import DEFAULT_SIMILARITY, assign_clusters

    ids, split = project.mails.reader().heads["id"], project.split
    threshold = split.spec.similarity if split else DEFAULT_SIMILARITY
    numbers = assign_clusters(len(ids), find_visible_pairs(project), threshold)
    return pd.Series(numbers, index=pd.Index(ids.to_numpy(), name="id"), name="cluster")
