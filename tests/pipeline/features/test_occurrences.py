"""Where in the text each column occurs, against plain Python; and that no column is forgotten."""

import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.features import FEATURES, build_block
from pipeline.features.block import Block, Occurrences
from pipeline.features.grams import Grams
from pipeline.features.words import LONGEST_WORD, Words
from pipeline.specs import BlockSpec
from tests.mails import raw_mails

from .test_contract import LABELS, STRANGE, TRAIN, hostile
from .test_grams import plain_bucket

IN_TEXT = {"grams", "words"}
ODD_WORDS = ["the", "casino", "贏錢", "İstanbul", "e\u0301", "ﬁ", "😀"]
TEXTS = (
    st.text(max_size=40)
    | st.text("aéİσΣ€😀\ud800\0 \n", max_size=40)
    | st.lists(st.sampled_from(ODD_WORDS)).map(" ".join)
)


def one(subject: str, body: str) -> pd.DataFrame:
    return pd.DataFrame({"subject": [subject], "body": [body]}, dtype=object)


def few(subject: str, body: str) -> pd.DataFrame:
    """Mails to fit on, this one among them."""
    return pd.concat([TRAIN[:6].astype(object), one(subject, body)], ignore_index=True)


def occurrences(places: Occurrences) -> Counter:
    rows = zip(places.columns, places.starts, places.ends, strict=True)
    return Counter((int(column), int(start), int(end)) for column, start, end in rows)


def plain_grams(block: Grams, text: str) -> Counter:
    """A byte at a time, each beside the number of the character that it is of."""
    assert block.buckets is not None
    column_of = {int(bucket): i for i, bucket in enumerate(block.buckets)}
    pairs = [(b, i) for i, c in enumerate(text) for b in c.encode(errors="replace")]
    pairs, found = pairs[: block.first], Counter()
    for at, n in enumerate(block.lengths):
        for start in range(len(pairs) - n + 1):
            gram = pairs[start : start + n]
            bucket = (at << block.bits) + plain_bucket(bytes(b for b, _ in gram), block.bits)
            if bucket in column_of:
                found[column_of[bucket], gram[0][1], gram[-1][1] + 1] += 1
    return found


def plain_words(block: Words, text: str) -> Counter:
    """A character at a time: each is lowered alone and remembers where it stood."""
    names = block.describe(np.arange(block.width), one("", ""))
    column_of = {name: i for i, name in enumerate(names)}
    lower = [(low, i) for i, c in enumerate(text) for low in c.lower()]
    words = []
    # Σ at the end of a word is another letter; the whole text says which
    for match in re.finditer(r"\w+", text.lower()):
        letters = lower[match.start() : match.end()]
        words.append((match[0][:LONGEST_WORD], letters[0][1], letters[-1][1] + 1))
    known = {w for name in column_of for w in name[1:-1].split(" ")}
    found: Counter = Counter()
    for i, (word, start, end) in enumerate(words):
        if f"“{word}”" in column_of:
            found[column_of[f"“{word}”"], start, end] += 1
        if block.longest == 2 and i + 1 < len(words):
            after, _, last = words[i + 1]
            name = f"“{word} {after}”"
            if name in column_of and {word, after} <= known:
                found[column_of[name], start, last] += 1
    return found


@given(TEXTS, TEXTS, st.sampled_from([(1,), (1, 2, 4), (3, 8)]), st.sampled_from([100, 4000]))
def test_grams_agree_with_plain_python(
    subject: str, body: str, lengths: tuple[int, ...], first: int
) -> None:
    body = body * (1 if first == 4000 else 9)
    block = Grams(lengths=lengths, bits=10, first=first, min_mails=1)
    block.fit(few(subject, body))
    places = block.locate(one(subject, body))
    assert occurrences(places) == plain_grams(block, f"{subject}\n{body}"[:first])
    assert places.characters_read <= min(first, len(subject) + 1 + len(body))


@given(TEXTS, TEXTS, st.sampled_from([1, 2]))
def test_words_agree_with_plain_python(subject: str, body: str, longest: int) -> None:
    block = Words(longest=longest, min_mails=1)
    block.fit(few(subject, body))
    places = block.locate(one(subject, body))
    assert occurrences(places) == plain_words(block, f"{subject}\n{body}")
    assert places.characters_read == len(subject) + 1 + len(body)


@pytest.fixture(params=FEATURES)
def fitted(request: pytest.FixtureRequest) -> tuple[str, Block]:
    return request.param, build_block(BlockSpec(request.param)).fit(TRAIN, LABELS)


def test_the_columns_of_a_mail_are_those_that_have_a_place(fitted: tuple[str, Block]) -> None:
    kind, block = fitted
    other = raw_mails(10, seed=3)
    for i in range(len(other)):
        mail = other.iloc[[i]]
        places = block.locate(mail)
        if kind not in IN_TEXT:
            assert places is None
            continue
        assert places is not None
        assert set(places.columns) == set(block.transform(mail).indices)


@pytest.mark.parametrize("name", STRANGE)
def test_strange_mails_have_places_inside_their_text(fitted: tuple[str, Block], name: str) -> None:
    _, block = fitted
    frame = hostile({"subject": STRANGE[name][:1000], "body": STRANGE[name]})
    places = block.locate(frame)
    if places is not None:
        assert set(places.columns) == set(block.transform(frame).indices)
        assert (places.starts >= 0).all()
        assert (places.starts < places.ends).all()
        assert (places.ends <= places.characters_read).all()
