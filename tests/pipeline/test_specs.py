import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import features, models
from pipeline.errors import BadSpec
from pipeline.specs import BlockSpec, FeatureSpec, ModelSpec, RunSpec, SplitSpec, flatten_spec

ROOT = Path(__file__).parents[2]

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
parameters = st.dictionaries(st.text(max_size=8), values, max_size=4)
blocks = st.builds(BlockSpec, st.text(), parameters)
run_specs = st.builds(
    RunSpec,
    st.text(),
    st.builds(SplitSpec, seed=st.integers()),
    st.builds(FeatureSpec, st.lists(blocks, min_size=1, max_size=3).map(tuple)),
    st.builds(ModelSpec, st.text(), parameters, st.integers()),
)


@given(run_specs)
def test_json_brings_back_an_equal_spec(spec: RunSpec) -> None:
    again = RunSpec.from_dict(json.loads(json.dumps(spec.to_dict())))
    assert again == spec
    assert again.key == spec.key
    assert hash(again) == hash(spec)


def test_tuples_survive_json_as_equal() -> None:
    spec = ModelSpec("mlp", {"hidden": (64, 32)})
    again = ModelSpec.from_dict(json.loads(json.dumps(spec.to_dict())))
    assert again == spec
    assert {again, spec} == {spec}


def test_any_change_changes_the_key() -> None:
    specs = [
        RunSpec("d"),
        RunSpec("e"),
        RunSpec("d", SplitSpec(seed=1)),
        RunSpec("d", SplitSpec(0.6, 0.2, 0.2)),
        RunSpec("d", features=FeatureSpec((BlockSpec("grams"), BlockSpec("grams")))),
        RunSpec("d", features=FeatureSpec((BlockSpec("grams", {"bits": 19}),))),
        RunSpec("d", model=ModelSpec("mlp")),
        RunSpec("d", model=ModelSpec(seed=1)),
        RunSpec("d", model=ModelSpec(parameters={"C": 1.0})),
    ]
    assert len({s.key for s in specs}) == len(specs)
    assert len(set(specs)) == len(specs)


def test_two_kinds_of_spec_never_share_a_key() -> None:
    assert BlockSpec("grams").key != ModelSpec("grams").key


def test_the_key_of_the_default_spec_is_the_same_everywhere() -> None:
    # if this changes, runs and cached features of existing workspaces are no longer recognised
    assert RunSpec("0" * 16).key == "c97e6cd3ffe0ce6b"


def test_the_key_does_not_depend_on_the_hash_seed() -> None:
    code = "from pipeline.specs import RunSpec; print(RunSpec('d').key)"
    keys = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert keys == {RunSpec("d").key.encode() + b"\n"}


def test_defaults_written_out_are_the_same_work() -> None:
    assert models.complete(ModelSpec()) == models.complete(ModelSpec("logistic", {"C": None}))
    bare, said = ModelSpec("mlp"), ModelSpec("mlp", {"hidden": (64,), "l2": 0})
    assert models.complete(bare).key == models.complete(said).key
    grams = FeatureSpec((BlockSpec("grams", {"lengths": [1, 2, 4]}), BlockSpec("headers")))
    assert features.complete(FeatureSpec()) == features.complete(grams)


@pytest.mark.parametrize(
    "make",
    [
        lambda: SplitSpec(train=0.9),
        lambda: SplitSpec(0.99, 0.005, 0.005),
        lambda: SplitSpec(1.2, -0.1, -0.1),
        lambda: SplitSpec(train=float("nan")),
        lambda: SplitSpec(validation=float("nan")),
        lambda: SplitSpec(seed=0.5),  # type: ignore[arg-type]
        lambda: SplitSpec(strategy="random"),
        lambda: SplitSpec(strategy="column"),
        lambda: SplitSpec(strategy="column", column=""),
        lambda: FeatureSpec(()),
        lambda: SplitSpec.from_dict({"share": 1}),
        lambda: RunSpec.from_dict({"dataset": "d", "split": {"sead": 1}}),
        lambda: FeatureSpec.from_dict({"blocks": [{"kind": "grams", "n": 1}]}),
        lambda: models.build(ModelSpec("forest")),
        lambda: models.build(ModelSpec("logistic", {"c": 1})),
        lambda: models.build(ModelSpec("logistic", {"seed": 1})),
        lambda: models.build(ModelSpec("mlp", {"layers": []})),
        lambda: features.build(FeatureSpec((BlockSpec("nose"),))),
        lambda: features.build(FeatureSpec((BlockSpec("grams", {"buckets": []}),))),
    ],
)
def test_a_bad_value_is_refused_with_what_was_expected(make) -> None:
    with pytest.raises(BadSpec, match=r"(?s)expected .+ received .+\.$"):
        make()


def test_flatten_names_every_value_once() -> None:
    flat = flatten_spec(RunSpec("d", model=ModelSpec("mlp", {"hidden": (64, 32)})))
    assert flat["dataset"] == "d"
    assert flat["split.train"] == "0.7"
    assert flat["split.column"] == "null"
    assert flat["features.blocks.0.kind"] == "grams"
    assert flat["model.parameters.hidden"] == "[64, 32]"
    assert all(isinstance(v, str) for v in flat.values())


@given(run_specs)
def test_flatten_gives_text_for_any_spec(spec: RunSpec) -> None:
    assert all(isinstance(k, str) and isinstance(v, str) for k, v in flatten_spec(spec).items())
