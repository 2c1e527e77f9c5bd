"""Finds the mails on which runs can be compared: all scored them, and none learned from them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.errors import BadData
from pipeline.evaluation import Evaluation


@dataclass(frozen=True)
class CommonMails:
    """Evaluations of the same mails in the same order.

    Attributes:
        evaluations: by the name of the run.
        left_out: mails that not all runs have scored, or that are sealed.
        sealed: those of them that all runs have scored, but that are test mails now.
    """

    evaluations: dict[str, Evaluation]
    left_out: int = 0
    sealed: int = 0

    @property
    def ids(self) -> tuple[str, ...]:
        return next(iter(self.evaluations.values())).ids


def find_common_mails(
    evaluations: Mapping[str, Evaluation], visible: Collection[str] | None = None
) -> CommonMails:
    """Reduce evaluations to the mails that all of them have, in the order of the first.

    A run learns from no mail of its validation part, so mails that all evaluations have were
    learned by no run, even if the runs have different splits.

    Args:
        evaluations: by any name; at least one.
        visible: ids of the unsealed mails; None for all. Runs on an earlier split may have scored
            mails that are sealed now.

    Raises:
        BadData: if there is no common mail, or if a mail has different labels.
    """
    kept = set.intersection(*(set(e.ids) for e in evaluations.values()))
    shared = len(kept)
    if visible is not None:
        kept &= set(visible)
    if not kept:
        raise BadData(
            "a comparison needs validation mails that all runs have scored; received runs without "
            "a mail in common. Train them on the same split."
        )
    first = next(iter(evaluations.values()))
    ids = tuple(i for i in first.ids if i in kept)
    cut = {}
    for name, evaluation in evaluations.items():
        place = {i: n for n, i in enumerate(evaluation.ids)}
        rows = np.array([place[i] for i in ids])
        cut[name] = Evaluation(
            evaluation.part, ids, evaluation.labels[rows], evaluation.scores[rows]
        )
    labels = [e.labels for e in cut.values()]
    flipped = int(sum(np.any([values != labels[0] for values in labels], axis=0)))
    if flipped:
        raise BadData(
            f"a comparison needs the same labels; {flipped:,} of {len(ids):,} mails have different "
            "labels in different runs. Train all of them on the present labels."
        )
    every = set.union(*(set(e.ids) for e in evaluations.values()))
    return CommonMails(cut, len(every) - len(ids), shared - len(ids))
