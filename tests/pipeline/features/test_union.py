"""Blocks side by side: where each one's columns are, what they mean, and what scoring imports."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from pipeline.features import FEATURES, build
from pipeline.features.union import Features
from pipeline.mail.dataset import RAW
from pipeline.specs import BlockSpec, FeatureSpec
from tests.mails import raw_mails

TRAIN, OTHER = raw_mails(60, seed=1), raw_mails(30, seed=2)
LABELS = [int(label == "spam") for label in TRAIN["label"]]
ALL = FeatureSpec(tuple(BlockSpec(kind) for kind in FEATURES))


@pytest.fixture(scope="module", params=["raw", "not raw"])
def fitted(request: pytest.FixtureRequest) -> Features:
    train = TRAIN if request.param == "raw" else TRAIN.drop(columns=list(RAW))
    return build(ALL).fit(train, LABELS)


def test_the_spans_divide_the_columns(fitted: Features) -> None:
    spans = fitted.list_column_ranges()
    assert [(i, kind) for i, kind, _, _ in spans] == list(enumerate(FEATURES))
    assert [start for _, _, start, _ in spans] == [0, *(end for _, _, _, end in spans[:-1])]
    assert spans[-1][3] == fitted.width
    X = fitted.transform(OTHER)
    assert X.shape == (len(OTHER), fitted.width)
    for position, _, start, end in spans:
        alone = fitted.blocks[position][1].transform(OTHER)
        assert (X[:, start:end] != alone).nnz == 0


def test_columns_of_any_block_are_described_in_any_order(fitted: Features) -> None:
    spans = fitted.list_column_ranges()
    names = fitted.describe(np.arange(fitted.width), TRAIN)
    for position, _, start, end in spans:
        block = fitted.blocks[position][1]
        assert names[start:end] == block.describe(np.arange(end - start), TRAIN)
    some = np.random.default_rng(0).permutation(fitted.width)[:50]
    assert fitted.describe(some, TRAIN) == [names[i] for i in some]
    assert fitted.describe(np.array([], int), TRAIN) == []


def test_a_block_without_columns_stands_beside_others() -> None:
    spec = FeatureSpec((BlockSpec("headers"), BlockSpec("links"), BlockSpec("headers")))
    train = TRAIN.drop(columns=list(RAW))
    fitted = build(spec)
    X = fitted.fit_transform(train, LABELS)
    assert X.shape == (len(train), 8)
    assert [(start, end) for _, _, start, end in fitted.list_column_ranges()] == [
        (0, 0),
        (0, 8),
        (8, 8),
    ]
    content = save({k: np.ascontiguousarray(v) for k, v in fitted.state().items()})
    assert (build(spec).restore(load(content)).transform(train) != X).nnz == 0
    alone = build(FeatureSpec((BlockSpec("headers"),)))
    assert alone.fit_transform(train, LABELS).shape == (len(train), 0)


def test_scoring_with_every_block_does_not_import_scikit_learn(tmp_path: Path) -> None:
    fitted = build(ALL).fit(TRAIN, LABELS)
    (tmp_path / "state").write_bytes(save(fitted.state()))
    OTHER.to_parquet(tmp_path / "mails")
    code = """
import sys
from pathlib import Path
from pipeline.features import FEATURES, build
from pipeline.specs import BlockSpec, FeatureSpec
early = {"sklearn", "selectolax", "tldextract"} & set(sys.modules)
import pandas as pd
from safetensors.numpy import load
folder = Path(sys.argv[1])
spec = FeatureSpec(tuple(BlockSpec(kind) for kind in FEATURES))
fitted = build(spec).restore(load((folder / "state").read_bytes()))
assert fitted.transform(pd.read_parquet(folder / "mails")).nnz
print(sorted(early), "sklearn" in sys.modules)
"""
    result = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )
    assert result.stdout == "[] False\n", result.stderr
