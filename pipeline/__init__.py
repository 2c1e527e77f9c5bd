"""Everything that computes: from a file of labelled mail to a judged, portable spam classifier.

Nothing in here knows Streamlit; `dashboard`, `pipeline.cli` and notebooks are three ways of driving
it. The functions for notebooks are those of `pipeline.workflow`, loaded when first used:

>>> import pipeline
>>> pipeline.import_mails("missing.csv")
Traceback (most recent call last):
pipeline.errors.BadFile: missing.csv: a file was expected, but there is none; check the path.
"""

import sys
from typing import TYPE_CHECKING, Any

from pipeline.sample import sample_file

if sys.platform == "win32":
    raise SystemExit(
        "Spamlab runs on Linux and macOS: it relies on file locks that Windows does not have. "
        "Use the Windows Subsystem for Linux."
    )

if TYPE_CHECKING:
    from pipeline.workflow import (
        choose_threshold,
        compare_runs,
        evaluate_run,
        explain_mail,
        export_model,
        import_mails,
        list_errors,
        list_findings,
        list_runs,
        open_project,
        open_test,
        score_mails,
        split_mails,
        train_model,
    )

__all__ = [
    "choose_threshold",
    "compare_runs",
    "evaluate_run",
    "explain_mail",
    "export_model",
    "import_mails",
    "list_errors",
    "list_findings",
    "list_runs",
    "open_project",
    "open_test",
    "sample_file",
    "score_mails",
    "split_mails",
    "train_model",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'pipeline' has no attribute {name!r}")
    from pipeline import workflow  # takes a second, so only whoever calls it pays for it

    return getattr(workflow, name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
