"""The sections of a card, one function each: facts in, plain text out.

A card travels with the model, so it quotes no text of a mail, nor a word that stands in mails.
"""

import json
from typing import Any

import pandas as pd

from pipeline import models
from pipeline.evaluation import wording
from pipeline.evaluation.figures import FIGURES
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.models.logistic import choose_c
from pipeline.reports.agreement import FIRST, describe_agreement
from pipeline.reports.final_test import read_point
from pipeline.reports.model_card import curves
from pipeline.reports.model_card.card import Block, Card, Points, Section, Table
from pipeline.reports.model_card.facts import Facts
from pipeline.reports.model_card.limits import list_limits
from pipeline.wording import format_count

MOST_SLICES = 10

STRATEGIES = {
    "stratified": "by chance, with the same share of spam in each part and exact copies together",
    "grouped": "by chance, with all copies and near-duplicates of a mail on one side",
    "time": "by date: train is the oldest mail, test the newest",
    "column": "by a column of the file",
}


def write_card(facts: Facts) -> Card:
    """Write the card that states these facts."""
    run = facts.run
    return Card(
        f"Model card: {run.name} of {facts.project}",
        f"Made {facts.made:%Y-%m-%d %H:%M} UTC for a threshold of {facts.point.threshold:.4f}. "
        f"A mail whose score reaches the threshold is called spam{_band(facts.point)}.",
        (
            Section("What it is", _describe_filter(facts)),
            Section("Figures on validation", _figures(facts)),
            *([Section("The final test", _test(facts))] if facts.test else []),
            *([Section("In an inbox", _inbox(facts))] if facts.inbox else []),
            *([Section("Sorts of mails", _slices(facts.slices))]
              if facts.slices is not None and len(facts.slices) else []),
            Section("Limits", (Points(tuple(list_limits(facts))),)),
            Section("The data", _data(facts)),
            Section("How the mails were divided", _split(facts)),
            Section("Features", _features(facts)),
            Section("Model and training", _model(facts)),
            Section("Where it comes from", _origin(facts)),
        ),
    )  # fmt: skip


def _band(point: OperatingPoint) -> str:
    return f", one from {point.unsure_from:.4f} on unsure" if point.has_band else ""


def _from(point: OperatingPoint) -> str:
    return f" (unsure from {point.unsure_from:.4f} on)" if point.has_band else ""


def _counted_with_ham(point: OperatingPoint) -> str:
    if not point.has_band:
        return ""
    return " Unsure mails stay in the inbox; the figures count them as not called spam."


def _describe_filter(facts: Facts) -> tuple[Block, ...]:
    run = facts.run
    blocks = " and ".join(block.kind for block in run.spec.features.blocks)
    model = models.MODELS.describe(run.kind)
    lines: list[Block] = [
        f"A spam filter. Its model is called {model.title} and reads the features {blocks}. "
        f"{model.summary} Each mail gets a score from 0 to 1, the probability that it is spam as "
        "far as the training mails tell.",
        "Made for mail like that it was trained on, to sort what somebody can still look "
        "through. Not made to delete mail unseen, for mail in languages or of people that "
        "its data does not hold, or to judge who wrote a mail.",
    ]
    if run.after_test:
        lines.append("AFTER TEST: made after the test part of its project had been opened.")
    if run.note:
        lines.append(f"Note of its maker: {run.note}")
    if facts.parent:
        lines.append(f"It was made as a change of the run {facts.parent}.")
    return tuple(lines)


def _figures(facts: Facts) -> tuple[Block, ...]:
    figures, ham, spam = facts.figures, facts.figures["n_ham"], facts.figures["n_spam"]
    notes: dict[str, list[str]] = {}
    for name, interval in facts.intervals.items():
        if interval.note:
            notes.setdefault(interval.note, []).append(FIGURES[name].title)
    return (
        f"On {ham:,} ham and {spam:,} spam of validation, at a threshold of "
        f"{facts.point.threshold:.4f}. {facts.point.why}{_counted_with_ham(facts.point)}",
        Table(
            ("figure", "value", "95 % interval", "what it says"),
            tuple(
                (f.title, wording.format_figure(n, figures[n]),
                 wording.format_ends(n, facts.intervals[n]), f.meaning)
                for n, f in FIGURES.items()
            ),
            "Intervals are for other mails of the same kind"
            + (", and count near-duplicates as one." if facts.clustered else "."),
        ),
        *([Points(tuple(f"{', '.join(titles)}: {note}." for note, titles in notes.items()))]
          if notes else []),
        _confusion(figures, "What happened to the validation mails."),
    )  # fmt: skip


def _confusion(figures: dict[str, Any], caption: str) -> Table:
    rows = {
        "ham": ("true_negatives", "unsure_ham", "false_positives"),
        "spam": ("false_negatives", "unsure_spam", "true_positives"),
    }
    # openings older than the band have no such counts
    counts = {label: [int(figures.get(name, 0)) for name in names] for label, names in rows.items()}
    shown = [0, 1, 2] if any(row[1] for row in counts.values()) else [0, 2]
    columns = ("called ham", "unsure", "called spam")
    return Table(
        ("label", *(columns[i] for i in shown)),
        tuple((label, *(f"{row[i]:,}" for i in shown)) for label, row in counts.items()),
        caption,
    )


def _test(facts: Facts) -> tuple[Block, ...]:
    report = facts.test
    assert report is not None
    opening, test, intervals = report.opening, report.summaries["test"], report.intervals
    parts = [part for part in ("validation", "test") if part in report.summaries]
    sentences = [
        describe_agreement(a, intervals["validation"][a.figure], intervals["test"][a.figure])
        for a in report.agreements
        if a.figure == FIRST
    ]
    rows = [
        (
            figure.title,
            *(
                wording.format_figure(
                    name, report.summaries[part].get(name), intervals.get(part, {}).get(name)
                )
                for part in parts
            ),
        )
        for name, figure in FIGURES.items()
    ]
    return (
        f"Opened once, on {opening.time[:10]}, for this run, at a threshold of "
        f"{opening.threshold:.4f}{_from(read_point(opening))}: {test['n_ham']:,} ham and "
        f"{test['n_spam']:,} spam that had no part in training or choosing. " + " ".join(sentences),
        Table(
            ("figure", *parts),
            tuple(rows),
            "Both at the threshold of the opening, in brackets the 95 % intervals.",
        ),
        _confusion(test, "What happened to the test mails."),
        *report.notes,
    )


def _slices(table: pd.DataFrame) -> tuple[Block, ...]:
    """The slices that fare worse than the rest; senders and columns of the file are left out."""
    worse = table[table["standing"] == "worse"].head(MOST_SLICES)
    if worse.empty:
        return (
            f"Of {format_count(len(table), 'sort')} of validation mails that were looked at, none "
            "surely fares worse than the rest.",
        )
    rows = tuple(
        (
            f"{row.property}: {row.value}",
            f"{row.mails:,}",
            f"{row.error_rate:.2%}",
            f"{row.rest_rate:.2%}",
        )
        for row in worse.itertuples()
    )
    return (
        Table(
            ("sort", "mails", "wrong", "wrong among the rest"),
            rows,
            f"Surely worse than the rest, of {len(table):,} sorts that were looked at.",
        ),
    )


def _inbox(facts: Facts) -> tuple[Block, ...]:
    assert facts.inbox is not None
    share, mails = facts.coming_in
    names = {"ham_lost": "ham lost", "spam_seen": "spam left in the inbox", "unsure": "unsure"}
    rows = tuple(
        (title, wording.format_week(*facts.inbox[name]))
        for name, title in names.items()
        if name in facts.inbox
    )
    sentence = (
        f"Where {mails:,.0f} mails a day come in, {share:.0%} of them spam, an ordinary week has:"
    )
    return (sentence, Table(("what", "mails a week"), rows))


def _data(facts: Facts) -> tuple[Block, ...]:
    if facts.faults is None:
        return (
            "The project has other mails or another split by now; the fingerprints below say which "
            "mails this run learned from.",
        )
    faults = facts.faults
    files = ", ".join(facts.files[:10]) + (" and others" if len(facts.files) > 10 else "")
    return (
        f"{format_count(faults.ham + faults.spam, 'mail')} may be looked at: {faults.ham:,} ham "
        f"and {faults.spam:,} spam ({faults.spam / (faults.ham + faults.spam):.1%})."
        + (f" They were read from {files}." if files else "")
        + " What follows was found in these; mails of a sealed test part are not among them.",
        *([f"Dates: {faults.dates}."] if faults.dates else []),
        Points(faults.findings) if faults.findings else "No fault was found in them.",
    )


def _split(facts: Facts) -> tuple[Block, ...]:
    spec = facts.run.spec.split
    how = STRATEGIES.get(spec.strategy, spec.strategy)
    if spec.column:
        how += f", {spec.column}"
    seed = f", seed {spec.seed}" if spec.strategy in ("stratified", "grouped") else ""
    blocks: list[Block] = [f"Divided {how}{seed}."]
    if facts.counts is not None:
        blocks.append(
            Table(
                ("part", "ham", "spam", "mails"),
                tuple(
                    (
                        str(part),
                        *("sealed" if pd.isna(row[k]) else f"{row[k]:,}" for k in ("ham", "spam")),
                        f"{row['mails']:,}",
                    )
                    for part, row in facts.counts.iterrows()
                ),
            )
        )
    if facts.crossings is not None:
        lines = {"train to validation": facts.crossings.validation,
                 "train and validation to test": facts.crossings.test}  # fmt: skip
        crossing = [
            f"from {name} {format_count(c.pairs, 'pair')} "
            f"({format_count(c.mails, 'mail')} with a twin)"
            for name, c in lines.items()
        ]
        blocks.append(
            f"Copies and near-duplicates (similarity of {facts.crossings.threshold:.2f} or more) "
            f"on two sides: {'; '.join(crossing)}."
        )
    return tuple(blocks)


def _features(facts: Facts) -> tuple[Block, ...]:
    rows = [
        (block.kind, name, json.dumps(value))
        for block in facts.run.spec.features.blocks
        for name, value in (block.parameters or {"": None}).items()
    ]
    return (
        f"{facts.width:,} columns, learned on train mails only.",
        Table(("block", "parameter", "value"), tuple(rows)),
    )


def _model(facts: Facts) -> tuple[Block, ...]:
    run, model = facts.run, models.MODELS.describe(facts.run.kind)
    slope, offset = facts.calibration.slope, facts.calibration.offset
    parameters = {**run.spec.model.parameters, "seed": run.spec.model.seed}
    best = run.best_epoch if model.keeps_best_epoch else None
    drawn = curves.draw_loss_curves(facts.curves, model.epoch_name, best)
    lines = [f"{run.name}: {model.title}."]
    if best is not None:
        lines.append(f"The weights are those of {model.epoch_name} {best} of {run.epochs}.")
    if run.choice:
        lines.append(
            f"C = {choose_c(run.choice):,.3g} was chosen by cross-validation inside train."
        )
    if run.status == "stopped":
        lines.append("Its maker stopped the training; the best epoch so far was kept.")
    lines.append(
        "Its scores needed no calibration."
        if (slope, offset) == (1.0, 0.0)
        else f"Its log-odds were calibrated on validation: {slope:.3f} times plus {offset:.3f} "
        "(Platt's method), which leaves the order of the mails as it is."
    )
    findings = [f"{d['verdict']}: {d['evidence']}" for d in run.diagnosis]
    return (
        " ".join(lines),
        Table(("parameter", "value"), tuple((k, json.dumps(v)) for k, v in parameters.items())),
        *([drawn] if drawn else []),
        *([Points(tuple(findings))] if findings else []),
    )


def _origin(facts: Facts) -> tuple[Block, ...]:
    run = facts.run
    rows = {
        "run": run.id,
        "made": f"{run.created:%Y-%m-%d %H:%M} UTC",
        "mails (fingerprint)": run.spec.dataset,
        "split (fingerprint)": run.split,
        **{
            name if name == "machine" else f"version of {name}": version
            for name, version in run.environment.items()
        },
    }
    return (Table(("what", "value"), tuple(rows.items())),)
