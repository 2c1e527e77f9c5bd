"""The usual values of the measured features (links, shape, sender) in ham and in spam."""

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.errors import BadData
from pipeline.export.bundle import Bundle
from pipeline.features.numeric import Numeric
from pipeline.project import Project
from pipeline.training.prepare import prepare_features

QUARTILES = (25, 50, 75)


def measure_usual_values(project: Project, model: Path) -> pd.DataFrame:
    """Measure the quartiles of each measured feature among the ham and the spam of train.

    Args:
        model: the ``.spamlab`` file of a run on the project's present mails and split.

    Returns: position (of the block, from 0), column (of the block), and for ham and spam
    ``<label>`` (in words) and ``<label>_low``, ``<label>_median``, ``<label>_high``: the quartiles
    in the unit of the measure; a yes-or-no feature has only ``<label>_median``, which then holds
    the share of mails with yes.

    Raises BadData when the model was trained on other mails or another split.
    """
    bundle = Bundle.load(model)
    dataset, split = project.mails.visible(), project.split
    trained_on = (bundle.about.get("dataset"), bundle.about.get("split"))
    if (
        dataset is None
        or split is None
        or trained_on
        != (
            project.settings.dataset,
            split.fingerprint,
        )
    ):
        raise BadData("this run was trained on other mails or another split; train again.")
    blocks = bundle.features.blocks
    ranges = bundle.features.list_column_ranges()
    measured = [r for r in ranges if isinstance(blocks[r.position][1], Numeric)]
    rows: list[dict[str, object]] = []
    if measured:
        prepared = prepare_features(dataset, split, bundle.feature_spec, project.path / "features")
        for position, _, start, end in measured:
            block, held = blocks[position][1], prepared.X_train[:, start:end].toarray()
            assert isinstance(block, Numeric)
            values = block.convert_to_units(np.arange(end - start), held.astype(np.float64))
            ham, spam = values[prepared.y_train == 0].T, values[prepared.y_train == 1].T
            rows += [
                {"position": position, "column": column}
                | _describe_class("ham", block, column, ham[column])
                | _describe_class("spam", block, column, spam[column])
                for column in range(end - start)
            ]
    ends = ("", "_low", "_median", "_high")
    names = [f"{label}{end}" for label in ("ham", "spam") for end in ends]
    return pd.DataFrame(rows, columns=["position", "column", *names])


def _describe_class(
    label: str, block: Numeric, column: int, values: np.ndarray
) -> dict[str, object]:
    if not len(values):
        return {label: "no such mail"}
    if block.is_yes_or_no(column):
        share = float(values.mean())
        return {label: f"yes in {share:.0%}", f"{label}_median": share}
    low, median, high = np.percentile(values, QUARTILES).tolist()
    ends = [block.format_measure(column, v) for v in (low, high)]
    words = ends[0] if ends[0] == ends[1] else " to ".join(ends)
    return {label: words, f"{label}_low": low, f"{label}_median": median, f"{label}_high": high}
