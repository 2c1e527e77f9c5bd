"""The one opening of the sealed test part."""

import contextlib
from typing import Any

from pipeline.errors import BadData, SpamlabError
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project, record_opening
from pipeline.reports import final_test, model_card
from pipeline.runs import store

CONFIRMATION = "open the test part"
"""Exactly these words a user types to open the test part."""


def open_test(project: Project, run_id: str, point: OperatingPoint) -> dict[str, Any]:
    """Open the sealed test part, once, for one usable run; records and returns the figures.

    Raises Sealed if it was opened before, here or in another project, or if the test mails are not
    those that were sealed; BadData if the run is not of the current mails and split.
    """
    project.seal.require_sealed()
    chosen = store.read_run(run_id)
    dataset, split = project.mails.complete(), project.split
    if (
        dataset is None
        or split is None
        or not chosen.usable
        or (dataset.fingerprint, split.fingerprint) != (chosen.spec.dataset, chosen.split)
    ):
        raise BadData("the final test needs a finished run of the current mails and split.")
    if not split.test:
        raise BadData("the split has no test mails, so there is nothing to open.")
    project.seal.verify()
    evaluation = final_test.score_test_mails(project, run_id)
    figures = evaluation.summary(point)
    # recorded first: a crash after this line must not leave an unrecorded look at the test part
    record_opening(project, run_id, point.threshold, figures, point.unsure_from)
    final_test.keep_scores(project, evaluation)
    with contextlib.suppress(SpamlabError, OSError):  # the card is made later, on request
        model_card.keep_card(project, store.read_run(run_id))
    return figures
