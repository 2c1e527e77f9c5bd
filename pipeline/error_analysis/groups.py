"""Groups errors with similar content, and computes how much solving each group would gain.

False negatives and false positives are grouped separately, because they need different remedies.
Mails are compared by their words after latent semantic analysis (Deerwester and others 1990): two
short mails may have the same topic without a common word. Ward's method then forms as many groups
as give the best silhouette (Rousseeuw 1987).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from pipeline.error_analysis.overrepresented import compute_f1_gain
from pipeline.error_analysis.table import FALSE_NEGATIVE, FALSE_POSITIVE
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.wording import format_count, shorten

FEWEST = 9
"""Fewer errors of a kind are not divided into groups."""
SMALLEST = 3
"""A group has at least this many errors."""
MOST_GROUPS = 12
"""The most groups per kind; nobody works on more at once."""
MOST_ERRORS = 2000
"""At most this many errors per kind, the worst, are grouped; their distances take 0.2 s."""
READ = 4000
"""Only the first characters of a mail are read."""
OTHERS = 8000
"""At most this many correct mails, chosen at random, are read; with 1,500 characters each they take
4 s."""
VOCABULARY, DIMENSIONS = 20_000, 100
NO_STRUCTURE = 0.05
"""Up to this silhouette a division into groups is arbitrary."""
SAME = 0.1
"""A correct mail belongs to a group if it is nearer to the centre than 10% of the group's
errors."""
WORDS, EXAMPLES = 6, 3
LEAST_SHARE, TELLING = 0.2, 2.0
"""A word describes a group if 20% of its mails contain it, twice as many as elsewhere."""
COMMON = 0.15
"""Words in more than 15% of the mails are ignored: "why", "and" and "of" would group short messages
that have nothing else in common."""

_TOKEN = r"(?u)\b[^\W\d_]{2,}\b"
_NO_WORDS = re.compile(
    r"(?is)<(style|script)\b.{0,4000}?</\1>|<[^>]{1,400}>|&\w{2,8};|(?:https?://|www\.)\S+"
)
"""Matches HTML and addresses: two mails that share only a table have no topic in common."""


@dataclass(frozen=True)
class Group:
    """Errors of one kind with similar content.

    Attributes:
        kind: "false positive" or "false negative".
        words: the words that many of its mails and few others contain; the best first.
        ids: the errors, the most typical first.
        alike: the number of mails with this content, including these errors: spam for false
            negatives, mails called spam for false positives. An estimate if only a sample of the
            correct mails was read.
        inside, outside: recall (of false negatives) or precision (of false positives) among these
            mails and among all others; NaN if the errors could not be divided.
        f1_gain: by how much F1 would rise if these errors were solved.
        examples: the subjects of the most typical mails, or the beginnings of their texts.
    """

    kind: str
    words: tuple[str, ...]
    ids: tuple[str, ...]
    alike: int
    inside: float
    outside: float
    f1_gain: float
    examples: tuple[str, ...]

    @property
    def name(self) -> str:
        """The kind and the first words; identifies the group for users."""
        return f"{self.kind}: {', '.join(self.words[:3]) or 'no common word'}"


@dataclass(frozen=True)
class Groups:
    """The groups, the one with the highest gain first; the errors in none; notes for the user."""

    groups: tuple[Group, ...]
    alone: int
    notes: tuple[str, ...]


def group_errors(
    evaluation: Evaluation,
    point: OperatingPoint,
    frame: pd.DataFrame,
    left_out: Collection[str] = (),
    seed: int = 0,
) -> Groups:
    """Group the errors at an operating point; deterministic.

    Unsure mails count neither as errors nor as correct.

    Args:
        evaluation: the scores of the run.
        point: the operating point of the run.
        frame: columns id, subject, body for at least these mails.
        left_out: ids of errors to ignore, such as those with a wrong label.
        seed: for the sample of correct mails and the decomposition.
    """
    spam = evaluation.labels == 1
    wrong = point.is_wrong(evaluation.scores, spam)
    right = point.is_right(evaluation.scores, spam)
    out = wrong & np.isin(np.array(evaluation.ids, object), list(left_out))
    if not (wrong & ~out).any():
        return Groups((), 0, ("There are no errors to group.",))
    rows, weight = _sample_rows(evaluation, point, wrong, right, seed)
    rows = rows[~out[rows]]
    mails = frame.set_index("id").loc[[evaluation.ids[i] for i in rows]]
    has, words, place = _embed(mails, seed)
    groups: list[Group] = []
    alone, notes = 0, []
    if weight > 1:
        notes.append(f"Read a random sample of {OTHERS:,} correct mails.")
    for kind, of_kind in ((FALSE_NEGATIVE, wrong & spam), (FALSE_POSITIVE, wrong & ~spam)):
        mine = of_kind[rows]
        if not mine.any():
            continue
        parts = _divide(place[mine])
        if parts is None:
            n = int(mine.sum())
            reason = "too few" if n < FEWEST else "too similar"
            notes.append(f"{format_count(n, kind)}: {reason} to be divided by content.")
            parts = np.ones(n, int)
        sort = right & (spam if kind == FALSE_NEGATIVE else point.is_spam(evaluation.scores))
        assigned, single = _assign_mails(kind, parts, mine, sort[rows], place, weight)
        alone += single
        for ids, alike, inside, outside in assigned:
            solved = np.zeros(len(wrong), bool)
            solved[rows[ids]] = True
            groups.append(
                Group(
                    kind,
                    _pick_words(has, words, ids, wrong[rows], weight),
                    tuple(evaluation.ids[i] for i in rows[ids]),
                    alike,
                    inside,
                    outside,
                    compute_f1_gain(evaluation, point, solved),
                    tuple(_excerpt(mail) for _, mail in mails.iloc[ids[:EXAMPLES]].iterrows()),
                )
            )
    if alone:
        notes.append(
            f"{format_count(alone, 'error')} {'resembles' if alone == 1 else 'resemble'} no other "
            f"and {'is' if alone == 1 else 'are'} in no group."
        )
    groups.sort(key=lambda group: (-group.f1_gain, group.name))
    return Groups(tuple(groups), alone, tuple(notes))


def _sample_rows(
    evaluation: Evaluation, point: OperatingPoint, wrong: np.ndarray, right: np.ndarray, seed: int
) -> tuple[np.ndarray, float]:
    """Rows of the errors and a sample of correct mails, and how many each of these represents."""
    off = point.distance_to_right(evaluation.scores, evaluation.labels)
    errors = [
        some[np.argsort(-off[some], kind="stable")[:MOST_ERRORS]]
        for label in (0, 1)
        for some in [np.flatnonzero(wrong & (evaluation.labels == label))]
    ]
    correct = np.flatnonzero(right)
    some = correct
    if len(correct) > OTHERS:
        some = np.random.default_rng(seed).choice(correct, OTHERS, replace=False)
    return np.sort(np.concatenate([*errors, some])), len(correct) / max(1, len(some))


def _excerpt(mail: pd.Series) -> str:
    return shorten(mail["subject"]) or shorten(mail["body"])


def _embed(mails: pd.DataFrame, seed: int) -> tuple[csr_matrix, np.ndarray, np.ndarray]:
    """Which mail contains which word, the words, and a unit (or zero) vector per mail."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    texts = [
        _NO_WORDS.sub(" ", f"{subject[:READ]}\n{body[:READ]}"[:READ])
        for subject, body in zip(mails["subject"], mails["body"], strict=True)
    ]
    vectors = TfidfVectorizer(
        sublinear_tf=True, min_df=2, max_df=COMMON, max_features=VOCABULARY, token_pattern=_TOKEN
    )
    try:
        X = vectors.fit_transform(texts)
    except ValueError:  # no word is in at least two, but few, mails
        return csr_matrix((len(mails), 1)), np.array([""], object), np.zeros((len(mails), 1))
    words = vectors.get_feature_names_out()
    dimensions = min(DIMENSIONS, *(size - 1 for size in X.shape))
    if dimensions < 1:
        return csr_matrix(X > 0), words, normalize(X.toarray())
    svd = TruncatedSVD(dimensions, random_state=seed)
    return csr_matrix(X > 0), words, normalize(svd.fit_transform(X))


def _divide(place: np.ndarray) -> np.ndarray | None:
    """Number the group of each error; None if the errors cannot be divided."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from sklearn.metrics import silhouette_score

    n = len(place)
    known = place.any(axis=1)
    place = place[known]
    if len(place) < FEWEST:
        return None
    tree = linkage(place, "ward")
    best, divided = NO_STRUCTURE, None
    for k in range(2, min(MOST_GROUPS, len(place) // SMALLEST) + 1):
        parts = fcluster(tree, k, "maxclust")
        if len(np.unique(parts)) < 2:
            continue  # all of them are one text
        value = silhouette_score(place, parts)
        if value > best:
            best, divided = value, parts
    if divided is None:
        return None
    numbers = -np.arange(n)  # a mail without words resembles no other
    numbers[known] = divided
    return numbers


def _assign_mails(
    kind: str,
    parts: np.ndarray,
    mine: np.ndarray,
    correct: np.ndarray,
    place: np.ndarray,
    weight: float,
) -> tuple[list[tuple[np.ndarray, int, float, float]], int]:
    """For each group its errors, mails like them, figures inside and outside; then errors in none.

    A correct mail belongs to the group with the nearest centre, unless it is further away than
    nearly all errors of that group.
    """
    errors = np.flatnonzero(mine)
    numbers, sizes = np.unique(parts, return_counts=True)
    if len(numbers) == 1:  # a single group, which correct mails cannot be assigned to
        return [(errors, len(errors), np.nan, np.nan)], 0
    kept = numbers[sizes >= SMALLEST]
    if not len(kept):
        return [], len(errors)
    middles = _normalize(np.stack([place[errors[parts == number]].sum(axis=0) for number in kept]))
    rows = np.flatnonzero(correct)
    likeness = place[rows] @ middles.T
    nearest = likeness.argmax(axis=1) if len(rows) else np.zeros(0, int)
    groups = []
    total_wrong, total_right = len(errors), weight * len(rows)
    for at, number in enumerate(kept):
        members = errors[parts == number]
        own = place[members]
        # compared like a correct mail: with a centre that does not include the mail itself
        typical = (own * _normalize(own.sum(axis=0) - own)).sum(axis=1)
        members = members[np.argsort(-typical, kind="stable")]
        near = (nearest == at) & (likeness[:, at] >= np.quantile(typical, SAME))
        right = weight * int(near.sum())
        inside = right / (right + len(members))
        rest = total_right - right + total_wrong - len(members)
        outside = (total_right - right) / rest if rest else np.nan
        groups.append((members, round(right) + len(members), inside, outside))
    return groups, len(errors) - sum(len(members) for members, *_ in groups)


def _normalize(rows: np.ndarray) -> np.ndarray:
    """Scale rows to length 1; rows of zeros stay zeros."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1)


def _pick_words(
    has: csr_matrix, words: np.ndarray, ids: np.ndarray, wrong: np.ndarray, weight: float
) -> tuple[str, ...]:
    """Pick the words that distinguish a group from the other mails.

    The class-based TF-IDF of Grootendorst (2022), but counting mails instead of occurrences, so
    that a long mail counts once: the share of the group's mails that contain a word, times the
    logarithm of its ratio to that share among the other mails.
    """
    n = len(ids)
    weights = np.where(wrong, 1.0, weight)
    inside = np.asarray(has[ids].sum(axis=0)).ravel()
    all_of = np.asarray(csr_matrix(has.T) @ weights).ravel()
    share = inside / n
    rest = (all_of - inside + 0.5) / (weights.sum() - n + 1)
    value = share * np.log(np.maximum(share, 1e-9) / rest)
    value[(inside < 2) | (share < LEAST_SHARE) | (share < TELLING * rest)] = 0
    best = np.argsort(-value, kind="stable")[:WORDS]
    return tuple(str(words[i]) for i in best if value[i] > 0)
