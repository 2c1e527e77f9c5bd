"""Whether the figures of the test part agree with those of validation, in words.

The two parts share no mail, so the interval of the difference follows from the intervals of both
(Newcombe, Statistics in Medicine 1998, method 10; Zou and Donner, Statistics in Medicine 2008).
Where both parts hold errors to draw from, this equals subtracting the bootstrap replicates of one
part from those of the other (tests/pipeline/reports/test_agreement.py compares the two). Where a
part holds no error, all its replicates are equal and would make every difference look certain.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.evaluation import wording
from pipeline.evaluation.figures import FIGURES, MAIN
from pipeline.evaluation.intervals import Interval

FIRST = "f1"
"""The figure whose verdict a summary quotes."""


@dataclass(frozen=True)
class Agreement:
    """One figure on both parts; `low` to `high` is the 95 % interval of test minus validation.

    `verdict` is "agrees", "worse" (on test), "better" or "unknown"; low and high are NaN if it is
    unknown.
    """

    figure: str
    validation: float
    test: float
    low: float
    high: float
    verdict: str

    @property
    def words(self) -> str:
        """The verdict, worded as the end of a sentence."""
        figure = FIGURES[self.figure]
        if self.verdict == "unknown":
            return "too few mails to say"
        between = (
            f"{_format_signed(figure.form, self.low)} to {_format_signed(figure.form, self.high)}"
        )
        if self.verdict == "agrees":
            return f"agrees ({between}, which holds 0)"
        return f"{self.verdict} on test by more than chance ({between})"


def compare_parts(
    validation: Mapping[str, float],
    test: Mapping[str, float],
    on_validation: Mapping[str, Interval],
    on_test: Mapping[str, Interval],
) -> list[Agreement]:
    """Compare the `figures.MAIN` of two `Evaluation.summary` dicts, using their intervals.

    A figure that either summary lacks is left out.
    """
    agreements = []
    for name in FIGURES:  # in the order of the tables
        if name not in MAIN or name not in validation or name not in test:
            continue
        v, t = float(validation[name]), float(test[name])
        low, high = _estimate_difference(v, t, on_validation.get(name), on_test.get(name))
        if math.isnan(low) or math.isnan(high):
            verdict = "unknown"
        elif low <= 0 <= high:
            verdict = "agrees"
        else:
            verdict = "better" if (low > 0) == (FIGURES[name].better > 0) else "worse"
        agreements.append(Agreement(name, v, t, low, high, verdict))
    return agreements


def _estimate_difference(
    v: float, t: float, on_v: Interval | None, on_t: Interval | None
) -> tuple[float, float]:
    """Combine both intervals into that of t - v by squaring and adding their arms.

    NaN where either interval is missing.
    """
    if on_v is None or on_t is None:
        return math.nan, math.nan
    down = math.hypot(t - on_t.low, on_v.high - v)
    up = math.hypot(on_t.high - t, v - on_v.low)
    return t - v - down, t - v + up


def describe_agreement(agreement: Agreement, on_validation: Interval, on_test: Interval) -> str:
    """Put one figure into a sentence: "Test F1 0.957 (0.930 to 0.980) agrees with …"."""
    figure = FIGURES[agreement.figure]
    test = f"Test {figure.title} {wording.format_figure(agreement.figure, agreement.test, on_test)}"
    validation = wording.format_figure(agreement.figure, agreement.validation, on_validation)
    if agreement.verdict == "unknown":
        return f"{test}; validation {validation}. Too few mails to say whether they agree."
    if agreement.verdict == "agrees":
        return f"{test} agrees with validation, {validation}: the difference may be chance."
    if agreement.verdict == "worse":
        return (
            f"{test} is worse than validation, {validation}, by more than chance: the run and its "
            "threshold were chosen on validation, so believe the test."
        )
    return (
        f"{test} is better than validation, {validation}, by more than chance: the test mails are "
        "easier. Believe neither before you know why; look at how the mails were divided."
    )


def _format_signed(form: str, value: float) -> str:
    return form.replace("{:", "{:+").format(value)
