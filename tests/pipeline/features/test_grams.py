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

from pipeline.features import hashing
from pipeline.features.grams import Grams
from pipeline.features.texts import encode_texts
from tests.mails import mails

TEXTS = st.text(max_size=30) | st.text("ab", max_size=30) | st.text("\0\uffff€", max_size=5)


def frame(*bodies: str) -> pd.DataFrame:
    return pd.DataFrame({"subject": [""] * len(bodies), "body": list(bodies)})


def plain_bucket(gram: bytes, bits: int) -> int:
    h = 0
    for byte in gram:
        h = (h * 16777619 + byte) % 2**32
    h ^= h >> 15
    return h * 2654435769 % 2**32 >> (32 - bits)


def plain_counts(mail: bytes, lengths: tuple[int, ...], bits: int) -> dict[int, int]:
    """What `Grams.count` promises, a byte at a time."""
    found: Counter[int] = Counter()
    for at, n in enumerate(sorted(lengths)):
        for start in range(len(mail) - n + 1):
            found[(at << bits) + plain_bucket(mail[start : start + n], bits)] += 1
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
    st.sampled_from(["binary", "log", "count"]),
    st.sampled_from([1, 7, 40, 1 << 19]),
)
def test_every_bucket_agrees_with_plain_python(
    bodies: list[str], lengths: tuple[int, ...], bits: int, weight: str, cells: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "MOST_CELLS", cells)
        counts = Grams(lengths=lengths, bits=bits, weight=weight).count(frame(*bodies))
    assert counts.shape == (len(bodies), len(lengths) << bits)
    assert counts.has_sorted_indices
    expected = [plain_counts(b"\n" + b.encode(errors="replace"), lengths, bits) for b in bodies]
    if weight == "binary":
        expected = [dict.fromkeys(mail, 1) for mail in expected]
    assert as_counts(counts) == expected


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5), st.integers(1, 8))
def test_any_bytes_agree_with_plain_python(contents: list[bytes], n: int) -> None:
    sizes, buckets, counts = hashing.count_rectangle(contents, (n,), 12, is_binary=False)
    assert buckets.dtype == np.int32
    assert counts is not None
    rows = np.split(np.column_stack([buckets, counts]), np.cumsum(sizes)[:-1])
    for row, content in zip(rows, contents, strict=True):
        assert {int(b): int(c) for b, c in row} == plain_counts(content, (n,), 12)


@pytest.mark.parametrize("cells", [1, 500, 5000])
def test_how_mails_are_laid_into_rectangles_changes_nothing(cells: int) -> None:
    train = mails(60).assign(body=lambda f: [b * (i % 7) for i, b in enumerate(f["body"])])
    whole = Grams().fit_transform(train)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "MOST_CELLS", cells)
        parts = Grams().fit_transform(train)
    assert (whole != parts).nnz == 0


def test_subject_and_body_are_one_text_with_a_line_break() -> None:
    mail = pd.DataFrame({"subject": ["ab"], "body": ["cd"]})
    assert encode_texts(mail, 100) == [b"ab\ncd"]
    assert as_counts(Grams(lengths=(2,)).count(mail)) == [plain_counts(b"ab\ncd", (2,), 18)]


def test_only_the_first_bytes_are_read() -> None:
    long = pd.DataFrame({"subject": ["s" * 60], "body": ["b" * 1000 + "tail"]})
    cut = pd.DataFrame({"subject": ["s" * 60], "body": ["b" * 39]})
    block = Grams(first=100)
    assert as_counts(block.count(long)) == as_counts(block.count(cut))
    assert [len(m) for m in encode_texts(frame("€" * 100), 100)] == [100]


@pytest.mark.parametrize("weight", ["binary", "log", "count"])
def test_weights_are_scikit_learns_tf_idf(weight: str) -> None:
    train, other = mails(60, seed=1), mails(20, seed=2)
    block = Grams(weight=weight, bits=12).fit(train)
    raw, raw_other = block.count(train), block.count(other)
    known = np.flatnonzero(raw.getnnz(axis=0) >= 2)
    raw, raw_other = raw[:, known].astype(float), raw_other[:, known].astype(float)
    theirs = TfidfTransformer(sublinear_tf=weight == "log").fit(raw)
    for mail, counts in ((train, raw), (other, raw_other)):
        difference = block.transform(mail) - theirs.transform(counts)
        assert abs(difference).max() < 1e-6


def test_without_idf_rows_are_only_brought_to_length_one() -> None:
    train = mails(30)
    block = Grams(idf=False, weight="count", bits=12, min_mails=1).fit(train)
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
    block = Grams(lengths=(1,), min_mails=1).fit(frame("ab", "a", "a"))
    weights = dict(zip(block.state()["buckets"], block.state()["idf"], strict=True))
    (a,) = plain_counts(b"a", (1,), 18)
    (b,) = plain_counts(b"b", (1,), 18)
    assert weights[a] == pytest.approx(math.log(4 / 4) + 1)
    assert weights[b] == pytest.approx(math.log(4 / 2) + 1)


@pytest.mark.parametrize("min_mails", [1, 2, 3, 4])
def test_buckets_of_fewer_mails_are_dropped(min_mails: int) -> None:
    train = frame("abc", "ab", "aaaa", "")
    block = Grams(lengths=(1,), min_mails=min_mails).fit(train)
    mails_with = {b"\n": 4, b"a": 3, b"b": 2, b"c": 1}
    kept = [plain_bucket(gram, 18) for gram, n in mails_with.items() if n >= min_mails]
    assert block.state()["buckets"].tolist() == sorted(kept)
    assert block.width == len(kept)


@pytest.mark.parametrize("scale", [0.001, 0.5, 100])
def test_scale_is_the_length_of_the_rows(scale: float) -> None:
    rows = Grams(scale=scale).fit_transform(mails(30))
    assert np.allclose(np.sqrt(rows.power(2).sum(axis=1)), scale, rtol=1e-5)


def test_a_column_is_described_by_grams_of_the_mails_that_hash_to_it() -> None:
    train = mails(30)
    block = Grams(lengths=(1, 3), bits=12).fit(train)
    text = "\n".join(encode_texts(train, 4000)[i].decode() for i in range(len(train)))
    names = block.describe(np.arange(block.width), train)
    for bucket, name in zip(block.state()["buckets"].tolist(), names, strict=True):
        at, bucket = bucket >> 12, bucket % (1 << 12)
        for quoted in name.split(" or "):
            gram = quoted[1:-1].replace("\\n", "\n")
            assert gram in text
            assert len(gram) == block.lengths[at]
            assert plain_bucket(gram.encode(), 12) == bucket
    columns = np.array([5, 2, 5])
    assert block.describe(columns, train) == [names[5], names[2], names[5]]
    assert block.describe(columns, frame("ЖЖЖЖ")) == ["not in these mails"] * 3


def test_the_most_frequent_gram_of_a_bucket_is_named_first() -> None:
    train = frame(*["".join(map(chr, range(32, 127)))] * 2, "zzzzz" * 100)
    block = Grams(lengths=(2,), bits=8, min_mails=1).fit(train)
    column = block.state()["buckets"].tolist().index(plain_bucket(b"zz", 8))
    (name,) = block.describe(np.array([column]), train)
    assert name.startswith("“zz”")


def test_half_a_character_is_read_as_a_question_mark() -> None:
    # a lone surrogate has no UTF-8; only a column of objects can hold one
    mail = pd.DataFrame({"subject": ["\ud800"], "body": ["b"]}, dtype=object)
    assert encode_texts(mail, 100) == [b"?\nb"]
