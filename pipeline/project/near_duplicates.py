"""The near-duplicates among a project's mails, found once and kept beside the mails."""

from typing import TYPE_CHECKING

import pandas as pd

from pipeline.errors import BadData
from pipeline.project.project import Project
from pipeline.workspace.folder import replacing
from pipeline.workspace.progress import Progress, ignore_progress

if TYPE_CHECKING:
    from pipeline.similarity.near_duplicates import Pairs


def find_pairs(project: Project, progress: Progress = ignore_progress) -> "Pairs":
    """Find the near-duplicates among all mails, by position in `ProjectMails.complete`.

    The first call takes 30 s for 75,000 mails; the result is kept beside the dataset. Raises
    BadData without mails.
    """
    from pipeline.similarity.near_duplicates import Pairs, find_near_duplicates, join_texts

    path = project.mails.pairs_path
    if not path.exists():
        dataset = project.mails.complete()
        if dataset is None:
            raise BadData("there are no mails yet; import a file first.")
        # the search takes a while, and meanwhile other mails may become the present ones
        path = path.with_name(f"{dataset.fingerprint}.pairs.parquet")
        pairs = find_near_duplicates(join_texts(dataset.frame).tolist(), progress)
        with replacing(path) as target:
            pairs.to_frame().to_parquet(target, index=False)
    return Pairs.from_frame(pd.read_parquet(path))


def find_visible_pairs(project: Project) -> "Pairs":
    """Find the near-duplicates among the visible mails, by position among those."""
    return find_pairs(project).among(project.mails.reader().heads.index.to_numpy())


def cluster_mails(project: Project) -> pd.Series:
    """Number the clusters of near-duplicates; returns the number of each visible mail by its id.

    The similarity is that of the split, or `near_duplicates.DEFAULT_SIMILARITY`. Mails of one
    cluster are classified alike, so `pipeline.evaluation.resampling` resamples whole clusters.
    """
    from pipeline.similarity.near_duplicates import DEFAULT_SIMILARITY, assign_clusters

    ids, split = project.mails.reader().heads["id"], project.split
    threshold = split.spec.similarity if split else DEFAULT_SIMILARITY
    numbers = assign_clusters(len(ids), find_visible_pairs(project), threshold)
    return pd.Series(numbers, index=pd.Index(ids.to_numpy(), name="id"), name="cluster")
