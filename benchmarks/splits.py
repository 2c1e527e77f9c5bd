"""What crosses a stratified and a grouped split of the research corpora, and what it is worth.

    SPAMLAB_CORPORA=<folder> uv run python benchmarks/splits.py [--json FILE] [CORPUS …]

By corpus: pairs of mails with the same words and nearly the same that cross from train to
validation and from both to test, at the default similarity, summed over twenty seeds; the share of
each class that test got; seconds of a grouped split without the search for near-duplicates; and
F1 and (1-ROCA)% of the baseline on validation, mean over the seeds, for both ways to divide.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from corpora import NAMES, load

from benchmarks.results import write_figures
from pipeline import models
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.mail.dataset import CANONICAL, RAW, Dataset
from pipeline.models.monitor import Monitor
from pipeline.similarity.near_duplicates import Pairs, find_near_duplicates, join_texts
from pipeline.specs import FeatureSpec, ModelSpec, SplitSpec
from pipeline.splits import Split, make_split
from pipeline.splits.crossing import count_crossings
from pipeline.training.prepare import prepare_features

SEEDS = range(20)


def dataset(name: str) -> Dataset:
    """A corpus as the project's import would have it."""
    frame = load(name)
    frame = frame.reindex(columns=[c for c in (*CANONICAL, *RAW) if c in {*frame, *CANONICAL}])
    frame = frame.assign(group=None, date=pd.NaT).astype({"sender": "str", "group": "str"})
    return Dataset(name, frame.reset_index(drop=True))


def score(mails: Dataset, split: Split) -> dict[str, float]:
    """F1 at the run's own threshold and (1-ROCA) of the baseline on validation."""
    prepared = prepare_features(mails, split, FeatureSpec())
    validation = prepared.X_validation, prepared.y_validation
    model = models.build(models.complete(ModelSpec("logistic")))
    model.fit((prepared.X_train, prepared.y_train), validation, Monitor())
    model.calibrate(validation)
    scores = model.score(prepared.X_validation)
    found = Evaluation("validation", prepared.validation_ids, prepared.y_validation, scores)
    return {
        "F1": found.at(OperatingPoint(found.best_threshold())).f1,
        "(1-ROCA)%": 100 * found.ranking["one_minus_auc"],
    }


def measure(mails: Dataset, pairs: Pairs, strategy: str, train: bool) -> dict[str, Any]:
    """Everything of one way to divide, over the seeds."""
    ids, rows = mails.frame["id"].tolist(), []
    labels = mails.frame.set_index("id")["label"]
    for seed in SEEDS:
        started = time.perf_counter()
        split = make_split(mails, SplitSpec(strategy=strategy, seed=seed), pairs)
        seconds = time.perf_counter() - started
        found = count_crossings(split, ids, pairs, split.spec.similarity)
        test = labels[list(split.test)].value_counts() / labels.value_counts()
        row = {
            "exact to validation": found.validation.exact,
            "near to validation": found.validation.near,
            "exact to test": found.test.exact,
            "near to test": found.test.near,
            "validation mails with a twin": found.validation.mails,
            "ham in test": test["ham"],
            "spam in test": test["spam"],
            "seconds": seconds,
        }
        rows.append(row | (score(mails, split) if train else {}))
    table = pd.DataFrame(rows)
    sums = table.columns[:5]
    return {
        **{c: int(table[c].sum()) for c in sums},
        **{c: float(table[c].mean()) for c in table.columns[5:]},
        **({"F1 by seed": table["F1"].round(5).tolist()} if train else {}),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("corpora", nargs="*", default=NAMES)
    parser.add_argument("--json", type=Path, default=Path(__file__).with_suffix(".json"))
    parser.add_argument("--no-training", action="store_true")
    chosen = parser.parse_args()
    for name in chosen.corpora:
        mails = dataset(name)
        pairs = find_near_duplicates(join_texts(mails.frame).tolist())
        found = {
            strategy: measure(mails, pairs, strategy, not chosen.no_training)
            for strategy in ("stratified", "grouped")
        }
        print(f"{name}: {len(mails.frame):,} mails, {len(pairs.first):,} links")
        print(pd.DataFrame(found).drop("F1 by seed", errors="ignore").to_string(), flush=True)
        if not chosen.no_training:
            both = [np.mean(found[s]["F1 by seed"]) for s in ("stratified", "grouped")]
            print(f"F1 stratified - grouped: {both[0] - both[1]:+.4f}\n", flush=True)
        write_figures(chosen.json, {name: found})


if __name__ == "__main__":
    main()
