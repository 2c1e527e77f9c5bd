"""Error analysis: the misclassified mails of a run, possible reasons, and what they share.

`table` has one row per mail, `reasons` asks small questions about each mail, `groups` groups errors
with similar content, `overrepresented` finds reasons and slices that are more frequent among errors
than chance explains, and `history` follows a mail through the runs. None of them needs a model.
"""

from pipeline.error_analysis.table import (
    CORRECT,
    FALSE_NEGATIVE,
    FALSE_POSITIVE,
    UNSURE,
    build_error_table,
)

__all__ = ["CORRECT", "FALSE_NEGATIVE", "FALSE_POSITIVE", "UNSURE", "build_error_table"]
