"""The parts of a project's split: suggested, counted, and checked for copies on two sides."""

import pandas as pd

from pipeline.errors import BadData
from pipeline.mail.dataset import LABELS
from pipeline.mail.mails import Mails
from pipeline.project.near_duplicates import find_pairs
from pipeline.project.project import Project
from pipeline.specs import PARTS, SplitSpec
from pipeline.splits import crossing


def suggest_split(project: Project) -> tuple[SplitSpec, str]:
    """Suggest how to divide these mails; returns the spec and a sentence that says why."""
    from pipeline.similarity.near_duplicates import DEFAULT_SIMILARITY

    pairs = find_pairs(project)
    near = pairs.similarity >= DEFAULT_SIMILARITY
    if near.any():
        twins = len({*pairs.first[near], *pairs.second[near]})
        return SplitSpec(strategy="grouped"), (
            f"Suggested: grouped, because {twins:,} mails have a copy or near-duplicate; if copies "
            "land in both parts, the model has already seen the answer."
        )
    return SplitSpec(), "Suggested: stratified, because no mail has a near-duplicate."


def count_parts(project: Project) -> pd.DataFrame:
    """Count the mails of each part: index train, validation, test; columns ham, spam and mails.

    The test part has no counts of ham and spam while it is sealed. Raises BadData before there is a
    split.
    """
    fingerprint, split = project.settings.dataset, project.split
    if fingerprint is None or split is None:
        raise BadData("there is no split yet; divide the mails first.")
    opened = project.seal.is_opened()
    # ids and labels only, because every view of the Split page counts them
    mails = Mails(project.mails.path_of(fingerprint), () if opened else split.test)
    labels = mails.heads.set_index("id")["label"]
    rows = {
        part: labels.reindex(list(split.ids(part))).value_counts().reindex(LABELS) for part in PARTS
    }
    counts = pd.DataFrame(rows).T
    known = ["train", "validation", *(["test"] if opened else [])]
    counts.loc[known] = counts.loc[known].fillna(0)
    return counts.assign(mails=[len(split.ids(part)) for part in PARTS]).astype("Int64")


def estimate_counts(project: Project) -> dict[str, int]:
    """Estimate how many mails each class has, from the visible ones.

    Raises BadData without mails.
    """
    settings = project.settings
    if settings.counts is None:
        raise BadData("there are no mails yet; import a file first.")
    visible = sum(settings.counts.values())
    whole = visible + (settings.sizes["test"] if settings.sizes else 0)
    return {label: round(n * whole / visible) for label, n in settings.counts.items()}


def count_crossings(project: Project) -> crossing.Crossings:
    """Count the copies and near-duplicates that the present split has in two parts.

    Raises BadData before there is a split.
    """
    dataset, split = project.mails.complete(), project.split
    if dataset is None or split is None:
        raise BadData("there is no split yet; divide the mails first.")
    ids = dataset.frame["id"].tolist()
    return crossing.count_crossings(split, ids, find_pairs(project), split.spec.similarity)
