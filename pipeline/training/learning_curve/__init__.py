"""Would more mail help? Trains a run again on ever more of its train mails, and reads the result.

`subsets` chooses the mails, `measuring` trains on them, `reading` makes figures and a sentence.
"""

from pipeline.training.learning_curve.measuring import (
    MINIMUM,
    list_measured_shares,
    measure_sizes,
    name_work,
    read_scores,
)
from pipeline.training.learning_curve.reading import compute_figures, format_signed, write_verdict
from pipeline.training.learning_curve.subsets import SHARES, choose_nested_parts

__all__ = [
    "MINIMUM",
    "SHARES",
    "choose_nested_parts",
    "compute_figures",
    "format_signed",
    "list_measured_shares",
    "measure_sizes",
    "name_work",
    "read_scores",
    "write_verdict",
]  # fmt: skip
