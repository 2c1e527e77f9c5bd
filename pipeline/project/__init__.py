"""One project of the workspace: its mails in versions, its split, its seal, its settings.

`Project` is a value that holds the parts; the functions that do something with a project take one.
"""

from pipeline.project.changes import (
    correct_mails,
    divide_mails,
    import_dataset,
    import_stored,
    return_to_version,
)
from pipeline.project.names import find_free_name, make_name
from pipeline.project.near_duplicates import cluster_mails, find_pairs, find_visible_pairs
from pipeline.project.opening import record_opening
from pipeline.project.parts import count_crossings, count_parts, estimate_counts, suggest_split
from pipeline.project.project import Project, list_projects
from pipeline.project.settings import Settings
from pipeline.project.thresholds import choose_threshold
from pipeline.project.versions import Version

__all__ = [
    "Project",
    "Settings",
    "Version",
    "choose_threshold",
    "cluster_mails",
    "correct_mails",
    "count_crossings",
    "count_parts",
    "divide_mails",
    "estimate_counts",
    "find_free_name",
    "find_pairs",
    "find_visible_pairs",
    "import_dataset",
    "import_stored",
    "list_projects",
    "make_name",
    "record_opening",
    "return_to_version",
    "suggest_split",
]
