"""Baseline against network on the research corpora: the figures, the tests, and the verdict.

    SPAMLAB_CORPORA=<folder> uv run python benchmarks/comparison.py [--json FILE] [CORPUS …]

As ``spamlab train`` does it by default: a grouped split with seed 0, the default features, the
default models, each at its own threshold, all on the validation mails. And how long a comparison
of two runs on 20,000 mails takes.
"""

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from splits import dataset

from benchmarks.results import write_figures
from pipeline import models
from pipeline.comparison import JudgedRun, compare_runs, verdicts
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import HALF, OperatingPoint
from pipeline.mail.dataset import Dataset
from pipeline.models.monitor import Monitor
from pipeline.similarity.near_duplicates import assign_clusters, find_near_duplicates, join_texts
from pipeline.specs import FeatureSpec, ModelSpec, SplitSpec
from pipeline.splits import make_split
from pipeline.training.prepare import Prepared, prepare_features

NAMES = ("lingspam", "sms", "enron1", "spamassassin2")
SHOWN = ("f1", "one_minus_auc", "hm", "sm", "log_loss")


def judged(kind: str, prepared: Prepared) -> JudgedRun:
    """A default model at its own threshold."""
    validation = prepared.X_validation, prepared.y_validation
    model = models.build(models.complete(ModelSpec(kind)))
    model.fit((prepared.X_train, prepared.y_train), validation, Monitor())
    model.calibrate(validation)
    scores = model.score(prepared.X_validation)
    found = Evaluation("validation", prepared.validation_ids, prepared.y_validation, scores)
    return JudgedRun(found, OperatingPoint(found.best_threshold()))


def measure(mails: Dataset) -> dict[str, Any]:
    """Everything of one corpus."""
    pairs = find_near_duplicates(join_texts(mails.frame).tolist())
    split = make_split(mails, SplitSpec(strategy="grouped"), pairs)
    numbers = assign_clusters(len(mails.frame), pairs, split.spec.similarity)
    prepared = prepare_features(mails, split, FeatureSpec())
    runs = [judged(kind, prepared) for kind in ("logistic", "mlp")]
    of_mail = pd.Series(numbers, index=mails.frame["id"])
    began = time.perf_counter()
    (found,) = compare_runs(
        [[run] for run in runs], of_mail.loc[list(runs[0].evaluation.ids)].to_numpy()
    )
    told = verdicts.write_headline("The baseline", "The network", found.differences["f1"], found.n)
    return {
        "mails": found.n,
        "clusters": found.clusters,
        "seconds to compare": round(time.perf_counter() - began, 2),
        "verdict": told,
        "fixed": len(found.fixed),
        "broken": len(found.broken),
        "mcnemar": asdict(found.mcnemar),
        "delong": asdict(found.delong) if found.delong else None,
        "F1 of both together": found.agreement.fusion["f1"],
        "(1-ROCA)% of both together": 100 * found.agreement.fusion["one_minus_auc"],
        "figures": {
            key: {
                "baseline": one.a,
                "network": one.b,
                "low": one.interval.low,
                "high": one.interval.high,
                "p": one.p,
                "verdict": verdicts.describe_verdict(one, found.n),
            }
            for key, one in ((key, found.differences[key]) for key in SHOWN)
        },
    }


def speed(n: int = 20_000) -> dict[str, float]:
    """Seconds to compare two runs on n mails, each a cluster of its own, nothing cached."""
    dice = np.random.default_rng(0)
    labels = (dice.random(n) < 0.3).astype(int)
    ids = tuple(map(str, range(n)))
    runs = [
        JudgedRun(Evaluation("", ids, labels, np.clip(0.2 + 0.6 * labels + noise, 0, 1)), HALF)
        for noise in dice.normal(0, 0.25, (2, n))
    ]
    began = time.perf_counter()
    compare_runs([[run] for run in runs], np.arange(n))
    return {"mails": n, "seconds": round(time.perf_counter() - began, 2)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("corpora", nargs="*", default=[*NAMES, "speed"])
    parser.add_argument("--json", type=Path, default=Path(__file__).with_suffix(".json"))
    chosen = parser.parse_args()
    for name in chosen.corpora:
        figures = speed() if name == "speed" else measure(dataset(name))
        print(f"{name}: {json.dumps(figures, indent=1)}", flush=True)
        write_figures(chosen.json, {name: figures})


if __name__ == "__main__":
    main()
