from pathlib import Path

import numpy as np
import pytest

from pipeline.mail.dataset import Dataset
from pipeline.specs import BlockSpec, FeatureSpec, SplitSpec
from pipeline.splits import make_split
from pipeline.training.prepare import FEATURE_SETS_KEPT, prepare_features
from tests.mails import dataset

SMALL = FeatureSpec((BlockSpec("grams", {"bits": 12, "lengths": [3]}),))


def equal(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a)


@pytest.mark.parametrize("name", ["state.safetensors", "train.npz", "validation.npz"])
@pytest.mark.parametrize("damage", [lambda f: f.unlink(), lambda f: f.write_bytes(b"damaged")])
def test_damaged_features_are_computed_anew(tmp_path: Path, name: str, damage) -> None:
    data = dataset()
    split = make_split(data, SplitSpec())
    before = prepare_features(data, split, SMALL, tmp_path)
    (kept,) = tmp_path.iterdir()
    damage(kept / name)
    after = prepare_features(data, split, SMALL, tmp_path)
    assert (before.X_train != after.X_train).nnz == 0
    assert (before.X_validation != after.X_validation).nnz == 0
    assert len(list(tmp_path.iterdir())) == 1


def test_only_the_latest_feature_sets_are_kept(tmp_path: Path) -> None:
    data = dataset()
    for bits in range(8, 14):
        spec = FeatureSpec((BlockSpec("grams", {"bits": bits}),))
        prepare_features(data, make_split(data, SplitSpec()), spec, tmp_path)
    assert len(list(tmp_path.iterdir())) == FEATURE_SETS_KEPT


def test_a_full_disk_costs_the_cache_and_not_the_result(tmp_path: Path, monkeypatch) -> None:
    from safetensors import SafetensorError

    data = dataset()
    for error in (OSError(28, "No space left on device"), SafetensorError("I/O error")):

        def full(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr("safetensors.numpy.save_file", full)
        assert prepare_features(data, make_split(data, SplitSpec()), SMALL, tmp_path).X_train.nnz
        assert not list(tmp_path.iterdir())


def test_labels_of_the_rest_never_touch_the_features() -> None:
    data = dataset()
    split = make_split(data, SplitSpec())
    honest = prepare_features(data, split, SMALL)
    frame = data.frame.copy()
    rest = ~frame["id"].isin(split.train)
    frame.loc[rest, "label"] = frame.loc[rest, "label"].map({"ham": "spam", "spam": "ham"})
    frame.loc[frame["id"].isin(split.test), ["subject", "body"]] = "poison"
    poisoned = prepare_features(Dataset("small", frame), split, SMALL)
    assert equal(honest.features.state(), poisoned.features.state())
    assert (honest.X_train != poisoned.X_train).nnz == 0
    assert np.array_equal(honest.y_train, poisoned.y_train)
