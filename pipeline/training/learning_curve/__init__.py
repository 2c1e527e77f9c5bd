"""Would more mail help? A run trained again on ever more of its train mails, and what that says.

`subsets` chooses the mails, `measuring` trains on them, `reading` makes figures and a sentence.
"""

from pipeline.training.learning_curve.measuring import MINIMUM, kept, measure, measured, work
from pipeline.training.learning_curve.reading import figures, signed, verdict
from pipeline.training.learning_curve.subsets import SHARES, nested

__all__ = [
    "MINIMUM", "SHARES", "figures", "kept", "measure", "measured", "nested", "signed", "verdict",
    "work",
]  # fmt: skip
