"""Write docs/benchmarks.md from benchmarks/*.json.

``python -m scripts.benchmarks`` rewrites the page; a test says when it is out of date. No figure is
written by hand: each comes from the file that its benchmark wrote, with what that file says of when
and where it was measured. A section names its figures by their keys, so that a figure which is not
measured any more is missing here with a KeyError.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import app, results

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
HEADER = """# Benchmarks

Written by `python -m scripts.benchmarks` from the JSON files in `benchmarks/`; nothing here is
typed by hand. A mark is the goal that was set for a figure. It stands beside the figure, also where
the figure misses it. "Not recorded" means that the figure was measured before the benchmarks wrote
down when and where they ran.

The research corpora are not part of the project. A benchmark that needs them reads the folder that
`SPAMLAB_CORPORA` names: SMS (the SMS Spam Collection), Ling-Spam, Enron 1 and 3, and
SpamAssassin 2. The words of the figures are in the [glossary](glossary.md#figures).
"""
CORPORA = {
    "sms": "SMS",
    "lingspam": "Ling-Spam",
    "enron1": "Enron 1",
    "enron3": "Enron 3",
    "spamassassin2": "SpamAssassin 2",
    "sample": "the sample",
}
Figures = Mapping[str, Any]
Table = tuple[Sequence[str], Iterable[Sequence[object]]]


@dataclass(frozen=True)
class Section:
    """One benchmark: its heading, its script, what it measures, and its tables."""

    title: str
    script: str
    text: str
    tables: Callable[[Figures], Iterator[Table]]


def render() -> str:
    """The page as Markdown."""
    parts = [HEADER]
    for section in SECTIONS:
        path = results.FOLDER / f"{section.script}.json"
        parts.append(f"## {section.title}\n\n{section.text}\n")
        parts.append(_describe_records(section.script, path))
        parts += [_draw(*table) for table in section.tables(results.read_figures(path))]
    return "\n".join(parts)


def _describe_records(script: str, path: Path) -> str:
    """When and where the parts were measured, a line for each record."""
    records = results.read_records(path)
    parts: dict[str, list[str]] = {}
    for part in results.read_figures(path):
        parts.setdefault(_describe_record(script, records.get(part, {})), []).append(part)
    if len(parts) == 1:
        return f"*{next(iter(parts))}*\n"
    return "\n".join(f"- *{', '.join(names)}: {record}*" for record, names in parts.items()) + "\n"


def _describe_record(script: str, record: Figures) -> str:
    machine = [record.get("machine"), record.get("cores") and f"{record['cores']} cores"]
    machine += [f"load {record['load']}" if "load" in record else None]
    machine += [record.get("python") and f"Python {record['python']}"]
    where = ", ".join(filter(None, machine))
    command = record.get("command") or f"python benchmarks/{script}.py"
    return (
        f"`{command}`; date: {record.get('date') or 'not recorded'}; "
        f"commit: {record.get('commit') or 'not recorded'}; machine: {where or 'not recorded'}."
    )


def _draw(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(value: object) -> str:
    """A number with the digits that mean something; text as it is."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, float):
        if value == 0:
            return "0"
        digits = max(0, 2 - math.floor(math.log10(abs(value))))
        return f"{value:,.{min(digits, 6)}f}"
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", r"\|")


def _share(value: float) -> str:
    return f"{value:.1%}"


def _ratio(value: float) -> str:
    """A share that lies near 1, where the third digit matters."""
    return f"{value:.4f}"


def _app(figures: Figures) -> Iterator[Table]:
    rows = [
        (title, f"≤ {mark:g}" if mark else "", figures[key])
        for key, (title, mark) in app.MARKS.items()
        if key in figures  # some were added after these were measured
    ]
    yield ("what", "mark", "measured"), rows


def _intervals(figures: Figures) -> Iterator[Table]:
    yield (
        ("mails", "resamples", "all figures, s", "memory added, MB", "a moved threshold, s"),
        [
            (f["mails"], f["resamples"], f["seconds"], f["MB more"],
             f["moved threshold, s (median of 9)"])
            for f in figures["speed"]
        ],
    )  # fmt: skip
    peer = figures["peer"]
    yield (
        ("peer", "figures", "s, for 2,000 resamples", "times ours"),
        [("SciPy's bootstrap of scikit-learn's functions", peer["figures"],
          peer["seconds by 2,000 resamples"], peer["times ours"])],
    )  # fmt: skip
    rows = []
    for design in figures["coverage"]:
        held = [f["holds it"] for f in design["figures"].values() if f["holds it"] is not None]
        plain = [f["plain percentiles hold it"] for f in design["figures"].values()]
        rows.append(
            (design["clusters"], design["simulations"], "93 to 97",
             f"{min(held):.1f} to {max(held):.1f}", f"{min(plain):.1f} to {max(plain):.1f}")
        )  # fmt: skip
    head = ("clusters", "simulations", "mark", "intervals that hold the truth, of 100",
            "plain percentiles")  # fmt: skip
    yield head, rows


def _comparison(figures: Figures) -> Iterator[Table]:
    speed = figures["speed"]
    yield ("two runs compared, mails", "s"), [(speed["mails"], speed["seconds"])]
    rows = []
    for name in (name for name in CORPORA if name in figures):
        corpus, each = figures[name], figures[name]["figures"]
        for who in ("baseline", "network"):
            shown = [_ratio(each["f1"][who]), *(f"{each[k][who]:.2%}" for k in ("hm", "sm"))]
            auc = f"{100 * each['one_minus_auc'][who]:.4f}"
            rows.append((CORPORA[name], who, corpus["mails"], shown[0], auc, *shown[1:]))
    yield ("corpus", "run", "validation mails", "F1", "(1-ROCA)%", "hm%", "sm%"), rows
    yield (
        ("corpus", "fixed", "broken", "verdict"),
        [
            (CORPORA[name], figures[name]["fixed"], figures[name]["broken"],
             figures[name]["verdict"].partition(": ")[2])
            for name in CORPORA if name in figures
        ],
    )  # fmt: skip


def _errors_page(figures: Figures) -> Iterator[Table]:
    rows = [(step, f["seconds"], f["processor"]) for step, f in figures["steps"].items()]
    yield ("step", "s", "s of the processor"), rows


def _threshold(figures: Figures) -> Iterator[Table]:
    rows = [(what, f["median"], f["worst"]) for what, f in figures["seconds"].items()]
    yield (f"{figures['mails']:,} validation mails", "median, s", "worst, s"), rows


def _intake(figures: Figures) -> Iterator[Table]:
    rows = [
        (what, f["mails"], f["seconds"], f["CPU seconds"], f["peak MB"])
        for what, f in figures.items()
        if not f["said"]
    ]
    yield ("file", "mails", "s", "s of the processor", "peak memory, MB"), rows
    refused = [(what, f["said"].partition("; ")[0]) for what, f in figures.items() if f["said"]]
    yield ("file that is refused", "the sentence"), refused


def _near_duplicates(figures: Figures) -> Iterator[Table]:
    keys = ("recall at 5%", "recall at 10%", "recall at 20%", "precision of links",
            "precision of clusters")  # fmt: skip
    planted = {
        k.removeprefix("planted, "): v for k, v in figures.items() if k.startswith("planted")
    }
    yield (
        ("corpus", "pairs planted", *keys),
        [(CORPORA[n], f["pairs planted"], *(_ratio(f[k]) for k in keys))
         for n, f in planted.items()],
    )  # fmt: skip
    yield (
        ("mails", "MB", "s", "peak memory, GB", "largest cluster", "mark"),
        [(name, f["MB"], f["seconds"], f["peak GB"], f["largest cluster"], f["mark"])
         for name, f in figures.items() if name.startswith("75,000")],
    )  # fmt: skip


def _label_review(figures: Figures) -> Iterator[Table]:
    lists = figures["lists"]
    ways = list(dict.fromkeys(row["way"] for row in lists))
    groups: dict[tuple[str, str], dict[str, list[float]]] = {}
    for row in lists:
        group = groups.setdefault((row["corpus"], row["fault"]), {way: [] for way in ways})
        group[row["way"]].append(row["recall in the first 6 %"])
    yield (
        ("corpus", "wrong labels", *ways),
        [
            (
                CORPORA[corpus],
                fault,
                *(_share(sum(seeds) / len(seeds)) for seeds in by_way.values()),
            )
            for (corpus, fault), by_way in groups.items()
        ],
    )


def _quality(figures: Figures) -> Iterator[Table]:
    yield (
        ("corpus", "mails", "repeats", "contradictions", "findings", "near-duplicates, s",
         "report, s"),
        [(CORPORA[n], f["mails"], f["repeats"], f["contradictions"], len(f["findings"]),
          f["seconds_near_duplicates"], f["seconds_report"]) for n, f in figures.items()],
    )  # fmt: skip


def _splits(figures: Figures) -> Iterator[Table]:
    rows = [
        (CORPORA[name], strategy, f["exact to validation"], f["near to validation"],
         _ratio(f["F1"]), f["(1-ROCA)%"])
        for name, both in figures.items() for strategy, f in both.items()
    ]  # fmt: skip
    head = ("corpus", "split", "copies from train to validation", "near-duplicates likewise",
            "F1 on validation", "(1-ROCA)%")  # fmt: skip
    yield head, rows


def _explain(figures: Figures) -> Iterator[Table]:
    rows = []
    for name, f in figures.items():
        corpus, model = name.split(", ", 1)
        removed = f["deletion"]
        rows.append(
            (CORPORA[corpus], model, f"{f['largest distance of the sum']:.0e}",
             f"{f['share with residual ≤ 1 %']:.2%}", removed["fall without 10 strongest"],
             removed["fall without 10 random"], removed["times"], f["ms a mail, median"])
        )  # fmt: skip
    head = ("corpus", "model", "largest distance of the sum",
            "mails with a residual of at most 1 %", "fall without the 10 strongest words",
            "without 10 random ones", "times", "ms a mail, median")  # fmt: skip
    yield head, rows


def _what_if(figures: Figures) -> Iterator[Table]:
    whole = {name: f for name, f in figures.items() if "with a cut" not in f}
    cuts = {name: f for name, f in figures.items() if "with a cut" in f}
    yield (
        ("what", "median, ms", "largest, ms"),
        [(name, f["ms, median"], f["ms, largest"]) for name, f in whole.items()],
    )
    yield (
        ("smallest cut", "mails", "with a cut", "words, median", "median, ms"),
        [(name, f["mails"], f["with a cut"], f["words, median"], f["ms, median"])
         for name, f in cuts.items()],
    )  # fmt: skip


def _slices(figures: Figures) -> Iterator[Table]:
    yield (
        ("corpus", "validation mails", "slices", "worse", "better", "properties, s", "table, s"),
        [(CORPORA[n], f["mails"], f["slices"], f["worse"], f["better"], f["seconds_properties"],
          f["seconds_table"]) for n, f in figures.items()],
    )  # fmt: skip


def _errors(figures: Figures) -> Iterator[Table]:
    rows = []
    for name, measured in figures.items():
        first, errors = measured[0], measured[0]["errors"]
        rows.append(
            (CORPORA[name], first["mails"], errors.get("false positive", 0),
             errors.get("false negative", 0), len(first["groups"]), first["alone"],
             sum(first["seconds"].values()))
        )  # fmt: skip
    head = ("corpus", "validation mails", "false positives", "false negatives", "groups",
            "errors in none", "s")  # fmt: skip
    yield head, rows


def _protocols(figures: Figures) -> Iterator[Table]:
    rows = []
    for name, f in figures.items():
        protocol, model = name.rsplit(", ", 1)
        told = [k for k in f if k != "mark" and not k.startswith(("at 0.5", "errors at 0.5"))]
        said = ", ".join(f"{k} {_percent(f[k]) if k in NEAR_100 else _cell(f[k])}" for k in told)
        rows.append((protocol, model, f["mark"], said))
    yield ("protocol", "model", "mark", "measured"), rows


NEAR_100 = ("accuracy %", "spam recall %", "ham recall %")
"""Percentages whose second decimal decides whether a mark is met."""


def _percent(value: float) -> str:
    return f"{value:.2f}"


def _filters(figures: Figures) -> Iterator[Table]:
    rows = []
    for name, f in figures.items():
        mean = f["mean"]
        keys = ("bogofilter", "logistic", "logistic, all header fields",
                "logistic, 85 % of train", "mlp, 85 % of train")  # fmt: skip
        corpus = CORPORA[name.removeprefix("quality, ")]
        rows.append((corpus, *map(mean.get, keys), f["ratio"], f"≤ {f['mark']:.2f}"))
    head = ("corpus", "bogofilter", "logistic", "logistic, all header fields",
            "logistic, 85 % of train", "network, 85 % of train", "logistic ÷ bogofilter",
            "mark")  # fmt: skip
    yield head, rows


def _speed(figures: Figures) -> Iterator[Table]:
    for name, f in figures.items():
        rows = [(what, value) for what, value in f.items() if what != "mark"]
        yield (f"{name} (mark: {f['mark']})", "measured"), rows


SECTIONS = (
    Section(
        "How long a user waits", "app",
        "The app in Chromium, with 5,512 mails. Other work on the machine makes the times larger.",
        _app,
    ),
    Section(
        "Published protocols", "protocols",
        "Every model at its defaults and at its own threshold, by the protocols of published work.",
        _protocols,
    ),
    Section(
        "Against bogofilter", "filters",
        "(1-ROCA)% on the same mails, mean of several divisions 70 / 30. The network and the "
        "logistic regression beside it learn from 85 % of train, because the rest chooses the "
        "best epoch. By default the header fields that tell where and when a corpus was collected "
        "are not read; bogofilter reads them.",
        _filters,
    ),
    Section(
        "Baseline against network", "comparison",
        "As `spamlab train` does it: grouped split, seed 0, the defaults, each run at its own "
        "threshold, on the validation mails. These figures describe and do not prove: threshold, "
        "calibration and best epoch were chosen on the same mails.",
        _comparison,
    ),
    Section(
        "What a split is worth", "splits",
        "Pairs of mails that cross from train to validation, summed over 20 seeds, and the figures "
        "of the baseline, mean over the seeds.",
        _splits,
    ),
    Section(
        "Intervals", "intervals",
        "The time for all figures with their intervals, and how often an interval holds the true "
        "figure of simulated mails in clusters: over all figures, the lowest and the highest.",
        _intervals,
    ),
    Section(
        "Features, network and scoring against the usual ways", "speed",
        "The same mails, in the same run. The marks are for speed against each peer.",
        _speed,
    ),
    Section(
        "Reading files", "intake",
        "Each file is read in a process of its own.",
        _intake,
    ),
    Section(
        "Near-duplicates", "near_duplicates",
        "Copies of mails in which 5, 10 or 20 % of the words were changed, and how many of them "
        "the search finds; then the time for 75,000 mails. The mark of the first table: recall "
        "≥ 0.99, 0.95 and 0.7 at a precision ≥ 0.98.",
        _near_duplicates,
    ),
    Section(
        "Quality report", "quality",
        "What the report says of each corpus; repeats are mails that repeat an earlier one word "
        "for word.",
        _quality,
    ),
    Section(
        "Labels that look wrong", "label_review",
        "How many of the planted wrong labels stand in the first 6 % of the list, mean over the "
        "seeds (mark: 80 %). The columns are ways to make the list; the first is what the app "
        "does.",
        _label_review,
    ),
    Section(
        "Error analysis", "errors",
        "The baseline learns from 60 % of a corpus and is judged on 38 %, so that there are errors "
        "to group.",
        _errors,
    ),
    Section(
        "Slices", "slices",
        "How many slices are looked at, and on how many the model errs surely more or less than on "
        "the rest.",
        _slices,
    ),
    Section(
        "Explanations", "explain",
        "Whether the shares of the features add up to the score (mark: 1e-4), how much integrated "
        "gradients leave over (mark: at most 1 % for 99 % of the mails), and how far the log-odds "
        "fall without the words that the explanation names.",
        _explain,
    ),
    Section(
        "What if", "what_if",
        "An edited mail scored and explained again, and the smallest cut that turns the call.",
        _what_if,
    ),
    Section(
        "The threshold", "threshold",
        "What a moved slider on the Evaluate page takes, in seconds of the processor.",
        _threshold,
    ),
    Section(
        "The Errors page", "errors_page",
        "A simulated project of 50,000 validation mails (mark: 0.5 s of the processor a filter).",
        _errors_page,
    ),
)  # fmt: skip


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
