import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.preprocessing import normalize

from pipeline.errors import BadSpec
from pipeline.features import grams
from pipeline.features.grams import Grams
from tests.mails import mails

TEXTS = st.text(max_size=30) | st.text("ab", max_size=30) | st.text("\0\uffff€", max_size=5)


def frame(*bodies: str) -> pd.DataFrame:
    return pd.DataFrame({"subject": [""] * len(bodies), "body": list(bodies)})


def plain_counts(mail: bytes, lengths: tuple[int, ...], bits: int) -> dict[int, int]:
    """What `Grams.count` promises, a byte at a time."""
    found: Counter[int] = Counter()
    for n in lengths:
        for start in range(len(mail) - n + 1):
            number = int.from_bytes(mail[start : start + n], "big")
            hashed = (number + n) % 2**64 * 0x9E3779B97F4A7C15 % 2**64
            found[hashed >> (64 - bits)] += 1
    return found


def as_counts(matrix: csr_matrix) -> list[dict[int, int]]:
    return [
        dict(zip(row.indices.tolist(), row.data.astype(int).tolist(), strict=True))
        for row in matrix
    ]


@given(
    st.lists(TEXTS, max_size=6),
    st.lists(st.integers(1, 8), min_size=1, max_size=4, unique=True).map(tuple),
    st.integers(8, 22),
    st.sampled_from([1, 7, 40, 1 << 20]),
)
def test_every_bucket_agrees_with_plain_python(
    bodies: list[str], lengths: tuple[int, ...], bits: int, chunk: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grams, "CHUNK_BYTES", chunk)
        counts = Grams(lengths=lengths, bits=bits).count(frame(*bodies))
    assert counts.shape == (len(bodies), 1 << bits)
    assert counts.has_sorted_indices
    expected = [plain_counts(b"\n" + b.encode(errors="replace"), lengths, bits) for b in bodies]
    assert as_counts(counts) == expected


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5), st.integers(1, 8))
def test_any_bytes_agree_with_plain_python(contents: list[bytes], n: int) -> None:
    sizes, buckets, counts = grams._count_chunk(contents, (n,), 12)
    assert buckets.dtype == np.int32
    rows = np.split(np.column_stack([buckets, counts]), np.cumsum(sizes)[:-1])
    for row, content in zip(rows, contents, strict=True):
        assert {int(b): int(c) for b, c in row} == plain_counts(content, (n,), 12)


def test_more_mails_than_fit_into_one_key_are_counted() -> None:
    # 1,024 mails are the most for 22 bits in 32; the 1,025th must not wrap to the first
    counts = Grams(lengths=(1,), bits=22).count(frame(*["a"] * 1030, "b"))
    assert as_counts(counts)[:1030] == [plain_counts(b"\na", (1,), 22)] * 1030
    assert as_counts(counts)[1030] == plain_counts(b"\nb", (1,), 22)


def test_subject_and_body_are_one_text_with_a_line_break() -> None:
    mail = pd.DataFrame({"subject": ["ab"], "body": ["cd"]})
    assert grams.mail_bytes(mail, 100) == [b"ab\ncd"]
    assert as_counts(Grams(lengths=(2,)).count(mail)) == [plain_counts(b"ab\ncd", (2,), 20)]


def test_only_the_first_bytes_are_read() -> None:
    long = pd.DataFrame({"subject": ["s" * 60], "body": ["b" * 1000 + "tail"]})
    cut = pd.DataFrame({"subject": ["s" * 60], "body": ["b" * 39]})
    block = Grams(first=100)
    assert as_counts(block.count(long)) == as_counts(block.count(cut))
    assert [len(m) for m in grams.mail_bytes(frame("€" * 100), 100)] == [100]


@pytest.mark.parametrize("weight", ["binary", "log", "count"])
def test_weights_are_scikit_learns_tf_idf(weight: str) -> None:
    train, other = mails(60, seed=1), mails(20, seed=2)
    block = Grams(weight=weight, bits=12).fit(train)
    raw, raw_other = block.count(train), block.count(other)
    known = np.flatnonzero(raw.getnnz(axis=0))
    raw, raw_other = raw[:, known].astype(float), raw_other[:, known].astype(float)
    if weight == "binary":
        raw.data[:], raw_other.data[:] = 1, 1
    theirs = TfidfTransformer(sublinear_tf=weight == "log").fit(raw)
    for mail, counts in ((train, raw), (other, raw_other)):
        difference = block.transform(mail) - theirs.transform(counts)
        assert abs(difference).max() < 1e-6


def test_without_idf_rows_are_only_brought_to_length_one() -> None:
    train = mails(30)
    block = Grams(idf=False, weight="count", bits=12).fit(train)
    raw = block.count(train).astype(float)
    expected = normalize(raw[:, np.flatnonzero(raw.getnnz(axis=0))])
    assert abs(block.transform(train) - expected).max() < 1e-6


def test_rows_have_length_one_and_unknown_mails_none() -> None:
    block = Grams(lengths=(4,)).fit(mails(30))
    lengths = np.sqrt(block.transform(mails(30, seed=3)).power(2).sum(axis=1))
    assert np.allclose(lengths, 1, atol=1e-6)
    strange = block.transform(frame("ЖЖЖЖЖЖ", ""))
    assert strange.nnz == 0
    assert strange.shape[0] == 2


def test_fit_transform_is_fit_then_transform() -> None:
    train = mails(30)
    once, twice = Grams(), Grams()
    at_once = once.fit_transform(train)
    apart = twice.fit(train).transform(train)
    assert (at_once != apart).nnz == 0
    assert np.array_equal(once.state()["idf"], twice.state()["idf"])


def test_rare_grams_weigh_more() -> None:
    block = Grams(lengths=(1,)).fit(frame("ab", "a", "a"))
    weights = dict(zip(block.state()["buckets"], block.state()["idf"], strict=True))
    (a,) = plain_counts(b"a", (1,), 20)
    (b,) = plain_counts(b"b", (1,), 20)
    assert weights[a] == pytest.approx(math.log(4 / 4) + 1)
    assert weights[b] == pytest.approx(math.log(4 / 2) + 1)


@pytest.mark.parametrize(
    "parameters",
    [
        {"lengths": ()},
        {"lengths": (0,)},
        {"lengths": (9,)},
        {"lengths": (2, 2)},
        {"lengths": (2.0,)},
        {"lengths": 3},
        {"lengths": "23"},
        {"lengths": None},
        {"bits": 7},
        {"bits": 23},
        {"bits": 20.0},
        {"first": 99},
        {"first": 10_000_001},
        {"first": None},
        {"weight": "tf"},
        {"weight": None},
        {"idf": 1},
        {"idf": "yes"},
    ],
)
def test_a_bad_parameter_is_refused_by_name(parameters: dict) -> None:
    (name,) = parameters
    with pytest.raises(BadSpec, match=rf"^{name}: expected .+, received .+\.$"):
        Grams(**parameters)


def test_half_a_character_is_read_as_a_question_mark() -> None:
    # a lone surrogate has no UTF-8; only a column of objects can hold one
    mail = pd.DataFrame({"subject": ["\ud800"], "body": ["b"]}, dtype=object)
    assert grams.mail_bytes(mail, 100) == [b"?\nb"]
