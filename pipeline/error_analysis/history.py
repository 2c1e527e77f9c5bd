"""A mail through the runs: always wrong, wrong for the first time, now and then, or mended."""

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


def table(wrong: pd.DataFrame, seen_from: str) -> pd.DataFrame:
    """One row a mail, in the order of `wrong`: id, wrong_in, runs, pattern, course.

    wrong_in is the number of runs, of `runs`, that call it wrongly; pattern is one of `PATTERNS`
    as seen from one run; course has a sign a run, in order: `WRONG` or `RIGHT`.

    Args:
        wrong: True where a run calls a mail wrongly; a row a mail by its id, a column a run by
            its id, the oldest first.
        seen_from: the run that is looked at, one of the columns.
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


def by_run(wrong: pd.DataFrame) -> pd.DataFrame:
    """One row a run in order: run, errors, and of these stays, new and others (counts)."""
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
