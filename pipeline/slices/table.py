"""Finds the slices on which a run errs more than on the rest: one row each, the surest first.

A slice is compared with the other mails of the same class: spam is often missed ten times as often
as ham is lost, so any slice with more spam would look bad otherwise. The test counts whole
clusters, because near-duplicates are classified alike.
"""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.proportions import measure_share
from pipeline.evaluation.resampling import Resamples, align_clusters
from pipeline.wording import format_count

SMALLEST = 20
"""Slices with fewer mails are ignored."""
LEVEL = 0.05
"""The expected share of false discoveries among the slices called worse or better: 5%."""
LEAST = 1e-30
"""Smaller probabilities count as this one."""

WORSE, BETTER, NO_DIFFERENCE, ALONE = "worse", "better", "no difference", "nothing to compare with"
COLUMNS = (
    *("property", "value", "mails", "ham", "spam", "false_positives", "false_negatives"),
    *("error_rate", "error_low", "error_high", "rest_rate"),
    *("hm", "hm_low", "hm_high", "sm", "sm_low", "sm_high", "missing"),
    *("p", "p_corrected", "standing", "verdict"),
)


def compute_slices(
    evaluation: Evaluation,
    point: OperatingPoint,
    properties: pd.DataFrame,
    clusters: pd.Series,
    *,
    smallest: int = SMALLEST,
) -> pd.DataFrame:
    """Compute one row per slice of at least `smallest` mails, the surest to be worse first.

    Columns, shares from 0 to 1: property, value; mails, ham, spam, false_positives,
    false_negatives (counts); error_rate, hm and sm, each with the 95% interval of
    `proportions.measure_share` as _low and _high; rest_rate, the error rate of the slice if its ham
    and spam were classified as well as those of the rest; missing, why hm or sm is NaN ("no ham",
    "no spam", or ""); p and p_corrected; standing, one of "worse", "better", "no difference" and
    "nothing to compare with"; verdict, the same in a sentence. Unsure mails are no errors; sm
    includes unsure spam, as everywhere.

    p is exact and two-sided (twice the smaller side): given the errors and the size of the slice in
    each class, the number of errors in the slice is hypergeometric (Fisher's exact test; for two
    classes the sum of two such numbers). Each cluster of a class counts once: as wrong if at least
    half of its mails are, and in the slice that has most of them. p_corrected applies to all rows
    together (Benjamini and Hochberg 1995): about one in twenty of the slices called worse or better
    is so by chance.

    Args:
        evaluation: scores of the run.
        point: the operating point of the run; unsure mails are no errors.
        properties: from `properties.compute_properties`, for at least these mails.
        clusters: the cluster of near-duplicates of each mail, by id.
    """
    values = properties.loc[list(evaluation.ids)]
    run = _Run(evaluation, point, align_clusters(clusters, evaluation.ids))
    parts = [_count_slices(run, name, values[name], smallest) for name in values.columns]
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    table = pd.concat(parts, ignore_index=True)
    from scipy.stats import false_discovery_control

    table["p_corrected"] = false_discovery_control(table["p"], method="bh")
    sure = table["p_corrected"] <= LEVEL
    table["standing"] = np.select(
        [table["rest_rate"].isna(), sure & table["is_worse"], sure],
        [ALONE, WORSE, BETTER],
        NO_DIFFERENCE,
    )
    table["verdict"] = [_describe_standing(row) for row in table.to_dict("records")]
    # from surely worse over unsure to surely better; at equal p the larger difference first
    surely = np.where(table["is_worse"], table["p"] - 1, 1 - table["p"])
    more = (table["error_rate"] - table["rest_rate"]).fillna(-1)
    order = np.lexsort((-more, surely))
    order = np.concatenate([order[(table["standing"] != ALONE).to_numpy()[order]],
                            order[(table["standing"] == ALONE).to_numpy()[order]]])  # fmt: skip
    return table.loc[order, list(COLUMNS)].reset_index(drop=True)


class _Run:
    """The errors of a run, by mail and by unit; a unit is the mails of one class in one cluster."""

    def __init__(self, evaluation: Evaluation, point: OperatingPoint, clusters: np.ndarray) -> None:
        self.spam = evaluation.labels == 1
        self.wrong = point.is_wrong(evaluation.scores, self.spam)
        self.missed = self.spam & ~point.is_spam(evaluation.scores)
        self.resamples = Resamples(clusters)
        units, self.unit = np.unique(2 * self.resamples.cluster + self.spam, return_inverse=True)
        self.unit_spam = units % 2 == 1
        self.unit_wrong = 2 * np.bincount(self.unit, self.wrong) >= np.bincount(self.unit)


def _count_slices(run: _Run, name: str, values: pd.Series, smallest: int) -> pd.DataFrame:
    """Count the slices of one property; p-values are not corrected yet."""
    codes = values.cat.codes.to_numpy(np.int64)
    k = len(values.cat.categories)

    def count(chosen: np.ndarray) -> np.ndarray:
        return np.bincount(codes[chosen], minlength=k).astype(np.float64)

    mails = {False: count(~run.spam), True: count(run.spam)}
    wrong = {False: count(~run.spam & run.wrong), True: count(run.spam & run.wrong)}
    units, wrong_units = _count_units(run, codes, k)
    total, errors = mails[False] + mails[True], wrong[False] + wrong[True]
    kept = np.flatnonzero(total >= smallest)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Only a class that the rest has too can be compared.
        rest = {c: mails[c].sum() - mails[c] for c in mails}
        usual = {c: (wrong[c].sum() - wrong[c]) / rest[c] for c in mails}
        like = {c: np.where(rest[c] > 0, mails[c], 0) for c in mails}

        def sum_compared(numbers: dict[bool, np.ndarray]) -> np.ndarray:
            return np.asarray(np.add(*(numbers[c] * (like[c] > 0) for c in mails)))

        expected = sum(np.where(like[c] > 0, usual[c] * like[c], 0) for c in mails)
        columns: dict[str, np.ndarray] = {
            "value": values.cat.categories.to_numpy(object),
            "mails": total.astype(np.int64),
            "ham": mails[False].astype(np.int64),
            "spam": mails[True].astype(np.int64),
            "false_positives": wrong[False].astype(np.int64),
            "false_negatives": wrong[True].astype(np.int64),
            "compared_units": sum_compared(units).astype(np.int64),
            "error_rate": errors / total,
            "hm": wrong[False] / mails[False],
            "sm": count(run.missed) / mails[True],
            "rest_rate": expected / (like[False] + like[True]),
            "compared_ham": like[False],
            "compared_spam": like[True],
            "compared_wrong": sum_compared(wrong),
            "missing": np.select(
                [mails[False] == 0, mails[True] == 0], ["no ham", "no spam"], ""
            ).astype(object),
        }
    columns = {title: column[kept] for title, column in columns.items()}
    for title, hits, members in (
        ("error", run.wrong, True),
        ("hm", run.wrong, ~run.spam),
        ("sm", run.missed, run.spam),
    ):
        ends = [measure_share(hits, members & (codes == i), run.resamples).ends() for i in kept]
        columns[f"{title}_low"], columns[f"{title}_high"] = np.reshape(ends, (-1, 2)).T
    tails = [
        _compute_tails([(units[c].sum(), units[c][i], wrong_units[c].sum(), wrong_units[c][i])
                for c in units])
        for i in kept
    ]  # fmt: skip
    at_most, at_least = np.reshape(tails, (-1, 2)).T
    columns["is_worse"] = at_least < at_most
    columns["p"] = np.clip(2 * np.minimum(at_least, at_most), LEAST, 1)
    table = pd.DataFrame(columns)
    table.insert(0, "property", name)
    return table


def _count_units(
    run: _Run, codes: np.ndarray, k: int
) -> tuple[dict[bool, np.ndarray], dict[bool, np.ndarray]]:
    """Count by class and slice the units in it, and those of them that are wrong."""
    keys, sizes = np.unique(run.unit * k + codes, return_counts=True)
    unit, code = np.divmod(keys, k)
    order = np.lexsort((sizes, unit))  # last of each unit: the slice with most of its mails
    last = order[np.append(unit[order][1:] != unit[order][:-1], True)]
    units: dict[bool, np.ndarray] = {}
    wrong: dict[bool, np.ndarray] = {}
    for spam in (False, True):
        mine = last[run.unit_spam[unit[last]] == spam]
        units[spam] = np.bincount(code[mine], minlength=k)
        wrong[spam] = np.bincount(code[mine][run.unit_wrong[unit[mine]]], minlength=k)
    return units, wrong


def _compute_tails(classes: list[tuple[int, int, int, int]]) -> tuple[float, float]:
    """Compute the probabilities of at most, and of at least, the errors that the slice has.

    Args:
        classes: for each class the numbers of units: all, those in the slice, the wrong ones, the
            wrong ones in the slice.
    """
    chances, first, seen = np.ones(1), 0, 0
    for n, inside, wrong, wrong_inside in classes:
        support = np.arange(max(0, inside + wrong - n), min(inside, wrong) + 1)
        p = _hypergeometric(support, n, wrong, inside)
        kept = np.flatnonzero(p > LEAST)  # some hundred of 10,000 values
        chances = np.convolve(chances, p[kept[0] : kept[-1] + 1])
        first += int(support[kept[0]])
        seen += int(wrong_inside)
    place = seen - first
    at_most = chances[: max(place + 1, 0)].sum()
    at_least = chances[max(place, 0) :].sum()
    return min(1.0, float(at_most)), min(1.0, float(at_least))


def _hypergeometric(k: np.ndarray, n: int, wrong: int, inside: int) -> np.ndarray:
    """The probability of k wrong units among `inside` of n units, of which `wrong` are wrong.

    Equals scipy.stats.hypergeom to nine digits, which takes 1 s for 8,000 values instead of 0.3 ms.
    """
    from scipy.special import gammaln

    def log_choose(n: int, k: np.ndarray | int) -> np.ndarray:
        return np.asarray(
            gammaln(n + 1) - gammaln(np.asarray(k) + 1) - gammaln(n - np.asarray(k) + 1)
        )

    logs = log_choose(inside, k) + log_choose(n - inside, wrong - k) - log_choose(n, wrong)
    return np.asarray(np.exp(logs))


def _describe_standing(row: dict[str, Any]) -> str:
    """Describe the standing of a slice in a sentence."""
    if row["standing"] == ALONE:
        return "nothing to compare with: the rest has no mail of this class"
    n = round(row["compared_ham"] + row["compared_spam"])
    both = row["compared_ham"] > 0 and row["compared_spam"] > 0
    noun = "mail" if both else "spam" if row["compared_spam"] else "ham"
    mails = format_count(n, noun) if noun == "mail" else f"{n:,} {noun}"
    if row["standing"] == NO_DIFFERENCE:
        clusters = f" (in {format_count(row['compared_units'], 'cluster')})"
        mails += clusters * (row["compared_units"] < 0.9 * n)
        return f"no difference that {'this' if n == 1 else 'these'} {mails} can show"
    return (
        f"{row['standing']} than the rest: {_format_percent(row['compared_wrong'] / n)} of {mails} "
        f"wrong, against {_format_percent(row['rest_rate'])}"
    )


def _format_percent(value: float) -> str:
    digits = 0 if value in (0, 1) or value >= 0.1 else 1 if value >= 0.01 else 2
    return f"{value:.{digits}%}"
