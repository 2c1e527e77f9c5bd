"""Calls that are kept, by the versions of the values that they are asked about.

What never changes has a name for good: the id of a run, the fingerprint of a split, the key of a
spec. A project does change, and is asked for the version of whatever the answer rests on: its
present mails and split, say. So an answer is computed again when it could be another one, and no
call has arguments that are only keys.
"""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pipeline.errors import SpamlabError
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project, marks
from pipeline.quality import decisions
from pipeline.runs import store
from pipeline.runs.store import Run
from pipeline.specs import FeatureSpec, ThresholdSpec
from pipeline.splits import Split
from pipeline.vault.ledger import Opening

P = ParamSpec("P")
R = TypeVar("R")

ENTRIES = 4
"""Datasets kept in memory; a fifth project in another tab pushes the oldest out."""


def mails_version(project: Project) -> tuple[Any, ...]:
    """Changes with the mails and with the split, and so with what may be looked at."""
    settings = project.settings
    return project.name, settings.dataset, settings.split


def complete_mails_version(project: Project) -> tuple[Any, ...]:
    """Changes with the mails, whatever their split."""
    return project.name, project.settings.dataset


def seal_version(project: Project) -> tuple[Any, ...]:
    """Changes with the mails, the split, and the opening of the test part."""
    return *mails_version(project), project.seal.is_opened()


def pairs_version(project: Project) -> tuple[Any, ...]:
    """Changes with the mails and the split, and when their near-duplicates are known."""
    return *mails_version(project), project.mails.pairs_path.exists()


def marks_version(project: Project) -> tuple[Any, ...]:
    """Changes with the mails, the split, and what the user writes at a mail."""
    return *mails_version(project), _stamp(project.path / marks.FILE)


def decisions_version(project: Project) -> tuple[Any, ...]:
    """Changes with the mails, the split, and what the user decides about a label."""
    return *mails_version(project), _stamp(project.path / decisions.FILE)


def review_version(project: Project) -> tuple[Any, ...]:
    """Changes with the mails and the split, and when their labels are looked through."""
    return *mails_version(project), decisions.has_review(project)


def rules_version(project: Project) -> tuple[Any, ...]:
    """Changes as `review_version` does, and with the runs on these mails and their thresholds."""
    settings = project.settings
    usable = [r for r in store.list_runs(project.name) if r.usable and r.is_of(settings)]
    return *review_version(project), [(r.id, settings.threshold_spec(r.id).key) for r in usable]


def _stamp(path: Path) -> tuple[int, int]:
    """What tells one state of a file that is only ever replaced from the next."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return 0, 0
    return state.st_mtime_ns, state.st_ino


VERSIONS: dict[str | type, Callable[[Any], Any]] = {
    Run: lambda run: run.id,
    Split: lambda split: split.fingerprint,
    FeatureSpec: lambda spec: spec.key,
    ThresholdSpec: lambda spec: spec.key,
    OperatingPoint: lambda point: (point.threshold, point.unsure_from),
    Opening: lambda opening: opening.time,
    UploadedFile: lambda file: file.file_id,
}
"""What names a value for good. A run that is not over yet has no answers that may be kept."""


def cached(
    *,
    entries: int,
    spinner: str | bool = False,
    shared: bool = False,
    version: Callable[[Project], tuple[Any, ...]] = mails_version,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep the answers of a function, by the versions of its arguments.

    Args:
        entries: how many answers are kept; the one that was not asked for longest goes first.
        spinner: the sentence that is shown meanwhile, False for none.
        shared: whether all callers get the same object, which nobody may change then. Else each
            gets a copy, which takes 0.1 s for a table of 50,000 rows.
        version: what the answers rest on of a project.

    Raises what the function raises, and what a version that cannot be read does: BadWorkspace, say.
    """
    keep: Any = st.cache_resource if shared else st.cache_data

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        kept: Callable[P, R] = keep(
            function,
            show_spinner=spinner,
            max_entries=entries,
            hash_funcs={**VERSIONS, Project: version},
        )

        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return kept(*args, **kwargs)
            except StreamlitAPIException as error:
                # Streamlit's error for a version that cannot be read hides the sentence of ours
                if isinstance(error.__cause__, SpamlabError):
                    raise error.__cause__ from None
                raise

        return call

    return decorate
