"""Two or more runs on the same mails: what changed, and is it more than luck?

The files here each hold one idea: `shared` (the mails that all runs have), `paired` (differences
with intervals), `significance` (McNemar, DeLong, Holm), `agreement` (and fusion), `changes` (what
differs in the specs; seeds of one spec), `verdicts` (the words).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pipeline.comparison.agreement import Agreement, agreement
from pipeline.comparison.changes import changes, groups, things_changed, without_seed
from pipeline.comparison.paired import (
    Difference,
    Judged,
    corrected,
    differences,
    judge_runs,
    replicates,
)
from pipeline.comparison.shared import Common, common
from pipeline.comparison.significance import DeLong, McNemar, delong, holm, mcnemar
from pipeline.errors import BadData
from pipeline.evaluation.figures import FIGURES
from pipeline.evaluation.resampling import RESAMPLES, Resamples

__all__ = [
    "Agreement", "Common", "Comparison", "DeLong", "Difference", "Judged", "McNemar", "changes",
    "common", "compare", "groups", "holm", "judge_runs", "spread", "things_changed", "typical",
    "without_seed",
]  # fmt: skip

MANY = 10_000
"""Mails from which on half as many resamples are drawn: with 20,000 mails a pair takes 2.5 s."""


@dataclass(frozen=True)
class Comparison:
    """One run, b, against another, a, on the same `n` mails of `clusters` clusters.

    With several seeds `differences` are of their means; all else is of the seed in the middle of
    each (`typical`). `fixed` and `broken` are ids of mails that only b, or only a, decides rightly,
    those whose score moved most first; fixed - broken is how many more mails b decides rightly.
    """

    n: int
    clusters: int
    differences: dict[str, Difference]
    mcnemar: McNemar
    mcnemar_adjusted: float
    delong: DeLong | None
    delong_adjusted: float
    fixed: tuple[str, ...] = field(repr=False)
    broken: tuple[str, ...] = field(repr=False)
    agreement: Agreement


def compare(
    runs: Sequence[Sequence[Judged]], clusters: np.ndarray, resamples: int = RESAMPLES
) -> list[Comparison]:
    """Every run against the first, all on the same mails, corrected for their number (Holm).

    Args:
        runs: of each run its seeds, at least one; all on the same mails in the same order.
        clusters: a number for each mail; those of one number are near-duplicates.

    Raises BadData when the mails or labels are not the same; see `common`.
    """
    first = runs[0][0].evaluation
    for one in (member.evaluation for members in runs for member in members):
        if one.ids != first.ids or not np.array_equal(one.labels, first.labels):
            raise BadData("a comparison needs runs on the same mails with the same labels.")
    drawn = Resamples(clusters, resamples // 2 if len(first.ids) > MANY else resamples)
    of_runs = [replicates(members, drawn) for members in runs]
    told = corrected(
        [
            differences(runs[0], members, of_runs[0], of_b, clusters)
            for members, of_b in zip(runs[1:], of_runs[1:], strict=True)
        ]
    )
    a = runs[0][typical(runs[0])]
    chosen = [members[typical(members)] for members in runs[1:]]
    decisions = [mcnemar(a.right, b.right, clusters) for b in chosen]
    rankings = [delong(a.evaluation, b.evaluation, clusters) for b in chosen]
    p_decisions = holm([test.p_clusters for test in decisions])
    p_rankings = holm([test.p_clusters if test else np.nan for test in rankings])
    return [
        Comparison(
            n=len(first.ids),
            clusters=drawn.n_clusters,
            differences=told[i],
            mcnemar=decisions[i],
            mcnemar_adjusted=p_decisions[i],
            delong=rankings[i],
            delong_adjusted=p_rankings[i],
            fixed=_only(b, a),
            broken=_only(a, b),
            agreement=agreement(a.evaluation, b.evaluation, (a.point, b.point)),
        )
        for i, b in enumerate(chosen)
    ]


def _only(right: Judged, wrong: Judged) -> tuple[str, ...]:
    """Ids of the mails that the one decides rightly and the other does not."""
    rows = np.flatnonzero(right.right & ~wrong.right)
    moved = np.abs(right.evaluation.scores[rows] - wrong.evaluation.scores[rows])
    return tuple(right.evaluation.ids[i] for i in rows[np.argsort(-moved, kind="stable")])


def typical(members: Sequence[Judged]) -> int:
    """The place of the run in the middle by F1, the lower of two; neither lucky nor unlucky."""
    f1 = [one.evaluation.at(one.point).f1 for one in members]
    return int(np.argsort(f1, kind="stable")[(len(f1) - 1) // 2])


def spread(members: Sequence[Judged]) -> pd.DataFrame:
    """Index the keys of `FIGURES`; mean, least, most, deviation (sample standard) over seeds."""
    table = pd.DataFrame([one.evaluation.summary(one.point) for one in members])[[*FIGURES]]
    return pd.DataFrame(
        {
            "mean": table.mean(),
            "least": table.min(),
            "most": table.max(),
            "deviation": table.std(ddof=1),
        }
    )
