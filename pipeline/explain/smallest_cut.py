"""The fewest words whose removal takes a mail over the threshold.

Every score here is the model's own answer to the shortened mail. The explanation of the score only
decides in which order to try words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.explain.pieces import PIECE
from pipeline.explain.what_if import EDITABLE, edit_mail
from pipeline.explain.why import explain_score
from pipeline.export.bundle import Bundle

MOST_WORDS = 40
"""A cut removes at most 40 different words; without more than that it would be another mail."""
MOST_SCORINGS = 400
WORK, LEAST_WORDS = 4_000_000, 5
"""A search tries fewer words in a longer mail, so that words times characters stay below 4 million:
20 words of 200,000 characters, but never fewer than 5; scoring such a mail takes 20 to 50 ms."""
AT_ONCE = 4_000_000
"""One batch of mails to score holds at most 4 million characters."""


@dataclass(frozen=True)
class Cut:
    """The fewest words whose removal takes a mail over the threshold.

    A mail called spam is then called ham or unsure; any other is called spam. Words are taken in
    any case, and each everywhere in the first `EDITABLE` characters.
    """

    score: float
    """P(spam) of the mail as it is."""
    score_after: float
    """P(spam) without the words; if no cut flips the call, the nearest score that was reached."""
    words: pd.DataFrame = field(repr=False)
    """piece (as it first occurs), times, contribution (log-odds), the strongest first; no row if no
    cut flips the call."""
    spans: tuple[tuple[int, int], ...] = field(repr=False)
    """The removed spans: start and end in the characters of subject, line break and body."""
    subject: str = field(repr=False)
    body: str = field(repr=False)
    scorings: int
    """How many texts the model scored."""
    minimal: bool
    """Whether each word of the cut is needed: if any of them stays, the call does not flip."""
    why_not: str = ""
    """Why there is no cut, in a sentence; "" when there is one."""

    @property
    def flips(self) -> bool:
        return not self.why_not


def find_smallest_cut(
    bundle: Bundle, mail: pd.DataFrame, point: OperatingPoint, most: int = MOST_WORDS
) -> Cut:
    """Find the fewest words whose removal takes the mail to the other side of the threshold.

    The search is greedy: it removes the words that speak most for the present side, one after the
    other, until the score crosses the threshold; then it puts back each word that is not needed.
    So no word of the cut can be spared, but another choice of words might be smaller still.

    Args:
        mail: a frame of one row, as in `pipeline.mail.dataset`.
        point: its threshold is the one to cross; an unsure mail lies below it.
        most: at most this many different words; fewer in a mail of more than 100,000 characters.
    """
    return _Search(bundle, mail, point).cut(most)


class _Search:
    """Asks the model about a mail without some of its words."""

    def __init__(self, bundle: Bundle, mail: pd.DataFrame, point: OperatingPoint) -> None:
        self.bundle, self.mail, self.point = bundle, mail, point
        self.why = explain_score(bundle, mail)
        self.is_spam = bool(point.is_spam(self.why.score))
        self.sign = -1.0 if self.is_spam else 1.0  # where the score has to go
        subject, body = str(mail["subject"].iloc[0]), str(mail["body"].iloc[0])
        self.subject = len(subject)
        self.text = f"{subject}\n{body}"
        self.words = self._words()
        self.spans: list[list[tuple[int, int]]] = self.words.pop("spans").tolist()
        self.scorings = 0

    def cut(self, most: int) -> Cut:
        """The cut, or why there is none."""
        if not self.why.text:
            return self._none("no block of features of this run reads the text of a mail.")
        if self.words.empty:
            return self._none(
                f"no word of this mail speaks for {self._name}: {self._explain_without_text()}."
            )
        order = self._by_effect(most)
        scores = self._scores([order[:n] for n in range(1, len(order) + 1)])
        enough = np.flatnonzero(self._flips(scores))
        if len(enough):
            return self._made(*self._spared(order[: enough[0] + 1]))
        nearest = float(scores[np.argmax(self.sign * scores)])
        rest = self.text[EDITABLE:]
        empty = float(self._ask([("", rest)])[0])
        if not self._flips(empty):
            return self._none(
                f"even without any text its score would be {_format_score(empty)}: "
                f"{self._explain_without_text()}.",
                nearest,
            )
        return self._none(
            f"without the {len(order)} words that speak most for {self._name} its score would "
            f"still be {_format_score(nearest)}; so much of the text says the same.",
            nearest,
        )

    def _words(self) -> pd.DataFrame:
        """List the words that speak for the present call: piece, contribution, spans, times."""
        table = self.why.pieces()
        each = table.groupby(table["piece"].astype("str").str.lower(), sort=False).agg(
            piece=("piece", "first"), contribution=("contribution", "sum")
        )
        each = each[self.sign * each["contribution"] < 0]
        places: dict[str, list[tuple[int, int]]] = {str(word): [] for word in each.index}
        for match in PIECE.finditer(self.text[:EDITABLE]):  # also behind what the model reads now
            if (word := match[0].lower()) in places:
                places[word].append(match.span())
        each["spans"] = pd.Series(list(places.values()), index=each.index, dtype=object)
        each["times"] = np.array([len(spans) for spans in places.values()], np.int64)
        each = each[each["times"] > 0]
        order = each["contribution"].abs().sort_values(ascending=False, kind="stable").index
        return each.loc[order].reset_index(drop=True)

    def _by_effect(self, most: int) -> list[int]:
        """Order the words that the explanation calls strongest by their real effect."""
        most = min(most, max(LEAST_WORDS, WORK // len(self.text)))
        tried = range(min(most, len(self.words)))
        alone = self._scores([[word] for word in tried])
        return list(np.argsort(-self.sign * alone, kind="stable").tolist())

    def _spared(self, words: list[int]) -> tuple[list[int], bool]:
        """Drop words that are not needed; returns the rest, and whether each was proven needed."""
        while self.scorings < MOST_SCORINGS:
            scores = self._scores([[w for w in words if w != left_out] for left_out in words])
            spare = np.flatnonzero(self._flips(scores))
            if not len(spare):
                return words, True
            # drops the least missed words first, as many at once as possible
            spare = spare[np.argsort(-self.sign * scores[spare], kind="stable")]
            order = [words[i] for i in spare]
            fewer = [[w for w in words if w not in order[:n]] for n in range(1, len(order) + 1)]
            words = fewer[np.flatnonzero(self._flips(self._scores(fewer)))[-1]]
        return words, False

    def _flips(self, scores: np.ndarray | float) -> np.ndarray:
        return np.asarray(self.point.is_spam(scores) != self.is_spam)

    def _scores(self, without: Sequence[Sequence[int]]) -> np.ndarray:
        """Score the mail without each of these sets of words: P(spam), [sets]."""
        return self._ask([self._without(words) for words in without])

    def _ask(self, texts: Sequence[tuple[str, str]]) -> np.ndarray:
        self.scorings += len(texts)
        rows = max(1, AT_ONCE // len(self.text))
        batches = [texts[start : start + rows] for start in range(0, len(texts), rows)]
        return np.concatenate([self.bundle.score(edit_mail(self.mail, batch)) for batch in batches])

    def _spans(self, words: Sequence[int]) -> list[tuple[int, int]]:
        return sorted(span for word in words for span in self.spans[word])

    def _without(self, words: Sequence[int]) -> tuple[str, str]:
        """Subject and body; no word reaches over the line break between them."""
        spans, body = self._spans(words), self.subject + 1
        inside = [(start - body, end - body) for start, end in spans if start >= body]
        before = spans[: len(spans) - len(inside)]
        return remove_spans(self.text[: self.subject], before), remove_spans(
            self.text[body:], inside
        )

    @property
    def _name(self) -> str:
        return "spam" if self.is_spam else "ham"

    def _explain_without_text(self) -> str:
        """Say what speaks for the present call besides the text."""
        if -self.sign * self.why.from_others > 0:
            return "its header fields and the measures of its links, shape and sender decide"
        return "that is what the model says of a mail in which it finds nothing"

    def _made(self, words: list[int], minimal: bool) -> Cut:
        subject, body = self._without(words)
        score = float(self._scores([words])[0])
        table = self.words.iloc[sorted(words)].reset_index(drop=True)
        return Cut(
            self.why.score,
            score,
            table[["piece", "times", "contribution"]],
            tuple(self._spans(words)),
            subject,
            body,
            self.scorings,
            minimal,
        )

    def _none(self, why_not: str, nearest: float | None = None) -> Cut:
        subject, body = self.text[: self.subject], self.text[self.subject + 1 :]
        score = self.why.score if nearest is None else nearest
        nothing = self.words.iloc[:0][["piece", "times", "contribution"]]
        return Cut(self.why.score, score, nothing, (), subject, body, self.scorings, False, why_not)


def _format_score(score: float) -> str:
    return "below 0.001" if score < 0.001 else f"{score:.3f}"


def remove_spans(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Remove characters from a text, and with them a space that would then be doubled.

    Args:
        spans: start and end (one past the last), ascending and apart.
    """
    kept, at = [], 0
    for start, end in spans:
        kept.append(text[at:start])
        at = end
        if start == 0 or text[start - 1].isspace():
            while text[at : at + 1] in (" ", "\t") and at < len(text):
                at += 1
    return "".join(kept) + text[at:]
