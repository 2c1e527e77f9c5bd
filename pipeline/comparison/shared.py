"""The mails that several runs can be compared on: all have them, and none learned from them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.errors import BadData
from pipeline.evaluation import Evaluation


@dataclass(frozen=True)
class Common:
    """Evaluations of the same mails in the same order; `left_out` counts the others.

    `sealed` of those left out are in all runs but may not be looked at, being test mails now.
    """

    evaluations: dict[str, Evaluation]
    left_out: int = 0
    sealed: int = 0

    @property
    def ids(self) -> tuple[str, ...]:
        return next(iter(self.evaluations.values())).ids


def common(evaluations: Mapping[str, Evaluation], visible: Collection[str] | None = None) -> Common:
    """The evaluations cut down to the mails that all of them have, in the order of the first.

    An evaluation of validation holds no mail that its run learned from, so what is in all of them
    was learned by none, also when the runs stand on different splits.

    Args:
        evaluations: by any name; at least one.
        visible: ids that may be looked at; None for all. Runs of an earlier split may have scored
            mails that are sealed for testing now.

    Raises BadData when no mail is left, or when a mail is ham in one and spam in another.
    """
    kept = set.intersection(*(set(e.ids) for e in evaluations.values()))
    shared = len(kept)
    if visible is not None:
        kept &= set(visible)
    if not kept:
        raise BadData(
            "a comparison needs validation mails that all the runs have; received runs without "
            "one in common. Train them on the same split."
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
    turned = int(sum(np.any([one != labels[0] for one in labels], axis=0)))
    if turned:
        raise BadData(
            f"a comparison needs the same labels; {turned:,} of {len(ids):,} mails have another "
            "label in one of the runs than in the others. Train both on the present labels."
        )
    every = set.union(*(set(e.ids) for e in evaluations.values()))
    return Common(cut, len(every) - len(ids), shared - len(ids))
