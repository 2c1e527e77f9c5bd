"""Errors that are about the same thing, and how much would be won by solving each such group.

Missed spam and lost ham are grouped apart, for what helps the one does nothing for the other. Mails
are compared by their words after latent semantic analysis (Deerwester and others 1990) of all mails
at hand: two short mails may be about the same thing and share no word. The errors are then put
together by Ward's method, into as many groups as give the best silhouette (Rousseeuw 1987).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from pipeline.error_analysis.overrepresented import f1_gain
from pipeline.error_analysis.table import FALSE_NEGATIVE, FALSE_POSITIVE
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.wording import counted, shorten

FEWEST = 9
"""Errors of a kind from which groups are looked for."""
SMALLEST = 3
"""Errors from which some are a group; fewer are each for itself."""
MOST_GROUPS = 12
"""Of a kind; nobody works on more at once."""
MOST_ERRORS = 2000
"""Of a kind, the most wrong ones are put into groups; the distances of 2,000 take 0.2 s."""
READ = 4000
"""Characters of a mail."""
OTHERS = 8000
"""Correct mails that are looked at, by chance; 8,000 of 1,500 characters take 4 s."""
VOCABULARY, DIMENSIONS = 20_000, 100
NO_STRUCTURE = 0.05
"""Silhouette up to which the groups are no more than a way to cut."""
SAME = 0.1
"""Share of a group's errors that may be less like its middle than a correct mail of its sort."""
WORDS, EXAMPLES = 6, 3
LEAST_SHARE, TELLING = 0.2, 2.0
"""A word for a group stands in so many of its mails, and so many times as often as elsewhere."""
COMMON = 0.15
"""Words in more of the mails are not looked at: "why", "and", "of" put short messages together that
have nothing else in common."""

_TOKEN = r"(?u)\b[^\W\d_]{2,}\b"
_NO_WORDS = re.compile(
    r"(?is)<(style|script)\b.{0,4000}?</\1>|<[^>]{1,400}>|&\w{2,8};|(?:https?://|www\.)\S+"
)
"""HTML and addresses: two mails that share only a table have nothing to say together."""


@dataclass(frozen=True)
class Group:
    """Errors of one kind that are about the same thing.

    Args:
        kind: "false positive" or "false negative".
        words: stand in many of its mails and in few of the others; best first.
        ids: the errors, the most typical first.
        alike: mails of the same sort that are about the same thing, these errors among them: for
            missed spam all spam, for lost ham all mails called spam. About, where only some of the
            correct mails were looked at.
        inside: recall (of missed spam) or precision (of lost ham) among those; outside among the
            others. NaN when the errors of a kind could not be parted.
        f1_gain: by how much F1 would rise if these errors were none.
        examples: subjects of the most typical mails, or the beginning of their text.
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
        """Its kind and its first words: unique enough to be chosen by."""
        return f"{self.kind}: {', '.join(self.words[:3]) or 'no common word'}"


@dataclass(frozen=True)
class Groups:
    """The groups, that with the highest gain first, and what has to be said about them."""

    groups: tuple[Group, ...]
    alone: int
    notes: tuple[str, ...]


def find(
    evaluation: Evaluation,
    point: OperatingPoint,
    frame: pd.DataFrame,
    left_out: Collection[str] = (),
    seed: int = 0,
) -> Groups:
    """The groups of the errors at an operating point; the same for the same mails.

    Unsure mails are no errors, and no correct mails either.

    Args:
        evaluation: scores of the run.
        point: the operating point of the run.
        frame: mails with at least those ids: subject, body.
        left_out: errors that are no matter of content, such as those whose label is wrong.
        seed: of the choice of correct mails and of the decomposition.
    """
    spam = evaluation.labels == 1
    wrong = point.is_wrong(evaluation.scores, spam)
    right = point.is_right(evaluation.scores, spam)
    out = wrong & np.isin(np.array(evaluation.ids, object), list(left_out))
    if not (wrong & ~out).any():
        return Groups((), 0, ("There is no error to put into a group.",))
    rows, weight = _looked_at(evaluation, point, wrong, right, seed)
    rows = rows[~out[rows]]
    mails = frame.set_index("id").loc[[evaluation.ids[i] for i in rows]]
    has, words, place = _vectors(mails, seed)
    groups: list[Group] = []
    alone, notes = 0, []
    if weight > 1:
        notes.append(f"Of the correct mails {OTHERS:,} were looked at, chosen by chance.")
    for kind, of_kind in ((FALSE_NEGATIVE, wrong & spam), (FALSE_POSITIVE, wrong & ~spam)):
        mine = of_kind[rows]
        if not mine.any():
            continue
        parts = _parts(place[mine])
        if parts is None:
            n = int(mine.sum())
            why = "too few" if n < FEWEST else "not of several sorts"
            notes.append(f"{counted(n, kind)}: {why}, and so not parted by content.")
            parts = np.ones(n, int)
        sort = right & (spam if kind == FALSE_NEGATIVE else point.is_spam(evaluation.scores))
        found, single = _of_kind(kind, parts, mine, sort[rows], place, weight)
        alone += single
        for ids, alike, inside, outside in found:
            solved = np.zeros(len(wrong), bool)
            solved[rows[ids]] = True
            groups.append(
                Group(
                    kind,
                    _words(has, words, ids, wrong[rows], weight),
                    tuple(evaluation.ids[i] for i in rows[ids]),
                    alike,
                    inside,
                    outside,
                    f1_gain(evaluation, point, solved),
                    tuple(_said(mail) for _, mail in mails.iloc[ids[:EXAMPLES]].iterrows()),
                )
            )
    if alone:
        notes.append(
            f"{counted(alone, 'error')} {'is' if alone == 1 else 'are'} like no other: in no group."
        )
    groups.sort(key=lambda group: (-group.f1_gain, group.name))
    return Groups(tuple(groups), alone, tuple(notes))


def _looked_at(
    evaluation: Evaluation, point: OperatingPoint, wrong: np.ndarray, right: np.ndarray, seed: int
) -> tuple[np.ndarray, float]:
    """Rows of the errors and of some correct mails, and for how many each of the latter stands."""
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


def _said(mail: pd.Series) -> str:
    return shorten(mail["subject"]) or shorten(mail["body"])


def _vectors(mails: pd.DataFrame, seed: int) -> tuple[csr_matrix, np.ndarray, np.ndarray]:
    """Which mail has which word, the words, and the place of each mail, rows of length 1 or 0."""
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
    except ValueError:  # no word is in two mails and in no more than a few
        return csr_matrix((len(mails), 1)), np.array([""], object), np.zeros((len(mails), 1))
    words = vectors.get_feature_names_out()
    wanted = min(DIMENSIONS, *(size - 1 for size in X.shape))
    if wanted < 1:
        return csr_matrix(X > 0), words, normalize(X.toarray())
    svd = TruncatedSVD(wanted, random_state=seed)
    return csr_matrix(X > 0), words, normalize(svd.fit_transform(X))


def _parts(place: np.ndarray) -> np.ndarray | None:
    """The number of the group of each error, or None when they cannot be parted."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from sklearn.metrics import silhouette_score

    n = len(place)
    known = place.any(axis=1)
    place = place[known]
    if len(place) < FEWEST:
        return None
    tree = linkage(place, "ward")
    best, found = NO_STRUCTURE, None
    for k in range(2, min(MOST_GROUPS, len(place) // SMALLEST) + 1):
        parts = fcluster(tree, k, "maxclust")
        if len(np.unique(parts)) < 2:
            continue  # all of them are one text
        value = silhouette_score(place, parts)
        if value > best:
            best, found = value, parts
    if found is None:
        return None
    every = -np.arange(n)  # what has no word is like no other
    every[known] = found
    return every


def _of_kind(
    kind: str,
    parts: np.ndarray,
    mine: np.ndarray,
    correct: np.ndarray,
    place: np.ndarray,
    weight: float,
) -> tuple[list[tuple[np.ndarray, int, float, float]], int]:
    """Of each group the rows of its errors, and the mails like them; how many are in no group.

    A correct mail is of the group whose middle is nearest to it, unless it is further away than
    nearly all errors of that group.
    """
    errors = np.flatnonzero(mine)
    numbers, sizes = np.unique(parts, return_counts=True)
    if len(numbers) == 1:  # no sort of their own, so that no correct mail is of it
        return [(errors, len(errors), np.nan, np.nan)], 0
    kept = numbers[sizes >= SMALLEST]
    if not len(kept):
        return [], len(errors)
    middles = _unit(np.stack([place[errors[parts == number]].sum(axis=0) for number in kept]))
    rows = np.flatnonzero(correct)
    likeness = place[rows] @ middles.T
    nearest = likeness.argmax(axis=1) if len(rows) else np.zeros(0, int)
    found = []
    total_wrong, total_right = len(errors), weight * len(rows)
    for at, number in enumerate(kept):
        members = errors[parts == number]
        own = place[members]
        # as a correct mail is: to a middle that it is no part of
        typical = (own * _unit(own.sum(axis=0) - own)).sum(axis=1)
        members = members[np.argsort(-typical, kind="stable")]
        near = (nearest == at) & (likeness[:, at] >= np.quantile(typical, SAME))
        right = weight * int(near.sum())
        inside = right / (right + len(members))
        rest = total_right - right + total_wrong - len(members)
        outside = (total_right - right) / rest if rest else np.nan
        found.append((members, round(right) + len(members), inside, outside))
    return found, len(errors) - sum(len(members) for members, *_ in found)


def _unit(rows: np.ndarray) -> np.ndarray:
    """The same rows with length 1; rows of zeros stay zeros."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1)


def _words(
    has: csr_matrix, words: np.ndarray, ids: np.ndarray, wrong: np.ndarray, weight: float
) -> tuple[str, ...]:
    """Words that tell a group from the other mails.

    The class-based TF-IDF of Grootendorst (2022), by mails instead of occurrences, so that one long
    mail has one voice: the share of the group's mails that have a word, times the logarithm of how
    much larger that is than in the other mails.
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
