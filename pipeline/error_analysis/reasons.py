"""Small questions about a mail, whose answers may explain why it was misclassified.

Each gives every mail a value: yes or no, a number, or a word. Errors and correct mails are measured
alike, to show whether errors have a reason more often. No reason needs a model.

>>> mails = pd.DataFrame({"subject": ["Lunch"], "body": ["See you at noon"]})
>>> describe_reasons(compute_reasons(MailFacts(mails)))
['short text (5 words)']
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pipeline.evaluation.operating_point import HALF, OperatingPoint

SHORT = 10
"""A mail is short up to this many words of subject and text."""
READ = 4000
"""Only the words in the first characters of a mail are looked up; 50,000 mails of 1,500 characters
take 4 s."""
UNSEEN, UNUSUAL = 0.1, 0.9
"""A share of unseen words is high from 10% on, if it is also higher than in 90% of the mails."""
NEAR = 0.15
"""Nearer to the threshold than this, either call was possible."""
COMMON = 0.1
"""A model can learn a language if at least 10% of the train mails are in it."""
SAMPLE = 2000
"""The languages of at most this many train mails are detected, which gives a share of 10% to within
about 1.3 points."""
MONTH = 365.25 / 12
"""The mean number of days in a month."""

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class MailFacts:
    """What the reasons are computed from; a reason without its facts is skipped.

    Attributes:
        mails: n mails of an evaluation, in its order: columns subject, body, date.
        properties: from `slices.properties.compute_properties`.
        train: the mails that the run has learnt from: columns subject, body, date.
        twins: from `find_contradicting_twins`, [n].
        spam: True for each mail labelled spam, [n].
        scores: P(spam) by the run, [n].
        point: the operating point of the run.
        others: what other runs call each mail, by their names, [n]; "" if they did not score it.
        suspicion: P(the opposite label) of the mails whose label is suspicious, otherwise 0, [n].
        first: the number of bytes of a mail that the model reads.
    """

    mails: pd.DataFrame
    properties: pd.DataFrame | None = None
    train: pd.DataFrame | None = None
    twins: np.ndarray | None = None
    spam: np.ndarray | None = None
    scores: np.ndarray | None = None
    point: OperatingPoint = HALF
    others: Mapping[str, np.ndarray] = field(default_factory=dict)
    suspicion: np.ndarray | None = None
    first: int | None = None

    @property
    def wrong(self) -> np.ndarray:
        assert self.scores is not None
        assert self.spam is not None
        return self.point.is_wrong(self.scores, self.spam)


def count_words(facts: MailFacts) -> np.ndarray | None:
    """Count the words of subject and text."""
    return np.array([len(text[:READ].split()) for text in _texts(facts.mails)])


def measure_unseen_words(facts: MailFacts) -> np.ndarray | None:
    """Measure the share of a mail's distinct words that are in no train mail; NaN without words."""
    if facts.train is None:
        return None
    known: set[str] = set()
    for text in _texts(facts.train):
        known.update(_WORD.findall(text))
    shares = []
    for text in _texts(facts.mails):
        words = set(_WORD.findall(text))
        shares.append(len(words - known) / len(words) if words else np.nan)
    return np.array(shares, np.float64)


def is_newsletter_like(facts: MailFacts) -> np.ndarray | None:
    """Whether the mail is in the slice of this name."""
    return _read_property(facts, "newsletter-like", lambda values: (values == "yes").to_numpy(bool))


def classify_reply(facts: MailFacts) -> np.ndarray | None:
    """Classify as "reply", "forward" or ""."""
    return _read_property(
        facts, "reply or forward", lambda values: values.astype(object).replace("neither", "")
    )


def get_suspicion(facts: MailFacts) -> np.ndarray | None:
    """Get P(the opposite label); 0 if the label is not suspicious."""
    return facts.suspicion


def get_twin_similarity(facts: MailFacts) -> np.ndarray | None:
    """Get the similarity to the nearest train mail with the opposite label; 0 if none is near."""
    return facts.twins


def measure_age_gap(facts: MailFacts) -> np.ndarray | None:
    """Measure the months after the newest train mail; 0 if not newer, NaN without a date."""
    if facts.train is None or facts.train["date"].isna().all():
        return None
    later = facts.mails["date"] - facts.train["date"].max()
    return np.asarray(np.maximum(later / pd.Timedelta(days=MONTH), 0.0), np.float64)


def find_rare_language(facts: MailFacts) -> np.ndarray | None:
    """Find the language or script of a mail if it is rare in train, otherwise ""."""
    if facts.train is None:
        return None
    from pipeline.quality.languages import UNKNOWN, detect_languages

    train = facts.train.sample(min(SAMPLE, len(facts.train)), random_state=0)
    shares = detect_languages(train).value_counts(normalize=True)
    common = {str(name) for name in shares.index[shares >= COMMON]} | {UNKNOWN}
    own = (
        _read_property(facts, "language or script", lambda values: values.astype(object))
        if facts.properties is not None
        else detect_languages(facts.mails).to_numpy(object)
    )
    return None if own is None else np.array(["" if x in common else x for x in own], object)


def measure_unread_share(facts: MailFacts) -> np.ndarray | None:
    """Measure the share of the mail that the model does not read."""
    if facts.first is None:
        return None
    return np.array(
        [_measure_unread(text, facts.first) for text in _join_texts(facts.mails)], np.float64
    )


def measure_threshold_distance(facts: MailFacts) -> np.ndarray | None:
    """Measure the distance of the score from the threshold."""
    return None if facts.scores is None else np.abs(facts.scores - facts.point.threshold)


def find_disagreement(facts: MailFacts) -> np.ndarray | None:
    """Whether one of the other runs calls the mail differently."""
    if facts.scores is None or not facts.others:
        return None
    calls = facts.point.call(facts.scores)
    differs = [(theirs != calls) & (theirs != "") for theirs in facts.others.values()]
    return np.asarray(np.any(differs, axis=0))


def find_shared_errors(facts: MailFacts) -> np.ndarray | None:
    """Whether this run and all others are wrong."""
    if facts.scores is None or facts.spam is None or not facts.others:
        return None
    opposite = np.where(facts.spam, "ham", "spam")
    wrong = [facts.wrong, *(calls == opposite for calls in facts.others.values())]
    return np.asarray(np.all(wrong, axis=0))


@dataclass(frozen=True)
class Reason:
    """A question about a mail.

    Attributes:
        meaning: a sentence for users.
        value: computes the answers; None if the facts are missing.
        holds: whether an answer counts as a reason.
        template: formats an answer; "" if the name of the reason suffices.
        by_score: whether it is derived from the scores that make a mail an error, so that it is
            expected among errors.
    """

    meaning: str
    value: Callable[[MailFacts], np.ndarray | None]
    holds: Callable[[np.ndarray], np.ndarray] = lambda values: values.astype(bool)
    template: str = ""
    by_score: bool = False


def _unusual(values: np.ndarray) -> np.ndarray:
    if np.isnan(values).all():
        return np.zeros(len(values), bool)
    return np.asarray((values >= UNSEEN) & (values > np.nanquantile(values, UNUSUAL)))


def _later(values: np.ndarray) -> np.ndarray:
    """Later than half of the mails: in a split by time all of them are newer than train."""
    if np.isnan(values).all():
        return np.zeros(len(values), bool)
    return np.asarray(values > np.nanmedian(values))


def _positive(values: np.ndarray) -> np.ndarray:
    return values > 0  # False for NaN


REASONS: dict[str, Reason] = {
    "suspicious label": Reason(
        "Its text suggests the opposite label; the label may be wrong.",
        get_suspicion, _positive, "{:.0%} sure",
    ),
    "other label in train": Reason(
        "Train contains nearly the same mail with the opposite label.",
        get_twin_similarity, _positive, "{:.0%} alike",
    ),
    "unseen words": Reason(
        f"At least {UNSEEN:.0%} of its words, a larger share than in {UNUSUAL:.0%} of the "
        "validation mails, are in no train mail.",
        measure_unseen_words, _unusual, "{:.0%}",
    ),
    "short text": Reason(
        f"At most {SHORT} words in subject and text.",
        count_words, lambda values: values <= SHORT, "{:.0f} words",
    ),
    "other language": Reason(
        f"Fewer than {COMMON:.0%} of the train mails have its language or script.",
        find_rare_language, lambda values: values != "", "{}",
    ),
    "newer than train": Reason(
        "Sent after the newest train mail, and later than half of the validation mails.",
        measure_age_gap, _later, "{:.1f} months",
    ),
    "newsletter-like": Reason(
        "It mentions unsubscribing or has headers of a mailing list.", is_newsletter_like,
    ),
    "reply or forward": Reason(
        "Its subject or headers show a reply or a forwarded mail.",
        classify_reply, lambda values: values != "", "{}",
    ),
    "cut off": Reason(
        "It is longer than the part of a mail that the model reads.",
        measure_unread_share, _positive, "{:.0%} unread",
    ),
    "near the threshold": Reason(
        f"Its score is less than {NEAR} from the threshold.",
        measure_threshold_distance, lambda values: values < NEAR, by_score=True,
    ),
    "models disagree": Reason(
        "Another run calls it differently.", find_disagreement, by_score=True,
    ),
    "wrong in all models": Reason(
        "This run and all others are wrong.", find_shared_errors, by_score=True,
    ),
}  # fmt: skip
"""By name, in the order in which the reasons of a mail are listed."""


def compute_reasons(facts: MailFacts) -> pd.DataFrame:
    """Compute the value of each reason whose facts are known: one column per reason."""
    values = {name: reason.value(facts) for name, reason in REASONS.items()}
    known = {name: column for name, column in values.items() if column is not None}
    return pd.DataFrame(known, index=facts.mails.index)


def check_reasons(values: pd.DataFrame) -> pd.DataFrame:
    """Check whether each reason holds, bool; takes the result of `compute_reasons`."""
    held = {name: REASONS[name].holds(values[name].to_numpy()) for name in values}
    return pd.DataFrame(held, index=values.index).astype(bool)


def describe_reasons(values: pd.DataFrame) -> list[str]:
    """Describe the reasons of each mail, such as "unseen words (31%), short text (4 words)"."""
    held = check_reasons(values)
    words = [[] for _ in range(len(values))]  # type: list[list[str]]
    for name in held:
        template = REASONS[name].template
        cells = values[name].to_numpy()
        for i in np.flatnonzero(held[name]):
            words[i].append(f"{name} ({template.format(cells[i])})" if template else name)
    return [", ".join(reasons) for reasons in words]


def build_pattern(name: str) -> str:
    """Build a regular expression that finds a reason in the result of `describe_reasons`."""
    return rf"(?:^|, ){re.escape(name)}(?: \(|, |$)"


def _texts(mails: pd.DataFrame) -> list[str]:
    """The beginning of each mail, in lower case."""
    return [
        f"{subject[:READ]}\n{body[:READ]}"[:READ].lower()
        for subject, body in zip(mails["subject"], mails["body"], strict=True)
    ]


def _join_texts(mails: pd.DataFrame) -> list[str]:
    return [f"{s}\n{b}" for s, b in zip(mails["subject"], mails["body"], strict=True)]


def _measure_unread(text: str, first: int) -> float:
    if 4 * len(text) <= first:  # no character has more than four bytes
        return 0.0
    size = len(text) if text.isascii() else len(text.encode(errors="replace"))
    return max(0.0, 1 - first / size)


def _read_property(
    facts: MailFacts, name: str, read: Callable[[pd.Series], np.ndarray | pd.Series]
) -> np.ndarray | None:
    """Read a property of the mails; None if it is missing because all mails have the same value."""
    if facts.properties is None or name not in facts.properties:
        return None
    return np.asarray(read(facts.properties[name].loc[facts.mails["id"]]))
