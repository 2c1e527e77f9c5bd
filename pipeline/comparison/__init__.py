"""Compares runs on the same mails: what differs, and is it more than chance?

One idea per file: `shared` (the mails that all runs have), `paired` (differences with intervals),
`significance` (McNemar, DeLong, Holm), `agreement` (and fusion), `changes` (differences between
specs; runs that differ only in the seed), `verdicts` (the words).

>>> from pipeline.evaluation import Evaluation
>>> from pipeline.evaluation.operating_point import HALF
>>> ids, labels = tuple(map(str, range(40))), np.arange(40) % 2
>>> weak = Evaluation("validation", ids, labels, np.where(np.arange(40) < 20, labels, 1 - labels))
>>> good = Evaluation("validation", ids, labels, labels.astype(float))
>>> runs = [[JudgedRun(weak, HALF)], [JudgedRun(good, HALF)]]
>>> (comparison,) = compare_runs(runs, np.arange(40), 500)
>>> comparison.mcnemar.fixed, comparison.mcnemar.broken, comparison.differences["f1"].verdict
(20, 0, 'better')
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pipeline.comparison.agreement import RunAgreement, measure_agreement
from pipeline.comparison.changes import (
    group_by_seed,
    hash_without_seed,
    summarize_changes,
    tabulate_changes,
)
from pipeline.comparison.paired import (
    Difference,
    JudgedRun,
    compute_differences,
    compute_replicates,
    correct_differences,
    judge_runs,
)
from pipeline.comparison.shared import CommonMails, find_common_mails
from pipeline.comparison.significance import (
    DeLong,
    McNemar,
    adjust_p_values,
    run_delong_test,
    run_mcnemar_test,
)
from pipeline.errors import BadData
from pipeline.evaluation.figures import FIGURES
from pipeline.evaluation.resampling import RESAMPLES, Resamples

__all__ = [
    "CommonMails", "Comparison", "DeLong", "Difference", "JudgedRun", "McNemar", "RunAgreement",
    "adjust_p_values", "compare_runs", "compute_seed_spread", "find_common_mails", "group_by_seed",
    "hash_without_seed", "judge_runs", "pick_median_run", "summarize_changes", "tabulate_changes",
]  # fmt: skip

MANY = 10_000
"""Beyond this many mails half the resamples are drawn: a pair with 20,000 mails takes 2.5 s."""


@dataclass(frozen=True)
class Comparison:
    """One run, b, compared with another, a.

    With several seeds, `differences` are between their means; everything else is about the median
    seed of each run (`pick_median_run`).

    Attributes:
        n, clusters: the mails that both were compared on, and their clusters.
        differences: b - a by the keys of `FIGURES`.
        mcnemar, delong: tests of the decisions and of the rankings; None without two mails of each
            class.
        mcnemar_adjusted, delong_adjusted: their p-values over clusters, adjusted by Holm.
        fixed: ids of the mails that only b classifies correctly, the largest change of score first.
        broken: ids of the mails that only a classifies correctly, likewise.
        agreement: how similar the two runs are.
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
    agreement: RunAgreement

    def to_frame(self) -> pd.DataFrame:
        """One row a figure, indexed by its key: title, a, b, difference, its interval, verdict."""
        rows = {
            key: (FIGURES[key].title, d.a, d.b, d.difference, d.interval.low, d.interval.high,
                  d.adjusted, d.verdict)
            for key, d in self.differences.items()
        }  # fmt: skip
        columns = ["title", "a", "b", "difference", "low", "high", "p", "verdict"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("figure")


def compare_runs(
    runs: Sequence[Sequence[JudgedRun]], clusters: np.ndarray, resamples: int = RESAMPLES
) -> list[Comparison]:
    """Compare every run with the first, and adjust for the number of comparisons (Holm).

    Args:
        runs: for each run its seeds, at least one; all on the same mails in the same order.
        clusters: the cluster of near-duplicates of each mail, int [n].
        resamples: the number of bootstrap resamples.

    Raises:
        BadData: if the mails or labels differ; see `find_common_mails`.
    """
    first = runs[0][0].evaluation
    for evaluation in (run.evaluation for seeds in runs for run in seeds):
        if evaluation.ids != first.ids or not np.array_equal(evaluation.labels, first.labels):
            raise BadData("a comparison needs runs on the same mails with the same labels.")
    drawn = Resamples(clusters, resamples // 2 if len(first.ids) > MANY else resamples)
    replicates = [compute_replicates(seeds, drawn) for seeds in runs]
    corrected = correct_differences(
        [
            compute_differences(runs[0], seeds, replicates[0], b_replicates, clusters)
            for seeds, b_replicates in zip(runs[1:], replicates[1:], strict=True)
        ]
    )
    a = runs[0][pick_median_run(runs[0])]
    chosen = [seeds[pick_median_run(seeds)] for seeds in runs[1:]]
    decisions = [run_mcnemar_test(a.right, b.right, clusters) for b in chosen]
    rankings = [run_delong_test(a.evaluation, b.evaluation, clusters) for b in chosen]
    p_decisions = adjust_p_values([test.p_clusters for test in decisions])
    p_rankings = adjust_p_values([test.p_clusters if test else np.nan for test in rankings])
    return [
        Comparison(
            n=len(first.ids),
            clusters=drawn.n_clusters,
            differences=corrected[i],
            mcnemar=decisions[i],
            mcnemar_adjusted=p_decisions[i],
            delong=rankings[i],
            delong_adjusted=p_rankings[i],
            fixed=_find_only_right(b, a),
            broken=_find_only_right(a, b),
            agreement=measure_agreement(a.evaluation, b.evaluation, (a.point, b.point)),
        )
        for i, b in enumerate(chosen)
    ]


def _find_only_right(right: JudgedRun, wrong: JudgedRun) -> tuple[str, ...]:
    """Ids of the mails that only the first run classifies correctly."""
    rows = np.flatnonzero(right.right & ~wrong.right)
    moved = np.abs(right.evaluation.scores[rows] - wrong.evaluation.scores[rows])
    return tuple(right.evaluation.ids[i] for i in rows[np.argsort(-moved, kind="stable")])


def pick_median_run(seeds: Sequence[JudgedRun]) -> int:
    """Pick the position of the median run by F1, the lower of two: neither lucky nor unlucky."""
    f1 = [run.evaluation.at(run.point).f1 for run in seeds]
    return int(np.argsort(f1, kind="stable")[(len(f1) - 1) // 2])


def compute_seed_spread(seeds: Sequence[JudgedRun]) -> pd.DataFrame:
    """Compute mean, least, most and deviation (sample standard) over seeds, by key of `FIGURES`."""
    table = pd.DataFrame([run.evaluation.summary(run.point) for run in seeds])[[*FIGURES]]
    return pd.DataFrame(
        {
            "mean": table.mean(),
            "least": table.min(),
            "most": table.max(),
            "deviation": table.std(ddof=1),
        }
    )
