"""How exact the explanations of scores are, and whether what they point at matters.

    SPAMLAB_CORPORA=<folder> uv run python benchmarks/explain.py [--json FILE] [--only NAME]

Models are trained on 70 % of a corpus with the default features and explain every mail of it.
Sum: the largest distance between base + all shares and the log-odds of the model. Residual: how
many mails have integrated gradients that miss at most 1 % of the score's difference to the empty
mail. Deletion: how far the log-odds fall towards the other class without the ten words that speak
most for the class that the mail is called, against ten random words of it; mails of at least 30
words, a mail's words once each time they occur.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from corpora import hold_out, load

from benchmarks.results import write_figures
from pipeline import features, models
from pipeline.evaluation.operating_point import HALF
from pipeline.explain import why
from pipeline.export.bundle import Bundle
from pipeline.specs import FeatureSpec, ModelSpec

MODELS = {
    "logistic": ModelSpec("logistic"),
    "naive_bayes": ModelSpec("naive_bayes"),
    "mlp": ModelSpec("mlp"),
    "mlp, two layers of gelu, not wide": ModelSpec(
        "mlp", {"hidden": [64, 32], "activation": "gelu", "wide": False}
    ),
}
CORPORA = ("lingspam", "sms")
DELETED, LEAST_WORDS, MOST_MAILS = 10, 30, 600
"""Words deleted, words of a mail that takes part, and mails of a corpus that do."""


def trained(mails: pd.DataFrame) -> dict[str, Bundle]:
    """Each model on the same 70 %, calibrated on the rest as a run calibrates it."""
    y = mails["y"].to_numpy()
    learn, held = hold_out(y)
    block = features.build(FeatureSpec())
    X, X_held = block.fit_transform(mails.iloc[learn]), block.transform(mails.iloc[held])
    found = {}
    for name, spec in MODELS.items():
        model = models.build(spec).fit((X, y[learn]), (X_held, y[held]))
        model.calibrate((X_held, y[held]))
        found[name] = Bundle(block, model, features.complete(FeatureSpec()), spec, HALF)
    return found


def explained(bundle: Bundle, mails: pd.DataFrame) -> dict[str, Any]:
    """Every mail: how the shares add up, what the integral misses, and how long it takes."""
    odds = log_odds(bundle, mails)
    off, missed, seconds = [], [], []
    for i in range(len(mails)):
        mail = mails.iloc[[i]]
        started = time.perf_counter()
        found = why.explain_score(bundle, mail)
        found.strongest()
        seconds.append(time.perf_counter() - started)
        parts = found.base + found.shares.sum() + found.others["contribution"].sum()
        # of a network what is missed is told beside the shares
        off.append(abs(parts + (0 if found.exact else found.residual) - odds[i]))
        missed.append(found.missed)
    return {
        "mails": len(mails),
        "largest distance of the sum": float(np.max(off)),
        "share with residual ≤ 1 %": float(np.mean(np.array(missed) <= 0.01)),
        "largest residual": float(np.max(missed)),
        "ms a mail, median": 1000 * float(np.median(seconds)),
        "ms a mail, 99th percentile": 1000 * float(np.percentile(seconds, 99)),
    }


def deletion(bundle: Bundle, mails: pd.DataFrame, seed: int = 0) -> dict[str, Any]:
    """How far the log-odds fall without the strongest words and without random ones."""
    dice = np.random.default_rng(seed)
    odds, taking = [], []
    without: dict[str, list[tuple[str, str]]] = {"strongest": [], "random": []}
    for i in dice.permutation(len(mails)):
        if len(taking) == MOST_MAILS:
            break
        found = why.explain_score(bundle, mails.iloc[[i]])
        table = found.pieces()
        if len(table) < LEAST_WORDS:
            continue
        toward = 1 if found.log_odds > 0 else -1
        taking.append(toward)
        odds.append(found.log_odds)
        order = np.argsort(-toward * table["contribution"].to_numpy())
        for name, rows in (("strongest", order), ("random", dice.permutation(len(table)))):
            kept = list(found.text)
            for start, end in table[["start", "end"]].to_numpy()[rows[:DELETED]]:
                kept[start:end] = [""] * (end - start)
            rest = mails["body"].iloc[i][max(0, len(found.text) - found.subject - 1) :]
            subject, body = kept[: found.subject], kept[found.subject + 1 :]
            without[name].append(("".join(subject), "".join(body) + rest))
    result: dict[str, Any] = {"mails": len(taking)}
    for name, texts in without.items():
        less = pd.DataFrame(texts, columns=["subject", "body"])
        fallen = np.array(taking) * (np.array(odds) - log_odds(bundle, less))
        result[f"fall without {DELETED} {name}"] = float(fallen.mean())
    strongest, random = list(result.values())[1:]
    result["times"] = strongest / random if random > 0 else None
    return result


def log_odds(bundle: Bundle, mails: pd.DataFrame) -> np.ndarray:
    """Calibrated, as the score tells them."""
    return bundle.model.calibration(bundle.model.log_odds(bundle.features.transform(mails)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    results: dict[str, Any] = {}
    for name in CORPORA:
        if chosen.only not in name:
            continue
        mails = load(name).drop(columns="raw")
        for kind, bundle in trained(mails).items():
            found = explained(bundle, mails)
            found["deletion"] = deletion(bundle, mails)
            results[f"{name}, {kind}"] = found
            print(f"{name}, {kind}", json.dumps(found, indent=2, ensure_ascii=False), flush=True)
    if chosen.json:
        write_figures(chosen.json, results)


if __name__ == "__main__":
    main()
