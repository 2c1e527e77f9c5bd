"""The mails of a project: what may be looked at, how it is divided, what is written at it."""

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
    """The project's split."""
    return project.split


@cached(entries=ENTRIES, shared=True)
def mails(project: Project) -> Mails:
    """The mails that may be looked at: the test part is left out as soon as there is one."""
    return project.mails.reader()


@cached(entries=16, shared=True, spinner="Looking for the words …")
def matching_mails(
    project: Project, words: str, label: str | None = None, pattern: bool = False
) -> list[str]:
    """The ids of the mails that may be looked at and hold the words; see `Mails.find_ids`."""
    return mails(project).find_ids(words, label, pattern)


@cached(entries=16, shared=True, version=seal_version)
def mail(project: Project, mail_id: str) -> pd.DataFrame:
    """A frame of one row: a mail that may be looked at; raises Sealed for others."""
    return explain.visible.read_visible_mail(project, mail_id)


@cached(entries=ENTRIES, shared=True, version=marks_version)
def marks(project: Project) -> dict[str, Mark]:
    """What is written at the mails that may be looked at; see `marks.read_marks`."""
    return written.read_marks(project, mails(project).heads["id"])


def text_hash(project: Project, mail_id: str) -> str:
    """What names the text of a mail that may be looked at; see `marks.hash_text`."""
    return written.hash_text(mails(project).take([mail_id], ["subject", "body"]).iloc[0])


@cached(entries=ENTRIES, shared=True, version=decisions_version)
def decided_labels(project: Project) -> dict[str, str]:
    """What is decided about labels; see `decisions.read_decisions`."""
    return decisions.read_decisions(project)


@cached(entries=ENTRIES, shared=True)
def spare_columns(project: Project) -> pd.DataFrame:
    """The date and the further columns of the file, of the mails that may be looked at."""
    reader = mails(project)
    return reader.read(["date", *(c for c in reader.columns if c.startswith("file:"))])


@cached(entries=ENTRIES, shared=True, spinner="Looking what the mails are like …")
def properties(project: Project) -> pd.DataFrame:
    """What each validation mail is like, by its id; see `slices.properties`."""
    return on_worker(describe_validation, project)


@cached(entries=ENTRIES, shared=True, spinner="Looking through the mails …", version=pairs_version)
def quality_report(project: Project) -> Quality:
    """What is wrong with the mails that may be looked at."""
    return on_worker(report_quality, project)


@cached(entries=ENTRIES, shared=True)
def pairs(project: Project) -> Pairs:
    """The near-duplicates among the mails that may be looked at, once they were looked for."""
    return find_visible_pairs(project)


@cached(entries=ENTRIES, shared=True, spinner="Looking for near-duplicates …")
def clusters(project: Project) -> pd.Series:
    """A number for each mail that may be looked at, by its id; near-duplicates share it."""
    return on_worker(cluster_mails, project)


def near_duplicates(project: Project, mail_id: str) -> list[str]:
    """The ids of the mails of one cluster, the mail's own among them; none for an unknown mail."""
    numbers = clusters(project)
    if mail_id not in numbers.index:
        return []
    return list(numbers.index[numbers == numbers[mail_id]])


@cached(entries=16, spinner="Looking for near-duplicates …", version=complete_mails_version)
def suggested_split(project: Project) -> tuple[SplitSpec, str]:
    """How the mails are best divided, and why."""
    return on_worker(suggest_split, project)


@cached(entries=16, shared=True, spinner="Looking for mails on two sides …")
def crossings(project: Project) -> Crossings:
    """How many copies and near-duplicates the present split has on two sides."""
    return on_worker(count_crossings, project)


@cached(entries=16, version=seal_version)
def part_counts(project: Project) -> pd.DataFrame:
    """Ham and spam by part; the test part has its size only while it is sealed."""
    return count_parts(project)
