"""The published protocols: SMS, Ling-Spam, Enron by batches, SpamAssassin 2 in ten folds.

    SPAMLAB_CORPORA=<folder> uv run python benchmarks/protocols.py [--models logistic mlp]
        [--json FILE]

All at the defaults, with the tool's own threshold (highest F1 on a validation part taken out of
train). The marks stand beside the figures in docs/benchmarks.md.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from corpora import load
from sklearn.metrics import matthews_corrcoef, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from training import scores

from benchmarks.results import write_figures


def sms(kind: str) -> dict[str, Any]:
    """File order: the first 1,674 train, the last 3,900 are held out."""
    mails = load("sms")
    train, rest = mails.iloc[:1674], mails.iloc[1674:]
    found, threshold = scores(kind, train, rest)
    y, called = rest["y"].to_numpy(), found >= threshold
    return {
        "errors": int((called != y).sum()),
        "ham blocked": int((called & (y == 0)).sum()),
        "MCC": float(matthews_corrcoef(y, called)),
        "errors at 0.5": int(((found >= 0.5) != y).sum()),
        "(1-ROCA)%": 100 * (1 - float(roc_auc_score(y, found))),
        "mark": "≤ 46 errors, ≤ 6 ham blocked, MCC ≥ 0.945",
    }


def lingspam(kind: str) -> dict[str, Any]:
    """Ten parts, each held out once; scores pooled."""
    mails = load("lingspam")
    folds = [np.flatnonzero(mails["part"] == k) for k in range(1, 11)]
    return {
        **_folds(kind, mails, folds),
        "mark": "accuracy ≥ 99.6 %, (1-ROCA)% ≤ 0.02, TCR(1) ≥ 40",
    }


def spamassassin2(kind: str) -> dict[str, Any]:
    """Stratified ten-fold, shuffled with seed 0; scores pooled."""
    mails = load("spamassassin2")
    folds = StratifiedKFold(10, shuffle=True, random_state=0).split(mails, mails["y"])
    return {**_folds(kind, mails, [held for _, held in folds]), "mark": "accuracy ≥ 99.6 %"}


def _folds(kind: str, mails: pd.DataFrame, folds: list[np.ndarray]) -> dict[str, Any]:
    y, found, called = mails["y"].to_numpy(), np.zeros(len(mails)), np.zeros(len(mails), bool)
    within = []
    for held in folds:
        found[held], threshold = scores(kind, mails.drop(mails.index[held]), mails.iloc[held])
        called[held] = found[held] >= threshold
        within.append(roc_auc_score(y[held], found[held]))
    wrong_ham, wrong_spam = int((called & (y == 0)).sum()), int((~called & (y == 1)).sum())
    spam = int(y.sum())
    return {
        "errors": wrong_ham + wrong_spam,
        "ham blocked": wrong_ham,
        "accuracy %": 100 * (1 - (wrong_ham + wrong_spam) / len(y)),
        "(1-ROCA)%": 100 * (1 - float(roc_auc_score(y, found))),
        "(1-ROCA)% mean of folds": 100 * (1 - float(np.mean(within))),
        **{f"TCR({c})": spam / max(1, c * wrong_ham + wrong_spam) for c in (1, 9, 999)},
    }


def enron(kind: str, name: str) -> dict[str, Any]:
    """Batches of 100 in an order that has both classes; train on all earlier, test on the next.

    The file is in time order within a class, so the classes are interleaved evenly by their place.
    """
    mails = load(name)
    place = mails.groupby("label").cumcount() / mails.groupby("label")["label"].transform("size")
    mails = mails.assign(place=place).sort_values("place", kind="stable").reset_index(drop=True)
    y, found, called = mails["y"].to_numpy(), np.zeros(len(mails)), np.zeros(len(mails), bool)
    for start in range(100, len(mails), 100):
        held = np.arange(start, min(start + 100, len(mails)))
        found[held], threshold = scores(kind, mails.iloc[:start], mails.iloc[held])
        called[held] = found[held] >= threshold
    tested = np.arange(len(mails)) >= 100
    spam, ham = tested & (y == 1), tested & (y == 0)
    mark = {"enron1": "≥ 97.5 / 98.5", "enron3": "≥ 97.5 / 99.3"}[name]
    return {
        "spam recall %": 100 * float(called[spam].mean()),
        "ham recall %": 100 * float((~called[ham]).mean()),
        "at 0.5: spam recall %": 100 * float((found[spam] >= 0.5).mean()),
        "at 0.5: ham recall %": 100 * float((found[ham] < 0.5).mean()),
        "(1-ROCA)%": 100 * (1 - float(roc_auc_score(y[tested], found[tested]))),
        "mark": mark,
    }


PROTOCOLS = {
    "SMS, first 1,674 / last 3,900": sms,
    "Ling-Spam, ten parts": lingspam,
    "SpamAssassin 2, ten folds": spamassassin2,
    "Enron 1, batches of 100": lambda kind: enron(kind, "enron1"),
    "Enron 3, batches of 100": lambda kind: enron(kind, "enron3"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=["logistic", "mlp"])
    parser.add_argument("--only", default="", help="a part of a protocol's name")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    results: dict[str, Any] = {}
    for name, protocol in PROTOCOLS.items():
        if chosen.only.lower() not in name.lower():
            continue
        for kind in chosen.models:
            found = protocol(kind)
            results[f"{name}, {kind}"] = found
            shown = ", ".join(
                f"{k} {v:.4f}" if isinstance(v, float) else f"{k} {v}" for k, v in found.items()
            )
            print(f"{name}, {kind}: {shown}", flush=True)
    if chosen.json:
        write_figures(chosen.json, results)


if __name__ == "__main__":
    main()
