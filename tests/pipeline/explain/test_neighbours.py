"""Neighbours are those of a dense reference, never sealed, and their labels are put in words."""

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import BadData, Sealed
from pipeline.evaluation.operating_point import HALF
from pipeline.explain import neighbours
from pipeline.explain.neighbours import Neighbours
from pipeline.export.bundle import Bundle
from pipeline.project import Project, divide_mails
from pipeline.reports.opening import open_test
from pipeline.runs import store
from pipeline.specs import BlockSpec, FeatureSpec, ModelSpec, SplitSpec
from pipeline.training import train

SPEC = FeatureSpec((BlockSpec("words", {"longest": 1}), BlockSpec("shape")))


@pytest.fixture
def run_id(project: Project) -> str:
    found = train.create_run(project, ModelSpec(), feature_spec=SPEC)
    train.train_run(found)
    return found


def test_the_nearest_are_those_of_a_dense_reference(project: Project, run_id: str) -> None:
    data, split, model = project.mails.complete(), project.split, store.locate_bundle(run_id)
    assert data is not None
    assert split is not None
    frame, bundle = data.frame.set_index("id", drop=False), Bundle.load(model)
    X = bundle.features.transform(frame.loc[list(split.train)]).toarray().astype(np.float64)
    labels = frame.loc[list(split.train), "label"]
    for mail_id in (*split.validation[:5], split.train[0]):
        x = bundle.features.transform(frame.loc[[mail_id]]).toarray()[0].astype(np.float64)
        cosine = X @ x / (np.linalg.norm(X, axis=1) * np.linalg.norm(x))
        wanted = pd.Series(cosine, index=list(split.train)).drop(mail_id, errors="ignore")
        found = neighbours.find_neighbours(project, model, mail_id, k=4)
        assert found.label == frame.loc[mail_id, "label"]
        for label in ("ham", "spam"):
            mine = wanted[labels.reindex(wanted.index) == label].nlargest(4)
            rows = found.select_label(label)
            np.testing.assert_allclose(rows["similarity"], mine, atol=1e-5)
            np.testing.assert_allclose(wanted[rows["id"]], mine, atol=1e-5)
            assert (labels[rows["id"]] == label).all()
        assert mail_id not in set(found.nearest["id"])
        assert found.nearest["similarity"].is_monotonic_decreasing
        spam = (labels[wanted.nlargest(8).index] == "spam").sum()
        assert found.labels.count("spam") == pytest.approx(spam, abs=1)  # ties of float32


def test_no_test_mail_is_asked_about_or_named(project: Project, run_id: str) -> None:
    split, model = project.split, store.locate_bundle(run_id)
    assert split is not None
    with pytest.raises(Sealed, match="test part"):
        neighbours.find_neighbours(project, model, split.test[0])
    with pytest.raises(BadData, match="no mail 'gone'"):
        neighbours.find_neighbours(project, model, "gone")
    for mail_id in split.validation:
        assert set(neighbours.find_neighbours(project, model, mail_id).nearest["id"]) <= set(
            split.train
        )
    open_test(project, run_id, HALF)
    opened = neighbours.find_neighbours(project, model, split.test[0])
    assert set(opened.nearest["id"]) <= set(split.train)


def test_a_run_on_another_split_is_refused(project: Project, run_id: str) -> None:
    divide_mails(project, SplitSpec(seed=7))
    split = project.split
    assert split is not None
    with pytest.raises(BadData, match="train again"):
        neighbours.find_neighbours(project, store.locate_bundle(run_id), split.validation[0])


def neighbours_of(label: str, labels: str) -> str:
    words = {"h": "ham", "s": "spam"}
    nearest = pd.DataFrame({"id": [], "label": [], "similarity": []})
    return Neighbours(label, nearest, tuple(words[c] for c in labels)).in_words()


def test_labels_in_words() -> None:
    assert neighbours_of("spam", "hhhhhhhhhs") == (
        "9 of its 10 nearest train mails are ham, and it is labelled spam: its label is worth a "
        "look."
    )
    assert neighbours_of("ham", "s" * 10).startswith("All its 10 nearest train mails are spam, and")
    assert "hardly tell it" in neighbours_of("ham", "sssssshhhh")
    assert neighbours_of("ham", "sshhhhhhhh") == (
        "8 of its 10 nearest train mails are ham, as it is labelled itself."
    )
    assert neighbours_of("ham", "h").startswith("The only train mail")
    assert "nothing in common" not in neighbours_of("ham", "h")
    assert "new" in neighbours_of("ham", "")


def test_copies_are_the_others_of_a_cluster() -> None:
    clusters = pd.Series([0, 1, 0, 2, 0], index=["a", "b", "c", "d", "e"])
    assert neighbours.find_copies(clusters, "c") == ["a", "e"]
    assert neighbours.find_copies(clusters, "b") == []
    assert neighbours.find_copies(clusters, "sealed") == []
