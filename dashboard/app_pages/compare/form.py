"""The choice of runs to compare, kept with the project; seeds of one spec are one entry."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import cache
from dashboard.components import widgets
from pipeline import comparison
from pipeline.comparison import CommonMails, JudgedRun
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.models import describe
from pipeline.project import Project
from pipeline.runs import store
from pipeline.runs.store import Run

MOST = 6
"""Runs beside the baseline; more could not be told apart in a chart."""


@dataclass(frozen=True)
class Entry:
    """A run, or several that differ in nothing but the seed, the newest first."""

    name: str
    runs: tuple[Run, ...]
    points: tuple[OperatingPoint, ...]

    @property
    def judged(self) -> tuple[tuple[str, OperatingPoint], ...]:
        """Id and operating point of each seed."""
        return tuple((run.id, at) for run, at in zip(self.runs, self.points, strict=True))

    @property
    def has_band(self) -> bool:
        return any(point.has_band for point in self.points)

    def on(self, shared: CommonMails) -> list[JudgedRun]:
        """The scores of each seed on the mails that all compared runs have."""
        return [JudgedRun(shared.evaluations[i], at) for i, at in self.judged]

    def middle(self, shared: CommonMails) -> int:
        """The place of the seed in the middle, whose decisions and ranks are shown."""
        return comparison.pick_median_run(self.on(shared))


def entries(project: Project, runs: Sequence[Run]) -> list[Entry]:
    """The usable runs, those of one spec together."""
    by_id = {run.id: run for run in runs}
    found = []
    for ids in comparison.group_by_seed({run.id: run.spec for run in runs}).values():
        some = tuple(by_id[i] for i in ids)
        name = some[0].name if len(some) == 1 else f"{some[-1].name} ×{len(some)}"
        found.append(Entry(name, some, tuple(cache.operating_point(project, run) for run in some)))
    return found


def choose(project: Project, there: Sequence[Entry]) -> list[Entry]:
    """The baseline and the runs to compare with it; the choice is kept with the project."""
    by_key = {comparison.hash_without_seed(entry.runs[0].spec): entry for entry in there}
    chosen, gone = _kept(project, by_key)
    if gone:
        names = widgets.literal(", ".join(gone))
        one = len(gone) == 1
        st.warning(
            f"{names} {'was' if one else 'were'} deleted since this comparison was made, and "
            f"{'is' if one else 'are'} left out.",
            icon=":material/delete:",
        )
    first, others = f"compare_first_{project.name}", f"compare_others_{project.name}"
    # what the project says is shown, also when another tab changed it
    st.session_state[first] = chosen[0]
    st.session_state[others] = chosen[1:]

    def keep() -> None:
        base = st.session_state[first]
        keys = [base, *(k for k in st.session_state[others] if k != base)]
        project.change(compared=[by_key[k].runs[0].id for k in keys])

    def name(key: str) -> str:
        entry = by_key[key]
        present = all(run.is_of(project.settings) for run in entry.runs)
        return _title(entry) + ("" if present else " · earlier mails or split")

    left, right = st.columns([1, 2])
    left.selectbox("Baseline", list(by_key), key=first, format_func=name, on_change=keep)
    right.multiselect(
        "Compared with it",
        [k for k in by_key if k != chosen[0]],
        key=others,
        format_func=name,
        on_change=keep,
        max_selections=MOST,
        placeholder="Choose runs",
    )
    return [by_key[k] for k in chosen]


def _title(entry: Entry) -> str:
    return widgets.title(entry.runs[0]) if len(entry.runs) == 1 else f"{entry.name} seeds"


def _kept(project: Project, by_key: dict[str, Entry]) -> tuple[list[str], list[str]]:
    """The keys of the entries that the project's comparison names, and the names of runs gone."""
    keys: dict[str, str] = {}
    for run in cache.runs(project):
        key = comparison.hash_without_seed(run.spec)
        if key in by_key:
            keys[run.id] = key
    ids = project.settings.compared
    if ids is None:
        return _default(project, by_key), []
    missing = [i for i in ids if i not in keys]
    gone = []
    if missing:
        names = {r.id: r.name for r in store.runs(project.name, with_deleted=True)}
        gone = [names.get(i, "A run") for i in missing]
    kept = list(dict.fromkeys(keys[i] for i in ids if i in keys))
    if not kept:
        return _default(project, by_key), gone
    return kept, gone


def _default(project: Project, by_key: dict[str, Entry]) -> list[str]:
    """The newest baseline, or another run that is no network, and the newest network."""
    settings = project.settings
    present = [k for k, entry in by_key.items() if entry.runs[0].is_of(settings)]
    present += [k for k in by_key if k not in present]
    role = {k: describe(by_key[k].runs[0].kind).role for k in present}
    baseline = next((k for k in present if role[k] == "baseline"), None)
    baseline = baseline or next((k for k in present if role[k] != "network"), present[-1])
    rest = [k for k in present if k != baseline]
    return [baseline, next((k for k in rest if role[k] == "network"), rest[0])]
