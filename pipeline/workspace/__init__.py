"""The workspace folder: one folder a project, holding everything that took work."""

from pipeline.workspace.folder import home, replacing, write_text
from pipeline.workspace.names import free_name, name_from
from pipeline.workspace.project import Project, projects
from pipeline.workspace.versions import Version

__all__ = [
    "Project",
    "Version",
    "free_name",
    "home",
    "name_from",
    "projects",
    "replacing",
    "write_text",
]
