import numpy as np
import pytest
from sklearn.naive_bayes import ComplementNB

from pipeline.models.naive_bayes import NaiveBayes
from tests.matrices import problem

TRAIN, VALIDATION = problem(mails=200, seed=1, spam=0.3), problem(seed=2, mails=400)


@pytest.mark.parametrize("alpha", [1e-10, 0.1, 1, 100])
def test_it_is_scikit_learns_complement_naive_bayes(alpha: float) -> None:
    ours = NaiveBayes(alpha).fit(TRAIN, VALIDATION)
    theirs = ComplementNB(alpha=alpha).fit(*TRAIN)
    X = VALIDATION[0]
    ham, spam = theirs.predict_joint_log_proba(X).T
    assert np.allclose(ours.log_odds(X), spam - ham, atol=1e-4)
    called = ours.score(X) > 0.5
    assert np.array_equal(called, theirs.predict(X) == 1)
    assert 0 < called.mean() < 1
    assert np.allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-4)


def test_validation_changes_nothing() -> None:
    honest = NaiveBayes().fit(TRAIN, VALIDATION)
    poisoned = NaiveBayes().fit(TRAIN, (VALIDATION[0] * 7, 1 - VALIDATION[1]))
    assert np.array_equal(poisoned.weights, honest.weights)
