"""The steps of the workflow, and which of them are done in a project."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.models import MODELS
from pipeline.models.model import Role
from pipeline.project import Project, Settings
from pipeline.runs.store import Run


@dataclass(frozen=True)
class Step:
    """One step: its page, its title, a detail on its state, and whether it is done."""

    page: str
    title: str
    detail: str
    is_done: bool


def list_steps(project: Project | None, runs: list[Run]) -> list[Step]:
    """List the steps of the workflow in order; without a project every step is open."""
    settings = project.settings if project else Settings()
    current = [r for r in runs if r.is_of(settings)]
    counts, shares = settings.counts, settings.sizes
    opening = project.seal.ledger.opening() if project else None
    return [
        Step(
            "data",
            "Mails",
            _count_mails(counts, shares) if counts else "upload a file",
            bool(settings.dataset),
        ),
        Step(
            "split",
            "Split",
            " / ".join(f"{n:,}" for n in shares.values()) if shares else "seal the test part",
            bool(settings.split),
        ),
        _check_training("Baseline", "baseline", current),
        _check_training("Neural network", "network", current),
        Step(
            "evaluate",
            "Compare",
            "on validation",
            _has_seen(settings, "evaluate"),
        ),
        Step("errors", "Read the errors", "one by one", _has_seen(settings, "errors")),
        Step(
            "final_test",
            "Final test",
            f"opened {opening.time[:10]}" if opening else "sealed" if shares else "at the end",
            opening is not None,
        ),
    ]


def mark_seen(project: Project, page: str) -> None:
    """Record that the user has seen this page with results of the current split."""
    settings = project.settings
    if not _has_seen(settings, page):
        seen = [*settings.seen, f"{page}:{settings.split}"]
        project.change(seen=seen)


def _count_mails(counts: Mapping[str, int], sizes: Mapping[str, int] | None) -> str:
    """Count all mails, and give the share of spam among those that are not sealed."""
    seen, sealed = sum(counts.values()), sizes["test"] if sizes else 0
    return f"{seen + sealed:,}, {counts['spam'] / seen:.0%} spam"


def _has_seen(settings: Settings, page: str) -> bool:
    return f"{page}:{settings.split}" in settings.seen


def _check_training(title: str, role: Role, runs: list[Run]) -> Step:
    mine = [r for r in runs if MODELS.describe(r.kind).role == role]
    usable = [r for r in mine if r.usable]
    if any(r.active for r in mine):
        detail = "training …"
    elif usable:
        detail = f"best F1 {max(r.figures['f1'] for r in usable):.3f}"
    else:
        detail = "not trained"
    return Step("train", title, detail, bool(usable))
