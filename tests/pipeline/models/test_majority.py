import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from pipeline.models.majority import Majority
from tests.matrices import problem


@pytest.mark.parametrize("spam", [0.0, 0.02, 0.3, 0.5, 1.0])
def test_it_is_scikit_learns_dummy_but_for_half_a_mail(spam: float) -> None:
    X, y = problem(mails=100, spam=spam)
    theirs = DummyClassifier(strategy="prior").fit(X, y)
    expected = theirs.class_prior_[list(theirs.classes_).index(1)] if spam else 0.0
    scores = Majority().fit((X, y), (X, y)).score(X)
    assert np.ptp(scores) == 0
    assert scores[0] == pytest.approx((100 * expected + 0.5) / 101)
    assert scores[0] == pytest.approx(expected, abs=0.005)
    assert 0 < scores[0] < 1
