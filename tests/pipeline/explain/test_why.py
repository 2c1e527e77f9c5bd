"""The shares add up, lie where the words are, and matter."""

import functools
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import features, models
from pipeline.errors import BadData, Sealed
from pipeline.evaluation.operating_point import HALF
from pipeline.explain import usual, why
from pipeline.explain.pieces import MOST_CHARACTERS, cut_into_pieces
from pipeline.export.bundle import Bundle
from pipeline.features import FEATURES
from pipeline.project import Project, divide_mails
from pipeline.reports.opening import open_test
from pipeline.runs import store
from pipeline.specs import BlockSpec, FeatureSpec, ModelSpec
from pipeline.training import train
from tests.mails import HAM, SPAM, mails, raw_mails
from tests.pipeline.features.test_contract import STRANGE, hostile

ALL = FeatureSpec(tuple(BlockSpec(kind) for kind in FEATURES))
TEXT = FeatureSpec((BlockSpec("grams"), BlockSpec("words")))
LINEAR = ("logistic", "naive_bayes", "majority")
NETWORKS = {
    "relu": {"hidden": [8], "epochs": 4},
    "deep": {"hidden": [8, 4], "activation": "gelu", "wide": False, "epochs": 4},
}
TEXTS = (
    st.text(max_size=60)
    | st.text("aéİΣ€😀\ud800\0 \n", max_size=40)
    | st.lists(st.sampled_from(HAM + SPAM), max_size=20).map(" ".join)
)


@functools.cache
def bundle(kind: str, spec: FeatureSpec = ALL) -> Bundle:
    """A model of 80 raw mails, calibrated, so that slope and offset are not 1 and 0."""
    frame = raw_mails(120)
    y = (frame["label"] == "spam").to_numpy().astype(np.int8)
    fitted = features.build(spec)
    X = fitted.fit_transform(frame[:80], list(y[:80]))
    rest = (fitted.transform(frame[80:]), y[80:])
    model_spec = ModelSpec("mlp", NETWORKS[kind]) if kind in NETWORKS else ModelSpec(kind)
    model = models.build(model_spec).fit((X, y[:80]), rest).calibrate(rest)
    return Bundle(fitted, model, spec, model_spec, HALF)


def mail(subject: str, body: str, **more: str) -> pd.DataFrame:
    return hostile({"subject": subject, "body": body, **more})


def log_odds(model: Bundle, one: pd.DataFrame) -> float:
    return float(model.model.calibration(model.model.log_odds(model.features.transform(one)))[0])


@pytest.mark.parametrize("kind", LINEAR)
def test_the_shares_of_a_linear_model_add_up(kind: str) -> None:
    @settings(max_examples=25)
    @given(TEXTS, TEXTS, st.sampled_from(["", "From: a@b.example\nX-Mailer: Bulk 3000"]))
    def check(subject: str, body: str, headers: str) -> None:
        one = mail(subject, body, headers=headers, sender="shop <shop@example.com>")
        found = why.explain_score(bundle(kind), one)
        whole = found.base + found.shares.sum() + found.others["contribution"].sum()
        assert whole == pytest.approx(log_odds(bundle(kind), one), abs=1e-4)
        assert found.exact
        assert found.text == f"{subject}\n{body}"
        assert found.text[: found.subject] == subject
        assert len(found.shares) == len(found.text)
        assert found.score == pytest.approx(bundle(kind).score(one)[0])
        assert sum(found.sums().values()) == pytest.approx(whole - found.base)

    check()


@pytest.mark.slow
@pytest.mark.parametrize("kind", NETWORKS)
def test_the_shares_of_a_network_add_up_with_the_residual(kind: str) -> None:
    some = raw_mails(10, seed=5)
    for i in range(len(some)):
        found = why.explain_score(bundle(kind), some.iloc[[i]])
        assert not found.exact
        assert found.missed <= 0.01
        whole = found.base + found.shares.sum() + found.others["contribution"].sum()
        assert whole + found.residual == pytest.approx(found.log_odds)
        assert found.log_odds == pytest.approx(log_odds(bundle(kind), some.iloc[[i]]))


def test_a_contribution_is_spread_over_its_places() -> None:
    """Words alone, one column a word: the share of a word is weight times value by its length."""
    spec = FeatureSpec((BlockSpec("words", {"longest": 1}),))
    model = bundle("logistic", spec)
    words = model.features.blocks[0][1]
    one = mail("casino", "meeting and Casino")
    found = why.explain_score(model, one)
    weights, row = model.model.linear_weights(), model.features.transform(one)
    (column,) = (c for c in row.indices if words.describe(np.array([c]), one) == ["“casino”"])
    each = weights[column] * row[0, column] / 2 / len("casino")
    start = found.text.index("Casino")
    np.testing.assert_allclose(found.shares[:6], each)
    np.testing.assert_allclose(found.shares[start : start + 6], each)
    assert each > 0
    assert found.shares[6] == 0  # the line break
    strongest = found.strongest(3)
    assert set(strongest["piece"][strongest["toward"] == "spam"]) >= {"casino", "Casino"}
    assert strongest["piece"][strongest["toward"] == "ham"].iloc[0] == "meeting"


def test_pieces_are_whole_words_and_sum_their_characters() -> None:
    found = why.explain_score(
        bundle("logistic", TEXT), mail("Don't", "v.i.a.g.r.a !!! e\u0301te\u0301")
    )
    table = found.pieces()
    assert list(table["piece"]) == ["Don't", "v.i.a.g.r.a", "!!!", "e\u0301te\u0301"]
    for row in table.itertuples():
        assert found.text[row.start : row.end] == row.piece
        assert row.contribution == pytest.approx(found.shares[row.start : row.end].sum())


def test_only_the_beginning_of_a_huge_text_is_cut_into_pieces() -> None:
    text = "casino " * 100_000
    table = cut_into_pieces(text, np.ones(len(text)))
    assert table["end"].max() <= MOST_CHARACTERS < len(text)
    assert (table["contribution"][:-1] == 6).all()


def test_planted_words_stand_at_the_top() -> None:
    found = why.explain_score(bundle("logistic"), mails(1, seed=9, share=1.0))
    table = found.strongest(3)
    assert set(table.loc[table["toward"] == "spam", "piece"]) <= set(SPAM)
    assert table.loc[table["toward"] == "spam", "contribution"].is_monotonic_decreasing
    assert table.loc[table["toward"] == "ham", "contribution"].is_monotonic_increasing


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["logistic", "relu"])
def test_without_its_strongest_pieces_a_mail_moves_more_than_without_random_ones(
    kind: str,
) -> None:
    model, dice = bundle(kind, TEXT), np.random.default_rng(0)
    some = mails(20, seed=7)
    moved: dict[str, list[float]] = {"strongest": [], "random": []}
    for i in range(len(some)):
        found = why.explain_score(model, some.iloc[[i]])
        table = found.pieces()
        toward = np.sign(found.log_odds - found.base)
        order = (-toward * table["contribution"]).argsort().to_numpy()
        for name, rows in (("strongest", order[:3]), ("random", dice.permutation(order)[:3])):
            kept = list(found.text)
            for start, end in table.loc[rows, ["start", "end"]].to_numpy():
                kept[start:end] = [" "] * (end - start)
            less = mail("".join(kept[: found.subject]), "".join(kept[found.subject + 1 :]))
            moved[name].append(toward * (found.log_odds - log_odds(model, less)))
    assert np.mean(moved["strongest"]) > 2 * max(0.1, np.mean(moved["random"]))


def test_what_no_block_reads_has_no_share() -> None:
    spec = FeatureSpec((BlockSpec("grams", {"first": 100}), BlockSpec("words", {"first": 150})))
    found = why.explain_score(bundle("logistic", spec), mail("s" * 40, "casino " * 1000))
    assert (len(found.text), found.unread, found.subject) == (150, 41 + 7000 - 150, 40)
    assert found.shares[100:].any()  # words read on
    found = why.explain_score(bundle("logistic", spec), mail("s" * 400, "casino"))
    assert (found.text, found.subject, found.unread) == ("s" * 150, 150, 257)
    no_text = why.explain_score(
        bundle("logistic", FeatureSpec((BlockSpec("shape"),))), mail("a", "b")
    )
    assert (no_text.text, no_text.unread) == ("", 3)
    assert no_text.pieces().empty
    assert no_text.strongest().empty


@pytest.mark.parametrize("name", STRANGE)
def test_strange_mails_are_explained(name: str) -> None:
    text = STRANGE[name]
    one = mail(text[:3000], text, headers=f"Subject: {text[:3000]}", sender=text[:300], html=text)
    for kind in ("logistic", "relu"):
        found = why.explain_score(bundle(kind), one)
        assert found.log_odds == pytest.approx(log_odds(bundle(kind), one), abs=1e-4)
        assert len(found.strongest()) <= 20


def test_a_mail_of_5_mb_takes_no_longer_than_what_is_read_of_it() -> None:
    one = mail("huge", "free casino " * 400_000)
    why.explain_score(bundle("logistic"), mail("first", "imports"))
    started = time.perf_counter()
    found = why.explain_score(bundle("logistic"), one)
    found.strongest()
    assert time.perf_counter() - started < 2  # 0.1 s on a free machine
    assert len(found.shares) < 25_000


def test_measures_are_told_in_their_own_unit() -> None:
    text = "see http://a.example/x and http://b.example/y"
    found = why.explain_score(bundle("logistic"), mail("", text)).others
    told = dict(zip(found["feature"], found["written"], strict=True))
    assert told["links"] == "2"
    assert told["no subject"] == "yes"
    assert told["length"] == str(len(text))
    assert told["share of punctuation"].endswith("%")
    assert (found.loc[found["block"] == "headers", "written"] == "").all()


def test_only_a_mail_that_may_be_looked_at_is_explained(project: Project) -> None:
    spec = FeatureSpec((BlockSpec("grams", {"bits": 12}), BlockSpec("shape")))
    run_id = train.create_run(project, ModelSpec(), feature_spec=spec)
    train.train_run(run_id)
    model, split = Bundle.load(store.locate_bundle(run_id)), project.split
    assert split is not None
    for mail_id in (split.train[0], split.validation[0]):
        assert why.explain_visible_mail(project, model, mail_id).text
    with pytest.raises(Sealed, match="test part"):
        why.explain_visible_mail(project, model, split.test[0])
    with pytest.raises(BadData, match="no mail 'gone'"):
        why.explain_visible_mail(project, model, "gone")
    open_test(project, run_id, HALF)
    assert why.explain_visible_mail(project, model, split.test[0]).text


def test_what_is_usual_is_that_of_the_train_mails_of_a_class(project: Project) -> None:
    spec = FeatureSpec((BlockSpec("grams", {"bits": 12}), BlockSpec("shape")))
    run_id = train.create_run(project, ModelSpec(), feature_spec=spec)
    train.train_run(run_id)
    split, data = project.split, project.mails.complete()
    assert split is not None
    assert data is not None
    table = usual.measure_usual_values(project, store.locate_bundle(run_id)).set_index("column")
    assert set(table["position"]) == {1}
    frame = data.frame.set_index("id").loc[list(split.train)]
    lengths = frame["subject"].str.len() + frame["body"].str.len()
    for label in ("ham", "spam"):
        mine = lengths[frame["label"] == label]
        for end, share in (("low", 25), ("median", 50), ("high", 75)):
            # a percentile of ln(1 + length) lies between those of two lengths
            expected = np.percentile(mine, share)
            assert table.loc[0, f"{label}_{end}"] == pytest.approx(expected, rel=0.01)
        assert table.loc[10, label] == "yes in 0%"  # no mail is without a subject
        low, high = (int(part) for part in table.loc[0, label].split(" to "))
        assert low < high
    divide_mails(project, split.spec.__class__(seed=5))
    with pytest.raises(BadData, match="other mails or another split"):
        usual.measure_usual_values(project, store.locate_bundle(run_id))


def test_a_model_without_measures_has_nothing_usual(project: Project) -> None:
    run_id = train.create_run(
        project, ModelSpec(), feature_spec=FeatureSpec((BlockSpec("grams", {"bits": 12}),))
    )
    train.train_run(run_id)
    assert usual.measure_usual_values(project, store.locate_bundle(run_id)).empty
