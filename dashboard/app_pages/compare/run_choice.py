"""Which runs to compare; kept with the project. Runs that differ in the seed only are one entry."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import cache, state
from dashboard.components import widgets
from pipeline import comparison
from pipeline.comparison import CommonMails, JudgedRun
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.models import MODELS
from pipeline.project import Project
from pipeline.runs import store
from pipeline.runs.store import Run
from pipeline.specs import ModelSpec

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
        return tuple((run.id, point) for run, point in zip(self.runs, self.points, strict=True))

    @property
    def has_band(self) -> bool:
        """Whether any seed calls some mails unsure."""
        return any(point.has_band for point in self.points)

    def judge(self, shared: CommonMails) -> list[JudgedRun]:
        """The evaluation of each seed on the mails that all compared runs have."""
        return [JudgedRun(shared.evaluations[run_id], point) for run_id, point in self.judged]

    def median_seed(self, shared: CommonMails) -> int:
        """The position of the seed with the median F1, whose decisions and ranks are shown."""
        return comparison.pick_median_run(self.judge(shared))


def group_runs(project: Project, runs: Sequence[Run]) -> list[Entry]:
    """The runs as entries: those that differ in the seed only are one."""
    by_id = {run.id: run for run in runs}
    entries = []
    for ids in comparison.group_by_seed({run.id: run.spec for run in runs}).values():
        seeds = tuple(by_id[run_id] for run_id in ids)
        name = seeds[0].name if len(seeds) == 1 else f"{seeds[-1].name} ×{len(seeds)}"
        points = tuple(cache.operating_point(project, run) for run in seeds)
        entries.append(Entry(name, seeds, points))
    return entries


def choose_entries(project: Project, entries: Sequence[Entry]) -> list[Entry]:
    """Let the user choose a baseline and the runs to compare with it; kept with the project."""
    by_key = {comparison.hash_without_seed(entry.runs[0].spec): entry for entry in entries}
    chosen, gone = _read_choice(project, by_key)
    if gone:
        names = widgets.escape_markdown(", ".join(gone))
        verbs = ("was", "is") if len(gone) == 1 else ("were", "are")
        st.warning(
            f"{names} {verbs[0]} deleted since this comparison was made, and {verbs[1]} left out.",
            icon=":material/delete:",
        )
    first = state.Field[str](f"compare_first_{project.name}")
    others = state.Field[list[str]](f"compare_others_{project.name}")
    # the project's choice wins, also when another tab changed it
    first.fill(chosen[0])
    others.fill(chosen[1:])

    def keep() -> None:
        keys = [first.value, *(k for k in others.value if k != first.value)]
        project.change(compared=[by_key[k].runs[0].id for k in keys])

    def name_entry(key: str) -> str:
        entry = by_key[key]
        is_current = all(run.is_of(project.settings) for run in entry.runs)
        return _describe_entry(entry) + ("" if is_current else " · earlier mails or split")

    left, right = st.columns([1, 2])
    left.selectbox("Baseline", list(by_key), key=first.key, format_func=name_entry, on_change=keep)
    right.multiselect(
        "Compare with",
        [k for k in by_key if k != chosen[0]],
        key=others.key,
        format_func=name_entry,
        on_change=keep,
        max_selections=MOST,
        placeholder="Choose runs",
    )
    return [by_key[k] for k in chosen]


def _describe_entry(entry: Entry) -> str:
    return widgets.describe_run(entry.runs[0]) if len(entry.runs) == 1 else f"{entry.name} seeds"


def _read_choice(project: Project, by_key: dict[str, Entry]) -> tuple[list[str], list[str]]:
    """The keys of the entries that the project's comparison names, and the names of runs gone."""
    keys: dict[str, str] = {}
    for run in cache.runs(project):
        key = comparison.hash_without_seed(run.spec)
        if key in by_key:
            keys[run.id] = key
    ids = project.settings.compared
    if ids is None:
        return _choose_defaults(project, by_key), []
    missing = [i for i in ids if i not in keys]
    gone = []
    if missing:
        names = {r.id: r.name for r in store.list_runs(project.name, with_deleted=True)}
        gone = [names.get(i, "A run") for i in missing]
    kept = list(dict.fromkeys(keys[i] for i in ids if i in keys))
    if not kept:
        return _choose_defaults(project, by_key), gone
    return kept, gone


def _choose_defaults(project: Project, by_key: dict[str, Entry]) -> list[str]:
    """The newest run of the default model, or of another baseline, and the newest network."""
    settings = project.settings
    present = [k for k, entry in by_key.items() if entry.runs[0].is_of(settings)]
    present += [k for k in by_key if k not in present]
    kind = {k: by_key[k].runs[0].kind for k in present}
    role = {k: MODELS.describe(kind[k]).role for k in present}
    others = [k for k in present if role[k] != "network"] or present[-1:]
    baseline = min(others, key=lambda k: (role[k] != "baseline", kind[k] != ModelSpec.kind))
    rest = [k for k in present if k != baseline]
    return [baseline, next((k for k in rest if role[k] == "network"), rest[0])]
