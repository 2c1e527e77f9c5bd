"""What was asked for differently: the entries in which specs differ, and runs of one spec."""

import dataclasses
from collections.abc import Mapping

import pandas as pd

from pipeline.specs import RunSpec, flatten

ABSENT = "(none)"
SEED = "model.seed"


def changes(specs: Mapping[str, RunSpec], *, seeds: bool = True) -> pd.DataFrame:
    """Index parameter, a column a run: only the entries that are not the same in all runs.

    Settings that only one kind of model has come with it and are left out; so are those of a
    feature block when the runs do not have the same blocks.

    Args:
        seeds: False to leave out the seed, for runs that were made with several.
    """
    table = pd.DataFrame({name: _entries(spec) for name, spec in specs.items()})
    if len({spec.model.kind for spec in specs.values()}) > 1:
        own = table.index.str.startswith("model.parameters.") & table.isna().any(axis=1)
        table = table[~own]
    if not seeds:
        table = table.drop(index=SEED)
    table = table.fillna(ABSENT)
    return table[table.nunique(axis=1) > 1].sort_index().rename_axis("parameter")


def _entries(spec: RunSpec) -> dict[str, str]:
    """Flat, with feature blocks by their kind: as a list, one more in front would move them all."""
    flat = {k: v for k, v in flatten(spec).items() if not k.startswith("features.blocks.")}
    flat["features.blocks"] = ", ".join(block.kind for block in spec.features.blocks)
    for block in spec.features.blocks:
        for name, value in flatten(block).items():
            if name != "kind":
                flat[f"features.{block.kind}.{name.removeprefix('parameters.')}"] = value
    return flat


def things_changed(table: pd.DataFrame) -> list[str]:
    """The names of what differs in `changes`, one for all that belongs together.

    Other mails or another way to divide them are one thing each, and so are other feature blocks
    with all their parameters.
    """
    found = []
    new_blocks = "features.blocks" in table.index
    for name in table.index:
        if name.startswith("split."):
            name = "split"
        elif new_blocks and name.startswith("features."):
            name = "features.blocks"
        if name not in found:
            found.append(name)
    return found


def groups(specs: Mapping[str, RunSpec]) -> dict[str, list[str]]:
    """The ids of runs that differ in nothing but the seed, by what they share.

    Of several runs with one seed, which have equal results, only the first is kept. Groups and ids
    are in the order given.
    """
    found: dict[str, dict[int, str]] = {}
    for run_id, spec in specs.items():
        found.setdefault(without_seed(spec), {}).setdefault(spec.model.seed, run_id)
    return {key: list(by_seed.values()) for key, by_seed in found.items()}


def without_seed(spec: RunSpec) -> str:
    """16 hex digits that are equal exactly when the specs are, whatever the seed of the model."""
    return dataclasses.replace(spec, model=dataclasses.replace(spec.model, seed=0)).key
