"""Planted wrong labels: how many stand at the head of the list of labels that look wrong.

    SPAMLAB_CORPORA=<folder> uv run python benchmarks/label_review.py [--json FILE]

In the sample corpus its own 30 wrong labels. In each research corpus 3 % of the labels, drawn by a
seed and flipped: single mails, or whole clusters of near-duplicates, as when somebody mislabels a
campaign. The C of the model was chosen on seed 0 and single mails; the figures are of other seeds.
Told of each: the share of the wrong labels among the first 6 % of the list, how many of the first
3 % are wrong, and precision and recall of what is called suspicious. For comparison, the same with
the C that training chooses, and with folds that keep only exact copies together.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from corpora import load

from benchmarks.results import write_figures
from pipeline.mail.dataset import CANONICAL, RAW, Dataset
from pipeline.quality import label_review
from pipeline.similarity import near_duplicates

CORPORA = ("sms", "lingspam", "enron1")
SEEDS = (1, 2)
FLIPPED = 0.03
DATA = Path(__file__).parents[1] / "data"
WAYS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "C chosen by training": {"C": None},
    "exact copies together": {"near": False},
}


def sample() -> tuple[pd.DataFrame, set[str]]:
    """The sample corpus and the ids of its wrong labels."""
    frame = pd.read_csv(DATA / "sample_emails.csv", dtype=str, keep_default_na=False)
    truth = pd.read_csv(DATA / "sample_truth.csv", dtype=str)
    return frame, set(truth.loc[truth["true_label"] != truth["given_label"], "id"])


def flip(frame: pd.DataFrame, clusters: np.ndarray, seed: int, whole: bool) -> set[str]:
    """Flip 3 % of the labels, of single mails or of whole clusters; the ids of those flipped."""
    dice, enough = np.random.default_rng(seed), round(FLIPPED * len(frame))
    if whole:
        numbers, sizes = np.unique(clusters, return_counts=True)
        order = dice.permutation(numbers[sizes > 1])
        size = dict(zip(numbers, sizes, strict=True))
        before = np.cumsum([size[k] for k in order]) - [size[k] for k in order]
        rows = np.flatnonzero(np.isin(clusters, order[before < enough]))
    else:
        rows = dice.permutation(len(frame))[:enough]
    column = frame.columns.get_loc("label")
    frame.iloc[rows, column] = frame["label"].iloc[rows].map({"ham": "spam", "spam": "ham"})
    return set(frame["id"].iloc[rows])


def measure(
    frame: pd.DataFrame,
    wrong: set[str],
    clusters: np.ndarray,
    C: float | None = label_review.C,
    near: bool = True,
) -> dict[str, Any]:
    """The figures of one list."""
    columns = [*CANONICAL, *(c for c in RAW if c in frame)]
    whole = frame.assign(date=pd.NaT, group=None).reindex(columns=columns)
    label_review.C = C  # type: ignore[assignment]
    started = time.perf_counter()
    table = label_review.review_labels(
        Dataset("measured", whole), None, clusters=clusters if near else None
    )
    seconds = time.perf_counter() - started
    hit, called = table["id"].isin(wrong), table["suspicious"]
    return {
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
    """Every corpus, every kind of fault, every seed, every way."""
    for name in ("sample", *CORPORA):
        mails, own = sample() if name == "sample" else (load(name), set())
        clusters = near_duplicates.assign_clusters(
            len(mails),
            near_duplicates.find_near_duplicates(near_duplicates.join_texts(mails).tolist()),
        )
        for fault in ("its own",) if own else ("single mails", "campaigns"):
            for seed in (0,) if own else SEEDS:
                frame = mails.copy()
                wrong = own or flip(frame, clusters, seed, fault == "campaigns")
                for way, chosen in WAYS.items():
                    figures = measure(frame, wrong, clusters, **chosen)
                    yield {"corpus": name, "fault": fault, "way": way, "seed": seed, **figures}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--json", type=Path, default=Path(__file__).with_suffix(".json"))
    path = asked.parse_args().json
    rows = pd.DataFrame(all_rows())
    figures = rows.drop(columns="seed").groupby(["corpus", "fault", "way"], sort=False)
    print(figures.mean().round(3).to_string())
    write_figures(path, {"lists": json.loads(rows.to_json(orient="records"))})


if __name__ == "__main__":
    main()
