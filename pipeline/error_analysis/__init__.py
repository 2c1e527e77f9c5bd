"""Error analysis: the wrong mails of a run, what may have led to each, and what they share.

`table` has a row a mail, `reasons` ask small questions about it, `groups` puts the errors together
that are about the same thing, `overrepresented` says which reasons and slices errors have more
often than luck allows, and `history` follows a mail through the runs. None of them needs a model.
"""

from pipeline.error_analysis.table import CORRECT, FALSE_NEGATIVE, FALSE_POSITIVE, UNSURE, table

__all__ = ["CORRECT", "FALSE_NEGATIVE", "FALSE_POSITIVE", "UNSURE", "table"]
