"""Caches the results of functions by the versions of their arguments.

A value that never changes is its own version: the id of a run, the fingerprint of a split, the key
of a spec. A project does change, so its version is that of the parts that the result depends on,
such as its present mails and split. So a result is computed again whenever it could differ, and no
function has arguments that are only keys.
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
"""At most 4 datasets are kept in memory; a fifth project in another tab replaces the oldest."""


def mails_version(project: Project) -> tuple[Any, ...]:
    """Return a version that changes with the mails and the split, and so with the visible mails."""
    settings = project.settings
    return project.name, settings.dataset, settings.split


def complete_mails_version(project: Project) -> tuple[Any, ...]:
    """Return a version that changes with the mails but not with the split."""
    return project.name, project.settings.dataset


def seal_version(project: Project) -> tuple[Any, ...]:
    """Return a version that changes with the mails, the split and the opening of the test part."""
    return *mails_version(project), project.seal.is_opened()


def pairs_version(project: Project) -> tuple[Any, ...]:
    """Return a version that changes with the mails, the split and a search for near-duplicates."""
    return *mails_version(project), project.mails.pairs_path.exists()


def marks_version(project: Project) -> tuple[Any, ...]:
    """Return a version that changes with the mails, the split and the user's tags and notes."""
    return *mails_version(project), _stamp(project.path / marks.FILE)


def decisions_version(project: Project) -> tuple[Any, ...]:
    """Return a version that changes with the mails, the split and the decisions about labels."""
    return *mails_version(project), _stamp(project.path / decisions.FILE)


def review_version(project: Project) -> tuple[Any, ...]:
    """Return a version that changes with the mails, the split and a review of the labels."""
    return *mails_version(project), decisions.has_review(project)


def rules_version(project: Project) -> tuple[Any, ...]:
    """Return a version that changes with `review_version`, the runs on these mails and their
    thresholds.
    """
    settings = project.settings
    usable = [r for r in store.list_runs(project.name) if r.usable and r.is_of(settings)]
    return *review_version(project), [(r.id, settings.threshold_spec(r.id).key) for r in usable]


def _stamp(path: Path) -> tuple[int, int]:
    """Return the version of a file that is only ever replaced whole."""
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
"""The versions of values that never change. Results about a run are cached only after its end."""


def cached(
    *,
    entries: int,
    spinner: str | bool = False,
    shared: bool = False,
    version: Callable[[Project], tuple[Any, ...]] = mails_version,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Cache the results of a function by the versions of its arguments.

    Args:
        entries: the number of results to keep; the least recently used is dropped.
        spinner: the sentence to show meanwhile, False for none.
        shared: whether all callers get the same object, which nobody may change. Otherwise each
            gets a copy, which takes 0.1 s for a table of 50,000 rows.
        version: computes the version of a project.

    A call raises what the function raises, and BadWorkspace if a version cannot be read.
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
                # Streamlit's error for a version that cannot be read hides our sentence
                if isinstance(error.__cause__, SpamlabError):
                    raise error.__cause__ from None
                raise

        return call

    return decorate
