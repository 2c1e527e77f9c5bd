"""Words and pairs of neighbouring words, weighed by TF-IDF; the best of them by chi-squared.

People read words, so these columns are the easiest to explain. One Python loop turns each word into
a number; pairs, counts and the choice of columns are arithmetic on arrays of numbers, which is
faster than scikit-learn's vectoriser and gives the same figures, without importing it.

>>> train = pd.DataFrame({"subject": ["Free money"] * 2, "body": ["now", "today"]})
>>> block = Words().fit(train)
>>> block.describe(np.arange(block.width), train)
['“free”', '“money”', '“free money”']
"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix, csr_matrix

from pipeline.features.block import Block, Occurrences, require_fitted
from pipeline.features.shared_parameters import declare_first, declare_min_mails, declare_scale
from pipeline.features.texts import join_texts, map_lower_to_characters
from pipeline.features.vocabulary import pack_words, unpack_words
from pipeline.features.weighting import compute_idf, normalize_rows
from pipeline.parameters import whole_number

WORD = re.compile(r"\w+")
LONGEST_WORD = 40
"""Words are cut after 40 characters; longer ones are encoded data."""
SECOND = (1 << 32) - 1
"""The bits of the second word in a code, first word · 2^32 + second word. A single word is a second
word after the first word 0."""


@dataclass(eq=False)
class Words(Block):
    """Lower-case words of subject and body: (1 + ln count) · idf.

    Scripts without spaces between words (Chinese, Thai) give whole phrases; `grams` suits them
    better.

    Args:
        longest: words in a row, 1 to 2: single words, or pairs of neighbours as well; by default 2.
        min_mails: words and pairs in fewer train mails than this are dropped, 1 to 1,000; by
            default 2.
        top: at most this many columns, 10 to 1,000,000, by default 20,000: those that depend most
            on the label of the train mails (chi-squared); without labels, those in the most mails.
        first: only this many characters at the start of a mail are read, 100 to 10,000,000; by
            default 20,000.
        scale: Euclidean length of the rows, 0.001 to 100; by default 1 (a mail without known
            words: zeros).
    """

    title: ClassVar[str] = "Words"
    summary: ClassVar[str] = (
        "Words and pairs of words, TF-IDF; for those who want to read the features."
    )

    longest: int = whole_number(
        2,
        1,
        2,
        label="Words in a row, at most",
        help="1 for single words, 2 for pairs of neighbours as well.",
        shown_first=True,
    )
    min_mails: int = declare_min_mails("words and pairs")
    top: int = whole_number(
        20_000,
        10,
        1_000_000,
        step=1000,
        logarithmic=True,
        label="Columns at most",
        help="Keeps this many words and pairs: those that best tell ham and spam apart on train.",
        shown_first=True,
    )
    first: int = declare_first(20_000, "characters")
    scale: float = declare_scale(1.0, "Euclidean length of the rows; a larger one counts more.")
    lexicon: dict[str, int] | None = field(default=None, init=False, repr=False)
    grams: np.ndarray | None = field(default=None, init=False, repr=False)
    idf_weights: np.ndarray | None = field(default=None, init=False, repr=False)

    def fit(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> Self:
        seen: defaultdict[str, int] = defaultdict()
        seen.default_factory = lambda: len(seen) + 1
        numbers, rows = self._number_words(frame, seen.__getitem__)
        words = sorted(seen)
        number_of = np.zeros(len(words) + 1, np.int64)
        number_of[[seen[w] for w in words]] = np.arange(1, len(words) + 1)
        numbers = number_of[numbers]
        # a pair in many mails consists of words in many mails, so rare words can be dropped first
        common = np.bincount(_drop_repeats(numbers, rows)[0], minlength=1) >= self.min_mails
        codes, rows = self._encode(np.where(common[numbers], numbers, 0), rows)

        all_grams, codes = np.unique(codes, return_inverse=True)
        codes, rows = _drop_repeats(codes, rows)
        frequency = np.bincount(codes, minlength=len(all_grams))
        score = frequency.astype(float)
        spam = np.zeros(len(frame), bool) if labels is None else np.asarray(labels) == 1
        if 0 < spam.sum() < len(spam):
            in_spam = np.bincount(codes[spam[rows]], minlength=len(all_grams))
            share = spam.mean()
            score = (in_spam - share * frequency) ** 2 / (frequency * share * (1 - share))
        enough = np.flatnonzero(frequency >= self.min_mails)
        best = np.sort(enough[np.argsort(-score[enough], kind="stable")[: self.top]])
        self.idf_weights = compute_idf(frequency[best], len(frame))
        self._keep(all_grams[best], words)
        return self

    def transform(self, frame: pd.DataFrame) -> csr_matrix:
        lexicon, weights = require_fitted(self.lexicon), require_fitted(self.idf_weights)
        codes, rows = self._encode(*self._number_words(frame, lambda word: lexicon.get(word, 0)))
        columns, known = self._find_columns(codes)
        entries = (rows[known], columns[known])
        ones = np.ones(len(entries[0]), np.float32)
        counts = coo_matrix((ones, entries), shape=(len(frame), self.width)).tocsr()
        counts.data = (1 + np.log(counts.data)) * weights[counts.indices]
        return normalize_rows(csr_matrix(counts), self.scale)

    @property
    def width(self) -> int:
        return len(require_fitted(self.grams))

    def describe(self, columns: np.ndarray, frame: pd.DataFrame) -> list[str]:
        """Quote the word or the two words of each column."""
        words = ["", *require_fitted(self.lexicon)]
        codes = require_fitted(self.grams)[columns].tolist()
        pairs = ((code >> 32, code & SECOND) for code in codes)
        return [f"“{words[first]} {words[second]}”".replace("“ ", "“") for first, second in pairs]

    def locate(self, mail: pd.DataFrame) -> Occurrences:
        """Find each word and pair; a pair covers what lies between its words as well."""
        lexicon = require_fitted(self.lexicon)
        (text,) = join_texts(mail, self.first)
        spans = [(m.start(), m.end(), m[0]) for m in WORD.finditer(text.lower())]
        numbers = [lexicon.get(word[:LONGEST_WORD], 0) for *_, word in spans]
        codes, _ = self._encode(np.array(numbers, np.int64), np.zeros(len(spans), np.int64))
        columns, known = self._find_columns(codes)
        in_lexicon = np.array(numbers) > 0
        # in the order of `_encode`: words, then pairs
        words = np.flatnonzero(in_lexicon)
        pairs = np.flatnonzero(in_lexicon[:-1] & in_lexicon[1:])
        if self.longest == 1:
            pairs = pairs[:0]
        first = np.concatenate([words, pairs])[known]
        last = np.concatenate([words, pairs + 1])[known]
        starts, ends, _ = zip(*spans, strict=True) if spans else ((), (), ())
        character = map_lower_to_characters(text)
        return Occurrences(
            columns[known],
            character[np.array(starts, np.int64)[first]],
            character[np.array(ends, np.int64)[last] - 1] + 1,
            len(text),
        )

    def state(self) -> dict[str, np.ndarray]:
        return {
            "lexicon": pack_words(list(require_fitted(self.lexicon))),
            "grams": require_fitted(self.grams),
            "idf": require_fitted(self.idf_weights),
        }

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        self.lexicon = {word: i for i, word in enumerate(unpack_words(state["lexicon"]), 1)}
        self.grams, self.idf_weights = state["grams"], state["idf"]
        return self

    def _find_columns(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the column of each code, and whether it has one."""
        grams = require_fitted(self.grams)
        columns = np.searchsorted(grams, codes)
        return columns, np.append(grams, -1)[columns] == codes

    def _number_words(
        self, frame: pd.DataFrame, number: Callable[[str], int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the number of every word of every mail in reading order, and the row of its mail.

        Args:
            number: from a word to its number; 0 for a word that does not count.
        """
        mails = [
            np.array([number(w[:LONGEST_WORD]) for w in WORD.findall(text.lower())], np.int64)
            for text in join_texts(frame, self.first)
        ]
        rows = np.repeat(np.arange(len(mails)), [len(m) for m in mails])
        return np.concatenate([*mails, np.empty(0, np.int64)]), rows

    def _encode(self, numbers: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the code of every word and pair of known words, and the row of its mail."""
        known = numbers > 0
        single = (numbers[known], rows[known])
        if self.longest == 1:
            return single
        pair = known[:-1] & known[1:] & (rows[:-1] == rows[1:])
        pairs = (numbers[:-1][pair] << 32) + numbers[1:][pair]
        return np.concatenate([single[0], pairs]), np.concatenate([single[1], rows[:-1][pair]])

    def _keep(self, grams: np.ndarray, words: list[str]) -> None:
        """Keep these grams and the words in them, numbered anew in their order."""
        used = np.setdiff1d(np.concatenate([grams >> 32, grams & SECOND]), [0])
        number_of = np.zeros(len(words) + 1, np.int64)
        number_of[used] = np.arange(1, len(used) + 1)
        self.lexicon = {words[n - 1]: i for i, n in enumerate(used.tolist(), 1)}
        self.grams = (number_of[grams >> 32] << 32) + number_of[grams & SECOND]


def _drop_repeats(numbers: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct pairs of a number, at least 0, and a row, in the order of the rows."""
    size = int(numbers.max(initial=0)) + 1
    keys = np.sort(rows * size + numbers)  # np.unique hashes first and takes four times as long
    keys = keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys
    return keys % size, keys // size
