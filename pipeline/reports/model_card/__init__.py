"""The model card: what a run is, how good, on what, and what that cannot show, in two renderings.

It is written from the run and its project and kept with the run; asked for anew, it tells the
threshold in use and when it was made.
"""

import contextlib

from pipeline.errors import BadData
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project
from pipeline.reports.model_card.card import Card
from pipeline.reports.model_card.content import write
from pipeline.reports.model_card.facts import gather
from pipeline.reports.model_card.html import to_html
from pipeline.reports.model_card.markdown import to_markdown
from pipeline.runs import store
from pipeline.runs.store import Run

__all__ = ["FILES", "Card", "card", "keep", "text", "to_html", "to_markdown"]

FILES = {"card.md": to_markdown, "card.html": to_html}
"""The renderings by the names under which they are kept with a run."""


def card(
    project: Project,
    run: Run,
    point: OperatingPoint | None = None,
) -> Card:
    """The card of a usable run, as things stand now; raises BadData for another.

    Some seconds for 20,000 validation mails: the data is looked through and resampled.

    Args:
        point: None for the operating point in use.
    """
    return write(gather(project, run, point))


def keep(project: Project, run: Run) -> None:
    """Make the card and lay both renderings beside the run's model."""
    made = card(project, run)
    for name, render in FILES.items():
        store.keep_text(run.id, name, render(made))


def text(project: Project, run_id: str, name: str = "card.md") -> str:
    """A rendering of a run's card, by its name in `FILES`, as things stand now.

    When the project has other mails or another split by now, it is the one kept with the run, which
    still knew them.
    """
    run = store.get(run_id)
    if not run.is_of(project.settings):
        with contextlib.suppress(BadData):
            return store.text(run_id, name)
    return FILES[name](card(project, run))
