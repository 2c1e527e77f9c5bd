"""Planted wrong labels: how many stand at the head of the list of labels that look wrong.

    SPAMLAB_CORPORA=<folder> uv run python benchmarks/label_review.py [--json FILE]

In the sample corpus its own 30 wrong labels; in each research corpus 3 % of all labels, drawn by a
seed and flipped. The C of the model was chosen on seed 0; the figures are of other seeds. Told of
each: the share of the wrong labels among the first 6 % of the list, how many of the first 3 % are
wrong, and precision and recall of what is called suspicious; the same with the C that training
chooses, for comparison.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from corpora import NAMES, load

from pipeline import label_review
from pipeline.dataset import CANONICAL, RAW, Dataset

SEEDS = (1, 2, 3)
FLIPPED = 0.03
DATA = Path(__file__).parents[1] / "data"


def planted(name: str, seed: int) -> tuple[Dataset, set[str]]:
    """The mails with wrong labels among them, and the ids of those."""
    if name == "sample":
        frame = pd.read_csv(DATA / "sample_emails.csv", dtype=str, keep_default_na=False)
        truth = pd.read_csv(DATA / "sample_truth.csv", dtype=str)
        wrong = truth.loc[truth["true_label"] != truth["given_label"], "id"]
    else:
        frame = load(name)
        dice = np.random.default_rng(seed)
        rows = dice.permutation(len(frame))[: round(FLIPPED * len(frame))]
        wrong = frame["id"].iloc[rows]
        other = frame["label"].map({"ham": "spam", "spam": "ham"})
        frame["label"] = frame["label"].where(~frame["id"].isin(wrong), other)
    columns = [*CANONICAL, *(c for c in RAW if c in frame)]
    frame = frame.assign(date=pd.NaT, group=None)
    frame = frame.reindex(columns=columns)
    return Dataset(name, frame), set(wrong)


def measure(name: str, seed: int, strength: float | None) -> dict[str, Any]:
    """One corpus, one seed, one C."""
    dataset, wrong = planted(name, seed)
    label_review.C = strength  # type: ignore[assignment]
    started = time.perf_counter()
    table = label_review.review(dataset, None)
    seconds = time.perf_counter() - started
    hit = table["id"].isin(wrong)
    called = table["suspicious"]
    return {
        "corpus": name,
        "seed": seed,
        "C": strength,
        "mails": len(table),
        "wrong": len(wrong),
        "recall in the first 6 %": hit[: round(0.06 * len(table))].sum() / len(wrong),
        "precision in the first 3 %": hit[: round(0.03 * len(table))].mean(),
        "suspicious": int(called.sum()),
        "precision": hit[called].mean(),
        "recall": hit[called].sum() / len(wrong),
        "seconds": seconds,
    }


def all_rows() -> Iterator[dict[str, Any]]:
    """Every corpus and seed, with our C and with the one that training chooses."""
    ours = label_review.C
    for name in ("sample", *NAMES):
        for seed in (0,) if name == "sample" else SEEDS:
            for strength in (ours, None):
                yield measure(name, seed, strength)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--json", type=Path, default=Path(__file__).with_suffix(".json"))
    path = asked.parse_args().json
    rows = pd.DataFrame(all_rows())
    figures = rows.drop(columns="seed").groupby(["corpus", "C"], dropna=False, sort=False)
    print(figures.mean().round(3).to_string())
    path.write_text(json.dumps(json.loads(rows.to_json(orient="records")), indent=1) + "\n")


if __name__ == "__main__":
    main()
