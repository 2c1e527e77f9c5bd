"""Lists in which entries specs differ, and groups runs that differ only in the seed."""

import dataclasses
from collections.abc import Mapping

import pandas as pd

from pipeline.specs import RunSpec, flatten_spec

ABSENT = "(none)"
SEED = "model.seed"


def tabulate_changes(specs: Mapping[str, RunSpec], *, seeds: bool = True) -> pd.DataFrame:
    """Tabulate the entries that differ between runs: index parameter, one column per run.

    Leaves out settings that only one kind of model has, and those of feature blocks that not all
    runs have, because they follow from the kind and the blocks.

    Args:
        specs: by the name of the run.
        seeds: False to leave out the seed, for runs that were made with several.
    """
    table = pd.DataFrame({name: _flatten_spec(spec) for name, spec in specs.items()})
    if len({spec.model.kind for spec in specs.values()}) > 1:
        own = table.index.str.startswith("model.parameters.") & table.isna().any(axis=1)
        table = table[~own]
    if not seeds:
        table = table.drop(index=SEED)
    table = table.fillna(ABSENT)
    return table[table.nunique(axis=1) > 1].sort_index().rename_axis("parameter")


def _flatten_spec(spec: RunSpec) -> dict[str, str]:
    """Flatten a spec, with feature blocks by kind: in a list, one more in front moves them all."""
    flat = {k: v for k, v in flatten_spec(spec).items() if not k.startswith("features.blocks.")}
    flat["features.blocks"] = ", ".join(block.kind for block in spec.features.blocks)
    for block in spec.features.blocks:
        for name, value in flatten_spec(block).items():
            if name != "kind":
                flat[f"features.{block.kind}.{name.removeprefix('parameters.')}"] = value
    return flat


def summarize_changes(table: pd.DataFrame) -> list[str]:
    """Name the changes in a table of `tabulate_changes`, once for entries that belong together.

    Different mails, a different split, and different feature blocks with all their parameters count
    as one change each.
    """
    names = []
    new_blocks = "features.blocks" in table.index
    for name in table.index:
        if name.startswith("split."):
            name = "split"
        elif new_blocks and name.startswith("features."):
            name = "features.blocks"
        if name not in names:
            names.append(name)
    return names


def group_by_seed(specs: Mapping[str, RunSpec]) -> dict[str, list[str]]:
    """Group the ids of runs that differ only in the seed, by `hash_without_seed`.

    Of several runs with the same seed, which have equal results, only the first is kept. Groups and
    ids are in the given order.
    """
    groups: dict[str, dict[int, str]] = {}
    for run_id, spec in specs.items():
        groups.setdefault(hash_without_seed(spec), {}).setdefault(spec.model.seed, run_id)
    return {key: list(by_seed.values()) for key, by_seed in groups.items()}


def hash_without_seed(spec: RunSpec) -> str:
    """Hash a spec, whatever the seed of its model, to 16 hex digits."""
    return dataclasses.replace(spec, model=dataclasses.replace(spec.model, seed=0)).key
