"""Features, network and scoring against the usual ways, on the same mails, in the same run.

    SPAMLAB_CORPORA=<folder> uv run python benchmarks/speed.py [--json FILE]

Features: default blocks, fit and transform, MB of subject and body a second, against
TfidfVectorizer. Network: seconds an epoch at equal layers and batch size against scikit-learn's
MLPClassifier (sparse input) and a dense keras.Sequential, both on all columns, as one would write
it, and on the columns that our hidden layer reads; peak memory with 30,000 mails. Scoring:
an exported model, mails a second, and one mail through `spamlab score`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from corpora import hold_out, load

from benchmarks.results import write_figures
from pipeline import features, models
from pipeline.evaluation.operating_point import HALF
from pipeline.export.bundle import Bundle
from pipeline.models.mlp import MLP
from pipeline.models.monitor import Epoch, Monitor
from pipeline.specs import FeatureSpec, ModelSpec

TRIES = 5
EPOCHS = 4
ROOT = Path(__file__).parents[1]


def quickest(work: Callable[[], Any], tries: int = TRIES) -> float:
    """Seconds of the median try."""
    times = []
    for _ in range(tries):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return float(np.median(times))


def extraction(name: str) -> dict[str, Any]:
    """MB/s of the default features and of TfidfVectorizer in two modes."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    mails = load(name)
    texts = (mails["subject"] + "\n" + mails["body"]).tolist()
    size = sum(len(t.encode(errors="replace")) for t in texts) / 1e6
    chars = {"analyzer": "char_wb", "ngram_range": (2, 5)}
    ours = size / quickest(lambda: features.build(FeatureSpec()).fit_transform(mails))
    words = size / quickest(lambda: TfidfVectorizer().fit_transform(texts), 3)
    char_wb = size / quickest(lambda: TfidfVectorizer(**chars).fit_transform(texts), 1)
    return {
        "MB": size,
        "ours MB/s": ours,
        "TfidfVectorizer() MB/s": words,
        "char_wb (2, 5) MB/s": char_wb,
        "times TfidfVectorizer()": ours / words,
        "times char_wb": ours / char_wb,
        "mark": "≥ 6, ≥ 60",
    }


class Clock(Monitor):
    """Keeps what the network says of its epochs."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def report_epoch(self, epoch: Epoch) -> None:
        if epoch.number:
            self.seconds.append(epoch.internals["seconds"])


def network(name: str) -> dict[str, Any]:
    """Seconds an epoch: the same columns, one hidden layer of 64, batches of 32, Adam."""
    from sklearn.neural_network import MLPClassifier

    mails = load(name)
    y = mails["y"].to_numpy()
    learn, held = hold_out(y)
    block = features.build(FeatureSpec())
    X, X_held = block.fit_transform(mails.iloc[learn]), block.transform(mails.iloc[held])
    train, rest = (X, y[learn]), (X_held[:200], y[held][:200])
    result: dict[str, Any] = {"mails": len(learn)}
    for title, wide in (("with a wide path", True), ("hidden layer alone", False)):
        clock = Clock()
        model = models.build(ModelSpec("mlp", {"epochs": EPOCHS, "patience": 1000, "wide": wide}))
        model.fit(train, rest, clock)
        result[f"ours, {title} s"] = float(np.median(clock.seconds[1:]))
    assert isinstance(model, MLP)
    few = X[:, model.columns]  # what our hidden layer reads

    def classifier(mails: Any) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            peer = MLPClassifier((64,), batch_size=32, max_iter=2, random_state=0)
            started = time.perf_counter()
            peer.fit(mails, y[learn])
        return (time.perf_counter() - started) / 2

    ours = result["ours, with a wide path s"]
    for title, mails in ((f"all {X.shape[1]:,} columns", X), (f"our {few.shape[1]:,}", few)):
        for peer, seconds in (
            ("MLPClassifier", classifier(mails)),
            ("dense keras", _dense(mails, y[learn])),
        ):
            result[f"{peer}, {title} s"] = seconds
            result[f"{peer}, {title}, times ours"] = seconds / ours
    result["mark"] = "≥ 4 (MLPClassifier), ≥ 2 (dense keras)"
    return result


def _dense(few: Any, y: np.ndarray) -> float:
    import keras

    class Times(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.started = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seconds.append(time.perf_counter() - self.started)

    seconds: list[float] = []
    dense = few.toarray()
    peer = keras.Sequential(
        [
            keras.Input((dense.shape[1],)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(1),
        ]
    )
    peer.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    peer.fit(dense, y, batch_size=32, epochs=EPOCHS, verbose=0, callbacks=[Times()])
    return float(np.median(seconds[1:]))


MEMORY = """
import sys; sys.path[:0] = {path!r}
import numpy as np, pandas as pd, resource
from corpora import load
from pipeline import features, models
from pipeline.specs import BlockSpec, FeatureSpec, ModelSpec
mails = load("enron3").drop(columns="raw")
mails = pd.concat([mails] * 6, ignore_index=True).iloc[:30_000]
block = features.build(FeatureSpec((BlockSpec("grams", {{"bits": 18}}), BlockSpec("headers"))))
y = mails["y"].to_numpy()
X, held = block.fit_transform(mails[:25_000]), block.transform(mails[25_000:])
del mails
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
models.build(ModelSpec("mlp", {{"epochs": 2}})).fit((X, y[:25_000]), (held, y[25_000:]))
print(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, X.shape[1])
"""


def memory() -> dict[str, Any]:
    """Peak of a process that makes features of 30,000 mails (2^18 buckets) and trains the MLP."""
    program = MEMORY.format(path=[str(ROOT), str(ROOT / "benchmarks")])
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    before, after, columns = out.stdout.split()[-3:]
    return {
        "mails": 30_000,
        "columns": int(columns),
        "peak after features GB": int(before) / 1e6,
        "peak GB": int(after) / 1e6,
        "mark": "≤ 1.5 GB",
    }


def scoring(name: str) -> dict[str, Any]:
    """Mails a second with an exported model; one mail through the command line."""
    mails = load(name)
    y = mails["y"].to_numpy()
    learn, held = hold_out(y)
    result: dict[str, Any] = {}
    for kind in ("logistic", "mlp"):
        block = features.build(FeatureSpec())
        X, X_held = block.fit_transform(mails.iloc[learn]), block.transform(mails.iloc[held])
        model = models.build(ModelSpec(kind))
        model.fit((X, y[learn]), (X_held, y[held]))
        specs = features.complete(FeatureSpec()), models.complete(ModelSpec(kind))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.spamlab"
            Bundle(block, model, *specs, HALF).save(path)
            bundle = Bundle.load(path)
            seconds = quickest(lambda b=bundle: b.score(mails))
            result[f"{kind}, mails/s"] = len(mails) / seconds
            one = Path(folder) / "one.csv"
            mails[["id", "subject", "body"]].iloc[:1].to_csv(one, index=False)
            command = [Path(sys.executable).parent / "spamlab", "score", path, one]
            kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
            run = lambda c=command, e=kept: subprocess.run(  # noqa: E731
                c, check=True, capture_output=True, env=e
            )
            run()
            result[f"{kind}, one mail s"] = quickest(run)
    return {**result, "mark": "≥ 5,000 mails/s, ≤ 1 s"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    parts = {
        **{f"features, {n}": lambda n=n: extraction(n) for n in ("lingspam", "enron3")},
        "network, enron3": lambda: network("enron3"),
        "memory": memory,
        "scoring, lingspam": lambda: scoring("lingspam"),
    }
    results = {}
    for name, part in parts.items():
        if chosen.only in name:
            results[name] = part()
            print(name, results[name], flush=True)
    if chosen.json:
        write_figures(chosen.json, results)


if __name__ == "__main__":
    main()
