"""Small questions about a mail, whose answers may say why it was called wrongly.

Each gives every mail a value: yes or no, a number, or a word. Errors and correct mails are asked
alike, so that one can see whether errors have a reason more often. No reason needs a model.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pipeline.evaluation.operating_point import HALF, OperatingPoint

SHORT = 10
"""Words of subject and text up to which a mail is short."""
READ = 4000
"""Characters of a mail whose words are looked up; 50,000 mails of 1,500 characters take 4 s."""
UNSEEN, UNUSUAL = 0.1, 0.9
"""A share of unseen words is high from here on, if it is higher than in so many of the mails."""
NEAR = 0.15
"""Distance of a score from the threshold below which either call was possible."""
COMMON = 0.1
"""Share of the train mails from which a language is one that a model could learn."""
SAMPLE = 2000
"""Train mails whose language is looked at: a share of 10 % is then sure to about 1.3 points."""
MONTH = 365.25 / 12
"""Days."""

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Facts:
    """What the reasons look at; of what is None, nothing is asked.

    Args:
        mails: n mails of an evaluation, in its order: subject, body, date.
        properties: what `slices.properties.of` tells of them.
        train: the mails that the run has learnt from: subject, body, date.
        twins: what `twins.other_label` tells of them, [n].
        spam: True for each mail labelled spam, [n].
        scores: P(spam) by the run, [n], and its operating point.
        others: by its name, what another run called each mail, [n]; "" for one that it does not
            know.
        suspicion: P(the other label) of the mails whose label is suspicious, else 0, [n].
        first: so many bytes of a mail are read by the model.
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


def short_text(facts: Facts) -> np.ndarray | None:
    """Words of subject and text."""
    return np.array([len(text[:READ].split()) for text in _texts(facts.mails)])


def unseen_words(facts: Facts) -> np.ndarray | None:
    """Share of a mail's different words that no train mail has; NaN without a word."""
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


def newsletter(facts: Facts) -> np.ndarray | None:
    """As the slice of this name."""
    return _property(facts, "newsletter-like", lambda values: (values == "yes").to_numpy(bool))


def reply_or_forward(facts: Facts) -> np.ndarray | None:
    """ "reply", "forward" or ""."""
    return _property(
        facts, "reply or forward", lambda values: values.astype(object).replace("neither", "")
    )


def suspicious_label(facts: Facts) -> np.ndarray | None:
    """P(the other label), 0 when the label is not suspicious."""
    return facts.suspicion


def other_label_in_train(facts: Facts) -> np.ndarray | None:
    """Similarity with the nearest train mail of the other label, 0 when none is near."""
    return facts.twins


def newer_than_train(facts: Facts) -> np.ndarray | None:
    """Months after the newest train mail; 0 for what is not newer, NaN without a date."""
    if facts.train is None or facts.train["date"].isna().all():
        return None
    later = facts.mails["date"] - facts.train["date"].max()
    return np.maximum(later / pd.Timedelta(days=MONTH), 0.0).to_numpy(np.float64)


def other_language(facts: Facts) -> np.ndarray | None:
    """The language or script of a mail when few of the train mails have it, else ""."""
    if facts.train is None:
        return None
    from pipeline.quality.languages import UNKNOWN, detect_languages

    train = facts.train.sample(min(SAMPLE, len(facts.train)), random_state=0)
    shares = detect_languages(train).value_counts(normalize=True)
    common = {str(name) for name in shares.index[shares >= COMMON]} | {UNKNOWN}
    own = (
        _property(facts, "language or script", lambda values: values.astype(object))
        if facts.properties is not None
        else detect_languages(facts.mails).to_numpy(object)
    )
    return None if own is None else np.array(["" if x in common else x for x in own], object)


def cut_off(facts: Facts) -> np.ndarray | None:
    """Share of the mail that the model does not read."""
    if facts.first is None:
        return None
    return np.array([_unread(text, facts.first) for text in _whole(facts.mails)], np.float64)


def near_the_threshold(facts: Facts) -> np.ndarray | None:
    """Distance of the score from the threshold."""
    return None if facts.scores is None else np.abs(facts.scores - facts.point.threshold)


def models_disagree(facts: Facts) -> np.ndarray | None:
    """Whether one of the other runs calls it otherwise."""
    if facts.scores is None or not facts.others:
        return None
    calls = facts.point.call(facts.scores)
    return np.any([(said != calls) & (said != "") for said in facts.others.values()], axis=0)


def wrong_in_all(facts: Facts) -> np.ndarray | None:
    """Whether this and all the other runs are wrong."""
    if facts.scores is None or facts.spam is None or not facts.others:
        return None
    other_label = np.where(facts.spam, "ham", "spam")
    return np.all([facts.wrong, *(said == other_label for said in facts.others.values())], axis=0)


@dataclass(frozen=True)
class Reason:
    """A question, when its answer counts as a reason, and how the answer is told.

    `said` is a format of the value, "" when the name of the reason says it all. A reason `by_score`
    is asked of the scores that make a mail an error, so that it is no surprise among errors.
    """

    meaning: str
    value: Callable[[Facts], np.ndarray | None]
    holds: Callable[[np.ndarray], np.ndarray] = lambda values: values.astype(bool)
    said: str = ""
    by_score: bool = False


def _unusual(values: np.ndarray) -> np.ndarray:
    if np.isnan(values).all():
        return np.zeros(len(values), bool)
    return (values >= UNSEEN) & (values > np.nanquantile(values, UNUSUAL))


def _later(values: np.ndarray) -> np.ndarray:
    """In a split by time all mails are newer, and to say so of each would say nothing."""
    if np.isnan(values).all():
        return np.zeros(len(values), bool)
    return values > np.nanmedian(values)


def _some(values: np.ndarray) -> np.ndarray:
    return values > 0  # NaN is not


REASONS: dict[str, Reason] = {
    "suspicious label": Reason(
        "Its text speaks for the other label; the label may be the mistake.",
        suspicious_label, _some, "{:.0%} sure",
    ),
    "other label in train": Reason(
        "Nearly the same mail is in train with the other label.",
        other_label_in_train, _some, "{:.0%} alike",
    ),
    "unseen words": Reason(
        f"At least {UNSEEN:.0%} of its words, and more than in {UNUSUAL:.0%} of the validation "
        "mails, are in no train mail.",
        unseen_words, _unusual, "{:.0%}",
    ),
    "short text": Reason(
        f"At most {SHORT} words in subject and text.",
        short_text, lambda values: values <= SHORT, "{:.0f} words",
    ),
    "other language": Reason(
        f"In a language or script that less than {COMMON:.0%} of the train mails have.",
        other_language, lambda values: values != "", "{}",
    ),
    "newer than train": Reason(
        "Sent after the newest train mail, and later than half of the validation mails.",
        newer_than_train, _later, "{:.1f} months",
    ),
    "newsletter-like": Reason("Words about unsubscribing, or headers of a list.", newsletter),
    "reply or forward": Reason(
        "By its subject or headers.", reply_or_forward, lambda values: values != "", "{}",
    ),
    "cut off": Reason(
        "Longer than what the model reads of a mail.", cut_off, _some, "{:.0%} unread",
    ),
    "near the threshold": Reason(
        f"Its score is less than {NEAR} from the threshold.",
        near_the_threshold, lambda values: values < NEAR, by_score=True,
    ),
    "models disagree": Reason(
        "Another run calls it otherwise.", models_disagree, by_score=True,
    ),
    "wrong in all models": Reason(
        "This and all the other runs are wrong.", wrong_in_all, by_score=True,
    ),
}  # fmt: skip
"""By its name, in the order in which the reasons of a mail are told."""


def of(facts: Facts) -> pd.DataFrame:
    """The value of each reason that can be told, a column a reason, in the order of the mails."""
    found = {name: reason.value(facts) for name, reason in REASONS.items()}
    told = {name: values for name, values in found.items() if values is not None}
    return pd.DataFrame(told, index=facts.mails.index)


def holding(values: pd.DataFrame) -> pd.DataFrame:
    """Whether each reason holds: what `of` gave, as True and False."""
    held = {name: REASONS[name].holds(values[name].to_numpy()) for name in values}
    return pd.DataFrame(held, index=values.index).astype(bool)


def told(values: pd.DataFrame) -> list[str]:
    """The reasons of each mail in words: "unseen words (31%), short text (4 words)"."""
    held = holding(values)
    words = [[] for _ in range(len(values))]  # type: list[list[str]]
    for name in held:
        said = REASONS[name].said
        cells = values[name].to_numpy()
        for i in np.flatnonzero(held[name]):
            words[i].append(f"{name} ({said.format(cells[i])})" if said else name)
    return [", ".join(some) for some in words]


def named(name: str) -> str:
    """A regular expression that finds a reason in what `told` says."""
    return rf"(?:^|, ){re.escape(name)}(?: \(|, |$)"


def _texts(mails: pd.DataFrame) -> list[str]:
    """The beginning of each mail, in lower case."""
    return [
        f"{subject[:READ]}\n{body[:READ]}"[:READ].lower()
        for subject, body in zip(mails["subject"], mails["body"], strict=True)
    ]


def _whole(mails: pd.DataFrame) -> list[str]:
    return [f"{s}\n{b}" for s, b in zip(mails["subject"], mails["body"], strict=True)]


def _unread(text: str, first: int) -> float:
    if 4 * len(text) <= first:  # no letter has more than four bytes
        return 0.0
    size = len(text) if text.isascii() else len(text.encode(errors="replace"))
    return max(0.0, 1 - first / size)


def _property(
    facts: Facts, name: str, read: Callable[[pd.Series], np.ndarray | pd.Series]
) -> np.ndarray | None:
    """What a slice's property says of the mails; None when it is the same for all."""
    if facts.properties is None or name not in facts.properties:
        return None
    return np.asarray(read(facts.properties[name].loc[facts.mails["id"]]))
