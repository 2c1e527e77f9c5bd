"""The visible mails of a project: their texts, split, faults, tags and notes."""

import pandas as pd

from dashboard.cache.cached import (
    ENTRIES,
    cached,
    complete_mails_version,
    decisions_version,
    marks_version,
    pairs_version,
    seal_version,
)
from dashboard.cache.work import on_worker
from pipeline import explain
from pipeline.mail.mails import Mails
from pipeline.project import (
    Project,
    cluster_mails,
    count_crossings,
    count_parts,
    find_visible_pairs,
    suggest_split,
)
from pipeline.project import marks as written
from pipeline.project.marks import Mark
from pipeline.quality import Quality, decisions
from pipeline.quality.project_quality import report_quality
from pipeline.similarity.near_duplicates import Pairs
from pipeline.slices.properties import describe_validation
from pipeline.specs import SplitSpec
from pipeline.splits import Split
from pipeline.splits.crossing import Crossings


@cached(entries=ENTRIES, shared=True)
def split(project: Project) -> Split | None:
    """Read the project's split."""
    return project.split


@cached(entries=ENTRIES, shared=True)
def mails(project: Project) -> Mails:
    """Return a reader of the visible mails: all but those of the test part."""
    return project.mails.reader()


@cached(entries=16, shared=True, spinner="Looking for the words …")
def matching_mails(
    project: Project, words: str, label: str | None = None, pattern: bool = False
) -> list[str]:
    """Find the ids of the visible mails that contain the words; see `Mails.find_ids`."""
    return mails(project).find_ids(words, label, pattern)


@cached(entries=16, shared=True, version=seal_version)
def mail(project: Project, mail_id: str) -> pd.DataFrame:
    """Read a visible mail as a frame of one row; raises Sealed for a mail of the test part."""
    return explain.visible.read_visible_mail(project, mail_id)


@cached(entries=ENTRIES, shared=True, version=marks_version)
def marks(project: Project) -> dict[str, Mark]:
    """Read the tags and notes of the visible mails; see `marks.read_marks`."""
    return written.read_marks(project, mails(project).heads["id"])


def text_hash(project: Project, mail_id: str) -> str:
    """Hash the text of a visible mail; see `marks.hash_text`."""
    return written.hash_text(mails(project).take([mail_id], ["subject", "body"]).iloc[0])


@cached(entries=ENTRIES, shared=True, version=decisions_version)
def decided_labels(project: Project) -> dict[str, str]:
    """Read the decisions about labels; see `decisions.read_decisions`."""
    return decisions.read_decisions(project)


@cached(entries=ENTRIES, shared=True)
def spare_columns(project: Project) -> pd.DataFrame:
    """Read the date and the other columns of the file, for the visible mails."""
    reader = mails(project)
    return reader.read(["date", *(c for c in reader.columns if c.startswith("file:"))])


@cached(entries=ENTRIES, shared=True, spinner="Describing the mails …")
def properties(project: Project) -> pd.DataFrame:
    """Describe each validation mail by its properties; see `slices.properties`."""
    return on_worker(describe_validation, project)


@cached(entries=ENTRIES, shared=True, spinner="Looking through the mails …", version=pairs_version)
def quality_report(project: Project) -> Quality:
    """Find what is wrong with the visible mails."""
    return on_worker(report_quality, project)


@cached(entries=ENTRIES, shared=True)
def pairs(project: Project) -> Pairs:
    """Find the near-duplicates among the visible mails."""
    return find_visible_pairs(project)


@cached(entries=ENTRIES, shared=True, spinner="Looking for near-duplicates …")
def clusters(project: Project) -> pd.Series:
    """Number the cluster of each visible mail, by its id; near-duplicates share a number."""
    return on_worker(cluster_mails, project)


def near_duplicates(project: Project, mail_id: str) -> list[str]:
    """List the ids of the mails in a mail's cluster, with its own; none for an unknown mail."""
    numbers = clusters(project)
    if mail_id not in numbers.index:
        return []
    return list(numbers.index[numbers == numbers[mail_id]])


@cached(entries=16, spinner="Looking for near-duplicates …", version=complete_mails_version)
def suggested_split(project: Project) -> tuple[SplitSpec, str]:
    """Suggest how to divide the mails, and say why."""
    return on_worker(suggest_split, project)


@cached(entries=16, shared=True, spinner="Looking for mails on two sides …")
def crossings(project: Project) -> Crossings:
    """Count the copies and near-duplicates that the present split has in two parts."""
    return on_worker(count_crossings, project)


@cached(entries=16, version=seal_version)
def part_counts(project: Project) -> pd.DataFrame:
    """Count ham and spam by part; the sealed test part has only a size."""
    return count_parts(project)
