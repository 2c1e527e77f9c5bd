"""Follows a mail through the runs: always wrong, newly wrong, now and then, or fixed.

>>> wrong = pd.DataFrame({"first": [True, False], "second": [False, True]}, index=["a", "b"])
>>> build_history(wrong, "second")[["id", "pattern", "course"]].to_records(index=False).tolist()
[('a', 'fixed', '✗·'), ('b', 'new', '·✗')]
"""

import numpy as np
import pandas as pd

STAYS, NEW, COMES_AND_GOES = "stays", "new", "comes and goes"
FIXED, NEVER = "fixed", "never wrong"

PATTERNS: dict[str, str] = {
    STAYS: "wrong in all the runs",
    NEW: "wrong in this run and in none before it",
    COMES_AND_GOES: "wrong in some runs and not in others",
    FIXED: "wrong in the run before this one and not in this one",
    NEVER: "wrong in none of the runs",
}
"""What each pattern means."""

WRONG, RIGHT = "✗", "·"


def build_history(wrong: pd.DataFrame, seen_from: str) -> pd.DataFrame:
    """Build one row per mail, in the order of `wrong`: id, wrong_in, runs, pattern, course.

    wrong_in is the number of runs, of all `runs`, that misclassify it; pattern is one of `PATTERNS`
    from the point of view of one run; course has one sign per run, `WRONG` or `RIGHT`.

    Args:
        wrong: True where a run misclassifies a mail; indexed by mail id, one column per run, the
            oldest first.
        seen_from: the column of that run.
    """
    matrix = wrong.to_numpy(bool)
    n, runs = matrix.shape
    place = list(wrong.columns).index(seen_from)
    now, count = matrix[:, place], matrix.sum(axis=1)
    before = matrix[:, :place]
    pattern = np.select(
        [
            count == 0,
            now & (count == runs) & (runs > 1),
            now & ~before.any(axis=1),
            ~now & (before[:, -1] if place else np.zeros(n, bool)),
        ],
        [NEVER, STAYS, NEW, FIXED],
        COMES_AND_GOES,
    )
    course = np.full(n, "", object)
    for column in matrix.T:
        course = course + np.where(column, WRONG, RIGHT).astype(object)
    return pd.DataFrame(
        {"id": wrong.index, "wrong_in": count, "runs": runs, "pattern": pattern, "course": course}
    )


def count_by_run(wrong: pd.DataFrame) -> pd.DataFrame:
    """Count the errors of each run: columns run, errors, and of these stays, new and others."""
    matrix = wrong.to_numpy(bool)
    always = matrix.all(axis=1)
    rows = []
    for place, run_id in enumerate(wrong.columns):
        now, before = matrix[:, place], matrix[:, :place].any(axis=1)
        stays = int((now & always).sum()) if matrix.shape[1] > 1 else 0
        new = int((now & ~before).sum()) - (stays if place == 0 else 0)
        errors = int(now.sum())
        rows.append((run_id, errors, stays, new, errors - stays - new))
    return pd.DataFrame(rows, columns=["run", "errors", STAYS, NEW, COMES_AND_GOES])
