"""What is wrong with a dataset, told before anything is trained on it.

Cheap by design: the near-duplicates that the report uses are found elsewhere
(`pipeline.similarity.near_duplicates`) and labels that look wrong are `label_review`'s. One idea a
file: each looks at one side of the data and says its findings.
"""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pipeline.mail.dataset import Dataset
from pipeline.quality import balance, copies, gives_away, languages, lengths, missing, times, tokens
from pipeline.quality.finding import LEVELS, Finding, Level
from pipeline.quality.lengths import BINS, Lengths
from pipeline.similarity import near_duplicates

__all__ = ["BINS", "LEVELS", "Finding", "Lengths", "Level", "Quality", "report"]


@dataclass(frozen=True)
class Quality:
    """The figures of a dataset; dicts by class have both classes unless a class has no mail.

    `repeats` counts mails whose subject and body an earlier mail has; `contradictions` the mails
    of such groups that carry both labels. `dates` is the first and last date by class, without
    the classes that have none. The tables are for charts: `missing_by_class` (column, ham, spam:
    share that lacks it), `over_time` (period, ham, spam: mails by `unit`) and `languages`
    (language, ham, spam: mails).
    """

    counts: dict[str, int]
    spam_share: float
    missing: dict[str, int]
    repeats: int
    contradictions: int
    lengths: dict[str, Lengths]
    dates: dict[str, tuple[pd.Timestamp, pd.Timestamp]]
    findings: tuple[Finding, ...]
    unit: str
    missing_by_class: pd.DataFrame = field(compare=False, repr=False)
    over_time: pd.DataFrame = field(compare=False, repr=False)
    languages: pd.DataFrame = field(compare=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """For JSON: the counts and every finding (`Finding.to_dict`), the serious ones first."""
        return {
            "counts": self.counts,
            "spam_share": self.spam_share,
            "missing": self.missing,
            "repeats": self.repeats,
            "contradictions": self.contradictions,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def report(
    dataset: Dataset,
    pairs: near_duplicates.Pairs | None = None,
    threshold: float = near_duplicates.DEFAULT,
) -> Quality:
    """All figures and findings, the serious ones first.

    Args:
        dataset: the mails that may be looked at; at least one.
        pairs: their near-duplicates, by position in the frame of `dataset`; without them nothing
            is said of near-duplicates.
        threshold: similarity from which two mails are of one group.
    """
    frame = dataset.frame
    spam = (frame["label"] == "spam").to_numpy()
    texts = copies.texts_of(frame)
    empty = missing.blank(frame)
    missing_by_class = missing.by_class(frame, empty)
    length = lengths.characters(frame)
    by_length = lengths.by_class(length, frame["label"])
    dates = times.first_and_last(frame)
    unit, over_time = times.over_time(frame)
    by_language = languages.by_class(languages.languages(frame), frame["label"])
    both = copies.on_both_labels(frame, texts)
    findings = [
        *both,
        *balance.on_size(dataset.counts),
        *copies.on_copies(frame, texts),
        *missing.on_empty(frame, empty),
        *times.on_times(frame, dates, unit, over_time),
        *lengths.on_lengths(length, frame["label"], by_length),
        *languages.on_languages(by_language),
        *languages.on_broken(frame),
        *missing.on_constant(frame),
    ]
    if pairs is not None:
        clusters = near_duplicates.clusters(len(frame), pairs, threshold)
        findings += copies.on_near_copies(frame, texts, clusters)
    if 0 < spam.sum() < len(spam):
        findings += [
            *missing.on_missing(frame, missing_by_class),
            *gives_away.on_columns(frame, spam),
            *gives_away.on_senders(frame, spam),
            *gives_away.on_raw(frame, spam),
            *gives_away.on_ids(frame, spam),
            *tokens.on_tokens(frame),
        ]
    return Quality(
        counts=dataset.counts,
        spam_share=dataset.counts["spam"] / len(frame),
        missing={name: int(n) for name, n in empty.sum().items()},
        repeats=int(texts.duplicated().sum()),
        contradictions=sum(len(found.ids) for found in both),
        lengths=by_length,
        dates=dates,
        findings=tuple(sorted(findings, key=lambda found: LEVELS.index(found.level))),
        unit=unit,
        missing_by_class=missing_by_class,
        over_time=over_time,
        languages=by_language,
    )
