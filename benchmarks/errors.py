"""What error analysis says of the baseline's errors, and whether it finds the sample's faults.

    SPAMLAB_CORPORA=<folder> python benchmarks/errors.py [CORPUS …]

The baseline learns from 60 % of each corpus (grouped split) and is judged on 38 %, so that there
are errors to group; the sample is divided by time as well. Prints groups, reasons and seconds, and
writes errors.json beside itself, where the figures of other corpora stay. What the datasheet knows
of the sample (true label, kind, family) is asked afterwards: how many of the wrong labels among the
errors are called suspicious, and of which kinds the groups are. Words of real mails are printed,
but not written.
"""

import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from corpora import NAMES
from quality import SAMPLE
from quality import dataset as load
from slices import SPLIT

from benchmarks.results import write_figures
from pipeline import models
from pipeline.error_analysis import (
    CORRECT,
    build_error_table,
    groups,
    overrepresented,
    reasons,
    suspects,
    twins,
)
from pipeline.error_analysis.reasons import MailFacts
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.mail.dataset import Dataset
from pipeline.models.monitor import Monitor
from pipeline.quality import label_review
from pipeline.similarity.near_duplicates import assign_clusters, find_near_duplicates, join_texts
from pipeline.slices import properties
from pipeline.specs import FeatureSpec, ModelSpec
from pipeline.splits import make_split
from pipeline.training.prepare import prepare_features
from pipeline.vault import select_unsealed

FIRST = 4000
"""Bytes that the default features read."""


def measure(name: str, mails: Dataset, strategy: str, review: bool) -> dict[str, Any]:
    """Groups and reasons of the baseline's errors on one corpus, and the seconds they took."""
    pairs = find_near_duplicates(join_texts(mails.frame).to_list())
    split = make_split(mails, replace(SPLIT, strategy=strategy), pairs)
    prepared = prepare_features(mails, split, FeatureSpec())
    validation = prepared.X_validation, prepared.y_validation
    model = models.build(models.complete(ModelSpec("logistic")))
    model.fit((prepared.X_train, prepared.y_train), validation, Monitor())
    model.calibrate(validation)
    scores = model.score(prepared.X_validation)
    run = Evaluation("validation", prepared.validation_ids, prepared.y_validation, scores)
    point, spam = OperatingPoint(run.best_threshold()), run.labels == 1
    by_id = mails.frame.set_index("id", drop=False)
    frame, train = by_id.loc[list(run.ids)], by_id.loc[list(split.train)]
    numbers = pd.Series(assign_clusters(len(mails.frame), pairs), mails.frame["id"])

    start = time.perf_counter()
    known = properties.compute_properties(frame.reset_index(drop=True))
    seen = select_unsealed(mails.frame, split)
    alike = twins.find_contradicting_twins(
        pairs.among(seen.index.to_numpy()),
        (seen["label"] == "spam").to_numpy(),
        seen["id"].isin(set(split.train)).to_numpy(),
    )
    if review:
        listed = label_review.review_labels(mails, split, clusters=numbers.to_numpy())
        suspicion = suspects.read_suspicion(listed, run.ids)
        start = time.perf_counter()  # a page of its own
    else:
        suspicion = suspects.estimate_suspicion(spam, scores)
    facts = MailFacts(
        frame, known, train, pd.Series(alike, seen["id"]).loc[list(run.ids)].to_numpy(),
        spam, scores, point, suspicion=suspicion, first=FIRST,
    )  # fmt: skip
    values = reasons.compute_reasons(facts).set_axis(pd.Index(run.ids))
    errors = build_error_table(run, point, frame, values=values)
    told = time.perf_counter()
    suspicious = reasons.check_reasons(values)["suspicious label"]
    left_out = list(suspicious.index[suspicious]) if review else []
    found = groups.group_errors(run, point, frame, left_out)
    grouped = time.perf_counter()
    over = overrepresented.find_overrepresented(
        run, point, values, known, numbers, untested=() if review else ["suspicious label"]
    )
    done = time.perf_counter()
    wrong = errors[errors["kind"] != CORRECT]
    at = run.at(point)
    result: dict[str, Any] = {
        "mails": len(run.ids),
        "errors": wrong["kind"].value_counts().to_dict(),
        "f1": round(at.f1, 4),
        "seconds": {
            "reasons": round(told - start, 1),
            "groups": round(grouped - told, 1),
            "tests": round(done - grouped, 1),
        },
        "groups": [
            {
                "kind": g.kind, "errors": len(g.ids), "alike": g.alike,
                "inside": None if np.isnan(g.inside) else round(g.inside, 3),
                "outside": None if np.isnan(g.outside) else round(g.outside, 3),
                "f1_gain": round(g.f1_gain, 4),
            }
            for g in found.groups
        ],
        "alone": found.alone,
        "worse": over[over["standing"] == "worse"]["value"].tolist(),
    }  # fmt: skip
    print(
        f"\n{name}, {strategy} split, labels {'reviewed' if review else 'not reviewed'}: {result}"
    )
    for g in found.groups:
        print(f"  {len(g.ids)} {g.kind}: {', '.join(g.words)} | {' | '.join(g.examples)}"[:200])
    for row in over.head(6).to_dict("records"):
        print(f"  {row['value']}: {row['errors']} errors, {row['verdict']}")
    if name == "sample":
        result["truth"] = against_the_truth(wrong, values, found.groups)
        print(f"  truth: {result['truth']}", flush=True)
    return result


def against_the_truth(
    wrong: pd.DataFrame, values: pd.DataFrame, found: tuple[groups.Group, ...]
) -> dict[str, Any]:
    """What the datasheet knows of the errors of the sample and of their groups."""
    truth = pd.read_csv(SAMPLE.with_name("sample_truth.csv")).set_index("id")
    flipped = truth["true_label"] != truth["given_label"]
    ids = list(wrong["id"])
    called = reasons.check_reasons(values)["suspicious label"].loc[ids].to_numpy()
    planted = flipped.loc[ids].to_numpy()
    listed = reasons.check_reasons(values)["suspicious label"]
    return {
        "wrong labels in validation": int(flipped.loc[list(values.index)].sum()),
        "wrong labels among the errors": int(planted.sum()),
        "of these called suspicious": int((called & planted).sum()),
        "errors called suspicious": int(called.sum()),
        "mails called suspicious": int(listed.sum()),
        "of the ten most wrong, wrong labels": int(planted[:10].sum()),
        "groups": [dict(Counter(truth.loc[list(g.ids), "kind"]).most_common(4)) for g in found],
        "campaigns": [int(truth.loc[list(g.ids), "campaign"].notna().sum()) for g in found],
    }


def main() -> None:
    every: dict[str, Any] = {}
    for name in sys.argv[1:] or [*NAMES, "sample"]:
        mails = load(name)
        every[name] = [measure(name, mails, "grouped", False)]
        if name == "sample":
            every[name] += [
                measure(name, mails, "grouped", True),
                measure(name, mails, "time", True),
            ]
    write_figures(Path(__file__).with_suffix(".json"), every)


if __name__ == "__main__":
    main()
