"""Reads uploaded files into a project, with the user's choice of columns and label words."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import Any

from pipeline import intake
from pipeline.errors import BadData, SpamlabError
from pipeline.intake import MailFile
from pipeline.intake import labels as label_words
from pipeline.intake.columns import Columns
from pipeline.project import Project, find_free_name, find_pairs, import_stored
from pipeline.workspace import live, replacing
from pipeline.workspace.progress import Progress, ignore_progress, stage

WORDS_SHOWN = 50
"""At most 50 words of the label column are shown; a real label column has a handful."""


@dataclass(frozen=True)
class Reading:
    """How files were read; the project keeps it, so that a reload shows the same form.

    Attributes:
        words: how often each word occurs in the label column.
        labels: the known words, mapped to ham or spam.
        messages: whether the files are raw mail, which has no columns to choose.
        problem: the sentence that says why the mails were not imported; None if they were.
    """

    file: str
    rows: int
    encoding: str
    delimiter: str
    names: list[str]
    columns: dict[str, str | None] | None
    words: dict[str, int] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    messages: bool = False
    problem: str | None = None

    @property
    def unknown(self) -> list[str]:
        """The words of the label column that nobody has mapped yet."""
        return [word for word in self.words if word and word not in self.labels]


def read_upload(
    name: str,
    columns: dict[str, Any] | None = None,
    labels: dict[str, str] | None = None,
    progress: Progress = ignore_progress,
) -> Reading:
    """Import the files in the upload folder (`import_files`); the project keeps the reading."""
    project = Project(name)
    files = [MailFile(project.upload_folder / file) for file in project.settings.files]
    # who sends the form has seen each word, and has chosen no meaning for the others
    reading = import_files(
        project, files, columns, labels, progress, leave_out_unknown=labels is not None
    )
    project.change(reading=asdict(reading))
    return reading


def import_files(
    project: Project,
    files: Sequence[MailFile],
    columns: dict[str, Any] | None = None,
    labels: dict[str, str] | None = None,
    progress: Progress = ignore_progress,
    *,
    leave_out_unknown: bool = False,
) -> Reading:
    """Read files and, if there is no problem, make their mails those of the project.

    Args:
        labels: ham or spam for words of the label column; the meaning of others is guessed, and a
            word that is mapped to anything else is left out.
        leave_out_unknown: whether to leave out mails whose label nobody knows; otherwise such a
            word is a problem, and nothing is imported.

    Raises BadFile if a file cannot be read at all. A problem that the user can solve by choosing
    other columns or words is in `Reading.problem`.
    """
    names = list_names([file.path.name for file in files])
    with tempfile.TemporaryDirectory(dir=project.path, prefix=".reading-") as folder:
        table = intake.open_table(
            files,
            into=Path(folder) / "table.parquet",
            progress=stage(progress, 0.0, 0.6, f"Reading {names}"),
        )
        look = intake.inspect_table(table)
        chosen = Columns.from_dict(columns) if columns else look.columns
        reading = Reading(
            file=names,
            rows=len(table) + len(table.left_out),
            encoding=table.encoding,
            delimiter=table.delimiter,
            names=table.names,
            columns=chosen.to_dict() if chosen else None,
            messages=table.messages,
            notes=list(table.notes),
            problem=look.problem if chosen is None else None,
        )
        if chosen and chosen.label:
            column = table.column(chosen.label).str.strip()
            words = {str(w): int(n) for w, n in column.value_counts().head(WORDS_SHOWN).items()}
            mapping = {**label_words.guess_labels(column)[0], **(labels or {})}
            reading = replace(reading, words=words, labels=mapping)
        elif chosen:
            problem = "Which column says whether a mail is ham or spam? Choose it below."
            reading = replace(reading, problem=problem)
        if reading.problem is None and reading.unknown and not leave_out_unknown:
            problem = (
                f"{'The label column holds' if not table.messages else 'The mails are in'} "
                f"{', '.join(repr(w) for w in reading.unknown[:5])}; say below which "
                "words mean ham and which mean spam."
            )
            reading = replace(reading, problem=problem)
        if reading.problem is None and chosen:
            known = {w: label for w, label in reading.labels.items() if label in ("ham", "spam")}
            path = Path(folder) / "dataset.parquet"
            try:
                stored = intake.write_dataset(
                    table,
                    chosen,
                    known,
                    path,
                    progress=stage(progress, 0.6, 1.0),
                )
            except BadData as error:
                reading = replace(reading, problem=str(error))
            else:
                reading = replace(reading, notes=list(stored.notes))
                with replacing(project.mails.path_of(stored.fingerprint)) as target:
                    path.replace(target)
                import_stored(project, stored.fingerprint, stored.counts, stored.left_out)
    return reading


def import_as_project(
    name: str,
    files: Sequence[MailFile],
    columns: dict[str, Any] | None = None,
    labels: dict[str, str] | None = None,
    progress: Progress = ignore_progress,
    *,
    leave_out_unknown: bool = False,
) -> tuple[Project, Reading]:
    """Import files (`import_files`) into the project of a name, which is made if it is missing.

    If the mails are not imported, a project that was made for them is removed again.
    """
    is_new = not Project(name).exists
    project, reading = Project.create(name), None
    try:
        reading = import_files(
            project, files, columns, labels, progress, leave_out_unknown=leave_out_unknown
        )
    finally:
        if is_new and (reading is None or reading.problem):
            project.delete()
    return project, reading


def list_names(files: Sequence[str]) -> str:
    """List the names of files in a sentence: "a, b and 3 more"."""
    if len(files) > 3:
        return f"{', '.join(files[:2])} and {len(files) - 2} more"
    return " and ".join(filter(None, [", ".join(files[:-1]), files[-1]]))


def keep_file(project: Project, file: str, content: Any) -> str:
    """Write uploaded bytes to the project's upload folder; returns the name of the file."""
    name = Path(file).name.strip(". ") or "upload.csv"
    with replacing(project.upload_folder / name) as path, path.open("wb") as target:
        target.write(content)
    return name


@contextlib.contextmanager
def temporary_file(project: Project, file: str, content: Any) -> Iterator[Path]:
    """Keep uploaded bytes in a file for a with-block; yields its path."""
    path = project.upload_folder / keep_file(project, file, content)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def last_reading(project: Project) -> Reading | None:
    """Return how the project's files were read, or None before an upload.

    After a split the counts of the words are 0: minus those of the visible mails, they would tell
    the labels of the sealed ones.
    """
    settings = project.settings
    if not settings.reading:
        return None
    kept = dict(settings.reading)
    if settings.split:
        kept["words"] = dict.fromkeys(sorted(kept["words"]), 0)
    return Reading(**kept)


def name_copies_job(project: Project) -> str:
    """Name the job in `pipeline.workspace.live` that searches for near-duplicates."""
    return f"copies-{project.name}"


def search_near_duplicates(name: str, progress: Progress = ignore_progress) -> None:
    """Find the near-duplicates among a project's mails and keep them."""
    find_pairs(Project(name), progress)


def find_common_name(files: Sequence[str]) -> str:
    """Return the common beginning of file names, or the first name; without its ending."""
    same = takewhile(lambda characters: len(set(characters)) == 1, zip(*files, strict=False))
    common = "".join(characters[0] for characters in same)
    name = common if len(common.strip(" -_.")) > 2 else files[0]
    return name.removesuffix(".gz").rsplit(".", 1)[0]


def name_reading_job(project: Project) -> str:
    """Name the job in `pipeline.workspace.live` that reads a project's files."""
    return f"reading-{project.name}"


def needs_reading(project: Project) -> bool:
    """Whether there are files that have not been read, and no reading is running or has failed."""
    settings = project.settings
    if not settings.files or settings.reading:
        return False
    name = name_reading_job(project)
    return not live.is_held(name) and live.read_failure(name) is None


def needs_more_mails(project: Project) -> bool:
    """Whether the uploaded raw mail is not enough for a dataset yet, because it has one label."""
    reading = last_reading(project)
    return reading is not None and reading.messages and project.settings.dataset is None


def add_files(project: Project, files: Mapping[str, Any]) -> Project:
    """Add files (content by name) to those of the project; all of them must then be read again."""
    live.clear(name_reading_job(project))
    there = project.settings.files
    kept = [keep_file(project, *file) for file in files.items()]
    project.change(files=[*(name for name in there if name not in kept), *kept], reading=None)
    return project


def start_project(name: str, files: Mapping[str, Any]) -> Project:
    """Create a project with these files (content by name), under a free name close to this one.

    Raises BadWorkspace if it cannot be written; the unfinished project is removed.
    """
    project = Project.create(find_free_name(name))
    try:
        add_files(project, files)
    except SpamlabError:
        project.delete()
        raise
    return project
