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

from pipeline.errors import BadSpec
from pipeline.features import FEATURES, build, build_block, complete
from pipeline.features.block import Block
from pipeline.mail.dataset import RAW, Dataset
from pipeline.parameters import list_parameters
from pipeline.specs import BlockSpec, FeatureSpec, SplitSpec
from pipeline.splits import make_split
from pipeline.training.prepare import prepare_features
from tests.mails import raw_mails
from tests.wrong_values import wrong_values

TRAIN, OTHER = raw_mails(60, seed=1), raw_mails(30, seed=2)
LABELS = [int(label == "spam") for label in TRAIN["label"]]
STRANGE = {
    "empty": "",
    "one char": "a",
    "NUL": "\0" * 50,
    "right to left": "\u202eمرحبا بالعالم\u202c",
    "zero width": "v\u200bi\u200da\ufeffgra\u00ad" * 50,
    "half characters": "\ud800 a\udfffb \ud83d" * 20,
    "mixed scripts": "vi\u0430gr\u03b1 \U0001d4ff" * 20,
    "emoji": "👩‍👩‍👧‍👦💌" * 20,
    "punctuation": "!<>&;\"'(" * 500,
    "addresses": "http://[::1 https://@:80 //\ud800 www.. mailto: <a href='http://\0%'>x.y</a> "
    * 9,
    "10 MB word": "x" * 10_000_000,
    "whitespace": " \t\r\n\u3000 " * 100,
    "known": TRAIN["body"][0],
}


@pytest.fixture(params=FEATURES)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def block(kind: str) -> Block:
    return build_block(BlockSpec(kind))


def same(a: csr_matrix, b: csr_matrix) -> bool:
    return a.shape == b.shape and (a != b).nnz == 0


def proper(matrix: csr_matrix, rows: int) -> None:
    assert matrix.format == "csr"
    assert matrix.dtype == np.float32
    assert matrix.shape[0] == rows
    assert np.isfinite(matrix.data).all()
    assert (matrix.data >= 0).all()  # complement naive Bayes runs on them
    matrix.check_format(full_check=True)


def test_mails_become_a_finite_float32_csr_matrix(block: Block) -> None:
    block.fit(TRAIN, LABELS)
    train, other = block.transform(TRAIN), block.transform(OTHER)
    proper(train, len(TRAIN))
    proper(other, len(OTHER))
    assert train.shape[1] == other.shape[1] == block.width > 0
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
    poisoned = OTHER.assign(
        subject="poison", body="poison " * 500, sender="p@poison.example", headers="From: poison"
    )
    clean = block.transform(OTHER)
    block.transform(poisoned)
    assert same(block.transform(OTHER), clean)
    after = block.state()
    assert all(np.array_equal(before[k], after[k]) for k in before)


def test_fit_forgets_what_an_earlier_fit_saw(block: Block, kind: str) -> None:
    block.fit(OTHER, [0] * len(OTHER)).fit(TRAIN, LABELS)
    fresh = build_block(BlockSpec(kind)).fit(TRAIN, LABELS)
    assert same(block.transform(OTHER), fresh.transform(OTHER))


def test_fitting_twice_gives_the_same(block: Block, kind: str) -> None:
    again = build_block(BlockSpec(kind)).fit(TRAIN.copy(), list(LABELS))
    block.fit(TRAIN, LABELS)
    assert same(block.transform(OTHER), again.transform(OTHER))


def test_the_state_goes_through_a_file_without_pickle(block: Block, kind: str) -> None:
    expected = block.fit(TRAIN, LABELS).transform(OTHER)
    content = save({k: np.ascontiguousarray(v) for k, v in block.state().items()})
    restored = build_block(BlockSpec(kind, block.parameters())).restore(load(content))
    assert same(restored.transform(OTHER), expected)


def test_a_missing_array_is_a_key_error(block: Block, kind: str) -> None:
    state = block.fit(TRAIN, LABELS).state()
    for name in state:
        rest = {k: v for k, v in state.items() if k != name}
        with pytest.raises(KeyError):
            build_block(BlockSpec(kind)).restore(rest)


def test_defaults_are_json_and_build_the_same_block(kind: str) -> None:
    spec = FeatureSpec((BlockSpec(kind),))
    assert complete(spec).blocks[0].parameters == FEATURES.build(kind, {}).parameters()
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
    assert (name, block.parameters()) == (kind, FEATURES.build(kind, {}).parameters())
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


def test_mails_that_were_not_raw_work(block: Block, kind: str) -> None:
    train, other = TRAIN.drop(columns=list(RAW)), OTHER.drop(columns=list(RAW))
    proper(block.fit(train, LABELS).transform(other), len(other))
    assert block.transform(OTHER).shape[1] == block.width
    assert (block.width == 0) == block.needs_headers
    content = save({k: np.ascontiguousarray(v) for k, v in block.state().items()})
    restored = build_block(BlockSpec(kind, block.parameters())).restore(load(content))
    assert same(restored.transform(other), block.transform(other))
    # and those that were raw can be scored by features of others, and the other way round
    proper(block.fit(TRAIN, LABELS).transform(other), len(other))


def test_every_column_has_a_name_of_its_own(block: Block) -> None:
    block.fit(TRAIN, LABELS)
    names = block.describe(np.arange(block.width), TRAIN)
    assert len(names) == block.width
    assert all(isinstance(name, str) and name.strip() for name in names)
    some = np.array([block.width - 1, 0])
    assert block.describe(some, TRAIN) == [names[-1], names[0]]
    assert block.describe(some[:0], TRAIN) == []


def test_scale_is_the_unit(kind: str) -> None:
    once = build_block(BlockSpec(kind)).fit(TRAIN, LABELS).transform(OTHER)
    scale = 3 * FEATURES.build(kind, {}).parameters()["scale"]
    thrice = build_block(BlockSpec(kind, {"scale": scale})).fit(TRAIN, LABELS).transform(OTHER)
    assert abs(thrice - 3 * once).max() < 1e-5
    assert (
        once.power(2).sum(axis=1).max()
        < 4 * FEATURES.build(kind, {}).parameters()["scale"] ** 2 + 1e-6
    )


def test_mails_outside_train_change_nothing_in_train(kind: str) -> None:
    data = Dataset("clean", raw_mails(120))
    split, spec = make_split(data, SplitSpec()), FeatureSpec((BlockSpec(kind),))
    outside = ~data.frame["id"].isin(split.train)
    frame = data.frame.copy()
    for column in ("subject", "body", "sender", *RAW):
        frame.loc[outside, column] = "from: poison <p@poison.example> http://poison.example"
    clean = prepare_features(data, split, spec)
    poisoned = prepare_features(Dataset("poisoned", frame), split, spec)
    assert same(clean.X_train, poisoned.X_train)
    before, after = clean.features.state(), poisoned.features.state()
    assert before.keys() == after.keys()
    assert all(np.array_equal(before[k], after[k]) for k in before)


def hostile(texts: dict[str, str]) -> pd.DataFrame:
    """One mail with these texts, "" where there is none."""
    columns = ("subject", "body", "sender", *RAW)
    mail = {name: [texts.get(name, "")] for name in columns}
    return pd.DataFrame(mail, dtype=object).assign(date=pd.NaT)


@pytest.mark.parametrize("name", STRANGE)
def test_strange_mails_stay_finite(block: Block, name: str) -> None:
    text = STRANGE[name]
    strange = pd.concat(
        [
            hostile({"subject": text}),
            hostile({"body": text, "html": text}),
            hostile({"sender": text, "attachments": text}),
            hostile({"headers": "\n".join(f"{f}: {text}" for f in ("From", "Subject", "To"))}),
            hostile({"headers": text, "sender": f"{text} <a@{text}>"}),
        ],
        ignore_index=True,
    )
    both = pd.concat([TRAIN.astype(object), strange], ignore_index=True)
    proper(block.fit(TRAIN, LABELS).transform(strange), 5)
    proper(block.fit(both, [*LABELS, 0, 1, 0, 1, 1]).transform(both), 65)
    content = save({k: np.ascontiguousarray(v) for k, v in block.state().items()})
    restored = type(block)(**block.parameters()).restore(load(content))
    assert same(restored.transform(both), block.transform(both))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("unit", ["spam ", "<a href='http://a.example'>b.example</a>!\n", " "])
def test_a_mail_of_50_mb_takes_no_longer_than_what_is_read_of_it(block: Block, unit: str) -> None:
    text = unit * (50_000_000 // len(unit))
    huge = hostile(dict.fromkeys(("subject", "body", "sender", *RAW), text))
    proper(block.fit(TRAIN, LABELS).transform(huge), 1)


@pytest.mark.parametrize("mails", [0, 1, 2])
def test_few_train_mails_do_not_break_it(kind: str, mails: int) -> None:
    spec = FeatureSpec((BlockSpec(kind),))
    few = build(spec)
    proper(few.fit_transform(TRAIN.iloc[:mails], LABELS[:mails]), mails)
    proper(few.transform(OTHER), len(OTHER))


def test_train_mails_that_are_all_empty_do_not_break_it(block: Block) -> None:
    empty = TRAIN.assign(subject="", body="", sender=None, headers="", html="", attachments="")
    proper(block.fit(empty, LABELS).transform(OTHER), len(OTHER))


FITTED = {kind: build_block(BlockSpec(kind)).fit(TRAIN, LABELS) for kind in FEATURES}


@settings(max_examples=30)
@given(st.lists(st.tuples(*[st.text()] * 5), min_size=1, max_size=4))
def test_any_text_stays_finite(texts: list[tuple[str, ...]]) -> None:
    names = ["subject", "body", "sender", "headers", "html"]
    strange = pd.DataFrame(texts, columns=names, dtype=object).assign(date=pd.NaT)
    strange["headers"] = "From: " + strange["headers"]
    for block in FITTED.values():
        proper(block.transform(strange), len(texts))


SCALE = [{"scale": bad} for bad in (0, 101, -1.0, "1", None, True, float("nan"), float("inf"))]
BAD: dict[str, list[dict]] = {
    "grams": [
        *({"lengths": bad} for bad in ((), (0,), (9,), (-1,), (2, 2), (2.0,), 3, "23", None)),
        *({"bits": bad} for bad in (7, 23, 40, 20.0, True, None)),  # 2^40 buckets: 8 TB
        *({"first": bad} for bad in (99, 10_000_001, None)),
        *({"weight": bad} for bad in ("tf", None)),
        *({"idf": bad} for bad in (1, "yes")),
        *({"min_mails": bad} for bad in (0, 1001, 2.0, True)),
        *SCALE,
    ],
    "words": [
        *({"longest": bad} for bad in (0, 3, -1, True, 1.0, "1", None)),
        *({"min_mails": bad} for bad in (0, 1001, 2.0, True)),
        *({"top": bad} for bad in (9, 1_000_001, 100.0, None)),
        *({"first": bad} for bad in (99, 10_000_001, None)),
        *SCALE,
    ],
    "headers": [
        *({"left_out": bad} for bad in ("from", None, ("a b",), ("from:",), ("",), (1,), ("é",))),
        *({"min_mails": bad} for bad in (0, 1001, 2.0, True)),
        *SCALE,
    ],
    "links": SCALE,
    "shape": SCALE,
    "sender": [
        *({"smooth": bad} for bad in (0, 1001, "auto", None, True, float("nan"))),
        *SCALE,
    ],
}


BY_DECLARATION = {kind: wrong_values(list_parameters(FEATURES[kind])) for kind in FEATURES}
"""What the declarations say is wrong; those above are what a person would think of."""


def test_every_parameter_of_every_block_is_checked() -> None:
    for kind, cases in BY_DECLARATION.items():
        assert {name for bad in cases for name in bad} == set(FEATURES.build(kind, {}).parameters())
    for kind, cases in BAD.items():
        assert {name for bad in cases for name in bad} == set(FEATURES.build(kind, {}).parameters())


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (kind, bad)
        for some in (BAD, BY_DECLARATION)
        for kind, cases in some.items()
        for bad in cases
    ],
)
def test_a_bad_parameter_is_refused_by_name(kind: str, parameters: dict) -> None:
    (name,) = parameters
    with pytest.raises(BadSpec, match=rf"^{name}: expected .+, received .+\.$"):
        build(FeatureSpec((BlockSpec(kind, parameters),)))


def test_an_unknown_block_and_an_unknown_parameter_are_refused(kind: str) -> None:
    with pytest.raises(BadSpec, match=r"^feature block: expected one of .+, received 'nose'\.$"):
        build(FeatureSpec((BlockSpec("nose"),)))
    with pytest.raises(BadSpec, match=rf"^{kind}: expected only .+, received 'n'\.$"):
        build(FeatureSpec((BlockSpec(kind, {"n": 3}),)))
