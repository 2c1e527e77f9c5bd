"""On which mails of the research corpora the baseline errs more than on the rest.

    SPAMLAB_CORPORA=<folder> python benchmarks/slices.py [CORPUS …]

The baseline learns from 60 % of each corpus (grouped split) and is judged on 38 %, so that there
are errors to divide. Prints the slices that are worse than the rest and the three worst of the
others, and writes slices.json beside itself, with the seconds that properties and table took. The
sample corpus is judged by the kinds of its datasheet and by its wrong labels as well.
"""

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from corpora import NAMES
from quality import SAMPLE
from quality import dataset as load

from benchmarks.results import write_figures
from pipeline import models
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.mail.dataset import Dataset
from pipeline.models.monitor import Monitor
from pipeline.similarity.near_duplicates import assign_clusters, find_near_duplicates, join_texts
from pipeline.slices import properties
from pipeline.slices.table import compute_slices
from pipeline.specs import FeatureSpec, ModelSpec, SplitSpec
from pipeline.splits import make_split
from pipeline.training.prepare import prepare_features

SPLIT = SplitSpec(train=0.6, validation=0.38, test=0.02, strategy="grouped")


def dataset(name: str) -> Dataset:
    """A corpus; the sample with what its datasheet knows of each mail."""
    found = load(name)
    if name != "sample":
        return found
    truth = pd.read_csv(SAMPLE.with_name("sample_truth.csv")).set_index("id")
    truth = truth.loc[found.frame["id"]]
    wrong = np.where(truth["true_label"] == truth["given_label"], "no", "yes")
    frame = found.frame.assign(**{"file:kind": truth["kind"].to_numpy(), "file:mislabelled": wrong})
    return Dataset(found.name, frame)


def measure(name: str) -> tuple[dict[str, Any], pd.DataFrame]:
    """Errors of the baseline by slice, and the seconds it took."""
    mails = dataset(name)
    pairs = find_near_duplicates(join_texts(mails.frame).to_list())
    split = make_split(mails, SPLIT, pairs)
    prepared = prepare_features(mails, split, FeatureSpec())
    validation = prepared.X_validation, prepared.y_validation
    model = models.build(models.complete(ModelSpec("logistic")))
    model.fit((prepared.X_train, prepared.y_train), validation, Monitor())
    model.calibrate(validation)
    scores = model.score(prepared.X_validation)
    found = Evaluation("validation", prepared.validation_ids, prepared.y_validation, scores)
    numbers = pd.Series(
        assign_clusters(len(mails.frame), pairs, SPLIT.similarity), mails.frame["id"]
    )
    frame = mails.frame.set_index("id", drop=False).loc[list(found.ids)].reset_index(drop=True)
    start = time.perf_counter()
    known = properties.compute_properties(frame)
    read = time.perf_counter()
    point = OperatingPoint(found.best_threshold())
    slices = compute_slices(found, point, known, numbers)
    done = time.perf_counter()
    at = found.at(point)
    told = {
        "mails": len(found.ids),
        "threshold": round(point.threshold, 4),
        "hm": round(at.hm, 4),
        "sm": round(at.sm, 4),
        "slices": len(slices),
        "seconds_properties": round(read - start, 2),
        "seconds_table": round(done - read, 2),
    }
    return told, slices


def main() -> None:
    every = {}
    for name in sys.argv[1:] or [*NAMES, "sample"]:
        told, slices = measure(name)
        worse = slices[slices["standing"] == "worse"]
        shown = slices.head(len(worse) + 3)
        print(f"{name}: {told}")
        lines = [f"{r.property}: {r.value}: {r.verdict}" for r in shown.itertuples()]
        print("\n".join(f"  {line}" for line in lines), flush=True)
        every[name] = told | {
            "worse": len(worse),
            "better": int((slices["standing"] == "better").sum()),
            # names of senders stay where they are
            "worst": [line for line in lines if not line.startswith("sender")],
        }
    write_figures(Path(__file__).with_suffix(".json"), every)


if __name__ == "__main__":
    main()
