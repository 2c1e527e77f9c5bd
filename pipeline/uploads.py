"""From an uploaded file to a project's dataset, and what the user may change on the way."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipeline import intake
from pipeline.errors import BadData, SpamlabError
from pipeline.intake import labels as label_words
from pipeline.intake.columns import Columns
from pipeline.workspace import Project, free_name, replacing

WORDS_SHOWN = 50
"""A label column has a handful of words; more are not asked about one by one."""


@dataclass(frozen=True)
class Reading:
    """How a file was read; kept with the project so that a reload shows the same form.

    `problem` is the sentence that kept the mails from being taken in, or None when they were.
    `words` counts the words of the label column; `labels` maps those that are known to ham or
    spam.
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
    problem: str | None = None

    @property
    def unknown(self) -> list[str]:
        """Words of the label column that nobody has mapped yet."""
        return [word for word in self.words if word and word not in self.labels]


def read_upload(
    name: str,
    file: str,
    columns: dict[str, Any] | None = None,
    labels: dict[str, str] | None = None,
) -> Reading:
    """Read a file of a project's upload folder and, when nothing stands in the way, take it in.

    With guessed labels (labels is None) the mails are taken in only when every word is known:
    a word that might mean spam is asked about, not dropped.

    Raises BadFile when the file cannot be read at all; problems that the user can mend by choosing
    other columns or words come back as `Reading.problem`.
    """
    project = Project(name)
    path = project.upload_folder / file
    look = intake.inspect(path)
    chosen = Columns.from_dict(columns) if columns else look.columns
    words: dict[str, int] = {}
    problem = look.problem if chosen is None else None
    notes: list[str] = list(look.table.notes)
    mapping: dict[str, str] = {}
    if chosen and chosen.label:
        column = look.table.frame[chosen.label].str.strip()
        words = {str(w): int(n) for w, n in column.value_counts().head(WORDS_SHOWN).items()}
        guessed = label_words.guess(column)[0]
        mapping = {**guessed, **(labels or {})}
    elif chosen:
        problem = "Which column says whether a mail is ham or spam? Choose it below."
    unknown = [w for w in words if w and w not in mapping]
    if problem is None and unknown and labels is None:
        problem = (
            f"The label column holds {', '.join(repr(w) for w in unknown[:5])}; say below which "
            "words mean ham and which mean spam."
        )
    if problem is None and chosen:
        known = {word: label for word, label in mapping.items() if label in ("ham", "spam")}
        try:
            taken = intake.to_dataset(look.table, chosen, known, name)
            taken.dataset.require_enough()
        except BadData as error:
            problem = str(error)
        else:
            notes = list(taken.notes)
            project.set_dataset(taken.dataset, taken.left_out)
    reading = Reading(
        file=file,
        rows=len(look.table.frame) + len(look.table.left_out),
        encoding=look.table.encoding,
        delimiter=look.table.delimiter,
        names=list(look.table.frame.columns),
        columns=chosen.to_dict() if chosen else None,
        words=words,
        labels=mapping,
        notes=notes,
        problem=problem,
    )
    project.change(reading=asdict(reading))
    return reading


def keep_file(project: Project, file: str, content: Any) -> str:
    """Write uploaded bytes to the project's upload folder; returns the name they got there."""
    name = Path(file).name.strip(". ") or "upload.csv"
    with replacing(project.upload_folder / name) as path, path.open("wb") as target:
        target.write(content)
    return name


def reading_of(project: Project) -> Reading | None:
    """How the project's file was read, or None before an upload.

    After a split the words of the label column are not counted: less the labels that are shown,
    the counts would be those of the sealed mails.
    """
    settings = project.settings()
    found = settings.get("reading")
    if found and settings.get("split"):
        found = {**found, "words": dict.fromkeys(sorted(found["words"]), 0)}
    return Reading(**found) if found else None


def start_project(wanted: str, file: str, content: Any) -> Project:
    """A new project with a free name close to the wanted one, holding the file.

    Raises BadWorkspace when it cannot be written; a half-made project is removed.
    """
    project = Project.create(free_name(wanted))
    try:
        project.change(file=keep_file(project, file, content))
    except SpamlabError:
        project.delete()
        raise
    return project
