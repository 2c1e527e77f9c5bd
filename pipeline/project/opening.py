"""The record of the one opening of a project's test part."""

from typing import Any

from pipeline.errors import BadData
from pipeline.project.project import Project
from pipeline.project.seal import openings_folder
from pipeline.vault import memory
from pipeline.workspace.folder import write_text


def record_opening(
    project: Project,
    run: str,
    threshold: float,
    figures: dict[str, Any],
    unsure_from: float | None = None,
) -> None:
    """Record the one opening in the ledger and in the workspace; see `ProjectSeal.require_sealed`.

    Threshold and band are bare numbers because the ledger's layer is below the operating point.
    """
    dataset, split = project.settings.dataset, project.split
    if dataset is None or split is None:
        raise BadData("there is no test part to open; divide the mails first.")
    project.seal.require_sealed()
    # if two tabs open the test part at once, the ledger refuses the second
    project.seal.ledger.record(run, dataset, split, threshold, figures, unsure_from)
    opening = project.seal.ledger.opening()
    assert opening is not None
    name = f"{opening.time[:10]}-{split.fingerprint}-{run[:8]}.json"
    texts = project.seal._texts(split)
    record = memory.format_record(opening.time, project.name, split.test_key, texts)
    write_text(openings_folder() / name, record)
