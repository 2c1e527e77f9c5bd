import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load, save

from pipeline import features, models
from pipeline.errors import BadModel, BadSpec, SpamlabError
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.export.bundle import Bundle
from pipeline.mail.dataset import encode_labels
from pipeline.specs import BlockSpec, FeatureSpec, ModelSpec
from tests.mails import mails

ROOT = Path(__file__).parents[3]
TRAIN, OTHER = mails(80, seed=1), mails(40, seed=2)
FEATURES = FeatureSpec((BlockSpec("grams", {"bits": 12}),))
QUICK = {"logistic": {}, "mlp": {"hidden": [4, 3], "epochs": 2, "inputs": 64}}


def trained(kind: str) -> Bundle:
    fitted = features.build(FEATURES)
    train = (fitted.fit_transform(TRAIN), encode_labels(TRAIN["label"]))
    validation = (fitted.transform(OTHER), encode_labels(OTHER["label"]))
    spec = models.complete(ModelSpec(kind, QUICK.get(kind, {})))
    model = models.build(spec).fit(train, validation).calibrate(validation)
    return Bundle(
        fitted, model, features.complete(FEATURES), spec, OperatingPoint(0.4), {"name": "ü"}
    )


LOGISTIC = trained("logistic")
CONTENT = LOGISTIC.to_bytes()


def parts(content: bytes = CONTENT) -> tuple[dict, dict[str, np.ndarray]]:
    size = int.from_bytes(content[:8], "little")
    header = json.loads(json.loads(content[8 : 8 + size])["__metadata__"]["spamlab"])
    return header, load(content)


def packed(header: object, arrays: dict[str, np.ndarray]) -> bytes:
    return save(arrays, metadata={"spamlab": json.dumps(header)})


@pytest.mark.parametrize("kind", models.MODELS)
def test_a_file_gives_the_very_same_scores(kind: str, tmp_path: Path) -> None:
    bundle = trained(kind)
    bundle.save(tmp_path / "model.spamlab")
    loaded = Bundle.load(tmp_path / "model.spamlab")
    assert np.array_equal(loaded.score(OTHER), bundle.score(OTHER))
    assert loaded.point == OperatingPoint(0.4)
    assert loaded.about == {"name": "ü"}
    assert (loaded.model_spec, loaded.feature_spec) == (bundle.model_spec, bundle.feature_spec)
    # the order of the arrays in the file is safetensors' own, so only the parts are compared
    assert parts(loaded.to_bytes())[0] == parts(bundle.to_bytes())[0]


def test_labels_are_told_at_the_threshold() -> None:
    scores = np.array([0.39, 0.4, 0.41])
    assert LOGISTIC.point.call(scores).tolist() == ["ham", "spam", "spam"]
    banded = Bundle.from_bytes(LOGISTIC.at(OperatingPoint(0.41, 0.4)).to_bytes())
    assert banded.point.call(scores).tolist() == ["ham", "unsure", "spam"]


def test_others_can_read_the_arrays_and_the_header_with_safetensors(tmp_path: Path) -> None:
    LOGISTIC.save(tmp_path / "m.spamlab")
    with safe_open(tmp_path / "m.spamlab", "np") as file:
        assert json.loads(file.metadata()["spamlab"])["labels"] == {"0": "ham", "1": "spam"}
        assert "model.weights" in set(file.keys())


@pytest.mark.parametrize("length", range(32))
def test_a_model_of_any_header_length_is_read(length: int) -> None:
    # the file starts with that length; once in 32 its first byte is also that of a pickle
    header, arrays = parts()
    header["about"] = {"name": "x" * 8 * length}
    assert Bundle.from_bytes(packed(header, arrays)).about == header["about"]


class Bomb:
    def __reduce__(self):
        return os.system, ("touch exploded",)


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model.pkl", pickle.dumps(Bomb()))
    return file.getvalue()


@pytest.mark.parametrize(
    "content", [zipped(), *(pickle.dumps(Bomb(), protocol=n) for n in (2, 3, 4, 5))]
)
def test_a_pickle_or_zip_file_is_refused_and_not_opened(content, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "model.spamlab"
    path.write_bytes(content)
    with pytest.raises(BadModel, match=r"^model\.spamlab: .+ pickle or zip .+ never opened"):
        Bundle.load(path)
    assert not (tmp_path / "exploded").exists()


CUT = "model was expected, but the file is cut short or something else"


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 100, len(CONTENT) // 2, len(CONTENT) - 1])
def test_a_file_cut_short_is_refused(length: int) -> None:
    with pytest.raises(BadModel, match=CUT):
        Bundle.from_bytes(CONTENT[:length])


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(BadModel):
        Bundle.from_bytes(content)


@given(st.data())
def test_a_damaged_byte_is_refused_or_gives_scores(data) -> None:
    place = data.draw(st.integers(0, int.from_bytes(CONTENT[:8], "little") + 8))
    damaged = bytearray(CONTENT)
    damaged[place] = data.draw(st.integers(0, 255))
    try:
        bundle = Bundle.from_bytes(bytes(damaged))
    except SpamlabError:
        return
    assert bundle.score(OTHER).shape == (40,)


@pytest.mark.parametrize(
    "content",
    [
        b"0" * 100,
        b"id,label\n1,spam\n" * 20,
        save({"x": np.zeros(3)}),
        save({"x": np.zeros(3)}, metadata={"format": "pt"}),
        save({"x": np.zeros(3)}, metadata={"spamlab": "not json"}),
        save({"x": np.zeros(3)}, metadata={"spamlab": "[]"}),
        save({"x": np.zeros(3)}, metadata={"spamlab": "1"}),
        save({"x": np.zeros(3)}, metadata={"spamlab": "[" * 100_000}),
        (10**6).to_bytes(8, "little") + b"[" * 10**6,
        b"\xff" * 8 + b"{}",
    ],
    ids=[
        "zeros",
        "csv",
        "no header",
        "torch",
        "no json",
        "list",
        "number",
        "deep",
        "deeper",
        "huge",
    ],
)
def test_a_foreign_file_is_refused(content: bytes) -> None:
    with pytest.raises(BadModel, match=CUT):
        Bundle.from_bytes(content)


def test_another_format_is_refused_with_what_to_do() -> None:
    header, arrays = parts()
    for number in (1, 3, None, "2"):
        with pytest.raises(BadModel, match=rf"reads model format 2, received {number!r}; use the"):
            Bundle.from_bytes(packed({**header, "format": number}, arrays))


def test_an_unknown_block_or_model_is_named() -> None:
    header, arrays = parts()
    unknown = {"blocks": [{"kind": "nose", "parameters": {}}]}
    with pytest.raises(BadSpec, match=r"expected one of grams.*, received 'nose'"):
        Bundle.from_bytes(packed({**header, "features": unknown}, arrays))
    with pytest.raises(BadSpec, match=r"expected one of majority, .+, received 'forest'"):
        Bundle.from_bytes(packed({**header, "model": {"kind": "forest"}}, arrays))
    os_system = {"kind": "logistic", "parameters": {"__class__": "os.system"}}
    with pytest.raises(BadSpec, match="received '__class__'"):
        Bundle.from_bytes(packed({**header, "model": os_system}, arrays))


def swap(first: str, second: str):
    def change(header: dict, arrays: dict) -> None:
        arrays[first], arrays[second] = arrays[second], arrays[first]

    return change


def put(name: str, value: object):
    def change(header: dict, arrays: dict) -> None:
        arrays[name] = np.asarray(value)

    return change


def say(**values: object):
    def change(header: dict, arrays: dict) -> None:
        header.update(values)

    return change


@pytest.mark.parametrize(
    "change",
    [
        swap("features.0.grams.buckets", "features.0.grams.idf"),
        swap("model.weights", "model.bias"),
        lambda header, arrays: arrays.pop("model.weights"),
        lambda header, arrays: arrays.pop("features.0.grams.idf"),
        put("model.weights", np.zeros(3, np.float32)),
        put("model.bias", np.zeros(0)),
        put("model.bias", [np.nan]),
        put("model.weights", np.zeros((2, 2), np.float32)),
        lambda header, arrays: arrays.pop("model.calibration"),
        put("model.calibration", [1.0]),
        put("model.calibration", [1.0, np.nan]),
        put("model.calibration", [-1.0, 0.0]),
        put("features.0.grams.buckets", np.array([1 << 30], np.int32)),
        say(threshold=2),
        say(threshold=float("nan")),
        say(threshold=None),
        say(threshold="x"),
        say(features=[]),
        say(features={"blocks": 3}),
        say(model=None),
        say(about=None),
        say(about="text"),
        lambda header, arrays: header.pop("about"),
        lambda header, arrays: header.pop("model"),
        lambda header, arrays: header.pop("threshold"),
        lambda header, arrays: header.update(unsure_from=2),
    ],
)
def test_parts_that_do_not_fit_are_found_when_loading(change) -> None:
    header, arrays = parts()
    change(header, arrays)
    with pytest.raises(BadModel, match="its parts do not fit together"):
        Bundle.from_bytes(packed(header, arrays), "m.spamlab")


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match=r"cannot be read \(No such file or directory\)"):
        Bundle.load(tmp_path / "none.spamlab")
    with pytest.raises(BadModel, match=r"cannot be read \(Is a directory\)"):
        Bundle.load(tmp_path)


@pytest.mark.parametrize("kind", models.MODELS)
def test_scoring_imports_no_training(kind: str, tmp_path: Path) -> None:
    trained(kind).save(tmp_path / "m.spamlab")
    code = """
import sys, pandas as pd
from pathlib import Path
from pipeline.export.bundle import Bundle
bundle = Bundle.load(Path(sys.argv[1]))
mail = pd.DataFrame({"subject": ["casino"], "body": ["pills"], "sender": [None], "date": [None]})
assert 0 <= bundle.score(mail)[0] <= 1
heavy = {"tensorflow", "keras", "mlflow", "sklearn", "streamlit", "distributed", "plotly"}
print(sorted(heavy & set(sys.modules)))
"""
    result = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "m.spamlab")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (result.stdout, result.stderr) == ("[]\n", "")
