import re

import numpy as np
import pandas as pd
import pytest

from pipeline import explain, features, models
from pipeline.errors import BadData, BadModel, Sealed
from pipeline.features.grams import Grams
from pipeline.project import Project, divide_mails, import_dataset
from pipeline.runs import store
from pipeline.specs import BlockSpec, FeatureSpec, ModelSpec, SplitSpec
from pipeline.training import train
from pipeline.training.chosen_features import choose_features, read_chosen_features
from tests.mails import HAM, SPAM, dataset

SMALL = FeatureSpec((BlockSpec("grams", {"lengths": [4], "bits": 16}),))
TWO = FeatureSpec((*SMALL.blocks, BlockSpec("grams", {"lengths": [2], "bits": 10})))


@pytest.fixture
def split(project: Project):
    found = project.split
    assert found is not None
    return found


def trained(project: Project, kind: str = "logistic", **parameters) -> str:
    run_id = train.create_run(project, ModelSpec(kind, parameters), feature_spec=SMALL)
    train.train_run(run_id)
    return run_id


def grams_of(name: str) -> list[str]:
    return [gram.replace("\\n", "\n") for gram in re.findall("“(.*?)”", name)]


def as_mail(text: str) -> pd.DataFrame:
    return pd.DataFrame({"subject": [""], "body": [text]})


def test_a_mail_shows_what_the_model_is_given(project: Project, split) -> None:
    mail = split.validation[0]
    table = explain.describe_features(project, TWO, mail, most=10**6)
    frame = project.mails.complete().frame.set_index("id", drop=False)  # type: ignore[union-attr]
    fitted = features.build(TWO).fit(frame.loc[list(split.train)])
    row = fitted.transform(frame.loc[[mail]])
    assert list(table["position"].unique()) == [0, 1]
    np.testing.assert_allclose(np.sort(table["value"]), np.sort(row.data))
    for position, rows in table.groupby("position"):
        assert rows["value"].is_monotonic_decreasing
        _, _, start, end = fitted.list_column_ranges()[int(position)]
        assert (rows["present"] == row[:, start:end].nnz).all()


def test_each_name_hashes_to_the_bucket_that_it_names(project: Project, split) -> None:
    table = explain.describe_features(project, SMALL, split.train[0], most=1000)
    frame = project.mails.complete().frame.set_index("id", drop=False)  # type: ignore[union-attr]
    block = Grams(lengths=(4,), bits=16).fit(frame.loc[list(split.train)])
    values = np.zeros(1 << 16)
    values[block.buckets] = block.transform(frame.loc[[split.train[0]]]).toarray()[0]
    for name, value in zip(table["feature"], table["value"], strict=True):
        for gram in grams_of(name):
            # a mail is its subject, a line break and its body: five bytes, two grams
            both = block.count(as_mail(gram)).indices
            assert any(np.isclose(values[both], value))


def test_at_most_so_many_rows_are_given_and_the_others_counted(project: Project, split) -> None:
    table = explain.describe_features(project, TWO, split.train[0], most=3)
    assert list(table.groupby("position").size()) == [3, 3]
    assert (table["present"] > 3).all()


def test_a_test_mail_an_unknown_mail_and_no_split_are_refused(project: Project, split) -> None:
    with pytest.raises(Sealed, match="test part"):
        explain.describe_features(project, SMALL, split.test[0])
    with pytest.raises(BadData, match="no mail 'gone'"):
        explain.describe_features(project, SMALL, "gone")
    project.change(split=None)
    with pytest.raises(BadData, match="divide"):
        explain.describe_features(project, SMALL, split.train[0])


def test_the_strongest_features_are_pieces_of_the_planted_words(project: Project) -> None:
    table = explain.find_strongest_features(project, store.locate_bundle(trained(project)), 12)
    assert list(table["label"]) == ["spam"] * 12 + ["ham"] * 12
    for label, words in (("spam", SPAM), ("ham", HAM)):
        mine = table[table["label"] == label]
        assert mine["weight"].abs().is_monotonic_decreasing
        assert ((mine["weight"] > 0) == (label == "spam")).all()
        pieces = [max(g.split(), key=len) for name in mine["feature"] for g in grams_of(name)]
        hits = [any(piece in word for word in words) for piece in pieces]
        assert sum(hits) > len(hits) / 2
    assert set(table["block"]) == {"grams"}


def test_the_mails_of_a_feature_are_counted_in_train(project: Project, split) -> None:
    table = explain.find_strongest_features(project, store.locate_bundle(trained(project)), 5)
    frame = project.mails.complete().frame.set_index("id")  # type: ignore[union-attr]
    mails = frame.loc[list(split.train)]
    texts = mails["subject"] + "\n" + mails["body"]
    for name, counted in zip(table["feature"], table["mails"], strict=True):
        assert sum(any(g in text for g in grams_of(name)) for text in texts) == counted


def test_no_name_comes_from_a_test_mail(project: Project, split, monkeypatch) -> None:
    looked_in: set[str] = set()
    describe = Grams.describe

    def listen(self: Grams, columns: np.ndarray, frame: pd.DataFrame) -> list[str]:
        looked_in.update(frame["id"])
        return describe(self, columns, frame)

    monkeypatch.setattr(Grams, "describe", listen)
    explain.describe_features(project, SMALL, split.validation[0])
    explain.find_strongest_features(project, store.locate_bundle(trained(project)))
    assert looked_in
    assert looked_in <= set(split.train)


def test_a_name_is_looked_up_in_few_mails_of_many(project: Project, split, monkeypatch) -> None:
    monkeypatch.setattr(explain, "LOOKED_AT", 1)
    table = explain.describe_features(project, SMALL, split.train[0])
    assert all(grams_of(name) for name in table["feature"])


def test_a_model_without_weights_is_refused(project: Project) -> None:
    assert models.MODELS.describe("logistic").is_linear
    assert not models.MODELS.describe("mlp").is_linear
    assert not models.MODELS.describe("unheard of").is_linear
    assert models.MODELS.describe("unheard of").epoch_plural == "epochs"
    network = trained(project, "mlp", hidden=[2], epochs=1, inputs=64)
    with pytest.raises(BadModel, match="baseline"):
        explain.find_strongest_features(project, store.locate_bundle(network))


def test_a_model_of_other_mails_is_refused(project: Project) -> None:
    model = store.locate_bundle(trained(project))
    other = dataset(seed=1)
    import_dataset(project, other, other.frame.iloc[:0])
    divide_mails(project, SplitSpec())
    with pytest.raises(BadData, match="other mails"):
        explain.find_strongest_features(project, model)


def test_columns_of_several_blocks_are_named_in_the_order_asked() -> None:
    frame = dataset().frame
    fitted = features.build(TWO).fit(frame)
    (_, _, zero, first), (_, _, same, last) = fitted.list_column_ranges()
    assert (zero, first, last) == (0, same, fitted.width)
    columns = np.array([last - 1, 0, first, first - 1])
    alone = [fitted.describe(np.array([c]), frame)[0] for c in columns]
    assert fitted.describe(columns, frame) == alone
    assert [len(grams_of(name)[0]) for name in alone] == [2, 4, 2, 4]


def test_a_run_reads_the_features_of_its_project_unless_told_otherwise(project: Project) -> None:
    def spec_of(**chosen) -> FeatureSpec:
        return store.read_run(train.create_run(project, ModelSpec(), **chosen)).spec.features

    assert spec_of() == features.complete(FeatureSpec())
    choose_features(project, TWO)
    assert spec_of() == read_chosen_features(project) == features.complete(TWO)
    assert spec_of(feature_spec=SMALL) == features.complete(SMALL)
    choose_features(project, None)
    assert spec_of() == features.complete(FeatureSpec())
