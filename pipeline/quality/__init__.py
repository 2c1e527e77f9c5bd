"""Finds what is wrong with a dataset before anything is trained on it.

Cheap by design: the near-duplicates that the report uses are computed elsewhere
(`pipeline.similarity.near_duplicates`), and `label_review` lists labels that look wrong. Each file
checks one aspect of the data and returns its findings.

>>> frame = pd.DataFrame({
...     "id": [str(i) for i in range(4)], "label": ["ham", "spam", "ham", "ham"],
...     "subject": ["Lunch", "Win!", "Lunch", "Plan"], "body": ["Noon?", "Prize", "Noon?", "Done"],
...     "sender": None, "date": pd.to_datetime([None] * 4, utc=True), "group": None,
... }).astype({"sender": "str"})
>>> report = build_quality_report(Dataset("tiny", frame))
>>> report.repeats
1
>>> [finding.kind for finding in report.findings]
['small_class', 'copies']
"""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pipeline.mail.dataset import Dataset
from pipeline.quality import (
    balance,
    copies,
    label_leakage,
    languages,
    lengths,
    missing,
    times,
    tokens,
)
from pipeline.quality.finding import LEVELS, Finding, Level
from pipeline.quality.lengths import BINS, Lengths
from pipeline.similarity import near_duplicates

__all__ = ["BINS", "LEVELS", "Finding", "Lengths", "Level", "Quality", "build_quality_report"]


@dataclass(frozen=True)
class Quality:
    """The quality report of a dataset; dicts by class lack a class without mails.

    Attributes:
        counts: mails per label.
        spam_share: share of spam, 0 to 1.
        missing: empty cells per column.
        repeats: mails whose subject and body an earlier mail has as well.
        contradictions: mails whose text occurs under both labels.
        lengths: characters per mail, by class.
        dates: the first and last date by class, without classes that have none.
        findings: what is wrong, the serious findings first.
        unit: the length of a period in `over_time`, such as "month".
        missing_by_class: columns column, ham, spam (share of the class that lacks it, 0 to 1).
        over_time: columns period, ham, spam (mails).
        languages: columns language, ham, spam (mails).
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
        """The counts and all findings (`Finding.to_dict`), the serious ones first, for JSON."""
        return {
            "counts": self.counts,
            "spam_share": self.spam_share,
            "missing": self.missing,
            "repeats": self.repeats,
            "contradictions": self.contradictions,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def build_quality_report(
    dataset: Dataset,
    pairs: near_duplicates.Pairs | None = None,
    threshold: float = near_duplicates.DEFAULT_SIMILARITY,
) -> Quality:
    """Run all checks on a dataset.

    Args:
        dataset: at least one mail; no sealed ones.
        pairs: the near-duplicates, by position in the frame of `dataset`; without them,
            near-duplicates are not checked.
        threshold: the similarity from which two mails are in one group, 0 to 1.
    """
    frame = dataset.frame
    spam = (frame["label"] == "spam").to_numpy()
    texts = copies.number_texts(frame)
    empty = missing.find_empty_cells(frame)
    missing_by_class = missing.compute_missing_shares(frame, empty)
    length = lengths.count_characters(frame)
    by_length = lengths.summarize_lengths(length, frame["label"])
    dates = times.find_date_ranges(frame)
    unit, over_time = times.count_by_period(frame)
    by_language = languages.count_by_class(languages.detect_languages(frame), frame["label"])
    contradictions = copies.check_both_labels(frame, texts)
    findings = [
        *contradictions,
        *balance.check_size(dataset.counts),
        *copies.check_copies(frame, texts),
        *missing.check_empty_mails(frame, empty),
        *times.check_times(frame, dates, unit, over_time),
        *lengths.check_lengths(length, frame["label"], by_length),
        *languages.check_languages(by_language),
        *languages.check_broken_letters(frame),
        *missing.check_constant_columns(frame),
    ]
    if pairs is not None:
        clusters = near_duplicates.assign_clusters(len(frame), pairs, threshold)
        findings += copies.check_near_copies(frame, texts, clusters)
    if 0 < spam.sum() < len(spam):
        findings += [
            *missing.check_missing_cells(frame, missing_by_class),
            *label_leakage.check_columns(frame, spam),
            *label_leakage.check_senders(frame, spam),
            *label_leakage.check_raw_messages(frame, spam),
            *label_leakage.check_ids(frame, spam),
            *tokens.check_tokens(frame),
        ]
    return Quality(
        counts=dataset.counts,
        spam_share=dataset.counts["spam"] / len(frame),
        missing={name: int(n) for name, n in empty.sum().items()},
        repeats=int(texts.duplicated().sum()),
        contradictions=sum(len(finding.ids) for finding in contradictions),
        lengths=by_length,
        dates=dates,
        findings=tuple(sorted(findings, key=lambda finding: LEVELS.index(finding.level))),
        unit=unit,
        missing_by_class=missing_by_class,
        over_time=over_time,
        languages=by_language,
    )
