"""Would more mail help? The learning curve of the baseline (and one network) on each corpus.

    SPAMLAB_CORPORA=<folder> uv run python benchmarks/learning_curve.py [--json FILE]

As the app does it: the suggested split (seed 0), the defaults, five sizes, the same validation
mails. Seconds: the training of the run, the four smaller sizes, the figures with their intervals.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd
from corpora import load

from benchmarks.results import write_figures
from pipeline.mail.dataset import CANONICAL, Dataset
from pipeline.project import Project, divide_mails, import_dataset, suggest_split
from pipeline.runs import store
from pipeline.specs import ModelSpec
from pipeline.training import learning_curve, train

NAMES = ("sms", "lingspam", "enron1", "spamassassin2")
NETWORK = "enron1"
FIGURES = ("f1", "average_precision", "log_loss")
EXTRA = ("headers", "html", "attachments")


def project_of(name: str) -> Project:
    """A corpus in a project of its own, divided as the app suggests."""
    mails = load(name)
    columns = [*CANONICAL, *(c for c in EXTRA if c in mails)]
    mails = mails.assign(group=None).reindex(columns=columns)
    mails = mails.astype({"sender": "str", "group": "str"})
    mails["date"] = pd.to_datetime(mails["date"], utc=True)
    made = Project.create(name)
    import_dataset(made, Dataset(name, mails), mails.iloc[:0])
    divide_mails(made, suggest_split(made)[0])
    return made


def measure(project: Project, kind: str) -> dict[str, Any]:
    """Train, measure, and what it says."""
    run_id = train.create_run(project, ModelSpec(kind))
    train.train_run(run_id)
    started = time.perf_counter()
    learning_curve.measure_sizes(project, run_id)
    measured = time.perf_counter()
    frame = learning_curve.compute_figures(project, run_id)
    read = time.perf_counter()
    rows = frame[frame["figure"] == "f1"]
    return {
        "train mails": rows["mails"].tolist(),
        "f1 of each": rows["value"].round(4).tolist(),
        "training s": round(store.read_run(run_id).seconds or 0, 1),
        "measuring s": round(measured - started, 1),
        "figures s": round(read - measured, 1),
        **{figure: learning_curve.write_verdict(frame, figure) for figure in FIGURES},
    }


def main() -> None:
    """Measure all, print the answers, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=Path(__file__).with_suffix(".json"))
    target = parser.parse_args().json
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as home:
        os.environ["SPAMLAB_HOME"] = home
        for name in NAMES:
            project = project_of(name)
            for kind in ("logistic", "mlp") if name == NETWORK else ("logistic",):
                answer = found[f"{name}, {kind}"] = measure(project, kind)
                print(name, kind, json.dumps(answer, indent=1, ensure_ascii=False), flush=True)
    write_figures(target, found)


if __name__ == "__main__":
    main()
