"""The model card: what a run is, how good, on which mails, and what its figures cannot show.

The card is written from the run and its project, rendered twice and kept with the run. A card that
is built again states the threshold now in use and the time.
"""

import contextlib

from pipeline.errors import BadData
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project
from pipeline.reports.model_card.card import Card
from pipeline.reports.model_card.content import write_card
from pipeline.reports.model_card.facts import gather_facts
from pipeline.reports.model_card.html import to_html
from pipeline.reports.model_card.markdown import to_markdown
from pipeline.runs import store
from pipeline.runs.store import Run

__all__ = ["FILES", "Card", "build_card", "keep_card", "render_card", "to_html", "to_markdown"]

FILES = {"card.md": to_markdown, "card.html": to_html}
"""The renderings by the names under which they are kept with a run."""


def build_card(
    project: Project,
    run: Run,
    point: OperatingPoint | None = None,
) -> Card:
    """Build the card of a usable run from the present state of its project.

    Takes some seconds for 20,000 validation mails: it examines the data and draws resamples.

    Args:
        point: None for the operating point in use.

    Raises BadData for a run without a model.
    """
    return write_card(gather_facts(project, run, point))


def keep_card(project: Project, run: Run) -> None:
    """Build the card and store both renderings beside the run's model."""
    made = build_card(project, run)
    for name, render in FILES.items():
        store.keep_text(run.id, name, render(made))


def render_card(project: Project, run_id: str, name: str = "card.md") -> str:
    """Render a run's card from the present state of its project.

    If the project has other mails or another split by now, returns the rendering that was stored
    with the run, which still knew them.

    Args:
        name: a key of `FILES`.
    """
    run = store.read_run(run_id)
    if not run.is_of(project.settings):
        with contextlib.suppress(BadData):
            return store.read_text(run_id, name)
    return FILES[name](build_card(project, run))
