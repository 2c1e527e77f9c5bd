"""What is wrong with a project's mails, in sentences that may travel with a model.

Examining 75,000 mails takes half a minute, so the result is kept with the project, one file for
each version and split of the mails.
"""

import json
from dataclasses import asdict, dataclass

from pipeline.project import Project
from pipeline.quality.project_quality import report_quality
from pipeline.workspace.folder import write_text

QUOTING = {
    "leaky_tokens": "Some words stand almost only in one class; a model that leans on the name of "
    "a person, a list or a firm fails elsewhere. The words are on the page Data.",
}
"""What a card says in place of findings that quote words of mails, by kind of finding."""


@dataclass(frozen=True)
class Faults:
    """Counts and dates of the visible mails, and a sentence for each finding."""

    ham: int
    spam: int
    dates: str
    findings: tuple[str, ...]


def read_faults(project: Project) -> Faults:
    """Read the findings of `report_quality`, the serious ones first, without words of mails.

    Computes and stores them if this version and split has none yet.
    """
    settings = project.settings
    parts = (settings.dataset, settings.split, f"{project.mails.pairs_path.exists():d}")
    path = project.path / "findings" / ("-".join(map(str, parts)) + ".json")
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Faults(**{**kept, "findings": tuple(kept["findings"])})
    except (OSError, ValueError, TypeError, KeyError):
        pass  # not computed yet, or the file is broken
    report = report_quality(project)
    made = Faults(
        report.counts["ham"],
        report.counts["spam"],
        "; ".join(f"{k} {a:%Y-%m-%d} to {b:%Y-%m-%d}" for k, (a, b) in report.dates.items()),
        tuple(f"{f.level}: {QUOTING.get(f.kind, f.sentence)}" for f in report.findings),
    )
    write_text(path, json.dumps(asdict(made)))
    return made
