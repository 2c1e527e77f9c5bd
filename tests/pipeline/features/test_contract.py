"""What every feature block promises; a new block is tested by being in FEATURES."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from pipeline.features import FEATURES, _block, build, complete, defaults
from pipeline.features.block import Block
from pipeline.specs import BlockSpec, FeatureSpec
from tests.mails import mails

TRAIN, OTHER = mails(60, seed=1), mails(30, seed=2)
LABELS = [int(label == "spam") for label in TRAIN["label"]]
STRANGE = {
    "empty": "",
    "one char": "a",
    "NUL": "\0" * 50,
    "right to left": "\u202eمرحبا بالعالم\u202c",
    "emoji": "👩‍👩‍👧‍👦💌" * 20,
    "1 MB word": "x" * 1_000_000,
    "whitespace": " \t\r\n\u3000 " * 100,
    "known": TRAIN["body"][0],
}


@pytest.fixture(params=FEATURES)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def block(kind: str) -> Block:
    return _block(BlockSpec(kind))


def same(a: csr_matrix, b: csr_matrix) -> bool:
    return a.shape == b.shape and (a != b).nnz == 0


def proper(matrix: csr_matrix, rows: int) -> None:
    assert matrix.format == "csr"
    assert matrix.dtype == np.float32
    assert matrix.shape[0] == rows
    assert np.isfinite(matrix.data).all()
    matrix.check_format(full_check=True)


def test_mails_become_a_finite_float32_csr_matrix(block: Block) -> None:
    block.fit(TRAIN, LABELS)
    train, other = block.transform(TRAIN), block.transform(OTHER)
    proper(train, len(TRAIN))
    proper(other, len(OTHER))
    assert train.shape[1] == other.shape[1] > 0
    assert train.nnz > 0
    assert other.nnz > 0
    proper(block.transform(OTHER.iloc[:0]), 0)


def test_each_mail_is_transformed_by_itself(block: Block) -> None:
    block.fit(TRAIN, LABELS)
    whole = block.transform(OTHER)
    turned = block.transform(OTHER.iloc[::-1])
    assert same(turned[::-1], whole)
    assert same(block.transform(OTHER.iloc[3:4]), whole[3:4])


def test_only_what_fit_saw_is_learnt(block: Block) -> None:
    before = {k: v.copy() for k, v in block.fit(TRAIN, LABELS).state().items()}
    poisoned = OTHER.assign(subject="poison", body="poison " * 500)
    clean = block.transform(OTHER)
    block.transform(poisoned)
    assert same(block.transform(OTHER), clean)
    after = block.state()
    assert all(np.array_equal(before[k], after[k]) for k in before)


def test_fit_forgets_what_an_earlier_fit_saw(block: Block, kind: str) -> None:
    block.fit(OTHER, [0] * len(OTHER)).fit(TRAIN, LABELS)
    fresh = _block(BlockSpec(kind)).fit(TRAIN, LABELS)
    assert same(block.transform(OTHER), fresh.transform(OTHER))


def test_fitting_twice_gives_the_same(block: Block, kind: str) -> None:
    again = _block(BlockSpec(kind)).fit(TRAIN.copy(), list(LABELS))
    block.fit(TRAIN, LABELS)
    assert same(block.transform(OTHER), again.transform(OTHER))


def test_the_state_goes_through_a_file_without_pickle(block: Block, kind: str) -> None:
    expected = block.fit(TRAIN, LABELS).transform(OTHER)
    content = save({k: np.ascontiguousarray(v) for k, v in block.state().items()})
    restored = _block(BlockSpec(kind, block.parameters())).restore(load(content))
    assert same(restored.transform(OTHER), expected)


def test_a_missing_array_is_a_key_error(block: Block, kind: str) -> None:
    state = block.fit(TRAIN, LABELS).state()
    for name in state:
        rest = {k: v for k, v in state.items() if k != name}
        with pytest.raises(KeyError):
            _block(BlockSpec(kind)).restore(rest)


def test_defaults_are_json_and_build_the_same_block(kind: str) -> None:
    spec = FeatureSpec((BlockSpec(kind),))
    assert complete(spec).blocks[0].parameters == defaults(kind)
    assert complete(complete(spec)) == complete(spec)
    assert complete(FeatureSpec.from_dict(complete(spec).to_dict())) == complete(spec)


def test_it_works_in_a_scikit_learn_pipeline_and_can_be_cloned(kind: str) -> None:
    pipe = make_pipeline(build(FeatureSpec((BlockSpec(kind),))), LogisticRegression(C=100))
    pipe.fit(TRAIN, LABELS)
    assert pipe.score(TRAIN, LABELS) > 0.9
    copy = clone(pipe)
    expected = pipe.predict_proba(OTHER)
    copy.fit(OTHER, [int(label == "ham") for label in OTHER["label"]])  # must not touch `pipe`
    assert np.array_equal(pipe.predict_proba(OTHER), expected)
    copy.fit(TRAIN, LABELS)
    assert np.allclose(copy.predict_proba(OTHER), expected, atol=1e-8)


def test_a_clone_keeps_parameters_and_forgets_what_was_learnt(kind: str) -> None:
    fitted = build(FeatureSpec((BlockSpec(kind),))).fit(TRAIN, LABELS)
    copy = clone(fitted)
    ((name, block),) = copy.blocks
    assert (name, block.parameters()) == (kind, defaults(kind))
    with pytest.raises(AssertionError):
        copy.transform(OTHER)


def test_two_blocks_stand_side_by_side(kind: str) -> None:
    alone = build(FeatureSpec((BlockSpec(kind),))).fit(TRAIN, LABELS).transform(OTHER)
    twice = build(FeatureSpec((BlockSpec(kind), BlockSpec("grams", {"bits": 10}))))
    both = twice.fit_transform(TRAIN, LABELS)
    proper(both, len(TRAIN))
    beside = twice.transform(OTHER)
    proper(beside, len(OTHER))
    assert both.shape[1] == beside.shape[1] > alone.shape[1]
    assert same(beside[:, : alone.shape[1]], alone)
    content = save(twice.state())
    restored = build(FeatureSpec((BlockSpec(kind), BlockSpec("grams", {"bits": 10}))))
    assert same(restored.restore(load(content)).transform(OTHER), beside)


@pytest.mark.parametrize("name", STRANGE)
def test_strange_mails_stay_finite(block: Block, name: str) -> None:
    strange = OTHER.iloc[:2].assign(subject=["", STRANGE[name]], body=[STRANGE[name], ""])
    both = pd.concat([TRAIN, strange], ignore_index=True)
    proper(block.fit(TRAIN, LABELS).transform(strange), 2)
    proper(block.fit(both, [*LABELS, 0, 1]).transform(both), 62)


def test_train_mails_that_are_all_empty_do_not_break_it(block: Block) -> None:
    empty = TRAIN.assign(subject="", body="")
    proper(block.fit(empty, LABELS).transform(OTHER), len(OTHER))


FITTED = {kind: _block(BlockSpec(kind)).fit(TRAIN, LABELS) for kind in FEATURES}


@settings(max_examples=30)
@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=4))
def test_any_text_stays_finite(texts: list[tuple[str, str]]) -> None:
    subjects, bodies = zip(*texts, strict=True)
    strange = pd.DataFrame({"subject": subjects, "body": bodies}, dtype=object)
    strange = strange.assign(sender=None, date=pd.NaT)
    for block in FITTED.values():
        proper(block.transform(strange), len(texts))
