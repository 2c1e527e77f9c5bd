"""What is wrong with a project's mails, in sentences that may travel with a model.

Looking through 75,000 mails takes half a minute, so it is done once for each version and split of
the mails, and kept with the project.
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
"""Findings whose sentences quote words of mails, by kind, and what is told instead."""


@dataclass(frozen=True)
class Faults:
    """Of the mails that may be looked at: how many, from when, and a sentence for each finding."""

    ham: int
    spam: int
    dates: str
    findings: tuple[str, ...]


def faults(project: Project) -> Faults:
    """The findings of `report_quality`, the serious ones first, without words of mails."""
    settings = project.settings
    parts = (settings.dataset, settings.split, f"{project.mails.pairs_path.exists():d}")
    path = project.path / "findings" / ("-".join(map(str, parts)) + ".json")
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Faults(**{**kept, "findings": tuple(kept["findings"])})
    except (OSError, ValueError, TypeError, KeyError):
        pass  # not looked for yet, or a file that somebody broke
    found = report_quality(project)
    made = Faults(
        found.counts["ham"],
        found.counts["spam"],
        "; ".join(f"{k} {a:%Y-%m-%d} to {b:%Y-%m-%d}" for k, (a, b) in found.dates.items()),
        tuple(f"{f.level}: {QUOTING.get(f.kind, f.sentence)}" for f in found.findings),
    )
    write_text(path, json.dumps(asdict(made)))
    return made
