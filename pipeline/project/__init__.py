"""One project of the workspace: its mails in versions, its split, its settings, its marks."""

from pipeline.project.names import free_name, name_from
from pipeline.project.project import Project, list_projects
from pipeline.project.versions import Version

__all__ = ["Project", "Version", "free_name", "list_projects", "name_from"]
