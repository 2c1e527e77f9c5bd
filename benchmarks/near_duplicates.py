"""Near-duplicates: planted ones found, wrong ones, the clusters of the corpora, time and memory.

    SPAMLAB_CORPORA=<folder> uv run python benchmarks/near_duplicates.py [--json FILE] [--half 0]

Planted pairs. The base is a corpus in which no two mails share 75 % of their words in the same
order: of two that do, the later one is left out. They are found by comparing every pair exactly
(`alike`, `in_order`: the longest common subsequence of words), with no hash and no set of shingles,
so that the criterion owes nothing to the method. A mail made from another by changing a quarter of
its words shares at least 75 % with it; whatever is found in such a base and was not planted is
counted as wrong. Then mails of at least 20 words get a *changed* copy: round(p · words) places are
drawn without repetition, and the word there is replaced by a word of the corpus (drawn as often as
it occurs), left out, or followed by such a word, a third each. Half 0 of the mails (by a hash of
the id) chose the similarity and the thresholds; half 1 with another seed is what is reported.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from corpora import NAMES, load
from scipy.sparse import csr_matrix

from benchmarks.results import write_figures
from pipeline.similarity import near_duplicates

ROOT = Path(__file__).parents[1]
RATES = (0.05, 0.1, 0.2)
EACH = 300
"""Planted pairs of each rate, if the half has so many mails."""
SAME = 0.75
"""Share of words in the same order from which two natural mails are near-duplicates."""
MARK = "recall ≥ 0.99 / 0.95 / 0.7 at precision ≥ 0.98"


def words(text: str) -> list[str]:
    """Lower case, without signs; the signs of a text that has no words."""
    return re.findall(r"\w+", text.lower()) or text.split() or [""]


def in_order(first: list[str], second: list[str]) -> float:
    """Twice the words that both have in the same order (longest common subsequence), by all words.

    Bit-parallel (Hyyrö 2004): bit i of `row` is 0 where the i-th word of `first` adds to the
    longest common subsequence with the words of `second` so far.
    """
    places: dict[str, int] = {}
    for i, word in enumerate(first):
        places[word] = places.get(word, 0) | 1 << i
    full = (1 << len(first)) - 1
    row = full
    for word in second:
        met = row & places.get(word, 0)
        row = ((row + met) | (row - met)) & full
    return 2 * (len(first) - row.bit_count()) / (len(first) + len(second))


def alike(texts: list[str]) -> list[tuple[int, int]]:
    """Every pair of texts that are at least `SAME` alike by `in_order`, first < second.

    Compared are all pairs of which `SAME` of the words agree when order does not count, which is
    never less.
    """
    columns: dict[Any, int] = {}
    rows, places = [], []
    found = [words(text) for text in texts]
    for i, some in enumerate(found):
        for word, n in Counter(some).items():
            for k in range(n):
                rows.append(i)
                places.append(columns.setdefault((word, k), len(columns)))
    shape = (len(texts), len(columns))
    matrix = csr_matrix((np.ones(len(rows), np.float32), (rows, places)), shape)
    size, other = np.array([len(some) for some in found]), matrix.T.tocsr()
    pairs = []
    for at in range(0, len(texts), 200):
        both = (matrix[at : at + 200] @ other).tocoo()
        i, j = at + both.row, both.col
        near = (2 * both.data >= SAME * (size[i] + size[j])) & (i < j)
        pairs += zip(i[near].tolist(), j[near].tolist(), strict=True)
    return [(i, j) for i, j in pairs if in_order(found[i], found[j]) >= SAME]


def base(name: str) -> pd.DataFrame:
    """id and text of the mails of a corpus of which no two are natural near-duplicates."""
    frame = load(name)
    texts = near_duplicates.join_texts(frame)
    out = np.zeros(len(frame), bool)
    for i, j in sorted(alike(texts.tolist())):
        out[j] |= not out[i]
    return pd.DataFrame({"id": frame["id"], "text": texts})[~out].reset_index(drop=True)


def half_of(ids: pd.Series) -> np.ndarray:
    """0 or 1 for each mail."""
    return np.array([hashlib.sha256(i.encode()).digest()[0] % 2 for i in ids])


def changed(text: str, share: float, dice: np.random.Generator, vocabulary: list[str]) -> str:
    """The words of a text of which `share` are changed; see the top of this file."""
    found = text.split()
    places = dice.choice(len(found), max(1, round(share * len(found))), replace=False)
    for at in sorted(places, reverse=True):
        how, new = dice.integers(3), vocabulary[dice.integers(len(vocabulary))]
        found[at : at + 1] = [[new], [], [found[at], new]][how]
    return " ".join(found)


def plant(mails: pd.DataFrame, seed: int) -> tuple[list[str], dict[tuple[int, int], float]]:
    """The texts with changed copies at the end, and the rate of each planted pair."""
    dice = np.random.default_rng(seed)
    vocabulary = " ".join(mails["text"]).split()
    long = [i for i, text in enumerate(mails["text"]) if len(words(text)) >= 20]
    chosen = dice.permutation(long)[: EACH * len(RATES)]
    texts, planted = mails["text"].tolist(), {}
    for k, i in enumerate(chosen):
        rate = RATES[k % len(RATES)]
        planted[int(i), len(texts)] = rate
        texts.append(changed(mails["text"][i], rate, dice, vocabulary))
    return texts, planted


def planted(name: str, half: int) -> dict[str, Any]:
    """Recall by rate and precision, of links and of pairs within a cluster, at the default."""
    mails = base(name)
    mails = mails[half_of(mails["id"]) == half].reset_index(drop=True)
    texts, truth = plant(mails, seed=half)
    pairs = near_duplicates.find_near_duplicates(texts)
    numbers = near_duplicates.assign_clusters(len(texts), pairs)
    near = pairs.similarity >= np.float32(near_duplicates.DEFAULT_SIMILARITY)
    links = set(zip(pairs.first[near].tolist(), pairs.second[near].tolist(), strict=True))
    sizes = np.bincount(numbers)
    together = int((sizes * (sizes - 1) // 2).sum())
    result: dict[str, Any] = {"mails": len(mails), "pairs planted": len(truth)}
    for rate in RATES:
        mine = [pair for pair, r in truth.items() if r == rate]
        result[f"recall at {rate:.0%}"] = sum(pair in links for pair in mine) / len(mine)
    right = sum(pair in links for pair in truth)
    joined = sum(numbers[i] == numbers[j] for i, j in truth)
    result["precision of links"] = right / len(links)
    result["precision of clusters"] = int(joined) / together
    return {**result, "mark": MARK}


def natural(name: str) -> dict[str, Any]:
    """Links and clusters of a whole corpus, against comparing every pair with `alike`."""
    frame = load(name)
    texts = near_duplicates.join_texts(frame).tolist()
    started = time.perf_counter()
    pairs = near_duplicates.find_near_duplicates(texts)
    seconds = time.perf_counter() - started
    numbers = near_duplicates.assign_clusters(len(texts), pairs)
    sizes = np.bincount(numbers)
    true = alike(texts)
    labels = frame.groupby(numbers)["label"].nunique()
    linked = (pairs.similarity >= np.float32(near_duplicates.DEFAULT_SIMILARITY)).nonzero()[0]
    found = [words(text) for text in texts]
    fair = [in_order(found[pairs.first[k]], found[pairs.second[k]]) >= SAME for k in linked]
    return {
        "mails": len(texts),
        "seconds": seconds,
        "links": len(linked),
        "of them alike by brute force": float(np.mean(fair)),
        "pairs alike by brute force": len(true),
        "of them in one cluster": float(np.mean([numbers[i] == numbers[j] for i, j in true])),
        "mails in clusters": int(sizes[sizes > 1].sum()),
        "clusters": int((sizes > 1).sum()),
        "clusters with both labels": int((labels > 1).sum()),
        "largest": sorted(sizes.tolist(), reverse=True)[:5],
    }


def sample() -> dict[str, Any]:
    """The sample corpus against the families that its datasheet names."""
    mails = pd.read_csv(ROOT / "data" / "sample_emails.csv", dtype=str, keep_default_na=False)
    truth = pd.read_csv(ROOT / "data" / "sample_truth.csv", dtype=str, keep_default_na=False)
    family = truth.set_index("id")["campaign"].loc[mails["id"]].to_numpy()
    pairs = near_duplicates.find_near_duplicates(near_duplicates.join_texts(mails).tolist())
    numbers = near_duplicates.assign_clusters(len(mails), pairs)
    found = pd.DataFrame({"family": family, "cluster": numbers})
    found = found[found["cluster"].duplicated(keep=False) | (found["family"] != "")]

    def count(columns: list[str]) -> int:
        sizes = found[found["family"] != ""].groupby(columns).size()
        return int((sizes * (sizes - 1) // 2).sum())

    sizes = np.bincount(numbers)
    both = int((sizes * (sizes - 1) // 2).sum())
    return {
        "mails": len(mails),
        "pairs within families": count(["family"]),
        "of them in one cluster": count(["family", "cluster"]) / count(["family"]),
        "pairs within clusters": both,
        "of them in one family": count(["family", "cluster"]) / both,
        "largest": sorted(sizes.tolist(), reverse=True)[:5],
    }


CHILD = """
import json, resource, sys, time
sys.path[:0] = {path!r}
import near_duplicates as benchmark
texts = benchmark.many({count}, {shares!r})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
started = time.perf_counter()
pairs = benchmark.near_duplicates.find_near_duplicates(texts)
numbers = benchmark.near_duplicates.assign_clusters(len(texts), pairs)
print(json.dumps({{
    "mails": len(texts), "MB": sum(map(len, texts)) / 1e6, "seconds": time.perf_counter() - started,
    "links": len(pairs.first), "largest cluster": int(benchmark.np.bincount(numbers).max()),
    "peak before GB": before / 1e6,
    "peak GB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
}}))
"""


def many(count: int, shares: tuple[int, float] | None) -> list[str]:
    """`count` texts from all corpora, seeded.

    After the mails themselves come repeats in another order of words, half of them replaced, so
    that they are distinct. `shares` = (k, p): campaigns of k variants of one mail, a share p of the
    words changed, instead of repeats.
    """
    dice = np.random.default_rng(0)
    own = [text for name in NAMES for text in near_duplicates.join_texts(load(name))]
    vocabulary = " ".join(own).split()
    texts = own[:count]
    while len(texts) < count:
        if shares:
            text = own[dice.integers(len(own))]
            if 20 <= len(text.split()) <= 1000:
                texts += [changed(text, shares[1], dice, vocabulary) for _ in range(shares[0])]
        else:
            found = dice.permutation(own[len(texts) % len(own)].split())
            some = dice.integers(0, len(vocabulary), len(found) // 2)
            found[: len(some)] = [vocabulary[i] for i in some]
            texts.append(" ".join(found))
    return texts[:count]


def scaling(count: int, shares: tuple[int, float] | None) -> dict[str, Any]:
    """Seconds and peak memory of a process that clusters `count` mails."""
    path = [str(ROOT), str(ROOT / "benchmarks")]
    program = CHILD.format(path=path, count=count, shares=shares)
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    if out.returncode:
        raise RuntimeError(out.stderr)
    return {**json.loads(out.stdout.splitlines()[-1]), "mark": "75,000 in ≤ 60 s, ≤ 2 GB"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--half", type=int, default=1, choices=(0, 1))
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    parts: dict[str, Any] = {
        **{f"planted, {name}": lambda n=name: planted(n, chosen.half) for name in NAMES},
        **{f"natural, {name}": lambda n=name: natural(n) for name in NAMES},
        "sample corpus": sample,
        "75,000 distinct": lambda: scaling(75_000, None),
        "75,000, campaigns of 10,000": lambda: scaling(75_000, (10_000, 0.05)),
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
