"""A confusion matrix has labels in rows and decisions in columns."""

from dashboard import charts
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import HALF

EVALUATION = Evaluation(
    "validation", tuple("abcdef"), [0, 0, 0, 1, 1, 1], [0, 0.2, 0.6, 0.4, 0.8, 1]
)


def test_confusion_has_labels_in_rows_and_decisions_in_columns() -> None:
    drawn = charts.plot_confusion_matrix(EVALUATION.summary(HALF))
    (matrix,) = drawn.data
    assert [list(row) for row in matrix.text] == [[2, 1], [1, 2]]
    written = {(a.y, a.x): a.text for a in drawn.layout.annotations}
    assert "<b>1</b>" in written["ham", "called spam"]
    assert "<b>2</b>" in written["spam", "called spam"]
    assert list(matrix.x) == ["called ham", "called spam"]
    assert list(matrix.y) == ["ham", "spam"]
    assert [sum(row) for row in matrix.z] == [1, 1]


def test_confusion_of_no_ham_is_drawn() -> None:
    nothing = dict.fromkeys(("true_negatives", "false_positives"), 0)
    (matrix,) = charts.plot_confusion_matrix(
        {**nothing, "false_negatives": 1, "true_positives": 3}
    ).data
    assert [list(row) for row in matrix.z] == [[0, 0], [0.25, 0.75]]
